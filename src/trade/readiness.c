/* trade/readiness.c - counts lives, hours, trades and crashes, and judges them. */
#include "trade/readiness.h"

#include <stdio.h>

/* The open life is over, at its last record. */
static void end_life(struct td_readiness *r)
{
    if (r->began && r->paper)
        r->paper_ns += r->last - r->began;
    r->began = 0;
}

void td_readiness_take(struct td_readiness *r, const struct td_record *record)
{
    if (record->type == TD_REC_START) {
        r->crashes += r->began != 0;
        end_life(r);
        r->lives++;
        r->paper = strcmp(record->status, "paper") == 0;
        r->live_lives += !r->paper;
        r->began = record->at_ns;
    }
    r->last = record->at_ns;
    r->trades += record->type == TD_REC_EXEC && record->key && !(record->key & TD_FOREIGN_KEY) &&
                 r->began && r->paper;
    if (record->type == TD_REC_STOP)
        end_life(r);
}

static td_cash result_of(const struct td_blotter *b)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < b->holding_count; i++)
        if (td_e9_add(sum, b->holdings[i].now.realized.e9, &sum) != TD_OK ||
            td_e9_add(sum, -b->holdings[i].now.fees.e9, &sum) != TD_OK)
            return TD_CASH_NONE;
    return (td_cash){sum};
}

bool td_readiness_judge(const struct td_readiness *r, const struct td_blotter *b, bool running,
                        td_ns now, struct td_ready_row *out)
{
    static const char *const words[TD_READY_ITEMS][2] = {
        {"hours on paper", "24 or more"},
        {"trades", "10 or more"},
        {"crashes", "none"},
        {"result after commissions", "0 or better"}};
    const td_ns end = running && now > r->last ? now : r->last;
    const td_ns hours = r->paper_ns + (r->began && r->paper ? end - r->began : 0);
    const int64_t crashes = r->crashes + (r->began && !running);
    const td_cash result = result_of(b);
    char money[TD_E9_CHARS];
    (void)td_e9_print(td_cash_is_none(result) ? 0 : result.e9, money);
    for (int i = 0; i < TD_READY_ITEMS; i++)
        out[i] = (struct td_ready_row){.word = words[i][0], .wanted = words[i][1]};
    (void)snprintf(out[TD_READY_HOURS].found, sizeof out[0].found, "%.2f",
                   (double)hours / (double)TD_HOUR);
    out[TD_READY_HOURS].ok = hours >= TD_READY_PAPER_NS;
    (void)snprintf(out[TD_READY_COUNT].found, sizeof out[0].found, "%lld", (long long)r->trades);
    out[TD_READY_COUNT].ok = r->trades >= TD_READY_TRADES;
    (void)snprintf(out[TD_READY_NO_CRASH].found, sizeof out[0].found, "%lld of %lld lives",
                   (long long)crashes, (long long)r->lives);
    out[TD_READY_NO_CRASH].ok = r->lives > 0 && crashes == 0;
    (void)snprintf(out[TD_READY_RESULT].found, sizeof out[0].found, "%s",
                   td_cash_is_none(result) ? "not known" : money);
    out[TD_READY_RESULT].ok = !td_cash_is_none(result) && result.e9 >= 0 && r->trades > 0;
    bool all = true;
    for (int i = 0; i < TD_READY_ITEMS; i++)
        all &= out[i].ok;
    return all;
}
