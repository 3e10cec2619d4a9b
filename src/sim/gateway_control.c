/* sim/gateway_control.c - the simulator's control socket: one action a line, one line of JSON back, mode 0600. */
#include <string.h>

#include "sim/gateway_inner.h"
#include "wire/json.h"

enum td_err td_gw_control_open(struct td_gateway *g, struct td_fail *why)
{
    if (!g->config.control)
        return TD_OK;
    return td_world_listen_local(g->world, g->config.control, &g->control, why);
}

void td_gw_control_close(struct td_gateway *g)
{
    for (size_t i = 0; i < TD_GW_TALKERS; i++)
        if (g->talkers[i].conn.id)
            td_world_hangup(g->world, g->talkers[i].conn, false);
    if (!g->control.id)
        return;
    td_world_hangup(g->world, g->control, false);
    g->control.id = 0;
    (void)td_file_remove(g->world, g->config.control);
}

/* "status" does nothing and tells; every other line is an action. */
static enum td_err obey(struct td_gateway *g, struct td_str line, struct td_fail *why)
{
    struct td_fault_action action;
    if (td_str_is(line, "status"))
        return TD_OK;
    const enum td_err err = td_fault_parse(line, &action, why);
    return err ? err : td_gateway_act(g, &action, why);
}

static void answer(struct td_gateway *g, const struct td_gw_talker *t)
{
    char text[1024];
    struct td_text out;
    struct td_json j;
    struct td_fail why = {0};
    struct td_gateway_stats stats;
    size_t sent;
    const bool ok = obey(g, td_str_trim(td_str_of(t->line)), &why) == TD_OK;
    td_gateway_stats(g, &stats);
    td_text_init(&out, text, sizeof text);
    td_json_init(&j, &out, false);
    td_json_object(&j);
    td_json_key_bool(&j, "ok", ok);
    if (!ok)
        td_json_key_text(&j, "error", why.text);
    td_json_key_i64(&j, "clients", stats.clients);
    td_json_key_i64(&j, "accepted", (int64_t)stats.accepted);
    td_json_key_i64(&j, "requests", (int64_t)stats.requests);
    td_json_key_i64(&j, "orders", stats.orders);
    td_json_key_i64(&j, "fills", stats.fills);
    td_json_key(&j, "market_time");
    td_json_iso(&j, g->now);
    td_json_object_end(&j);
    td_text_char(&out, '\n');
    /* A local client that does not read its one line within the socket's buffer loses it. */
    (void)!td_world_send(g->world, t->conn, out.buf, out.len, &sent);
}

static void read_talker(struct td_gateway *g, struct td_gw_talker *t)
{
    size_t got = 0;
    const enum td_err err =
        td_world_recv(g->world, t->conn, t->line + t->used, sizeof t->line - 1 - t->used, &got);
    if (err == TD_EAGAIN)
        return;
    t->used += got;
    t->line[t->used] = '\0';
    char *end = strchr(t->line, '\n');
    if (end) {
        *end = '\0';
        answer(g, t);
        t->used = 0;
    }
    if (err || t->used + 1 == sizeof t->line) {
        td_world_hangup(g->world, t->conn, false);
        t->conn.id = 0;
    }
}

bool td_gw_control_wake(struct td_gateway *g, const struct td_wake *wake)
{
    const bool is_new =
        wake->kind == TD_WAKE_ACCEPTED && g->control.id && wake->listener.id == g->control.id;
    for (size_t i = 0; i < TD_GW_TALKERS; i++) {
        struct td_gw_talker *t = &g->talkers[i];
        if (is_new && !t->conn.id) {
            *t = (struct td_gw_talker){.conn = wake->conn};
            return true;
        }
        if (!is_new && t->conn.id && t->conn.id == wake->conn.id) {
            if (wake->kind == TD_WAKE_READABLE)
                read_talker(g, t);
            return true;
        }
    }
    if (is_new)
        td_world_hangup(g->world, wake->conn, true);
    return is_new;
}
