/* cmd/backtest_cmd.c - strategies over recorded days: a table of what they did, and the journal of the run. */
#include <math.h>
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/option_rows.h"
#include "sys/terminal.h"
#include "trial/backtest.h"
#include "wire/json.h"

#define TELL_EVERY (10 * TD_MIN) /* of the market's time */

struct args {
    struct td_opt_list symbols, strategies, params;
    const char *data, *bars, *fill, *fees, *out;
    int64_t first, last, cash_e9, size_e9, slip_bps, depth, seed;
    bool fill_forward, loud, json;
};

const struct td_opt cmd_backtest_options[] = {
    TD_OPTION_STRATEGY("strategies by name"),
    TD_OPTION_PARAM,
    {.name = "symbols",
     .letter = 's',
     .type = TD_OPT_LIST,
     .required = true,
     .into = offsetof(struct args, symbols),
     .help = "instruments to trade, at most 32"},
    {.name = "from",
     .type = TD_OPT_DATE,
     .required = true,
     .into = offsetof(struct args, first),
     .help = "first day"},
    {.name = "to",
     .type = TD_OPT_DATE,
     .into = offsetof(struct args, last),
     .help = "last day; else the first alone"},
    {.name = "data",
     .env = "TAPEDECK_DATA",
     .preset = "data",
     .type = TD_OPT_PATH,
     .into = offsetof(struct args, data),
     .help = "folder of recorded data, with lean/ and dbn/"},
    {.name = "bars",
     .preset = "1m",
     .type = TD_OPT_STR,
     .choices = "5s|1m|1d",
     .into = offsetof(struct args, bars),
     .help = "bars the strategy sees: 5s of second files, 1m of minute files, 1d of daily files"},
    {.name = "fill",
     .preset = "next-bar",
     .type = TD_OPT_STR,
     .choices = "next-bar|book",
     .into = offsetof(struct args, fill),
     .help =
         "next-bar: adjusted bars, market orders at the next begin; book: trades and quotes, or "
         "the order book, as recorded"},
    {.name = "fill-forward",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, fill_forward),
     .help = "next-bar: a second or minute without trades has a bar of the last price too"},
    {.name = "slippage-bps",
     .preset = "0",
     .type = TD_OPT_INT,
     .low = 0,
     .high = 1000,
     .into = offsetof(struct args, slip_bps),
     .help = "next-bar: market and stop orders fill so much worse, basis points"},
    {.name = "fees",
     .preset = "ibkr-fixed",
     .type = TD_OPT_STR,
     .choices = "ibkr-fixed|none",
     .into = offsetof(struct args, fees),
     .help = "commissions: 0.005 a share, at least 1 an order, or none"},
    {.name = "cash",
     .preset = "100000",
     .type = TD_OPT_NUM,
     .low = 1,
     .high = 9000000000,
     .into = offsetof(struct args, cash_e9),
     .help = "equity at the start"},
    TD_OPTION_SIZE("shares or contracts per order; 0: by SIZING_METHOD"),
    TD_OPTION_DEPTH,
    TD_OPTION_SEED("of the simulated world"),
    {.name = "out",
     .letter = 'o',
     .type = TD_OPT_PATH,
     .into = offsetof(struct args, out),
     .help = "folder that gets the journal, orders.db and equity.csv; none is kept without it"},
    TD_OPTION_LOG("print what the desk logs, with the market's time"),
    TD_OPTION_JSON_RESULT,
    {0},
};
_Static_assert(sizeof(struct args) <= TD_CMD_ARGS_MAX, "arguments fit");

/* What runs, and what is shown meanwhile. */
struct session {
    struct td_backtest_config config;
    struct td_strat_use uses[TD_OPT_LIST_MAX];
    struct td_log log;
    td_ns told;
};

static void put_line(void *sink, enum td_log_level level, enum td_log_channel channel,
                     struct td_str line)
{
    (void)sink;
    (void)level;
    (void)channel;
    (void)printf("%.*s", TD_STR_ARG(line));
}

static void tell(void *arg, const struct td_backtest_moment *m)
{
    struct session *s = arg;
    char at[40];
    struct td_text t;
    if (m->now - s->told < TELL_EVERY)
        return;
    s->told = m->now;
    td_text_init(&t, at, sizeof at);
    td_text_iso(&t, m->now);
    td_progress("%.16s | orders %u | equity %.2f", at,
                (unsigned)td_gateway_ledger(m->gateway)->order_count,
                td_e9_to_double(m->equity.e9));
}

/* --- options --- */

static enum td_err choose(struct session *s, const struct td_run *run, const struct args *args,
                          struct td_fail *why)
{
    char names[400];
    enum td_err err = TD_OK;
    for (int32_t i = 0; i < args->strategies.count; i++) {
        struct td_strat_use *use = &s->uses[s->config.use_count++];
        *use = (struct td_strat_use){.strat = td_strat_find(args->strategies.items[i]),
                                     .size = {args->size_e9},
                                     .allow_short = run->settings->short_selling};
        if (!use->strat) {
            td_strat_names(names, sizeof names);
            return td_fail_set(why, TD_EINVAL, "--strategy: \"%s\" is not built in; there are %s",
                               args->strategies.items[i], names);
        }
        td_strat_presets(use->strat, use->params);
    }
    for (int32_t i = 0; i < args->params.count && !err; i++)
        err = td_strat_set_all(s->uses, s->config.use_count, td_str_of(args->params.items[i]), why);
    return err;
}

static uint8_t place_of(const char *word, const char *const *words)
{
    uint8_t i = 0;
    while (strcmp(word, words[i]) != 0) /* the option's choices are these */
        i++;
    return i;
}

static enum td_err prepare(struct session *s, struct td_run *run, const struct args *args,
                           struct td_fail *why)
{
    static const char *const bars[] = {"5s", "1m", "1d"}, *const fills[] = {"next-bar", "book"};
    s->log = (struct td_log){.level = TD_LOG_INFO, .write = put_line};
    s->config =
        (struct td_backtest_config){.real = run->world,
                                    .data = args->data,
                                    .symbols = args->symbols.items,
                                    .symbol_count = (uint32_t)args->symbols.count,
                                    .first = args->first,
                                    .last = args->last == INT64_MIN ? args->first : args->last,
                                    .bars = place_of(args->bars, bars),
                                    .fill = place_of(args->fill, fills),
                                    .cash = {args->cash_e9},
                                    .fill_forward = args->fill_forward,
                                    .slip_bps = (int32_t)args->slip_bps,
                                    .no_fees = strcmp(args->fees, "none") == 0,
                                    .depth_rows = (int32_t)args->depth,
                                    .seed = (uint64_t)args->seed,
                                    .settings = run->settings,
                                    .uses = s->uses,
                                    .out = args->out,
                                    .version = run->version,
                                    .log = args->loud ? &s->log : NULL,
                                    .look = tell,
                                    .look_arg = s};
    return choose(s, run, args, why);
}

/* --- results --- */

/* won / all; NaN: none. */
static double win_rate(const struct td_backtest_result *r)
{
    return r->trips ? (double)r->wins / r->trips : (double)NAN;
}

static void put_json(const struct args *args, const struct td_backtest_result *r)
{
    char text[2048], hash[20];
    struct td_text t;
    struct td_json j;
    (void)snprintf(hash, sizeof hash, "%016llx", (unsigned long long)r->hash);
    td_text_init(&t, text, sizeof text);
    td_json_init(&j, &t, false);
    td_json_object(&j);
    td_json_key_i64(&j, "events", (int64_t)r->events);
    td_json_key_i64(&j, "intents", (int64_t)r->intents);
    td_json_key_i64(&j, "denied", (int64_t)r->denied);
    td_json_key_text(&j, "last_denial", r->last_denial[0] ? r->last_denial : NULL);
    td_json_key_i64(&j, "orders", (int64_t)r->orders);
    td_json_key_i64(&j, "fills", (int64_t)r->fills);
    td_json_key_e9(&j, "start_equity", r->start.e9);
    td_json_key_e9(&j, "end_equity", r->end.e9);
    td_json_key_e9(&j, "net_profit", r->net.e9);
    td_json_key_e9(&j, "fees", r->fees.e9);
    td_json_key_e9(&j, "drawdown", r->drawdown_e9);
    td_json_key_i64(&j, "round_trips", r->trips);
    td_json_key(&j, "win_rate");
    td_json_double(&j, win_rate(r));
    td_json_key(&j, "sharpe");
    td_json_double(&j, r->sharpe);
    td_json_key_i64(&j, "days", r->days);
    td_json_key_text(&j, "journal", hash);
    td_json_key_text(&j, "out", args->out);
    td_json_object_end(&j);
    td_text_char(&t, '\n');
    (void)td_cmd_print(&t);
}

static void put_money(struct td_text *t, const char *name, td_cash value)
{
    td_text_printf(t, "%-14s %16.2f\n", name, td_e9_to_double(value.e9));
}

static void put_count(struct td_text *t, const char *name, uint64_t value)
{
    td_text_printf(t, "%-14s %16llu\n", name, (unsigned long long)value);
}

static void put_table(const struct args *args, const struct td_backtest_result *r, td_ns took)
{
    char text[2048];
    struct td_text t;
    const double seconds = (double)(took > 0 ? took : 1) / (double)TD_SEC;
    td_text_init(&t, text, sizeof text);
    td_text_printf(&t, "%-14s %16llu   %.0f a second\n", "events", (unsigned long long)r->events,
                   (double)r->events / seconds);
    put_count(&t, "orders", r->orders);
    put_count(&t, "fills", r->fills);
    td_text_printf(&t, "%-14s %16llu%s%s\n", "refused", (unsigned long long)r->denied,
                   r->denied ? "   last: " : "", r->last_denial);
    put_money(&t, "start equity", r->start);
    put_money(&t, "end equity", r->end);
    td_text_printf(&t, "%-14s %16.2f   %.3f %%\n", "net profit", td_e9_to_double(r->net.e9),
                   100 * td_e9_to_double(r->net.e9) / td_e9_to_double(r->start.e9));
    put_money(&t, "fees", r->fees);
    td_text_printf(&t, "%-14s %14.3f %%\n", "drawdown", 100 * td_e9_to_double(r->drawdown_e9));
    if (r->trips)
        td_text_printf(&t, "%-14s %14.1f %%   of %u round trips\n", "won", 100 * win_rate(r),
                       r->trips);
    else
        td_text_printf(&t, "%-14s %16s   no round trip ended\n", "won", "-");
    if (isnan(r->sharpe))
        td_text_printf(&t, "%-14s %16s   %u days are too few, or nothing moved\n", "Sharpe ratio",
                       "-", r->days);
    else
        td_text_printf(&t, "%-14s %16.3f   of %u daily changes, times the root of 252\n",
                       "Sharpe ratio", r->sharpe, r->days);
    td_text_printf(&t, "%-14s %016llx\n", "journal", (unsigned long long)r->hash);
    if (args->out)
        td_text_printf(&t, "%-14s %s\n", "kept in", args->out);
    (void)td_cmd_print(&t);
}

int cmd_backtest(struct td_run *run, void *arguments)
{
    static struct session s;
    const struct args *args = arguments;
    struct td_backtest_result r = {0};
    struct td_fail why = {0};
    const td_ns began = td_world_mono(run->world);
    enum td_err err = prepare(&s, run, args, &why);
    if (!err)
        err = td_backtest_run(&s.config, &r, &why);
    td_progress("%s", "");
    if (err) {
        const int status = td_cmd_fail(run, &why);
        return err == TD_ENODATA ? 2 : status; /* days without data are days asked for wrongly */
    }
    if (args->json)
        put_json(args, &r);
    else
        put_table(args, &r, td_world_mono(run->world) - began);
    td_backtest_free(&r);
    return 0;
}
