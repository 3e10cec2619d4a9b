/* desk/fetch.c - history requests: pace, wait, match, convert. */
#include "desk/fetch.h"

#include <stdio.h>
#include <stdlib.h>

#include "desk/codes.h"

#define FIRST_ID     400000000 /* below the market's ids, far above order ids */
#define ANSWER_LIMIT (60 * TD_SEC)
#define PACE_TURNS   1000000
#define PACING_PAUSE (60 * TD_SEC)
#define PACING_TRIES 2
#define TIME_LIMIT   (5 * TD_SEC)

/* --- rows --- */

enum td_err td_bar_rows_add(struct td_bar_rows *r, const struct td_bar_row *row)
{
    if (r->count == r->cap) {
        const size_t cap = r->cap ? 2 * r->cap : 1024;
        if (cap > TD_FETCH_ROWS_MAX)
            return TD_EFULL;
        struct td_bar_row *rows = realloc(r->rows, cap * sizeof *rows);
        if (!rows)
            return TD_ENOMEM;
        r->rows = rows;
        r->cap = cap;
    }
    r->rows[r->count++] = *row;
    return TD_OK;
}

/* Merges two sorted runs; of equal times those of the right run, which came later, stay last. */
static void merge_runs(const struct td_bar_row *from, struct td_bar_row *to, size_t left,
                       size_t middle, size_t right)
{
    size_t i = left, j = middle;
    for (size_t k = left; k < right; k++) {
        const bool take_left = i < middle && (j >= right || from[i].local_ns <= from[j].local_ns);
        to[k] = take_left ? from[i++] : from[j++];
    }
}

/* Bottom-up and stable: requests come in order, so it is mostly copying. False: no memory. */
static bool sort_rows(struct td_bar_row *rows, size_t count)
{
    struct td_bar_row *other = malloc(count * sizeof *rows), *from = rows, *to = other;
    if (!other)
        return false;
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t left = 0; left < count; left += 2 * width) {
            const size_t middle = left + width < count ? left + width : count;
            const size_t right = left + 2 * width < count ? left + 2 * width : count;
            merge_runs(from, to, left, middle, right);
        }
        struct td_bar_row *swap = from;
        from = to;
        to = swap;
    }
    if (from != rows)
        memcpy(rows, from, count * sizeof *rows);
    free(other);
    return true;
}

void td_bar_rows_settle(struct td_bar_rows *r)
{
    size_t kept = 0;
    if (r->count < 2)
        return;
    TD_REQUIRE(sort_rows(r->rows, r->count)); /* a second copy of what is in memory already */
    for (size_t i = 0; i < r->count; i++) {
        if (kept && r->rows[kept - 1].local_ns == r->rows[i].local_ns)
            kept--;
        r->rows[kept++] = r->rows[i];
    }
    r->count = kept;
}

void td_bar_rows_free(struct td_bar_rows *r)
{
    free(r->rows);
    *r = (struct td_bar_rows){0};
}

/* --- messages --- */

void td_fetch_init(struct td_fetch *f, struct td_world *world, struct td_link *link,
                   struct td_market *market, struct td_log *log)
{
    *f = (struct td_fetch){
        .world = world, .link = link, .market = market, .log = log, .next_id = FIRST_ID};
}

static bool is_price(td_px px)
{
    return !td_px_is_none(px) && px.e9 > 0;
}

/* A bar of the wire by the exchange's wall clock; false when it carries no prices. */
static bool take_bar(const struct td_fetch *f, const struct td_tws_bar *from,
                     struct td_bar_row *out)
{
    td_ns at;
    const bool whole_day = from->date.len == 8;
    if (!is_price(from->open) || !is_price(from->high) || !is_price(from->low) ||
        !is_price(from->close) || td_bar_time_parse(from->date, whole_day ? NULL : f->zone, &at))
        return false;
    memset(out, 0, sizeof *out);
    out->local_ns = whole_day ? at : at + td_tz_offset(f->zone, at) * TD_SEC;
    out->bar = (struct td_bar){
        .open = from->open,
        .high = from->high,
        .low = from->low,
        .close = from->close,
        .volume = td_qty_is_none(from->volume) || from->volume.e9 < 0 ? TD_QTY(0) : from->volume,
        .wap = is_price(from->wap) ? from->wap : TD_PX_NONE,
        .span = f->span,
        .count = from->count < 0 ? -1 : from->count};
    return true;
}

static void take_bars(struct td_fetch *f, const struct td_tws_historical_data *h)
{
    for (uint32_t i = 0; i < h->bars.n && !f->add_err; i++) {
        struct td_bar_row row;
        if (take_bar(f, &h->bars.p[i], &row))
            f->add_err = td_bar_rows_add(f->into, &row);
    }
    f->answered = true;
}

static void take_message(struct td_fetch *f, const struct td_tws_msg *msg)
{
    if (msg->kind == TD_TWS_CURRENT_TIME) {
        f->server_ns = msg->instant.value * TD_SEC;
    } else if (msg->kind == TD_TWS_HISTORICAL_DATA && f->waiting &&
               msg->historical_data.req_id == f->waiting) {
        take_bars(f, &msg->historical_data);
    } else if (msg->kind == TD_TWS_ERROR && f->waiting && msg->error.id == f->waiting) {
        if (!td_code_ends(msg->error.code)) /* only remarks on a request that goes on */
            return;
        f->code = msg->error.code;
        (void)td_str_copy(msg->error.text, f->text, sizeof f->text);
        f->answered = true;
    } else {
        (void)td_market_take(f->market, msg);
    }
}

/* One turn of the loop: waits for one wake, at most until `until`, and takes what came. */
static void turn(struct td_fetch *f, td_ns until)
{
    struct td_wake wake;
    struct td_tws_event ev;
    const td_ns times[] = {td_link_deadline(f->link), td_market_deadline(f->market)};
    td_ns first = until;
    td_link_flush(f->link);
    for (size_t i = 0; i < TD_COUNT(times); i++)
        first = times[i] < first ? times[i] : first;
    td_world_wait(f->world, first, &wake);
    f->interrupted |= wake.kind == TD_WAKE_SIGNAL;
    (void)td_link_wake(f->link, &wake);
    td_link_tick(f->link);
    while (td_link_next(f->link, &ev)) {
        if (ev.kind == TD_TWS_EV_MESSAGE)
            take_message(f, &ev.msg);
        if (ev.kind == TD_TWS_EV_BAD) {
            td_logf(f->log, TD_LOG_WARN, TD_LOG_API, "bad_message", "id %d: %s", (int)ev.wire_id,
                    ev.text);
            if (f->waiting && ev.req_id == f->waiting) {
                f->add_err = ev.err;
                f->answered = true;
            }
        }
        if (ev.kind == TD_TWS_EV_CLOSED) {
            f->lost = true;
            (void)snprintf(f->text, sizeof f->text, "%s", ev.text ? ev.text : "");
            td_market_lost(f->market);
        }
    }
    td_market_turn(f->market);
    td_link_flush(f->link);
}

static enum td_err judge(const struct td_fetch *f, struct td_fail *why)
{
    if (f->interrupted)
        return td_fail_set(why, TD_EAGAIN, "interrupted");
    return td_fail_set(why, TD_ECLOSED, "the connection ended: %s", f->text);
}

static bool usable(const struct td_fetch *f)
{
    return !f->interrupted && !f->lost;
}

bool td_fetch_pause(struct td_fetch *f, td_ns span)
{
    const td_ns until = td_world_mono(f->world) + span;
    while (!f->interrupted && td_world_mono(f->world) < until)
        turn(f, until);
    return !f->interrupted;
}

enum td_err td_fetch_qualify(struct td_fetch *f, uint32_t index, struct td_fail *why)
{
    const td_ns until = td_world_mono(f->world) + ANSWER_LIMIT;
    const struct td_line *line = &f->market->lines[index];
    f->lost = false;
    td_market_ready(f->market);
    while (usable(f) && line->state != TD_LINE_LIVE && line->state != TD_LINE_REFUSED) {
        if (td_world_mono(f->world) >= until)
            return td_fail_set(why, TD_ETIMEOUT, "no contract details of %s within 60 s",
                               line->symbol);
        turn(f, until);
    }
    if (!usable(f))
        return judge(f, why);
    if (line->state == TD_LINE_REFUSED)
        return td_fail_set(why, TD_ENOENT, "the gateway has no contract %s (%d: %s)", line->symbol,
                           (int)line->refused_code, line->refused);
    return TD_OK;
}

enum td_err td_fetch_now(struct td_fetch *f, td_ns *out, struct td_fail *why)
{
    const td_ns until = td_world_mono(f->world) + TIME_LIMIT;
    struct td_tws_msg msg;
    f->server_ns = 0;
    f->lost = false;
    td_tws_msg_init(&msg, TD_TWS_REQ_CURRENT_TIME);
    const enum td_err err = td_link_send(f->link, &msg);
    if (err)
        return td_fail_set(why, err, "asking for the gateway's time: %s", td_err_text(err));
    while (usable(f) && !f->server_ns && td_world_mono(f->world) < until)
        turn(f, until);
    if (!usable(f))
        return judge(f, why);
    *out = f->server_ns ? f->server_ns : td_world_now(f->world);
    return TD_OK;
}

/* Until the pacer lets it through; the number of turns is bounded, and each waits. */
static enum td_err wait_for_pace(struct td_fetch *f, const struct td_tws_msg *msg,
                                 const char *symbol, struct td_fail *why)
{
    for (int i = 0; i < PACE_TURNS; i++) {
        const td_ns at = td_link_when(f->link, msg), now = td_world_mono(f->world);
        if (at <= now)
            return TD_OK;
        if (i == 0 && at - now > TD_SEC && at != TD_NS_NEVER)
            td_logf(f->log, TD_LOG_INFO, TD_LOG_API, "pacing", "waiting %lld s before %s",
                    (long long)((at - now) / TD_SEC), symbol);
        turn(f, at == TD_NS_NEVER ? now + TD_SEC : at);
        if (!usable(f))
            return judge(f, why);
    }
    return td_fail_set(why, TD_ETIMEOUT, "no room for a history request of %s", symbol);
}

static enum td_err send_request(struct td_fetch *f, const struct td_fetch_request *r,
                                struct td_fail *why)
{
    const struct td_line *line = &f->market->lines[r->line];
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, TD_TWS_REQ_HISTORICAL_DATA);
    struct td_tws_req_historical_data *h = &msg.req_historical_data;
    h->format_date = 2;
    h->use_rth = r->rth;
    h->end_time = td_str_of(r->end);
    h->bar_size = td_str_of(r->bar_size);
    h->duration = td_str_of(r->duration);
    h->what_to_show = td_str_of("TRADES");
    h->contract.con_id = line->inst.conid;
    h->contract.symbol = td_str_of(line->symbol);
    h->contract.sec_type = td_str_of(line->sec_type);
    h->contract.exchange = td_str_of(line->exchange);
    h->contract.currency = td_str_of(line->currency);
    enum td_err err = wait_for_pace(f, &msg, line->symbol, why);
    if (err)
        return err;
    h->req_id = f->next_id++;
    err = td_link_send(f->link, &msg);
    if (err)
        return td_fail_set(why, err, "asking for bars of %s: %s", line->symbol, td_err_text(err));
    f->requests++;
    f->waiting = h->req_id;
    td_logf(f->log, TD_LOG_INFO, TD_LOG_API, "history_request",
            "%s id=%d bar=\"%s\" duration=\"%s\" end=\"%s\" rth=%d", line->symbol, (int)h->req_id,
            r->bar_size, r->duration, r->end, r->rth);
    return TD_OK;
}

static void cancel(struct td_fetch *f)
{
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, TD_TWS_CANCEL_HISTORICAL_DATA);
    msg.req.req_id = f->waiting;
    if (td_link_send(f->link, &msg) == TD_OK)
        td_link_flush(f->link);
}

static bool says(const char *text, const char *word)
{
    const size_t n = strlen(word);
    for (; *text; text++) {
        size_t i = 0;
        while (i < n && text[i] && (text[i] | 0x20) == word[i])
            i++;
        if (i == n)
            return true;
    }
    return false;
}

/* One request, answered or not. *again: a pacing violation, worth another try. */
static enum td_err ask_once(struct td_fetch *f, const struct td_fetch_request *r, bool *again,
                            struct td_fail *why)
{
    f->answered = f->lost = false;
    f->code = 0;
    f->add_err = TD_OK;
    enum td_err err = send_request(f, r, why);
    if (err)
        return err;
    const td_ns until = td_world_mono(f->world) + ANSWER_LIMIT;
    while (usable(f) && !f->answered && td_world_mono(f->world) < until)
        turn(f, until);
    if (!f->answered)
        cancel(f);
    td_pacer_answered(&f->link->pacer);
    const char *symbol = f->market->lines[r->line].symbol;
    f->waiting = 0;
    if (!usable(f))
        return judge(f, why);
    if (!f->answered)
        return td_fail_set(why, TD_ETIMEOUT, "no answer to a history request of %s within 60 s",
                           symbol);
    if (f->add_err)
        return td_fail_set(why, f->add_err, "bars of %s: %s", symbol, td_err_text(f->add_err));
    if (f->code == 0)
        return TD_OK;
    td_logf(f->log, TD_LOG_WARN, TD_LOG_API, "history_error", "%s: %d %s", symbol, (int)f->code,
            f->text);
    if (f->code == 162 && says(f->text, "no data"))
        return TD_OK;
    *again = f->code == 162 && says(f->text, "pacing");
    return td_fail_set(why, TD_EUNSUP, "the gateway refused bars of %s (%d: %s)", symbol,
                       (int)f->code, f->text);
}

enum td_err td_fetch_bars(struct td_fetch *f, const struct td_fetch_request *request,
                          struct td_bar_rows *into, struct td_fail *why)
{
    enum td_err err = TD_OK;
    f->into = into;
    f->zone = request->zone;
    f->span = request->span;
    for (int attempt = 0; attempt <= PACING_TRIES; attempt++) {
        bool again = false;
        err = ask_once(f, request, &again, why);
        if (!again || attempt == PACING_TRIES)
            break;
        td_logf(f->log, TD_LOG_WARN, TD_LOG_API, "pacing", "violation: asking again in 60 s");
        if (!td_fetch_pause(f, PACING_PAUSE))
            return judge(f, why);
    }
    f->into = NULL;
    return err;
}
