/* desk/desk_control.c - the control socket: one line in, one line of JSON out, mode 0600. */
#include "desk/desk_inner.h"

#include <stdio.h>

#include "desk/ask.h"
#include "wire/json.h"

static void socket_path(const char *state, char *out, size_t cap)
{
    (void)snprintf(out, cap, "%s/control.sock", state);
}

enum td_err desk_control_open(struct td_desk *d, struct td_fail *why)
{
    char path[800];
    socket_path(d->config.state, path, sizeof path);
    return td_world_listen_local(d->world, path, &d->control, why);
}

void desk_control_close(struct td_desk *d)
{
    char path[800];
    for (int i = 0; i < DESK_CLIENTS_MAX; i++)
        if (d->clients[i].conn.id)
            td_world_hangup(d->world, d->clients[i].conn, false);
    if (!d->control.id)
        return;
    td_world_hangup(d->world, d->control, false);
    d->control.id = 0;
    socket_path(d->config.state, path, sizeof path);
    (void)td_file_remove(d->world, path);
}

static void put_positions(struct td_desk *d, struct td_json *j)
{
    td_px marks[TD_LINES_MAX];
    desk_marks(d, marks);
    td_json_key(j, "positions");
    td_json_array(j);
    for (uint32_t i = 0; i < d->blotter.holding_count; i++) {
        const struct td_blotter_holding *h = &d->blotter.holdings[i];
        td_cash unrealized = TD_CASH_NONE;
        if (td_holding_unrealized(&h->now, marks[i], h->multiplier, &unrealized) != TD_OK)
            unrealized = TD_CASH_NONE;
        td_json_object(j);
        td_json_key_text(j, "symbol", h->symbol);
        td_json_key_e9(j, "quantity", h->now.qty.e9);
        td_json_key_e9(j, "average", h->now.average.e9);
        td_json_key_e9(j, "mark", marks[i].e9);
        td_json_key_e9(j, "realized", h->now.realized.e9);
        td_json_key_e9(j, "unrealized", unrealized.e9);
        td_json_key_e9(j, "fees", h->now.fees.e9);
        td_json_key_i64(j, "open_orders", h->open_orders);
        td_json_object_end(j);
    }
    td_json_array_end(j);
}

static void put_status(struct td_desk *d, struct td_json *j)
{
    td_px marks[TD_LINES_MAX];
    td_cash pnl = TD_CASH_NONE;
    desk_marks(d, marks);
    if (td_blotter_day_pnl(&d->blotter, marks, &pnl) != TD_OK)
        pnl = TD_CASH_NONE;
    td_json_key_text(j, "version", d->config.version);
    td_json_key_text(j, "mode", d->config.plan->live ? "live" : "paper");
    td_json_key_text(j, "account", d->account);
    td_json_key_text(j, "session", desk_sync_word(d));
    td_json_key_bool(j, "halted", d->blotter.halted);
    td_json_key_text(j, "halt_reason", d->blotter.halted ? d->blotter.halt_reason : NULL);
    td_json_key_bool(j, "armed",
                     d->config.settings->allow_orders && !d->config.settings->dry_run &&
                         d->config.settings->order_exec);
    td_json_key_i64(j, "intents_today", d->blotter.intents_today);
    td_json_key_i64(j, "denied_today", d->blotter.denied_today);
    td_json_key_i64(j, "orders_today", d->blotter.orders_today);
    td_json_key_i64(j, "fills_today", d->blotter.fills_today);
    td_json_key_i64(j, "unknown_orders", d->blotter.unknown_orders);
    td_json_key_text(j, "last_denial", d->result.last_denial[0] ? d->result.last_denial : NULL);
    td_json_key_e9(j, "pnl_today", pnl.e9);
    td_json_key(j, "positions_equal");
    if (d->result.positions_known)
        td_json_bool(j, d->result.positions_equal);
    else
        td_json_null(j);
    td_json_key_i64(j, "positions_pending", d->result.positions_pending);
    put_positions(d, j);
    desk_put_session(d, j);
}

static void answer(struct td_desk *d, struct desk_client *c)
{
    static char text[32768];
    struct td_text t;
    struct td_json j;
    struct td_str rest = td_str_trim(td_str_of(c->line)), word = {0};
    char reason[120] = "";
    size_t sent;
    (void)td_str_split(&rest, ' ', &word);
    if (rest.p)
        (void)td_str_copy(td_str_trim(rest), reason, sizeof reason);
    td_text_init(&t, text, sizeof text);
    td_json_init(&j, &t, false);
    td_json_object(&j);
    const bool halt = td_str_is(word, "halt"), resume = td_str_is(word, "resume");
    if (halt)
        desk_halt(d, reason);
    if (resume)
        desk_resume(d, reason);
    const bool known = halt || resume || td_str_is(word, "status");
    td_json_key_bool(&j, "ok", known);
    if (known)
        put_status(d, &j);
    else
        td_json_key_text(&j, "error", "unknown word; status, halt REASON and resume are known");
    td_json_object_end(&j);
    td_text_char(&t, '\n');
    /* A local client that does not read its one line within the socket's buffer loses it. */
    (void)!td_world_send(d->world, c->conn, t.buf, t.len, &sent);
}

static void drop_client(struct td_desk *d, struct desk_client *c)
{
    td_world_hangup(d->world, c->conn, false);
    c->conn.id = 0;
}

static void read_client(struct td_desk *d, struct desk_client *c)
{
    size_t got = 0;
    const enum td_err err =
        td_world_recv(d->world, c->conn, c->line + c->used, sizeof c->line - 1 - c->used, &got);
    if (err == TD_EAGAIN)
        return;
    c->used += got;
    c->line[c->used] = '\0';
    char *end = strchr(c->line, '\n');
    if (end) {
        *end = '\0';
        answer(d, c);
        c->used = 0;
    }
    if (err || c->used + 1 == sizeof c->line)
        drop_client(d, c);
}

bool desk_control_wake(struct td_desk *d, const struct td_wake *wake)
{
    if (wake->kind == TD_WAKE_ACCEPTED && wake->listener.id == d->control.id) {
        for (int i = 0; i < DESK_CLIENTS_MAX; i++)
            if (!d->clients[i].conn.id) {
                d->clients[i] = (struct desk_client){.conn = wake->conn};
                return true;
            }
        td_world_hangup(d->world, wake->conn, true);
        return true;
    }
    for (int i = 0; i < DESK_CLIENTS_MAX; i++)
        if (wake->conn.id && d->clients[i].conn.id == wake->conn.id) {
            if (wake->kind == TD_WAKE_READABLE)
                read_client(d, &d->clients[i]);
            return true;
        }
    return false;
}

/* --- the other end: a command asks --- */

enum td_err td_desk_ask(struct td_world *world, const char *state, const char *line, char *out,
                        size_t cap, struct td_fail *why)
{
    char path[800];
    socket_path(state, path, sizeof path);
    const enum td_err err = td_ask(world, path, line, out, cap, why);
    if (err == TD_ENOENT || err == TD_EUNREACH)
        return td_fail_set(why, err,
                           "no desk runs with state folder %s (tapedeck trade starts one)", state);
    return err;
}
