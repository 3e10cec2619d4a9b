/* trial/stage.c - machines, processes, and the eye on what leaves them. */
#include "trial/stage.h"

#include <stdio.h>
#include <stdlib.h>

#include "desk/desk_inner.h"
#include "trial/monkey.h"
#include "trial/zones.h"

#define WATCH_BYTES   (1u << 22)
#define PORT          4002
#define CONNECT_LIMIT (60 * TD_SEC)
#define REF_MAX       40
#define THIN                                                                                       \
    20 /* what is tried is the desk, not the generator: quiet markets make more days a minute */

/* --- the eye --- */

/* The last bytes are enough: a reference is looked for within the commit that made it durable. */
static void wrote(void *arg, const void *bytes, size_t len)
{
    struct td_stage_eye *e = arg;
    if (e->used + len > e->cap) {
        const size_t half = e->cap / 2, gone = e->used > half ? e->used - half : 0;
        memmove(e->written, e->written + gone, e->used - gone);
        e->synced = e->synced > gone ? e->synced - gone : 0;
        e->used -= gone;
    }
    if (len <= e->cap / 2) {
        memcpy(e->written + e->used, bytes, len);
        e->used += len;
    }
}

static void synced(void *arg)
{
    struct td_stage_eye *e = arg;
    e->synced = e->used;
}

/* A text of the journal carries its length in two bytes before it. */
static bool is_durable(const struct td_stage_eye *e, const char *ref, size_t len)
{
    for (size_t i = e->synced >= len ? e->synced - len : 0; i >= 2; i--) /* the newest is last */
        if (e->written[i] == 't' && e->written[i - 2] == len && e->written[i - 1] == 0 &&
            memcmp(e->written + i, ref, len) == 0)
            return true;
    return false;
}

static size_t digits_at(const char *p, size_t left)
{
    size_t n = 0;
    while (n < left && p[n] >= '0' && p[n] <= '9')
        n++;
    return n;
}

/* Whole references "td-xxxxxx-N" in what was sent; what may go on in the next send is kept. */
static void look_for_refs(struct td_stage_eye *e)
{
    size_t i = 0;
    for (; i + REF_MAX < e->tail_len; i++) {
        if (memcmp(e->tail + i, "td-", 3) != 0 || e->tail[i + 9] != '-')
            continue;
        const size_t len = 10 + digits_at(e->tail + i + 10, 20);
        e->checked++;
        e->early |= !is_durable(e, e->tail + i, len);
    }
    memmove(e->tail, e->tail + i, e->tail_len - i);
    e->tail_len -= i;
}

static void sent(void *arg, const void *bytes, size_t len)
{
    struct td_stage_eye *e = arg;
    const char *p = bytes;
    for (size_t left = len; left > 0;) {
        const size_t room = sizeof e->tail - e->tail_len, n = left < room ? left : room;
        memcpy(e->tail + e->tail_len, p, n);
        e->tail_len += n;
        p += n;
        left -= n;
        look_for_refs(e);
    }
}

static void open_eye(struct td_stage *s)
{
    const struct td_sim_watch watch = {
        .arg = &s->eye, .wrote = wrote, .synced = synced, .sent = sent};
    td_simworld_watch(s->sim, s->desk_host, &watch);
}

/* --- the machines --- */

static td_ns gateway_turn(void *arg)
{
    struct td_stage *s = arg;
    struct td_wake wake;
    for (td_world_wait(&s->gateway_world, 0, &wake); wake.kind != TD_WAKE_TIMEOUT;
         td_world_wait(&s->gateway_world, 0, &wake))
        (void)td_gateway_wake(s->gateway, &wake);
    td_gateway_tick(s->gateway);
    return td_gateway_deadline(s->gateway);
}

/* Called inside the waits of the desk: what ends or stops its process happens after its turn. */
static void world_action(void *arg, const struct td_fault_action *a)
{
    struct td_stage *s = arg;
    s->crash |= a->id == TD_FAULT_CRASH;
    s->kill |= a->id == TD_FAULT_KILL;
    s->halt |= a->id == TD_FAULT_DESK_HALT;
    s->resume |= a->id == TD_FAULT_DESK_RESUME;
    if (a->id == TD_FAULT_STOP)
        s->stop_for = a->args[0].number;
    if (a->id == TD_FAULT_CLOCK) {
        td_simworld_step_clock(s->sim, a->args[0].number);
        s->stepped = td_simworld_mono(s->sim);
    }
    if (a->id == TD_FAULT_SEVER)
        td_simworld_sever(s->sim, s->desk_host);
}

static enum td_err open_gateway(struct td_stage *s, struct td_fail *why)
{
    static const char *const account = "DU1234567";
    const struct td_gateway_config config = {.world = &s->gateway_world,
                                             .port = PORT,
                                             .symbols = s->plan.symbols,
                                             .symbol_count = s->plan.symbol_count,
                                             .accounts = &account,
                                             .account_count = 1,
                                             .seed = s->plan.world.seed,
                                             .speed_e9 = s->plan.speed * TD_E9,
                                             .day = s->plan.day,
                                             .thin = THIN,
                                             .depth_lines = 60,
                                             .pace = TD_GATEWAY_PACE_OFF,
                                             .master_id = -1,
                                             .perm_first = INT64_C(2147500000),
                                             .world_action = world_action,
                                             .world_arg = s,
                                             .script = &s->plan.script};
    enum td_err err =
        td_simworld_attach(s->sim, "gateway", &s->gateway_host, &s->gateway_world, why);
    if (!err)
        err = td_gateway_open(&s->gateway, &config, why);
    if (!err)
        td_simworld_turn(s->sim, s->gateway_host, gateway_turn, s);
    return err;
}

/* The limits that a trial wants to meet are those of its plan; the others are wide, so that it trades. */
static enum td_err make_settings(struct td_stage *s, struct td_fail *why)
{
    struct td_settings *set = &s->settings;
    s->nothing = calloc(1, sizeof *s->nothing);
    if (!s->nothing)
        return td_fail_set(why, TD_ENOMEM, "no memory for a trial");
    const enum td_err err = td_settings_load(set, s->nothing, why);
    set->allow_orders = set->order_exec = set->short_selling = true;
    set->dry_run = false;
    set->max_trades = 100000;
    set->max_orders_per_minute = s->plan.orders_per_minute;
    set->dedup_window_s = 0;
    set->max_daily_notional_e9 = set->max_order_notional_e9 = 9000000000 * TD_E9;
    set->max_daily_loss_e9 = TD_E9;
    set->max_position_e9 = s->plan.position_max * TD_E9;
    set->max_order_size_e9 = s->plan.order_max * TD_E9;
    set->max_leverage_e9 = set->max_symbol_exposure_e9 = 1000 * TD_E9;
    set->max_open_orders = 20;
    set->decision_latency_ms = 2000;
    set->disk_floor_mb = 0;
    set->kill_day_loss_e9 = set->kill_position_loss_e9 = set->kill_drawdown_e9 = 0;
    set->kill_losses = 0;
    set->kill_bad_data = false;
    return err;
}

static td_ns simulated_now(void *clock)
{
    return td_world_now(clock);
}

static void make_config(struct td_stage *s)
{
    if (s->config->log) {
        s->log = *s->config->log;
        s->log.now = simulated_now;
        s->log.clock = &s->bystander;
    }
    s->use = (struct td_strat_use){.strat = s->plan.monkey ? &td_strat_monkey : &td_strat_sma_cross,
                                   .size = TD_QTY(1),
                                   .allow_short = true};
    s->use.params[0] = s->plan.monkey ? (double)(s->plan.world.seed & 0xffffffff) : 1;
    s->use.params[1] = s->plan.monkey ? s->plan.monkey_rate : 2;
    s->use.params[2] = s->plan.flood;
    s->use.params[3] = s->plan.flood ? 0 : s->plan.monkey_algos;
    s->connect = (struct td_plan){.host = "gateway",
                                  .ports = {PORT},
                                  .port_count = 1,
                                  .client_id = 7,
                                  .ids = 1,
                                  .timeout = CONNECT_LIMIT};
    s->desk_config = (struct td_desk_config){.settings = &s->settings,
                                             .plan = &s->connect,
                                             .symbols = s->plan.symbols,
                                             .symbol_count = (int32_t)s->plan.symbol_count,
                                             .uses = &s->use,
                                             .use_count = 1,
                                             .bar_size = "5 secs",
                                             .bar_span = 5 * TD_SEC,
                                             .bar_history = "600 S",
                                             .depth_rows = s->plan.depth_rows,
                                             .clock = TD_CLOCK_GATEWAY,
                                             .duration = TD_NS_NEVER,
                                             .state = "state",
                                             .version = s->config->version,
                                             .inline_writer = true,
                                             .no_projections = true,
                                             .log = s->config->log ? &s->log : NULL};
}

static enum td_err open_camera(struct td_stage *s, struct td_fail *why)
{
    enum td_err err =
        td_camera_open(&s->camera, &s->plan, s->sim, s->config->log ? &s->log : NULL, why);
    if (!err)
        err = td_zones_install(s->config->real, &s->camera.world, why);
    if (!err)
        td_camera_start(&s->camera);
    return err;
}

enum td_err td_stage_open(struct td_stage *s, const struct td_trial_config *config,
                          struct td_fail *why)
{
    memset(s, 0, sizeof *s);
    s->config = config;
    enum td_err err = td_trial_draw(config, &s->plan, why);
    if (err)
        return err;
    s->plan.world.start_ns = s->plan.day * TD_DAY + 14 * TD_HOUR;
    s->eye.cap = WATCH_BYTES;
    s->eye.written = malloc(WATCH_BYTES);
    if (!s->eye.written)
        return td_fail_set(why, TD_ENOMEM, "no memory for a trial");
    err = td_simworld_open(&s->sim, &s->plan.world, why);
    if (!err)
        err = td_simworld_attach(s->sim, "desk", &s->desk_host, &s->desk_world, why);
    if (!err)
        err = td_zones_install(s->config->real, &s->desk_world, why);
    if (!err)
        err = make_settings(s, why);
    if (!err)
        err = open_gateway(s, why);
    if (!err)
        err = td_simworld_attach(s->sim, "bystander", &s->bystander_host, &s->bystander, why);
    if (err)
        return err;
    make_config(s);
    open_eye(s);
    s->began = td_world_mono(&s->bystander);
    s->stepped = -TD_HOUR;
    return s->plan.camera ? open_camera(s, why) : TD_OK;
}

void td_stage_close(struct td_stage *s)
{
    td_desk_close(s->desk);
    td_link_close(&s->link);
    td_camera_close(&s->camera);
    td_gateway_close(s->gateway);
    td_simworld_close(s->sim);
    free(s->eye.written);
    free(s->nothing);
    memset(s, 0, sizeof *s);
}

/* --- processes --- */

bool td_stage_start(struct td_stage *s, struct td_fail *why)
{
    uint16_t port;
    int32_t client_id;
    s->starts++;
    enum td_err err = td_link_open(&s->link, &s->desk_world, why);
    if (!err)
        err = td_plan_connect(&s->connect, &s->link, s->desk_config.log, &port, &client_id, why);
    if (!err)
        err = td_desk_open(&s->desk, &s->desk_config, &s->link, &s->desk_world, why);
    if (!err) {
        td_desk_start(s->desk);
        return true;
    }
    td_link_close(&s->link);
    s->desk = NULL;
    s->refused++;
    return false;
}

void td_stage_end(struct td_stage *s, bool power)
{
    if (power)
        td_simworld_crash(s->sim, s->desk_host);
    else
        td_simworld_kill(s->sim, s->desk_host);
    td_desk_close(s->desk);
    td_link_close(&s->link);
    s->desk = NULL;
    TD_REQUIRE(td_simworld_attach(s->sim, "desk", &s->desk_host, &s->desk_world, NULL) == TD_OK);
    s->eye.tail_len = 0;
}

td_ns td_stage_played(const struct td_stage *s)
{
    return td_world_mono((struct td_world *)&s->bystander) - s->began;
}

void td_stage_stand_still(struct td_stage *s, td_ns span)
{
    const td_ns until = td_world_mono(&s->bystander) + span;
    while (td_world_mono(&s->bystander) < until) {
        struct td_wake wake;
        td_world_wait(&s->bystander, until, &wake);
    }
}
