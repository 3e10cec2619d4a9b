/* desk/pipeline.c - the steps, one symbol after the other. */
#include "desk/pipeline.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "desk/held.h"
#include "desk/zone.h"
#include "market/calendar.h"

#define SUMMARY_BYTES 32768

struct pipeline {
    const struct td_pipeline_config *config;
    struct td_world *world;
    struct td_link *link;
    struct td_market market;
    struct td_fetch fetch;
    struct td_tz new_york, zone; /* of the run; of the symbol in hand */
    struct td_pipeline_result *result;
    struct td_bar_rows rows;
    uint32_t index; /* line of the market */
};

static void no_event(void *arg, uint32_t index, const struct td_event *event, bool warmup)
{
    (void)arg, (void)index, (void)event, (void)warmup;
}

/* --- what to ask for --- */

void td_pipeline_clip(struct td_bar_rows *rows, td_ns from, td_ns to)
{
    size_t kept = 0;
    for (size_t i = 0; i < rows->count; i++)
        if (rows->rows[i].local_ns >= from && rows->rows[i].local_ns < to)
            rows->rows[kept++] = rows->rows[i];
    rows->count = kept;
}

/* Bars of less than a minute only outside regular hours too (contracts 2.1). */
static bool only_regular(const struct pipeline *p)
{
    return p->config->size->span >= TD_MIN;
}

static enum td_err ask(struct pipeline *p, const char *duration, const char *end,
                       struct td_fail *why)
{
    const struct td_fetch_request request = {.line = p->index,
                                             .bar_size = p->config->size->words,
                                             .duration = duration,
                                             .end = end,
                                             .rth = only_regular(p),
                                             .span = p->config->size->span,
                                             .zone = &p->zone};
    return td_fetch_bars(&p->fetch, &request, &p->rows, why);
}

static enum td_err ask_window(struct pipeline *p, struct td_window w, td_ns now,
                              struct td_fail *why)
{
    char duration[24], end[32];
    struct td_text d, e;
    td_text_init(&d, duration, sizeof duration);
    td_text_init(&e, end, sizeof end);
    td_window_words(w, p->config->size, &d);
    if (w.to < now)
        td_request_time(w.to, &e);
    return ask(p, duration, end, why);
}

/* Everything: the broker counts the trading days of the user's own words, unless bars are so small that the
 * broker wants pieces. */
static enum td_err ask_all(struct pipeline *p, struct td_window want, struct td_fail *why)
{
    struct td_window pieces[TD_WINDOWS_MAX];
    if (p->config->size->span >= TD_MIN || want.to - want.from <= p->config->size->request_max)
        return ask(p, p->config->duration, "", why);
    const size_t count =
        td_windows_cut(&want, 1, p->config->size->request_max, pieces, TD_WINDOWS_MAX);
    if (!count)
        return td_fail_set(why, TD_EINVAL, "%s of %s bars needs more than %d requests",
                           p->config->duration, p->config->size->words, TD_WINDOWS_MAX);
    enum td_err err = TD_OK;
    for (size_t i = 0; i < count && !err; i++)
        err = ask_window(p, pieces[i], want.to, why);
    return err;
}

static enum td_err ask_missing(struct pipeline *p, struct td_window want, struct td_window *held,
                               size_t held_count, struct td_fail *why)
{
    struct td_window gaps[TD_WINDOWS_MAX], pieces[TD_WINDOWS_MAX];
    const size_t count =
        td_windows_missing(want, held, held_count, p->config->size->span, gaps, TD_WINDOWS_MAX);
    const size_t asked =
        td_windows_cut(gaps, count, p->config->size->request_max, pieces, TD_WINDOWS_MAX);
    if (count && !asked)
        return td_fail_set(why, TD_EINVAL, "%s of %s bars needs more than %d requests",
                           p->config->duration, p->config->size->words, TD_WINDOWS_MAX);
    td_logf(p->config->log, TD_LOG_INFO, TD_LOG_TRADING, "step_gaps",
            "%s: %zu windows missing, %zu requests", p->market.lines[p->index].symbol, count,
            asked);
    enum td_err err = TD_OK;
    for (size_t i = 0; i < asked && !err; i++)
        err = ask_window(p, pieces[i], want.to, why);
    return err;
}

/* --- one symbol --- */

static td_ns local_of(const struct pipeline *p, td_ns at)
{
    return at + td_tz_offset(&p->zone, at) * TD_SEC;
}

static enum td_err load_held(struct pipeline *p, struct td_window want, struct td_window *held,
                             size_t *count, struct td_fail *why)
{
    const struct td_held_query query = {.folder = p->config->folder,
                                        .symbol = p->market.lines[p->index].symbol,
                                        .size = p->config->size,
                                        .zone = &p->zone,
                                        .log = p->config->log};
    *count = 0;
    if (!p->config->resume || td_entry_at(p->world, p->config->folder) != TD_ENTRY_FOLDER)
        return TD_OK;
    const enum td_err err =
        td_held_load(p->world, &query, &p->rows, held, TD_HELD_FILES_MAX, count, why);
    /* A replayed day may lie before bars of other days: nothing outside what is wanted now. */
    td_pipeline_clip(&p->rows, local_of(p, want.from), local_of(p, want.to));
    if (p->rows.count == 0)
        *count = 0;
    return err;
}

/* Where the wanted history begins. Days are trading days of the exchange, today included when it has a
 * session, as the broker counts them; a year holds at least 240 of them, which bounds the walk. */
static td_ns wanted_from(const struct pipeline *p, td_ns now)
{
    const struct td_duration *length = &p->config->length;
    struct td_session_hours hours;
    if (length->unit != 'D')
        return td_duration_start(length, &p->zone, now);
    int64_t day = td_tz_day(&p->zone, now);
    const int64_t last = day - 2 * length->count - 10;
    for (int64_t left = length->count; day > last; day--)
        if (td_calendar_session(&td_calendar_xnys, &p->new_york, day, &hours) && --left == 0)
            break;
    return td_tz_at(&p->zone, day, 0, 0, 0);
}

static enum td_err download(struct pipeline *p, struct td_pipeline_line *line, struct td_fail *why)
{
    struct td_window held[TD_HELD_FILES_MAX];
    size_t held_count = 0;
    td_ns now;
    const struct td_instrument *inst = &p->market.lines[p->index].inst;
    if (!inst->time_zone[0] || td_zone_load(p->world, inst->time_zone, &p->zone, NULL))
        p->zone = p->new_york;
    enum td_err err = td_fetch_now(&p->fetch, &now, why);
    if (err)
        return err;
    const struct td_window want = {wanted_from(p, now), now};
    err = load_held(p, want, held, &held_count, why);
    if (err)
        return err;
    const size_t loaded = p->rows.count;
    err = held_count ? ask_missing(p, want, held, held_count, why) : ask_all(p, want, why);
    if (err)
        return err;
    const size_t fresh = p->rows.count - loaded;
    td_bar_rows_settle(&p->rows);
    line->bars = p->rows.count;
    line->held = p->rows.count > fresh ? p->rows.count - fresh : 0;
    if (!p->rows.count)
        return td_fail_set(why, TD_ENODATA, "the gateway has no bars of %s for %s", line->symbol,
                           p->config->duration);
    return TD_OK;
}

static enum td_err analyse(struct pipeline *p, struct td_pipeline_line *line, struct td_fail *why)
{
    td_px *closes = malloc(p->rows.count * sizeof *closes);
    if (!closes)
        return td_fail_set(why, TD_ENOMEM, "no memory to analyse %s", line->symbol);
    for (size_t i = 0; i < p->rows.count; i++)
        closes[i] = p->rows.rows[i].bar.close;
    const enum td_err err = td_analyse(closes, p->rows.count, &line->analysis);
    free(closes);
    if (!err)
        td_logf(p->config->log, TD_LOG_INFO, TD_LOG_TRADING, "step_analysis",
                "%s: %zu bars, mean %.4f, change %.2f %%, %s", line->symbol, line->bars,
                line->analysis.mean, line->analysis.change, line->analysis.signal);
    return err ? td_fail_set(why, err, "analysing %s: %s", line->symbol, td_err_text(err)) : TD_OK;
}

static enum td_err save(struct pipeline *p, struct td_pipeline_line *line, struct td_fail *why)
{
    char name[200], parquet[TD_PIPELINE_PATH], csv[TD_PIPELINE_PATH];
    struct td_text t;
    td_text_init(&t, name, sizeof name);
    td_held_name(&t, line->symbol, p->config->duration, p->config->size->words, p->result->stamp);
    (void)snprintf(parquet, sizeof parquet, "%s/%s.parquet", p->config->folder, name);
    (void)snprintf(csv, sizeof csv, "%s/%s.csv", p->config->folder, name);
    enum td_err err = td_folder_make(p->world, p->config->folder);
    if (err)
        return td_fail_set(why, err, "folder %s: %s", p->config->folder, td_err_text(err));
    err = td_bars_write_parquet(p->world, parquet, p->rows.rows, p->rows.count, why);
    if (!err)
        err = td_bars_write_csv(p->world, csv, p->rows.rows, p->rows.count, why);
    if (err)
        return err;
    (void)td_str_copy(td_str_of(parquet), line->parquet, sizeof line->parquet);
    (void)td_str_copy(td_str_of(csv), line->csv, sizeof line->csv);
    td_logf(p->config->log, TD_LOG_INFO, TD_LOG_TRADING, "step_save", "%s: %s, %s", line->symbol,
            line->parquet, line->csv);
    return TD_OK;
}

static enum td_err run_symbol(struct pipeline *p, struct td_pipeline_line *line,
                              struct td_fail *why)
{
    const uint32_t before = p->fetch.requests;
    p->rows.count = 0;
    td_logf(p->config->log, TD_LOG_INFO, TD_LOG_TRADING, "step_download", "%s: %s of %s bars",
            line->symbol, p->config->duration, p->config->size->words);
    enum td_err err = td_market_add(&p->market, line->symbol, 0, &p->index, why);
    if (!err)
        err = td_fetch_qualify(&p->fetch, p->index, why);
    if (!err)
        err = download(p, line, why);
    line->requests = p->fetch.requests - before;
    if (!err)
        err = analyse(p, line, why);
    if (!err && p->config->save)
        err = save(p, line, why);
    return err;
}

static void note_failure(const struct pipeline *p, struct td_pipeline_line *line, enum td_err err,
                         const struct td_fail *why)
{
    line->err = err;
    (void)td_str_copy(td_str_of(why->text), line->failure, sizeof line->failure);
    td_logf(p->config->log, TD_LOG_ERROR, TD_LOG_TRADING, "symbol_failed", "%s: %s", line->symbol,
            line->failure);
}

static enum td_err run_all(struct pipeline *p, struct td_fail *why)
{
    for (int32_t i = 0; i < p->config->symbol_count; i++) {
        struct td_pipeline_line *line = &p->result->lines[i];
        struct td_fail one = {0};
        if (i > 0 && !td_fetch_pause(&p->fetch, TD_SEC))
            return td_fail_set(why, TD_EAGAIN, "interrupted");
        p->result->count = i + 1;
        (void)td_str_copy(td_str_of(p->config->symbols[i]), line->symbol, sizeof line->symbol);
        const enum td_err err = run_symbol(p, line, &one);
        if (err)
            note_failure(p, line, err, &one);
        else
            p->result->succeeded++;
        if (err == TD_EAGAIN)
            return td_fail_set(why, err, "%s", one.text);
    }
    if (!p->result->succeeded)
        return td_fail_set(why, TD_ENODATA, "no symbol succeeded; %s: %s",
                           p->result->lines[0].symbol, p->result->lines[0].failure);
    return TD_OK;
}

/* --- the summary --- */

static void put_symbol(const struct td_pipeline_line *line, struct td_text *out)
{
    const struct td_analysis *a = &line->analysis;
    char price[TD_E9_CHARS];
    td_text_printf(out, "\n%s\n", line->symbol);
    if (line->err) {
        td_text_printf(out, "  Failed: %s\n", line->failure);
        return;
    }
    (void)td_e9_print(a->latest.e9, price);
    td_text_printf(out, "  Latest: %s\n  Average: %.4f\n  Change: %+.2f%%\n", price, a->mean,
                   a->change);
    if (isnan(a->volatility))
        td_text_put(out, "  Volatility: not known, it takes three bars\n");
    else
        td_text_printf(out, "  Volatility: %.4f%%\n", a->volatility);
    td_text_printf(out, "  Signal: %s\n  Data points: %zu\n", a->signal, a->points);
}

void td_pipeline_summary(const struct td_pipeline_config *config,
                         const struct td_pipeline_result *result, struct td_text *out)
{
    td_text_put(out, "Trading summary\n===============\n");
    td_text_printf(out, "Timestamp: %s\nSymbols:", result->when);
    for (int32_t i = 0; i < config->symbol_count; i++)
        td_text_printf(out, "%s %s", i ? "," : "", config->symbols[i]);
    td_text_printf(out, "\nDuration: %s\nBar size: %s\nMode: %s\n", config->duration,
                   config->size->words, config->plan->live ? "live" : "paper");
    td_text_printf(out, "Success rate: %d/%d (%.1f%%)\n", (int)result->succeeded,
                   (int)config->symbol_count,
                   100.0 * result->succeeded / (config->symbol_count ? config->symbol_count : 1));
    for (int32_t i = 0; i < result->count; i++)
        put_symbol(&result->lines[i], out);
}

static enum td_err write_summary(struct pipeline *p, struct td_fail *why)
{
    char *bytes = malloc(SUMMARY_BYTES), path[TD_PIPELINE_PATH];
    struct td_text t;
    if (!bytes)
        return td_fail_set(why, TD_ENOMEM, "no memory for the summary");
    td_text_init(&t, bytes, SUMMARY_BYTES);
    td_pipeline_summary(p->config, p->result, &t);
    (void)snprintf(path, sizeof path, "%s/trading_summary_%s.txt", p->config->folder,
                   p->result->stamp);
    const enum td_err err = td_file_replace(p->world, path, (struct td_str){bytes, t.len}, why);
    free(bytes);
    if (!err)
        (void)td_str_copy(td_str_of(path), p->result->summary, sizeof p->result->summary);
    return err;
}

/* --- */

static enum td_err set_up(struct pipeline *p, struct td_fail *why)
{
    const struct td_market_config market = {.depth_rows = 1,
                                            .lines_max = (uint32_t)p->config->symbol_count};
    char day[16], time[8];
    struct td_pipeline_result *r = p->result;
    const struct td_connection_config session = {.link = p->link,
                                                 .market = &p->market,
                                                 .log = p->config->log,
                                                 .client_id = p->config->plan->client_id,
                                                 .ids = p->config->plan->ids,
                                                 .restart_minute = -1,
                                                 .reauth_minute = -1};
    enum td_err err = td_zone_load(p->world, TD_ZONE_NEW_YORK, &p->new_york, why);
    if (err)
        return err;
    r->started = td_world_now(p->world);
    td_zone_stamp(&p->new_york, r->started, day, time);
    (void)snprintf(r->stamp, sizeof r->stamp, "%.4s%.2s%.2s_%s", day, day + 5, day + 8, time);
    (void)snprintf(r->when, sizeof r->when, "%s %.2s:%.2s:%.2s New York", day, time, time + 2,
                   time + 4);
    err = td_market_init(&p->market, &market, p->link, p->config->log, no_event, p, why);
    if (!err)
        td_fetch_init(&p->fetch, &session);
    return err;
}

enum td_err td_pipeline_run(const struct td_pipeline_config *config, struct td_link *link,
                            struct td_world *world, struct td_pipeline_result *out,
                            struct td_fail *why)
{
    struct pipeline *p = calloc(1, sizeof *p);
    memset(out, 0, sizeof *out);
    if (!p)
        return td_fail_set(why, TD_ENOMEM, "no memory for the run");
    TD_REQUIRE(config->symbol_count <= TD_PIPELINE_SYMBOLS_MAX);
    p->config = config;
    p->world = world;
    p->link = link;
    p->result = out;
    enum td_err err = set_up(p, why);
    if (!err)
        err = run_all(p, why);
    out->interrupted = err == TD_EAGAIN;
    if (config->save && out->succeeded) {
        struct td_fail summary = {0};
        const enum td_err failed = write_summary(p, &summary);
        if (failed && !err)
            err = td_fail_set(why, failed, "%s", summary.text);
    }
    td_logf(config->log, TD_LOG_INFO, TD_LOG_TRADING, "step_results", "%d of %d symbols succeeded",
            (int)out->succeeded, (int)config->symbol_count);
    td_bar_rows_free(&p->rows);
    td_market_fini(&p->market);
    free(p);
    return err;
}
