/* desk/desk_status.c - connection, checklist, alerts and lines as JSON, for `tapedeck status`. */
#include "desk/desk_inner.h"

#include <stdio.h>

#define LINES_TOLD 20 /* of those that are not well */

static void put_checks(const struct td_desk *d, struct td_json *j)
{
    char text[240];
    struct td_text t;
    td_text_init(&t, text, sizeof text);
    td_checklist_missing(&d->checks, &t);
    td_json_key(j, "missing");
    td_json_str(j, (struct td_str){text, t.len});
    td_json_key(j, "checklist");
    td_json_array(j);
    for (int i = 0; i < TD_CHECK_COUNT; i++) {
        const struct td_check_row *row = td_checklist_row((enum td_check)i);
        td_json_object(j);
        td_json_key_text(j, "item", row->word);
        td_json_key_text(j, "state", td_check_state_word((enum td_check_state)d->checks.state[i]));
        td_json_key_bool(j, "waived", d->checks.waived >> i & 1);
        td_json_object_end(j);
    }
    td_json_array_end(j);
}

static void put_connection(const struct td_desk *d, struct td_json *j)
{
    const struct td_connection *c = &d->conn;
    char text[400];
    struct td_text t;
    td_text_init(&t, text, sizeof text);
    td_manager_print(&c->manager, &t);
    td_json_key(j, "connection");
    td_json_object(j);
    td_json_key_text(j, "state", td_manager_rows[c->manager.state].name);
    td_json_key(j, "text");
    td_json_str(j, (struct td_str){text, t.len});
    td_json_key_text(j, "broker", td_conn_state_word(c->state.broker));
    td_json_key_i64(j, "outages", c->state.outages);
    td_json_key_i64(j, "reconnects", c->reconnects);
    td_json_key_i64(j, "heartbeats_missed", c->beat.degraded);
    td_json_key_i64(j, "bad_messages", (int64_t)c->bad_messages);
    td_json_key_i64(j, "messages_per_second",
                    td_pacer_rate(&d->link->pacer, td_world_mono(d->world)));
    td_json_key_i64(j, "clock_jumps", c->turns.jumps);
    td_json_key(j, "farms");
    td_json_array(j);
    for (uint32_t i = 0; i < c->state.farm_count; i++) {
        td_json_object(j);
        td_json_key_text(j, "name", c->state.farms[i].name);
        td_json_key_text(j, "kind", td_farm_kind_word(c->state.farms[i].kind));
        td_json_key_text(j, "state", td_farm_state_word(c->state.farms[i].state));
        td_json_object_end(j);
    }
    td_json_array_end(j);
    td_json_object_end(j);
}

static bool is_well(const struct td_market *m, uint32_t index)
{
    return m->lines[index].state == TD_LINE_LIVE && !td_market_stale(m, index);
}

static void put_lines(const struct td_desk *d, struct td_json *j)
{
    static const char *const words[] = {"idle", "asked", "live", "refused"};
    struct td_market_health h;
    int told = 0;
    td_market_health(&d->market, &h);
    td_json_key(j, "market_data");
    td_json_object(j);
    td_json_key_i64(j, "lines", h.lines);
    td_json_key_i64(j, "live", h.live);
    td_json_key_i64(j, "refused", h.refused);
    td_json_key_i64(j, "stale", h.stale);
    td_json_key_i64(j, "waiting_for_a_slot", h.waiting);
    td_json_key_i64(j, "late_messages_dropped", (int64_t)d->market.strays);
    td_json_key(j, "not_well");
    td_json_array(j);
    for (uint32_t i = 0; i < d->market.count && told < LINES_TOLD; i++) {
        const struct td_line *line = &d->market.lines[i];
        if (is_well(&d->market, i))
            continue;
        td_json_object(j);
        td_json_key_text(j, "symbol", line->symbol);
        td_json_key_text(j, "state", words[line->state]);
        td_json_key_bool(j, "stale", td_market_stale(&d->market, i));
        td_json_key_i64(j, "asked_again", line->resubscribed);
        td_json_object_end(j);
        told++;
    }
    td_json_array_end(j);
    td_json_object_end(j);
}

void desk_put_session(struct td_desk *d, struct td_json *j)
{
    put_checks(d, j);
    put_connection(d, j);
    desk_put_alerts(d, j);
    desk_put_postgres(d, j);
    put_lines(d, j);
    desk_put_money(d, j);
}
