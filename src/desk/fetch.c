/* desk/fetch.c - history requests: pace, wait, match, convert. */
#include "desk/fetch.h"

#include <stdio.h>
#include <stdlib.h>

#include "desk/codes.h"

#define FIRST_ID     1900000000 /* below the market's ids, above order ids */
#define ANSWER_LIMIT (60 * TD_SEC)
#define PACE_TURNS   1000000
#define PACING_PAUSE (60 * TD_SEC)
#define PACING_TRIES 2
#define TIME_LIMIT   (5 * TD_SEC)
#define ASKED_MAX    4 /* times, when outages swallow a request */

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
    } else if (!f->other || !f->other(f->other_arg, msg)) {
        (void)td_market_take(f->market, msg);
    }
}

static void take_event(struct td_fetch *f, const struct td_tws_event *ev)
{
    if (ev->kind == TD_TWS_EV_MESSAGE)
        take_message(f, &ev->msg);
    if (ev->kind != TD_TWS_EV_BAD)
        return;
    td_logf(f->log, TD_LOG_WARN, TD_LOG_API, "bad_message", "id %d: %s", (int)ev->wire_id,
            ev->text);
    if (f->waiting && ev->req_id == f->waiting) {
        f->add_err = ev->err;
        f->answered = true;
    }
}

/* --- the connection --- */

/* Session, broker and history farms are there. */
static bool may_ask(const struct td_fetch *f)
{
    return td_link_ready(f->conn.link) && f->conn.state.broker == TD_CONN_UP &&
           !td_connectivity_broken(&f->conn.state, TD_FARM_HISTORY);
}

static void look(struct td_fetch *f)
{
    f->swallowed |= !may_ask(f);
    if (may_ask(f)) {
        f->away = 0;
    } else if (!f->away) {
        f->away = td_world_mono(f->world);
        td_logf(f->log, TD_LOG_WARN, TD_LOG_API, "history_held",
                "requests wait for the connection, the broker or a history farm");
    }
}

void td_fetch_init(struct td_fetch *f, const struct td_connection_config *config)
{
    *f = (struct td_fetch){.world = config->link->world,
                           .market = config->market,
                           .log = config->log,
                           .next_id = FIRST_ID};
    (void)td_connection_init(&f->conn, config);
    look(f);
}

/* One turn of the loop: waits for one wake, at most until `until`, and takes what came. */
static void turn(struct td_fetch *f, td_ns until)
{
    struct td_wake wake;
    struct td_tws_event ev;
    uint32_t todo;
    const td_ns market = td_market_deadline(f->market);
    const td_ns guest = f->guest ? f->guest->deadline(f->guest->arg) : TD_NS_NEVER;
    until = guest < until ? guest : until;
    td_link_flush(f->conn.link);
    td_world_wait(f->world, td_connection_deadline(&f->conn, market < until ? market : until),
                  &wake);
    f->interrupted |= wake.kind == TD_WAKE_SIGNAL;
    (void)td_connection_turn(&f->conn, &wake);
    while (td_connection_next(&f->conn, &ev, &todo)) {
        take_event(f, &ev);
        look(f);
    }
    (void)td_connection_tick(&f->conn);
    look(f);
    td_market_turn(f->market);
    td_link_flush(f->conn.link);
    if (f->guest)
        f->guest->turn(f->guest->arg, &wake);
}

/* Waits while nothing can be asked; the limit counts from the beginning of the outage, not from the request. */
static enum td_err stay_open(struct td_fetch *f, struct td_fail *why)
{
    while (!f->interrupted && f->away && td_world_mono(f->world) - f->away < TD_FETCH_AWAY_MAX)
        turn(f, f->away + TD_FETCH_AWAY_MAX);
    if (f->interrupted)
        return td_fail_set(why, TD_EAGAIN, "interrupted");
    if (!f->away)
        return TD_OK;
    char text[200];
    struct td_text t;
    td_text_init(&t, text, sizeof text);
    td_manager_print(&f->conn.manager, &t);
    return td_fail_set(why, TD_ECLOSED, "nothing can be asked for %d minutes: %.*s",
                       (int)(TD_FETCH_AWAY_MAX / TD_MIN), (int)t.len, text);
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
    const struct td_line *line = &f->market->lines[index];
    td_ns until = td_world_mono(f->world) + ANSWER_LIMIT;
    td_market_ready(f->market);
    while (line->state != TD_LINE_LIVE && line->state != TD_LINE_REFUSED) {
        const bool away = f->away;
        const enum td_err err = stay_open(f, why);
        if (err)
            return err;
        if (away) /* asked for anew */
            until = td_world_mono(f->world) + ANSWER_LIMIT;
        if (td_world_mono(f->world) >= until)
            return td_fail_set(why, TD_ETIMEOUT, "no contract details of %s within 60 s",
                               line->symbol);
        turn(f, until);
    }
    if (line->state == TD_LINE_REFUSED)
        return td_fail_set(why, TD_ENOENT, "the gateway has no contract %s (%d: %s)", line->symbol,
                           (int)line->refused_code, line->refused);
    return TD_OK;
}

enum td_err td_fetch_now(struct td_fetch *f, td_ns *out, struct td_fail *why)
{
    struct td_tws_msg msg;
    enum td_err err = stay_open(f, why);
    const td_ns until = td_world_mono(f->world) + TIME_LIMIT;
    f->server_ns = 0;
    td_tws_msg_init(&msg, TD_TWS_REQ_CURRENT_TIME);
    if (err)
        return err;
    err = td_link_send(f->conn.link, &msg);
    if (err)
        return td_fail_set(why, err, "asking for the gateway's time: %s", td_err_text(err));
    while (!f->interrupted && !f->server_ns && td_world_mono(f->world) < until)
        turn(f, until);
    if (f->interrupted)
        return td_fail_set(why, TD_EAGAIN, "interrupted");
    *out = f->server_ns ? f->server_ns : td_world_now(f->world);
    return TD_OK;
}

/* Until the pacer lets it through and there is somebody to ask; the number of turns is bounded, and each waits. */
static enum td_err wait_for_pace(struct td_fetch *f, const struct td_tws_msg *msg,
                                 const char *symbol, struct td_fail *why)
{
    for (int i = 0; i < PACE_TURNS; i++) {
        const enum td_err err = stay_open(f, why);
        const td_ns at = td_link_when(f->conn.link, msg), now = td_world_mono(f->world);
        if (err || at <= now)
            return err;
        if (i == 0 && at - now > TD_SEC && at != TD_NS_NEVER)
            td_logf(f->log, TD_LOG_INFO, TD_LOG_API, "pacing", "waiting %lld s before %s",
                    (long long)((at - now) / TD_SEC), symbol);
        turn(f, at == TD_NS_NEVER ? now + TD_SEC : at);
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
    td_market_contract(line, &h->contract);
    enum td_err err = wait_for_pace(f, &msg, line->symbol, why);
    if (err)
        return err;
    h->req_id = f->next_id++;
    err = td_link_send(f->conn.link, &msg);
    if (err)
        return td_fail_set(why, err, "asking for bars of %s: %s", line->symbol, td_err_text(err));
    f->requests++;
    f->waiting = h->req_id;
    f->swallowed = false;
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
    if (td_link_send(f->conn.link, &msg) == TD_OK)
        td_link_flush(f->conn.link);
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

/* What an outage swallowed is not waited for to the end when there is no session left to answer. */
static void wait_for_answer(struct td_fetch *f)
{
    const td_ns until = td_world_mono(f->world) + ANSWER_LIMIT;
    const uint32_t session = f->conn.lost;
    while (!f->interrupted && !f->answered && f->conn.lost == session &&
           td_world_mono(f->world) < until)
        turn(f, until);
    if (!f->answered && f->conn.lost == session)
        cancel(f);
    if (f->conn.lost == session) /* else the pacer has forgotten it */
        td_pacer_answered(&f->conn.link->pacer);
    f->waiting = 0;
}

enum again { ENOUGH, AT_ONCE, LATER };

/* One request, answered or not. *again: worth another try, after a pacing violation later. */
static enum td_err ask_once(struct td_fetch *f, const struct td_fetch_request *r, enum again *again,
                            struct td_fail *why)
{
    const char *symbol = f->market->lines[r->line].symbol;
    *again = ENOUGH;
    f->answered = false;
    f->code = 0;
    f->add_err = TD_OK;
    const enum td_err err = send_request(f, r, why);
    if (err)
        return err;
    wait_for_answer(f);
    if (f->interrupted)
        return td_fail_set(why, TD_EAGAIN, "interrupted");
    if (!f->answered) {
        *again = f->swallowed ? AT_ONCE : ENOUGH;
        return td_fail_set(why, TD_ETIMEOUT, "no answer to a history request of %s within 60 s",
                           symbol);
    }
    if (f->add_err)
        return td_fail_set(why, f->add_err, "bars of %s: %s", symbol, td_err_text(f->add_err));
    if (f->code == 0)
        return TD_OK;
    td_logf(f->log, TD_LOG_WARN, TD_LOG_API, "history_error", "%s: %d %s", symbol, (int)f->code,
            f->text);
    if (f->code == 162 && says(f->text, "no data"))
        return TD_OK;
    *again = f->code == 162 && says(f->text, "pacing") ? LATER : ENOUGH;
    return td_fail_set(why, TD_EUNSUP, "the gateway refused bars of %s (%d: %s)", symbol,
                       (int)f->code, f->text);
}

enum td_err td_fetch_bars(struct td_fetch *f, const struct td_fetch_request *request,
                          struct td_bar_rows *into, struct td_fail *why)
{
    enum td_err err = TD_OK;
    enum again again = AT_ONCE;
    int violations = 0;
    f->into = into;
    f->zone = request->zone;
    f->span = request->span;
    for (int asked = 0; asked < ASKED_MAX && again != ENOUGH; asked++) {
        err = ask_once(f, request, &again, why);
        if (again != LATER)
            continue;
        if (violations++ == PACING_TRIES)
            break;
        td_logf(f->log, TD_LOG_WARN, TD_LOG_API, "pacing", "violation: asking again in 60 s");
        if (!td_fetch_pause(f, PACING_PAUSE))
            err = td_fail_set(why, TD_EAGAIN, "interrupted");
        again = f->interrupted ? ENOUGH : again;
    }
    f->into = NULL;
    return err;
}
