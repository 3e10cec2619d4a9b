/* sim/gateway_format.c - times and amounts as a gateway writes and reads them. */
#include "sim/gateway_inner.h"

#include <string.h>

static void put_clock(struct td_text *t, const struct td_civil *c, const char *between)
{
    td_text_printf(t, "%04d%02d%02d%s%02d:%02d:%02d", (int)c->year, (int)c->month, (int)c->day,
                   between, (int)c->hour, (int)c->minute, (int)c->second);
}

struct td_str td_gw_time(td_ns at, const struct td_tz *zone, int32_t version, char out[48])
{
    struct td_text t;
    struct td_civil c;
    td_text_init(&t, out, 48);
    if (version < 174) {
        td_civil_from_ns(at, &c);
        put_clock(&t, &c, "  ");
    } else {
        td_tz_civil(zone, at, &c);
        put_clock(&t, &c, " ");
        td_text_printf(&t, " %s", zone->name);
    }
    return (struct td_str){out, t.len};
}

struct td_str td_gw_hello_time(td_ns at, char out[48])
{
    struct td_text t;
    struct td_civil c;
    td_text_init(&t, out, 48);
    td_civil_from_ns(at, &c);
    put_clock(&t, &c, " ");
    td_text_put(&t, " UTC");
    return (struct td_str){out, t.len};
}

struct td_str td_gw_money(int64_t e9, char out[TD_E9_CHARS])
{
    return (struct td_str){out, td_e9_print_fixed(e9, 2, out)};
}

/* "hh:mm:ss" or "hh:mm" into the clock of `c`. */
static bool read_clock(struct td_str text, struct td_civil *c)
{
    int32_t *const parts[3] = {&c->hour, &c->minute, &c->second};
    static const int64_t limit[3] = {23, 59, 60};
    struct td_str part;
    int n = 0;
    for (int64_t value; td_str_split(&text, ':', &part); n++) {
        if (n == 3 || part.len != 2 || td_i64_parse(part.p, part.len, &value) != TD_OK ||
            value < 0 || value > limit[n])
            return false;
        *parts[n] = (int32_t)value;
    }
    return n >= 2;
}

enum td_err td_gw_time_parse(struct td_gateway *g, struct td_str text, td_ns *out, bool *bare)
{
    struct td_civil c = {0};
    struct td_tz utc;
    int64_t day = 0;
    char name[40];
    text = td_str_trim(text);
    *bare = false;
    if (text.len == 0)
        return TD_ENODATA;
    if (text.len < 8 || td_date_parse(text.p, 8, &day) != TD_OK)
        return TD_EPARSE;
    td_civil_from_days(day, &c);
    const char separator = text.len > 8 ? text.p[8] : ' ';
    struct td_str rest = text.len > 8 ? td_str_trim((struct td_str){text.p + 9, text.len - 9})
                                      : (struct td_str){NULL, 0};
    struct td_str clock = {NULL, 0};
    if (separator != ' ' && separator != '-')
        return TD_EPARSE;
    if (rest.len && (!td_str_split(&rest, ' ', &clock) || !read_clock(clock, &c)))
        return TD_EPARSE;
    rest = td_str_trim(rest);
    const struct td_tz *zone = NULL;
    if (rest.len) {
        zone = td_str_copy(rest, name, sizeof name) ? td_gw_zone(g, name) : NULL;
    } else if (separator == '-') {
        td_tz_utc(&utc);
        zone = &utc;
    } else {
        *bare = true;
        zone = td_gw_zone(g, "America/New_York");
    }
    if (!zone)
        return TD_EPARSE;
    *out = td_tz_instant(zone, &c);
    return TD_OK;
}
