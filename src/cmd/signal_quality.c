/* cmd/signal_quality.c - replays the journal and prints what became of external signals. */
#include "cmd/signal_quality.h"

#include <stdio.h>

#include "desk/signalreport.h"
#include "trade/retrace.h"

static void print_e9(const char *name, int64_t e9, int decimals)
{
    char text[TD_E9_CHARS] = "-";
    if (e9 != TD_E9_NONE)
        (void)td_e9_print_fixed(e9, decimals, text);
    (void)printf("%-28s %s\n", name, text);
}

static void print_ms(const char *name, td_ns span)
{
    if (span == INT64_MIN)
        (void)printf("%-28s -\n", name);
    else
        (void)printf("%-28s %lld ms\n", name, (long long)(span / TD_MS));
}

static void print_text(const struct td_mlquality *q)
{
    (void)printf("%-28s %u\n", "signals", q->signals);
    for (int i = TD_MLS_VALIDATED; i < TD_MLS_COUNT; i++)
        (void)printf("  %-26s %u\n", td_mlsignal_state_word((enum td_mlsignal_state)i),
                     q->states[i]);
    (void)printf("%-28s %u, %u filled, %u better than their reference\n",
                 "with an order that ended", q->ordered, q->filled, q->improved);
    print_ms("mean time on the way", q->way_mean);
    print_ms("mean latency", q->latency_mean);
    print_ms("longest latency", q->latency_most);
    print_e9("mean slippage, bps", q->slippage_mean_e9, 2);
    print_e9("worst slippage, bps", q->slippage_worst_e9, 2);
    print_e9("best improvement, bps", q->improvement_best_e9, 2);
    print_e9("alignment, 0 to 1", q->alignment_e9, 3);
    print_e9("score, 0 to 100", q->score_e9, 1);
    for (int i = 0; i < TD_MLALERT_COUNT; i++)
        if (q->alerts[i])
            (void)printf("ALERT %s: %s\n", td_mlalert_name((enum td_mlalert)i),
                         td_mlalert_meaning((enum td_mlalert)i));
}

static void print_json(const struct td_blotter *b, td_ns from, td_ns before)
{
    static char bytes[131072]; /* a hundred signals and what is said of all */
    struct td_text t;
    struct td_json j;
    td_text_init(&t, bytes, sizeof bytes);
    td_json_init(&j, &t, false);
    td_json_object(&j);
    td_signal_report_put(b, from, before, &j);
    td_json_object_end(&j);
    td_text_char(&t, '\n');
    TD_REQUIRE(!td_text_full(&t));
    (void)td_cmd_print(&t);
}

enum td_err td_signal_quality_print(struct td_run *run, const char *state, td_ns from, td_ns before,
                                    bool json, struct td_fail *why)
{
    static struct td_retrace r;
    char journal[900];
    struct td_mlquality q;
    (void)snprintf(journal, sizeof journal, "%.800s/journal", state);
    if (td_entry_at(run->world, journal) != TD_ENTRY_FOLDER)
        return td_fail_set(why, TD_ENOENT, "there is no journal in %s: no desk has run there",
                           state);
    r = (struct td_retrace){.arg = NULL};
    enum td_err err = td_retrace_open(&r, run->world, journal, why);
    if (!err)
        err = td_retrace_run(&r, NULL, why);
    if (!err && json) {
        print_json(&r.b, from, before);
    } else if (!err) {
        td_mlquality_sum(r.b.signals, td_blotter_signals(&r.b), from, before, &q);
        print_text(&q);
    }
    td_retrace_close(&r);
    return err;
}
