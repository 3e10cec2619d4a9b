/* sim/gateway_schedule.c - the sessions a contract traded in, by its hours and the calendar.
 *
 * Times are local to the contract, "yyyymmdd-hh:mm:ss". Source: tws-protocol 4.4 (historicalSchedule).
 */
#include "sim/gateway_inner.h"

#define SESSIONS 800

static struct td_str moment(td_ns at, const struct td_tz *zone, char out[24])
{
    struct td_text t;
    struct td_civil c;
    td_text_init(&t, out, 24);
    td_tz_civil(zone, at, &c);
    td_text_printf(&t, "%04d%02d%02d-%02d:%02d:%02d", (int)c.year, (int)c.month, (int)c.day,
                   (int)c.hour, (int)c.minute, (int)c.second);
    return (struct td_str){out, t.len};
}

void td_gw_send_schedule(struct td_gateway *g, struct td_gw_client *c, int32_t req_id,
                         const struct td_gw_symbol *s, const struct td_history_request *ask)
{
    static const size_t texts = 3;                       /* of a session */
    char(*text)[24] = (char(*)[24])(void *)g->bar_dates; /* scratch of history answers */
    struct td_tws_session list[SESSIONS];
    char from[24], to[24];
    uint32_t n = 0;
    const int64_t last = td_tz_day(s->zone, ask->end - 1);
    for (int64_t day = td_tz_day(s->zone, ask->start); day <= last && n < SESSIONS; day++) {
        if (td_source_trading_day(&s->config, day) != day)
            continue;
        const struct td_venue_hours h = td_source_hours(&s->config, day);
        char(*at)[24] = text + n * texts;
        list[n].start = moment(ask->rth ? h.open : h.ext_open, s->zone, at[0]);
        list[n].end = moment(ask->rth ? h.close : h.ext_close, s->zone, at[1]);
        list[n].ref_date = (struct td_str){at[2], td_date_print_compact(day, at[2])};
        n++;
    }
    if (n == 0) {
        td_gw_error(g, c, req_id, 162,
                    "Historical Market Data Service error message:HMDS query returned no data");
        return;
    }
    td_tws_msg_init(&g->msg, TD_TWS_HISTORICAL_SCHEDULE);
    struct td_tws_historical_schedule *m = &g->msg.historical_schedule;
    m->req_id = req_id;
    m->start = moment(ask->start, s->zone, from);
    m->end = moment(ask->end, s->zone, to);
    m->time_zone = td_str_of(s->zone->name);
    m->sessions.p = list;
    m->sessions.n = n;
    (void)td_gw_send(g, c, &g->msg);
}
