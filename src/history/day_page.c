/* history/day_page.c - the page from top to bottom: head, tiles, curve, tables, what is not known. */
#include "history/day_page.h"

#include <stdio.h>

#include "history/canvas_pixels.h"

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
    "'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
    "<meta name=\"referrer\" content=\"no-referrer\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<style>\n"
    ":root{--ink:#222;--pale:#5a5a5a;--line:#ddd;--back:#fff;--tile:#f4f5f7;--up:#0a6b2d;"
    "--down:#b3261e;--curve:#0072b2}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#e4e4e4;--pale:#a3a3a3;--line:#3a3d42;"
    "--back:#16181b;--tile:#22252a;--up:#5fd38a;--down:#ff8a80;--curve:#56b4e9}}\n"
    "body{font:15px/1.45 system-ui,sans-serif;color:var(--ink);background:var(--back);"
    "max-width:64rem;margin:0 auto;padding:0 .75rem 2rem}\n"
    "h1{font-size:1.4rem;margin:1rem 0 .2rem}h2{font-size:1.1rem;margin:1.8rem 0 .3rem}\n"
    "p.note{color:var(--pale);margin:.3rem 0}\n"
    ".mode{display:inline-block;border:2px solid currentColor;border-radius:.3rem;padding:0 .4rem;"
    "font-size:.9rem;vertical-align:.15rem}\n"
    ".tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.2rem,1fr));gap:.5rem;"
    "margin:1rem 0}\n"
    ".tile{background:var(--tile);border-radius:.4rem;padding:.5rem .7rem}\n"
    ".tile b{display:block;font-size:1.25rem;font-variant-numeric:tabular-nums}\n"
    ".tile span{color:var(--pale);font-size:.85rem}\n"
    ".up{color:var(--up)}.down{color:var(--down)}\n"
    ".scroll{overflow-x:auto}\n"
    "table{border-collapse:collapse;width:100%;font-size:.9rem}\n"
    "th,td{text-align:left;padding:.22rem .4rem;border-bottom:1px solid var(--line);"
    "vertical-align:top}\n"
    "th{color:var(--pale);font-weight:600}\n"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\n"
    "td.t{white-space:nowrap;font-variant-numeric:tabular-nums}\n"
    "td.w{overflow-wrap:anywhere}\n"
    "svg{width:100%;height:auto;display:block}\n"
    "svg text{fill:var(--pale)}svg polyline[stroke=\"#dddddd\"]{stroke:var(--line)}\n"
    "svg polyline[stroke=\"#0072b2\"]{stroke:var(--curve)}\n"
    "svg>rect[fill=\"#fff\"],svg>rect[fill=\"#ffffff\"]{fill:var(--back)}\n"
    "code{background:var(--tile);padding:.05rem .3rem;border-radius:.2rem}\n"
    "@media print{:root{--ink:#000;--pale:#444;--line:#bbb;--back:#fff;--tile:#fff;--up:#000;"
    "--down:#000;--curve:#000}body{max-width:none;font-size:10pt;padding:0}"
    ".tile{border:1px solid #bbb}h2{break-after:avoid}tr,svg,.tile{break-inside:avoid}"
    "thead{display:table-header-group}.scroll{overflow:visible}}\n"
    "</style>\n";

/* --- pieces --- */

static void cell(struct td_text *t, const char *kind, const char *text)
{
    td_text_printf(t, *kind ? "<td class=\"%s\">" : "<td>", kind);
    td_canvas_escape(t, text);
    td_text_put(t, "</td>");
}

static void number(struct td_text *t, const char *text)
{
    cell(t, "n", text);
}

static void whole(struct td_text *t, int64_t n)
{
    char text[24];
    (void)td_i64_print(n, text);
    number(t, text);
}

static void quantity(struct td_text *t, int64_t e9)
{
    char text[TD_E9_CHARS] = "-";
    if (e9 != TD_E9_NONE)
        (void)td_e9_print(e9, text);
    number(t, text);
}

static void money_text(char *out, int64_t e9, int decimals)
{
    if (e9 == TD_E9_NONE)
        (void)snprintf(out, TD_E9_CHARS, "-");
    else
        (void)td_e9_print_fixed(e9, decimals, out);
}

static const char *sign_of(int64_t e9)
{
    return e9 == TD_E9_NONE || e9 == 0 ? "" : e9 > 0 ? " up" : " down";
}

static void money(struct td_text *t, int64_t e9)
{
    char text[TD_E9_CHARS], kind[16];
    money_text(text, e9, 2);
    (void)snprintf(kind, sizeof kind, "n%s", sign_of(e9));
    cell(t, kind, text);
}

/* A part in 1/10000; worse is above 0. */
static void bps(struct td_text *t, int64_t part_e9)
{
    char text[TD_E9_CHARS] = "-";
    int64_t e9;
    if (part_e9 != TD_E9_NONE && td_e9_mul(part_e9, 10000 * TD_E9, &e9) == TD_OK)
        (void)td_e9_print_fixed(e9, 2, text);
    number(t, text);
}

static void moment(struct td_text *t, const struct td_day_page *p, td_ns at)
{
    struct td_civil c;
    char text[64];
    td_tz_civil(p->zone, at, &c);
    const int ms = (int)((at % TD_SEC + TD_SEC) % TD_SEC / TD_MS);
    if (p->first_day == p->last_day)
        (void)snprintf(text, sizeof text, "%02d:%02d:%02d.%03d", c.hour, c.minute, c.second, ms);
    else
        (void)snprintf(text, sizeof text, "%02d-%02d %02d:%02d:%02d", c.month, c.day, c.hour,
                       c.minute, c.second);
    cell(t, "t", text);
}

/* `columns`: words parted by '|'; one that begins with '#' is of numbers. */
static void begin_table(struct td_text *t, const char *columns)
{
    struct td_str rest = td_str_of(columns), word;
    td_text_put(t, "<div class=\"scroll\"><table>\n<thead><tr>");
    while (td_str_split(&rest, '|', &word)) {
        const bool of_numbers = word.len && word.p[0] == '#';
        td_text_printf(t, of_numbers ? "<th class=\"n\">%.*s</th>" : "<th>%.*s</th>",
                       (int)(word.len - of_numbers), word.p + of_numbers);
    }
    td_text_put(t, "</tr></thead>\n<tbody>\n");
}

static void end_table(struct td_text *t)
{
    td_text_put(t, "</tbody></table></div>\n");
}

static void note(struct td_text *t, const char *text)
{
    td_text_put(t, "<p class=\"note\">");
    td_canvas_escape(t, text);
    td_text_put(t, "</p>\n");
}

static void left_out(struct td_text *t, uint32_t n, const char *what)
{
    if (n)
        td_text_printf(t, "<p class=\"note\">%u more %s are not shown.</p>\n", (unsigned)n, what);
}

/* --- head and tiles --- */

static void put_head(const struct td_day_page *p, struct td_text *t)
{
    const struct td_day_report *r = p->report;
    char first[16], last[16], made[40];
    (void)td_date_print(p->first_day, first);
    (void)td_date_print(p->last_day, last);
    (void)td_iso_print(p->made_ns, made);
    made[19] = '\0';
    const bool one = p->first_day == p->last_day;
    td_text_put(t, head);
    td_text_printf(t, "<title>tapedeck %s%s%s</title>\n</head>\n<body>\n<h1>", first,
                   one ? "" : " to ", one ? "" : last);
    td_text_printf(t, "%s%s%s <span class=\"mode\">", first, one ? "" : " to ", one ? "" : last);
    td_canvas_escape(t, r->mode[0] ? r->mode : "mode not known");
    td_text_put(t, "</span></h1>\n<p class=\"note\">account ");
    td_canvas_escape(t, r->account[0] ? r->account : "not known");
    td_text_put(t, r->several_accounts ? " and others" : "");
    td_text_put(t, ", traded by ");
    td_canvas_escape(t, r->version[0] ? r->version : "a version that is not known");
    td_text_printf(t, "; reported %s UTC by tapedeck ", made);
    td_canvas_escape(t, p->version);
    td_text_printf(t, ". Times are of %s.</p>\n", p->zone_name);
}

static void tile(struct td_text *t, const char *kind, const char *value, const char *name)
{
    td_text_printf(t, "<div class=\"tile\"><b class=\"%s\">", kind);
    td_canvas_escape(t, value);
    td_text_put(t, "</b><span>");
    td_canvas_escape(t, name);
    td_text_put(t, "</span></div>\n");
}

static void money_tile(struct td_text *t, int64_t e9, const char *currency, const char *name,
                       bool coloured)
{
    char text[TD_E9_CHARS], all[TD_E9_CHARS + 12];
    money_text(text, e9, 2);
    (void)snprintf(all, sizeof all, "%s%s%.8s", text, e9 == TD_E9_NONE ? "" : " ",
                   e9 == TD_E9_NONE ? "" : currency);
    tile(t, coloured ? sign_of(e9) : "", all, name);
}

static void count_tile(struct td_text *t, int64_t n, const char *name)
{
    char text[24];
    (void)td_i64_print(n, text);
    tile(t, "", text, name);
}

static void put_tiles(const struct td_day_page *p, struct td_text *t)
{
    const struct td_day_report *r = p->report;
    char rate[24] = "-", of[80] = "win rate: no closed round trip";
    td_text_put(t, "<div class=\"tiles\">\n");
    money_tile(t, r->all.net_e9, r->all.currency, "realized after fees", true);
    money_tile(t, r->all.fees_e9, r->all.currency, "fees", false);
    count_tile(t, r->all.fills, "fills");
    count_tile(t, r->orders, "orders");
    count_tile(t, r->intents_denied, "refused by gates");
    if (!r->trips_known)
        (void)snprintf(of, sizeof of, "win rate: no journal");
    if (r->trip_count) {
        (void)snprintf(rate, sizeof rate, "%.1f %%", 100.0 * r->wins / r->trip_count);
        (void)snprintf(of, sizeof of, "win rate, of %u round trips", (unsigned)r->trip_count);
    }
    tile(t, "", rate, of);
    money_tile(t, r->drawdown_e9, r->all.currency, "max drawdown, realized", false);
    td_text_put(t, "</div>\n");
}

static void put_empty(const struct td_day_page *p, struct td_text *t)
{
    td_text_put(t, "<p>Nothing was traded: orders.db in <code>");
    td_canvas_escape(t, p->state);
    td_text_put(t, "</code> has no fill, order or refusal of these days. Is it the right folder "
                   "(<code>--state</code>) and the right day (<code>--day</code>)? <code>tapedeck "
                   "report pnl</code> lists the days that have any; <code>tapedeck trade --symbols "
                   "SPY</code> begins one, and <code>tapedeck demo</code> shows one without an "
                   "account.</p>\n");
}

/* --- profit --- */

static void put_groups(struct td_text *t, const char *title, const char *columns,
                       const struct td_day_group *rows, uint32_t count)
{
    if (!count)
        return;
    td_text_printf(t, "<h2>%s</h2>\n", title);
    begin_table(t, columns);
    for (uint32_t i = 0; i < count; i++) {
        const struct td_day_group *g = &rows[i];
        td_text_put(t, "<tr>");
        cell(t, "", g->name);
        whole(t, g->fills);
        quantity(t, g->bought_e9);
        quantity(t, g->sold_e9);
        money(t, g->gross_e9);
        const bool billed = g->fees_unknown < g->fills && g->fees_e9 != TD_E9_NONE;
        money(t, billed ? -g->fees_e9 : TD_E9_NONE);
        money(t, billed ? g->net_e9 : TD_E9_NONE);
        cell(t, "", g->currency[0] ? g->currency : "-");
        td_text_put(t, "</tr>\n");
    }
    end_table(t);
}

static void put_fills(const struct td_day_page *p, struct td_text *t)
{
    const struct td_day_report *r = p->report;
    const uint32_t shown = r->fill_count < TD_DAY_PAGE_FILLS ? r->fill_count : TD_DAY_PAGE_FILLS;
    if (!r->fill_count)
        return;
    td_text_put(t, "<h2>Fills</h2>\n");
    begin_table(t, "time|symbol|side|#quantity|#price|#slippage, bps|#reference|measured "
                   "by|#fee|#profit|strategy|#order");
    for (uint32_t i = 0; i < shown; i++) {
        const struct td_day_fill *f = &r->fills[i];
        td_text_put(t, "<tr>");
        moment(t, p, f->at);
        cell(t, "", f->symbol);
        cell(t, "", f->sells ? "SELL" : "BUY");
        quantity(t, f->qty_e9);
        quantity(t, f->px_e9);
        bps(t, f->slippage_e9);
        quantity(t, f->reference_e9);
        cell(t, "", td_day_reference_word((enum td_day_reference)f->how));
        money(t, f->fee_e9 == TD_E9_NONE ? TD_E9_NONE : -f->fee_e9);
        money(t, f->gross_e9);
        cell(t, "", f->strategy[0] ? f->strategy : "-");
        if (f->order)
            whole(t, f->order);
        else
            number(t, "-");
        td_text_put(t, "</tr>\n");
    }
    end_table(t);
    left_out(t, r->fill_count - shown + r->fills_left_out, "fills");
    note(t, "Slippage above zero is worse than the reference. Profit is by average cost, before "
            "fees; an opening fill earns nothing.");
}

static void put_trips(const struct td_day_page *p, struct td_text *t)
{
    const struct td_day_report *r = p->report;
    const uint32_t shown = r->trip_count < TD_DAY_PAGE_FILLS ? r->trip_count : TD_DAY_PAGE_FILLS;
    if (!r->trip_count)
        return;
    td_text_printf(t,
                   "<h2>Round trips</h2>\n<p class=\"note\">%u closed: %u won, %u lost. First "
                   "in, first out.</p>\n",
                   (unsigned)r->trip_count, (unsigned)r->wins, (unsigned)r->losses);
    begin_table(t, "closed|symbol|side|#quantity|#seconds held|#before fees|#fees|#net|strategy");
    for (uint32_t i = 0; i < shown; i++) {
        const struct td_day_trip *d = &r->trips[i];
        const td_cash net = td_trip_net(&d->trip);
        td_text_put(t, "<tr>");
        moment(t, p, d->trip.closed_ns);
        cell(t, "", d->symbol);
        cell(t, "", d->trip.is_short ? "short" : "long");
        quantity(t, d->trip.qty.e9);
        whole(t, (d->trip.closed_ns - d->trip.opened_ns) / TD_SEC);
        money(t, d->trip.gross.e9);
        money(t, td_cash_is_none(d->trip.fees) ? TD_E9_NONE : -d->trip.fees.e9);
        money(t, net.e9);
        cell(t, "", d->strategy[0] ? d->strategy : "-");
        td_text_put(t, "</tr>\n");
    }
    end_table(t);
    left_out(t, r->trip_count - shown, "round trips");
}

/* --- incidents --- */

static void put_incidents(const struct td_day_page *p, struct td_text *t)
{
    const struct td_day_report *r = p->report;
    td_text_put(t, "<h2>Incidents</h2>\n");
    if (!r->incident_count) {
        note(t, "None in the journal: no halt, lost session, frozen contract or error.");
        return;
    }
    begin_table(t, "time|what|symbol|#order|#code|text");
    for (uint32_t i = 0; i < r->incident_count; i++) {
        const struct td_day_incident *d = &r->incidents[i];
        td_text_put(t, "<tr>");
        moment(t, p, d->at);
        cell(t, "", d->event);
        cell(t, "", d->symbol[0] ? d->symbol : "-");
        if (d->order)
            whole(t, d->order);
        else
            number(t, "-");
        if (d->code)
            whole(t, d->code);
        else
            number(t, "-");
        cell(t, "w", d->text[0] ? d->text : "-");
        td_text_put(t, "</tr>\n");
    }
    end_table(t);
    left_out(t, r->incidents_left_out, "incidents");
    note(t, "tapedeck explain CODE tells what a code of the broker means.");
}

static void put_failed(const struct td_day_page *p, struct td_text *t)
{
    const struct td_day_report *r = p->report;
    if (!r->failed_count)
        return;
    td_text_put(t, "<h2>Orders that failed</h2>\n");
    begin_table(t, "time|#order|symbol|side|#quantity|type|state|#code|message");
    for (uint32_t i = 0; i < r->failed_count; i++) {
        const struct td_day_failed *f = &r->failed[i];
        td_text_put(t, "<tr>");
        moment(t, p, f->at);
        whole(t, f->order);
        cell(t, "", f->symbol);
        cell(t, "", f->sells ? "SELL" : "BUY");
        quantity(t, f->qty_e9);
        cell(t, "", f->type);
        cell(t, "", f->status);
        if (f->code)
            whole(t, f->code);
        else
            number(t, "-");
        cell(t, "w", f->text[0] ? f->text : "-");
        td_text_put(t, "</tr>\n");
    }
    end_table(t);
    left_out(t, r->failed_left_out, "orders");
}

static void put_denied(const struct td_day_report *r, struct td_text *t)
{
    if (!r->denied_count)
        return;
    td_text_put(t, "<h2>Refused by gates</h2>\n");
    begin_table(t, "#intents|#symbols|gate, as of the last of them");
    for (uint32_t i = 0; i < r->denied_count; i++) {
        td_text_put(t, "<tr>");
        whole(t, r->denied[i].intents);
        whole(t, r->denied[i].symbols);
        cell(t, "w", r->denied[i].text);
        td_text_put(t, "</tr>\n");
    }
    end_table(t);
}

static void put_alerts(const struct td_day_page *p, struct td_text *t)
{
    const struct td_day_extras *e = p->extras;
    if (!e->alert_count)
        return;
    td_text_put(t, "<h2>Alerts</h2>\n");
    begin_table(t, "time|alert|state|severity|text");
    for (uint32_t i = 0; i < e->alert_count; i++) {
        const struct td_day_alert *a = &e->alerts[i];
        td_text_put(t, "<tr>");
        moment(t, p, a->at);
        cell(t, "", a->name);
        cell(t, "", a->over ? "over" : "raised");
        cell(t, "", a->severity);
        cell(t, "w", a->text);
        td_text_put(t, "</tr>\n");
    }
    end_table(t);
    left_out(t, e->alerts_left_out, "alerts");
}

/* --- limits and recordings --- */

static void put_limits(const struct td_day_report *r, struct td_text *t)
{
    td_text_put(t, "<h2>Limits</h2>\n");
    begin_table(t, "limit|#used at the highest|#allowed|#part|setting|note");
    for (size_t i = 0; i < TD_DAY_LIMITS; i++) {
        const struct td_day_limit *l = &r->limits[i];
        const bool on = l->allowed != TD_LIMIT_OFF && l->allowed > 0;
        char part[24] = "-", text[64];
        struct td_text words;
        const bool known = l->used != TD_E9_NONE;
        if (known && on)
            (void)snprintf(part, sizeof part, "%.1f %%",
                           100.0 * (double)l->used / (double)l->allowed);
        td_text_put(t, "<tr>");
        cell(t, "", td_limit_meaning(l->limit));
        td_text_init(&words, text, sizeof text);
        if (known)
            td_limit_print(l->limit, l->used, &words);
        else
            td_text_put(&words, "-");
        number(t, text);
        td_text_reset(&words);
        td_limit_print(l->limit, l->allowed, &words);
        number(t, text);
        number(t, part);
        cell(t, "", l->key ? l->key : "-");
        cell(t, "", l->why ? l->why : "");
        td_text_put(t, "</tr>\n");
    }
    end_table(t);
    note(t, "Allowed is what the settings say now.");
}

static void put_recordings(const struct td_day_extras *e, struct td_text *t)
{
    char text[32];
    if (!e->recorded_count)
        return;
    td_text_put(t, "<h2>Recordings</h2>\n");
    begin_table(t, "symbol|#sessions|#messages|#snapshots|#gaps|#torn ends|#damaged|#quality");
    for (uint32_t i = 0; i < e->recorded_count; i++) {
        const struct td_day_recorded *r = &e->recorded[i];
        td_text_put(t, "<tr>");
        cell(t, "", r->symbol);
        whole(t, r->sessions);
        whole(t, r->messages);
        whole(t, r->snapshots);
        whole(t, r->gaps);
        whole(t, r->cut);
        whole(t, r->damaged);
        (void)snprintf(text, sizeof text, "%.1f", td_day_quality(r));
        number(t, text);
        td_text_put(t, "</tr>\n");
    }
    end_table(t);
    left_out(t, e->recorded_left_out, "symbols");
    note(t, "Quality: 100, less one for each gap in a thousand messages, times the part of the "
            "sessions whose log was whole.");
}

static void item(struct td_text *t, const char *text)
{
    td_text_put(t, "<li>");
    td_canvas_escape(t, text);
    td_text_put(t, "</li>\n");
}

static void put_unknown(const struct td_day_page *p, struct td_text *t)
{
    const struct td_day_extras *e = p->extras;
    char text[160];
    td_text_put(t, "<h2>Not known</h2>\n<ul>\n");
    item(t, "unrealized profit and equity: the journal holds no prices of what is held, so the "
            "curve and the fall are of realized profit");
    for (uint32_t i = 0; i < p->report->unknown_count; i++)
        item(t, p->report->unknown[i]);
    if (!e->data_there)
        item(t, "recordings: no folder of them was given or found (--data)");
    else if (!e->recorded_count)
        item(t, "recordings: the folder has no session statistics of these days");
    if (e->stats_unread) {
        (void)snprintf(text, sizeof text, "%u files of session statistics that cannot be read",
                       (unsigned)e->stats_unread);
        item(t, text);
    }
    if (!e->alerts_there)
        item(t, "alerts: they were not kept (ALERT_FILE=1 keeps them in alerts.jsonl)");
    if (e->alert_lines_unread) {
        (void)snprintf(text, sizeof text, "%u lines of alerts.jsonl that cannot be read",
                       (unsigned)e->alert_lines_unread);
        item(t, text);
    }
    td_text_put(t, "</ul>\n");
}

void td_day_page(const struct td_day_page *p, struct td_text *t)
{
    static const char columns[] = "|#fills|#bought|#sold|#profit|#fees|#net|currency";
    const struct td_day_report *r = p->report;
    put_head(p, t);
    put_tiles(p, t);
    if (!r->fill_count && !r->orders && !r->intents_denied)
        put_empty(p, t);
    td_day_curve(p, t);
    put_groups(t, "By symbol", columns, r->symbols, r->symbol_count);
    put_groups(t, "By strategy", columns, r->strategies, r->strategy_count);
    put_incidents(p, t);
    put_failed(p, t);
    put_denied(r, t);
    put_alerts(p, t);
    put_limits(r, t);
    put_trips(p, t);
    put_fills(p, t);
    put_recordings(p->extras, t);
    put_unknown(p, t);
    td_text_put(t, "<p class=\"note\">A dash is a figure that is not known or does not apply. "
                   "Sources: orders.db and the journal of the state folder; docs/report.md has "
                   "each figure's formula.</p>\n</body>\n</html>\n");
}
