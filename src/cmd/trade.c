/* cmd/trade.c - the desk: strategies on many symbols through the gates; status, halt and resume ask it. */
#include <signal.h>
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/dashboard.h"
#include "cmd/option_rows.h"
#include "desk/algo_preset.h"
#include "desk/desk.h"
#include "desk/guest_load.h"
#include "desk/tradehours.h"
#include "desk/usersettings.h"
#include "desk/zone.h"
#include "sys/logfile.h"
#include "sys/machine.h"
#include "sys/terminal.h"
#include "wire/json.h"

struct args {
    const char *dashboard;
    struct td_opt_list symbols, strategies, params;
    const char *bar_size, *history, *state, *clock, *protocol, *duration, *window, *signals;
    int64_t fast, slow, size_e9, port, client_id, depth, fills_max, interval;
    int64_t order_value_e9, day_value_e9, cash_e9;
    const char *algo, *algo_span;
    int64_t algo_slices, algo_participation_e9, algo_display_e9;
    const char *paper;
    int64_t paper_latency_ms, paper_slip_bps;
    bool live, confirm_live, json, keep_orders, once, wait_open;
};

const struct td_opt cmd_trade_options[] = {
    {.name = "symbols",
     .letter = 's',
     .env = "SYMBOLS",
     .type = TD_OPT_LIST,
     .into = offsetof(struct args, symbols),
     .help = "instruments to trade; else default.symbols of USER_SETTINGS_FILE"},
    TD_OPTION_STRATEGY("strategies by name; a path like ./mine.so is one in a shared object, in a "
                       "process of its own; none: external signals alone"),
    {.name = "signals",
     .env = "ML_SIGNALS_FILE",
     .type = TD_OPT_PATH,
     .into = offsetof(struct args, signals),
     .help = "file with signals of models outside, a JSON object a line: what is appended to it is "
             "traded"},
    TD_OPTION_PARAM,
    {.name = "sma-fast",
     .preset = "10",
     .type = TD_OPT_INT,
     .low = 1,
     .high = 500,
     .into = offsetof(struct args, fast),
     .help = "fast average, bars"},
    {.name = "sma-slow",
     .preset = "20",
     .type = TD_OPT_INT,
     .low = 2,
     .high = 512,
     .into = offsetof(struct args, slow),
     .help = "slow average, bars"},
    TD_OPTION_SIZE("shares or contracts per order"),
    {.name = "bar-size",
     .preset = "1 min",
     .type = TD_OPT_STR,
     .choices = "5 secs|10 secs|15 secs|30 secs|1 min|2 mins|3 mins|5 mins|10 mins|15 mins|20 "
                "mins|30 mins|1 hour",
     .into = offsetof(struct args, bar_size),
     .help = "bars the strategy sees"},
    {.name = "history",
     .preset = "1 D",
     .type = TD_OPT_STR,
     .into = offsetof(struct args, history),
     .help = "bars for the warm-up, broker's words"},
    TD_OPTION_DEPTH,
    {.name = "duration",
     .letter = 'd',
     .preset = "0",
     .type = TD_OPT_STR,
     .into = offsetof(struct args, duration),
     .help = "minutes; 0 is until Ctrl-C. With a unit, like '10 D', it is --history, as in the "
             "older runner"},
    {.name = "once",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, once),
     .help = "end when every symbol's strategy has seen a bar; with --window or --wait-open after "
             "the first session at the latest"},
    {.name = "window",
     .type = TD_OPT_STR,
     .into = offsetof(struct args, window),
     .help = "HH:MM-HH:MM of New York: connect at its begin, end at its end, again the next day"},
    {.name = "wait-open",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, wait_open),
     .help = "connect when the regular session of US stocks opens, end when it closes"},
    {.name = "interval",
     .preset = "300",
     .type = TD_OPT_INT,
     .low = 1,
     .high = 3600,
     .into = offsetof(struct args, interval),
     .help = "seconds between two looks while --window or --wait-open wait"},
    {.name = "max-order-notional",
     .type = TD_OPT_NUM,
     .low = 0,
     .high = 9000000000,
     .into = offsetof(struct args, order_value_e9),
     .help = "largest order value instead of RISK_MAX_ORDER_NOTIONAL"},
    {.name = "max-daily-notional",
     .type = TD_OPT_NUM,
     .low = 0,
     .high = 9000000000,
     .into = offsetof(struct args, day_value_e9),
     .help = "sum of order values a day instead of RISK_MAX_DAILY_NOTIONAL"},
    {.name = "default-cash",
     .type = TD_OPT_NUM,
     .low = 0,
     .high = 9000000000,
     .into = offsetof(struct args, cash_e9),
     .help = "equity until the account tells, instead of DEFAULT_CASH"},
    {.name = "algo",
     .env = "EXECUTION_ALGO",
     .preset = "none",
     .type = TD_OPT_STR,
     .choices = "none|twap|vwap|pov|iceberg|adaptive|auto",
     .into = offsetof(struct args, algo),
     .help = "how entries are worked: split over time or volume; auto: by their size"},
    {.name = "algo-span",
     .env = "EXECUTION_ALGO_SPAN",
     .preset = "1h",
     .type = TD_OPT_STR,
     .into = offsetof(struct args, algo_span),
     .help = "time such an order has, like 90s, 30m or 2h"},
    {.name = "algo-slices",
     .env = "EXECUTION_ALGO_SLICES",
     .preset = "10",
     .type = TD_OPT_INT,
     .low = 1,
     .high = 1000,
     .into = offsetof(struct args, algo_slices),
     .help = "slices of twap"},
    {.name = "algo-participation",
     .env = "EXECUTION_ALGO_PARTICIPATION",
     .preset = "0.1",
     .type = TD_OPT_NUM,
     .low = 1,
     .high = 1000,
     .per = 1000,
     .into = offsetof(struct args, algo_participation_e9),
     .help = "part of the market's volume, of pov and adaptive"},
    {.name = "algo-display",
     .env = "EXECUTION_ALGO_DISPLAY",
     .preset = "0.2",
     .type = TD_OPT_NUM,
     .low = 1,
     .high = 1000,
     .per = 1000,
     .into = offsetof(struct args, algo_display_e9),
     .help = "part of the order that is shown at a time, of iceberg"},
    {.name = "fills",
     .preset = "0",
     .type = TD_OPT_INT,
     .low = 0,
     .high = 1000000,
     .into = offsetof(struct args, fills_max),
     .help = "stop after so many executions; 0 no limit"},
    TD_OPTION_STATE("folder of journal, orders.db, control socket"),
    TD_OPTION_PORT("gateway port"),
    TD_OPTION_CLIENT_ID("client id; always the same one for one state folder"),
    TD_OPTION_PROTOCOL,
    {.name = "clock",
     .preset = "wall",
     .type = TD_OPT_STR,
     .choices = "wall|gateway",
     .into = offsetof(struct args, clock),
     .help = "whose clock says whether the market is open; gateway is for simulators, paper only"},
    {.name = "keep-orders",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, keep_orders),
     .help = "leave working orders at the broker at the end instead of cancelling them"},
    TD_OPTION_LIVE("live account: also needs its port, IB_PAPER_TRADING=0, a gateway that is "
                   "logged in for live, and the confirmation file"),
    {.name = "confirm-live",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, confirm_live),
     .help = "the older runner's name of --live"},
    {.name = "paper",
     .preset = "account",
     .type = TD_OPT_STR,
     .choices = "account|local",
     .into = offsetof(struct args, paper),
     .help = "local: orders are filled here by live quotes and none goes to the gateway, which may "
             "be read-only; wants a --state of its own"},
    {.name = "paper-latency",
     .env = "PAPER_LATENCY_MS",
     .preset = "20",
     .type = TD_OPT_INT,
     .low = 0,
     .high = 10000,
     .into = offsetof(struct args, paper_latency_ms),
     .help = "of --paper=local: milliseconds to the venue, and as many back"},
    {.name = "paper-slippage",
     .env = "PAPER_SLIPPAGE_BPS",
     .preset = "0",
     .type = TD_OPT_INT,
     .low = 0,
     .high = 1000,
     .into = offsetof(struct args, paper_slip_bps),
     .help =
         "of --paper=local: market and stop orders fill worse than the quote by so many 1/10000"},
    {.name = "dashboard",
     .preset = "on",
     .type = TD_OPT_STR,
     .choices = "on|off",
     .into = offsetof(struct args, dashboard),
     .help = "serve the dashboard at DASH_HOST and DASH_PORT"},
    TD_OPTION_JSON_RESULT,
    {0},
};
_Static_assert(sizeof(struct args) <= TD_CMD_ARGS_MAX, "arguments fit");

static td_ns span_of(const char *bar_size)
{
    struct td_str rest = td_str_of(bar_size), number;
    int64_t n = 1;
    (void)td_str_split(&rest, ' ', &number);
    if (td_i64_parse(number.p, number.len, &n) != TD_OK)
        return TD_MIN;
    return n * (td_str_starts(rest, "sec")    ? TD_SEC
                : td_str_starts(rest, "hour") ? TD_HOUR
                                              : TD_MIN);
}

#define OBJECTS_MAX 8 /* strategies in shared objects, each a process */

struct chosen {
    struct td_strat_use uses[TD_OPT_LIST_MAX];
    uint32_t count;
    struct td_guest_strat guests[OBJECTS_MAX];
    uint32_t guest_count;
};

/* A built-in strategy by its name, or the one in a shared object. */
static enum td_err find_strategy(struct td_run *run, const char *word, struct chosen *c,
                                 struct td_strat_use *use, struct td_fail *why)
{
    char names[400];
    if (td_guest_is_object(word)) {
        if (c->guest_count == OBJECTS_MAX)
            return td_fail_set(why, TD_EINVAL, "--strategy: %d shared objects at most",
                               OBJECTS_MAX);
        struct td_guest_strat *guest = &c->guests[c->guest_count++];
        use->object = word;
        use->strat = &guest->strat;
        const enum td_err err = td_guest_look(run->world, run->program, word, guest, why);
        return err ? td_fail_add(why, err, "--strategy") : TD_OK;
    }
    use->strat = td_strat_find(word);
    if (use->strat)
        return TD_OK;
    td_strat_names(names, sizeof names);
    return td_fail_set(why, TD_EINVAL,
                       "--strategy: \"%s\" is not built in; there are %s, or a path like "
                       "./mine.so",
                       word, names);
}

/* Those in shared objects are asked whether they can begin so: before anything connects. */
static enum td_err try_objects(struct td_run *run, const struct args *args, const struct chosen *c,
                               struct td_fail *why)
{
    for (uint32_t i = 0; i < c->count; i++) {
        const struct td_strat_use *use = &c->uses[i];
        const bool all = use->strat->scope == TD_SCOPE_ALL;
        if (!use->object)
            continue;
        if (all && args->symbols.count > TD_LEGS_MAX)
            return td_fail_set(why, TD_EINVAL, "%s: it takes %d symbols at most", use->object,
                               TD_LEGS_MAX);
        const enum td_err err =
            td_guest_try(run->world, run->program, use, all ? (uint32_t)args->symbols.count : 1,
                         span_of(args->bar_size), why);
        if (err)
            return td_fail_add(why, err, "--strategy");
    }
    return TD_OK;
}

/* The strategies of the options with their numbers. */
static enum td_err choose_strategies(struct td_run *run, const struct args *args,
                                     struct chosen *out, struct td_fail *why)
{
    enum td_err err = TD_OK;
    for (int32_t i = 0; i < args->strategies.count && !err; i++) {
        struct td_strat_use *use = &out->uses[out->count];
        if (strcmp(args->strategies.items[i], "none") == 0 && args->strategies.count == 1)
            break;
        *use = (struct td_strat_use){.size = {args->size_e9},
                                     .allow_short = run->settings->short_selling};
        err = find_strategy(run, args->strategies.items[i], out, use, why);
        if (err)
            return err;
        td_strat_presets(use->strat, use->params);
        if (use->strat == &td_strat_sma_cross) {
            use->params[0] = (double)args->fast;
            use->params[1] = (double)args->slow;
        }
        out->count++;
    }
    for (int32_t i = 0; i < args->params.count && !err; i++)
        err = td_strat_set_all(out->uses, out->count, td_str_of(args->params.items[i]), why);
    return err ? err : try_objects(run, args, out, why);
}

static void print_result(const struct td_desk_result *r, bool json)
{
    char text[4096];
    struct td_text t;
    struct td_json j;
    td_text_init(&t, text, sizeof text);
    if (!json) {
        td_text_printf(&t, "intents %llu, denied %llu, orders %llu, fills %llu\n",
                       (unsigned long long)r->intents, (unsigned long long)r->denied,
                       (unsigned long long)r->orders, (unsigned long long)r->fills);
        if (r->last_denial[0])
            td_text_printf(&t, "last denial: %s\n", r->last_denial);
        td_text_put(&t, "realized ");
        td_text_e9(&t, r->realized.e9);
        td_text_put(&t, ", fees ");
        td_text_e9(&t, r->fees.e9);
        td_text_printf(&t, "\npositions: %s\njournal: %s\n",
                       !r->positions_known  ? "not compared (no answer)"
                       : r->positions_equal ? "equal to the broker's"
                       : r->positions_pending
                           ? "different, pending: orders of the symbol still work"
                           : "DIFFERENT from the broker's",
                       r->journal);
        (void)td_cmd_print(&t);
        return;
    }
    td_json_init(&j, &t, false);
    td_json_object(&j);
    td_json_key_i64(&j, "intents", (int64_t)r->intents);
    td_json_key_i64(&j, "denied", (int64_t)r->denied);
    td_json_key_i64(&j, "orders", (int64_t)r->orders);
    td_json_key_i64(&j, "fills", (int64_t)r->fills);
    td_json_key_i64(&j, "events", (int64_t)r->events);
    td_json_key_text(&j, "last_denial", r->last_denial[0] ? r->last_denial : NULL);
    td_json_key_e9(&j, "realized", r->realized.e9);
    td_json_key_e9(&j, "fees", r->fees.e9);
    td_json_key_text(&j, "position_check",
                     !r->positions_known    ? NULL
                     : r->positions_equal   ? "equal"
                     : r->positions_pending ? "pending"
                                            : "different");
    td_json_key_text(&j, "journal", r->journal);
    td_json_key_i64(&j, "memory_peak_kb", td_machine_peak_kb());
    td_json_object_end(&j);
    td_text_char(&t, '\n');
    (void)td_cmd_print(&t);
}

/* What the options, the settings and user_settings.json come to. */
struct session {
    struct args args;
    struct td_settings settings;
    struct td_user_settings user;
    struct td_reload reload;
    struct chosen chosen;
    struct td_plan plan;
    bool local; /* --paper=local */
    struct td_paper_options paper;
    struct td_tz new_york;
    struct td_trade_hours hours;
    struct td_dashboard dashboard;
    td_ns duration;
    bool scheduled; /* sessions begin and end by the clock */
};

/* "10 D" is history, "90" minutes. */
static enum td_err read_duration(struct session *s, struct td_fail *why)
{
    int64_t minutes_e9;
    const struct td_str text = td_str_trim(td_str_of(s->args.duration));
    struct td_str rest = text, number = {0};
    (void)td_str_split(&rest, ' ', &number);
    rest = td_str_trim(rest);
    const bool good = td_e9_parse(number.p, number.len, &minutes_e9) == TD_OK && minutes_e9 >= 0 &&
                      minutes_e9 <= 100000 * TD_E9;
    s->duration = TD_NS_NEVER;
    if (good && rest.len == 1 && strchr("SDWMY", rest.p[0]))
        s->args.history = s->args.duration;
    else if (!good || rest.len)
        return td_fail_set(why, TD_EINVAL,
                           "--duration: \"%s\" is not allowed; expected minutes from 0 to 100000, "
                           "or history like '10 D'",
                           s->args.duration);
    else if (minutes_e9)
        s->duration = minutes_e9 / 1000 * 60000;
    return TD_OK;
}

/* The file's symbols when none are named; its loss is one more limit. */
static enum td_err read_user(struct td_run *run, struct session *s, struct td_fail *why)
{
    const char *path = run->settings->user_settings_file;
    const enum td_err err = td_user_settings_read(run->world, path, &s->user, why);
    if (err)
        return err;
    s->settings.user_loss_money_e9 = s->user.max_daily_loss_e9;
    if (!s->args.symbols.count)
        s->args.symbols = s->user.symbols;
    return s->args.symbols.count
               ? TD_OK
               : td_fail_set(why, TD_EINVAL, "--symbols is required (or default.symbols in %s)",
                             path);
}

static enum td_err read_hours(struct td_run *run, struct session *s, struct td_fail *why)
{
    const struct args *args = &s->args;
    s->scheduled = args->wait_open || args->window;
    s->hours = (struct td_trade_hours){.new_york = &s->new_york,
                                       .wait_open = args->wait_open,
                                       .has_window = args->window != NULL,
                                       .interval = args->interval * TD_SEC};
    enum td_err err = td_zone_load(run->world, TD_ZONE_NEW_YORK, &s->new_york, why);
    if (!err && args->window)
        err = td_windows_parse(args->window, "", &s->hours.window, why);
    if (!err && s->scheduled && strcmp(args->clock, "gateway") == 0)
        err = td_fail_set(why, TD_EINVAL,
                          "--clock gateway plays another day: --window and --wait-open go by ours");
    return err;
}

/* The options that stand for settings, and have their environment. */
static void take_algo(struct session *s)
{
    s->settings.algo = s->args.algo;
    s->settings.algo_span = s->args.algo_span;
    s->settings.algo_slices = s->args.algo_slices;
    s->settings.algo_participation_e9 = s->args.algo_participation_e9;
    s->settings.algo_display_e9 = s->args.algo_display_e9;
}

static void take_limits(struct session *s)
{
    const struct args *args = &s->args;
    if (args->order_value_e9)
        s->settings.max_order_notional_e9 = args->order_value_e9;
    if (args->day_value_e9)
        s->settings.max_daily_notional_e9 = args->day_value_e9;
    if (args->cash_e9)
        s->settings.default_cash_e9 = args->cash_e9;
}

/* Where to connect: an account's gateway, or one whose market data alone are used. */
static enum td_err make_plan(struct td_run *run, struct session *s, struct td_fail *why)
{
    s->local = strcmp(s->args.paper, "local") == 0;
    s->paper = (struct td_paper_options){.latency = s->args.paper_latency_ms * TD_MS,
                                         .slip_bps = (int32_t)s->args.paper_slip_bps};
    if (!s->local)
        return td_plan_make(run->settings, s->args.port, s->args.live, &s->plan, why);
    if (s->args.live)
        return td_fail_set(why, TD_EINVAL,
                           "--live and --paper=local exclude each other: leave one out");
    return td_plan_make_local(run->settings, s->args.port, &s->plan, why);
}

static enum td_err prepare(struct td_run *run, const struct args *args, struct session *s,
                           struct td_fail *why)
{
    s->args = *args;
    s->args.live |= args->confirm_live;
    td_settings_copy(&s->settings, run->settings);
    take_limits(s);
    take_algo(s);
    struct td_algo_preset preset;
    enum td_err err = td_algo_preset_of(&s->settings, &preset, why);
    if (!err)
        err = read_user(run, s, why);
    if (!err)
        err = read_duration(s, why);
    if (!err)
        err = make_plan(run, s, why);
    if (!err)
        err = choose_strategies(run, &s->args, &s->chosen, why);
    if (!err && s->args.live && strcmp(args->clock, "gateway") == 0)
        err = td_fail_set(why, TD_EINVAL,
                          "--clock gateway is for simulators; live trading goes by the wall clock");
    const struct td_reload_config files = {.world = run->world,
                                           .environ = run->environ,
                                           .file = run->settings,
                                           .started = &s->settings,
                                           .user = &s->user};
    if (!err)
        err = td_reload_open(&s->reload, &files, why);
    return err ? err : read_hours(run, s, why);
}

/* --- sessions --- */

/* Until a session may begin. False: a signal came. */
static bool wait_for_session(struct td_run *run, struct session *s)
{
    td_ns pause;
    while (s->scheduled && (pause = td_trade_pause(&s->hours, td_world_now(run->world))) > 0) {
        const td_ns until = td_world_mono(run->world) + pause;
        td_logf(run->log, TD_LOG_INFO, TD_LOG_TRADING, "waiting", "for the session, %lld s",
                (long long)(pause / TD_SEC));
        td_progress("waiting for the session, next look in %lld s", (long long)(pause / TD_SEC));
        while (td_world_mono(run->world) < until) {
            struct td_wake wake;
            td_world_wait(run->world, until, &wake);
            if (wake.kind == TD_WAKE_SIGNAL && wake.signal != SIGHUP)
                return false;
            s->reload.asked |= wake.kind == TD_WAKE_SIGNAL; /* the session does it */
        }
    }
    td_progress("%s", "");
    return true;
}

static td_ns session_length(struct td_run *run, const struct session *s)
{
    const td_ns now = td_world_now(run->world), end = td_trade_end(&s->hours, now);
    const td_ns left = end == TD_NS_NEVER ? TD_NS_NEVER : end - now;
    return left < s->duration ? left : s->duration;
}

static enum td_err trade(struct td_run *run, struct session *s, struct td_desk_result *result,
                         struct td_fail *why)
{
    const struct args *args = &s->args;
    struct td_link link = {0};
    struct td_desk *desk = NULL;
    uint16_t port;
    int32_t client_id;
    struct td_plan one = s->plan;
    const struct td_desk_config config = {
        .settings = td_reload_settings(&s->reload),
        .reload = &s->reload,
        .plan = &s->plan,
        .symbols = args->symbols.items,
        .symbol_count = args->symbols.count,
        .uses = s->chosen.uses,
        .use_count = s->chosen.count,
        .program = run->program,
        .bar_size = args->bar_size,
        .bar_span = span_of(args->bar_size),
        .bar_history = args->history,
        .depth_rows = (int32_t)args->depth,
        .clock = strcmp(args->clock, "gateway") == 0 ? TD_CLOCK_GATEWAY : TD_CLOCK_WALL,
        .duration = session_length(run, s),
        .fills_max = args->fills_max,
        .one_bar = args->once,
        .state = args->state,
        .version = run->version,
        .log = run->log,
        .monitoring = &s->user.monitoring,
        .paper = s->local ? &s->paper : NULL,
        .feed = td_dashboard_feed(&s->dashboard),
        .signals = args->signals};
    enum td_err err = td_link_open(&link, run->world, why);
    one.client_id = (int32_t)args->client_id;
    one.protobuf = td_plan_is_protobuf(args->protocol);
    one.ids = 1;
    if (!err)
        err = td_plan_connect(&one, &link, run->log, &port, &client_id, why);
    if (!err)
        err = td_desk_open(&desk, &config, &link, run->world, why);
    if (!err)
        err = td_desk_run(desk, !args->keep_orders, result, why);
    td_desk_close(desk);
    td_link_close(&link);
    return err;
}

/* One session; with a schedule one after the other, each with its result, until a signal or an error. */
static enum td_err trade_sessions(struct td_run *run, struct session *s, bool json,
                                  struct td_fail *why)
{
    struct td_desk_result result;
    enum td_err err = TD_OK;
    bool more = true;
    while (more && !err && wait_for_session(run, s)) {
        const td_ns end = td_trade_end(&s->hours, td_world_now(run->world));
        result = (struct td_desk_result){0};
        err = trade(run, s, &result, why);
        if (!err || result.events)
            print_result(&result, json);
        more = s->scheduled && !s->args.once && !result.interrupted &&
               td_world_now(run->world) >= end - TD_SEC;
    }
    return err;
}

int cmd_trade(struct td_run *run, void *arguments)
{
    static struct session s;
    const struct args *args = arguments;
    struct td_fail why = {0};
    struct td_logfile *files = NULL;
    enum td_err err = prepare(run, args, &s, &why);
    if (!err)
        err = td_cmd_logs(run, "trade", &files, &why);
    if (!err && s.plan.warnings[0])
        (void)fprintf(stderr, "%s\n", s.plan.warnings);
    if (!err && strcmp(args->dashboard, "on") == 0)
        td_dashboard_start(&s.dashboard, run, args->state);
    if (!err)
        err = trade_sessions(run, &s, args->json, &why);
    td_dashboard_close(&s.dashboard);
    td_logfile_close(files, run->log);
    return err == TD_EAGAIN ? 0 : err ? td_cmd_fail(run, &why) : 0;
}
