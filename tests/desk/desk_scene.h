/* tests/desk/desk_scene.h - a desk and a gateway simulator as two machines of one simulated world.
 *
 * The gateway runs by its turn function inside the waits of the desk. The desk's world is watched: every
 * order reference that goes to a socket must stand in bytes of the journal that were synced before (P1);
 * scene_checked counts how often that was looked at. One scene at a time; everything is static.
 */
#ifndef TD_TESTS_DESK_SCENE_H
#define TD_TESTS_DESK_SCENE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "desk/desk_inner.h"
#include "sim/gateway_server.h"
#include "sim/simworld.h"
#include "support/plain_strategy.h"
#include "support/support.h"
#include "trade/journal.h"
#include "trade/retrace.h"

#define SCENE_START   INT64_C(1763735400000000000) /* Friday 2025-11-21, 09:30 in New York */
#define SCENE_JOURNAL "state/journal"
#define SCENE_PORT    4002

struct scene_options {
    struct td_simworld_options world;
    const char *account;            /* NULL: DU1234567 */
    uint16_t port;                  /* 0: SCENE_PORT */
    const char *fault;              /* as `tapedeck sim --fault`; NULL: none */
    const struct td_script *script; /* instead of it: with its settings */
    const char *control;            /* control socket of the gateway */
    void (*world_action)(void *arg, const struct td_fault_action *action);
    const char *const *symbols; /* of gateway and desk; NULL: SPY and IBM */
    uint32_t symbol_count;
    int64_t speed; /* 0: 60 */
    bool live;
    bool read_only; /* the gateway refuses everything about orders */
};

/* --- what the desk's machine writes, syncs and sends --- */

static struct scene_watch {
    struct td_world_ops ops;
    const struct td_world_ops *real;
    uint8_t written[1 << 22]; /* all bytes of all files, in order */
    size_t used, synced;      /* bytes, and those of them that a sync made durable */
    char tail[4096];          /* of what was sent */
    size_t tail_len;
    uint64_t checked, sent_calls;
    bool early; /* an order reference left before it was durable */
} scene_watch;

static enum td_err watched_write(void *self, struct td_file f, const void *bytes, size_t len)
{
    struct scene_watch *w = &scene_watch;
    const enum td_err err = w->real->write(self, f, bytes, len);
    if (!err) {
        TD_REQUIRE(w->used + len <= sizeof w->written);
        memcpy(w->written + w->used, bytes, len);
        w->used += len;
    }
    return err;
}

static enum td_err watched_sync(void *self, struct td_file f)
{
    const enum td_err err = scene_watch.real->sync(self, f);
    if (!err)
        scene_watch.synced = scene_watch.used;
    return err;
}

/* A text of the journal carries its length in two bytes before it. */
static bool is_durable(const char *ref, size_t len)
{
    const struct scene_watch *w = &scene_watch;
    for (size_t i = w->synced >= len ? w->synced - len : 0; i >= 2; i--) /* the newest is last */
        if (w->written[i] == 't' && w->written[i - 2] == len && w->written[i - 1] == 0 &&
            memcmp(w->written + i, ref, len) == 0)
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

/* Looks for whole references "td-xxxxxx-N" in the sent bytes, and keeps the rest for the next send. */
static void look_for_refs(void)
{
    struct scene_watch *w = &scene_watch;
    size_t i = 0;
    for (; i + 32 < w->tail_len; i++) {
        if (memcmp(w->tail + i, "td-", 3) != 0 || w->tail[i + 9] != '-')
            continue;
        const size_t len = 10 + digits_at(w->tail + i + 10, 20);
        w->checked++;
        w->early |= !is_durable(w->tail + i, len);
    }
    memmove(w->tail, w->tail + i, w->tail_len - i);
    w->tail_len -= i;
}

static enum td_err watched_send(void *self, struct td_conn conn, const void *bytes, size_t len,
                                size_t *sent)
{
    struct scene_watch *w = &scene_watch;
    const enum td_err err = w->real->send(self, conn, bytes, len, sent);
    const char *p = bytes;
    w->sent_calls++;
    for (size_t left = err ? 0 : *sent; left > 0;) {
        const size_t room = sizeof w->tail - w->tail_len, n = left < room ? left : room;
        memcpy(w->tail + w->tail_len, p, n);
        w->tail_len += n;
        p += n;
        left -= n;
        look_for_refs();
    }
    return err;
}

static void watch_world(struct td_world *world)
{
    struct scene_watch *w = &scene_watch;
    w->real = world->ops;
    w->ops = *world->ops;
    w->ops.write = watched_write;
    w->ops.sync = watched_sync;
    w->ops.send = watched_send;
    w->tail_len = 0;
    world->ops = &w->ops;
}

/* --- the two machines --- */

struct scene_gateway {
    struct td_world world;
    uint32_t host;
    struct td_gateway *server;
    struct td_script script;
    struct td_gateway_lists names;
};

static struct scene {
    struct scene_options o;
    struct td_simworld *sim;
    struct td_world desk_world;
    uint32_t desk_host;
    struct scene_gateway gateway, broken; /* the second one where a test wants it */
    struct td_settings settings;
    struct td_plan plan;
    struct td_link link;
    struct td_desk *desk;
    struct td_desk_config config;
    struct td_strat_use use; /* sma_cross, unless a test says otherwise */
    struct td_rng rng;
    uint32_t faults_hit; /* crashes and resets of this scene */
} scene;

static td_ns gateway_turn(void *arg)
{
    struct scene_gateway *g = arg;
    struct td_wake wake;
    for (td_world_wait(&g->world, 0, &wake); wake.kind != TD_WAKE_TIMEOUT;
         td_world_wait(&g->world, 0, &wake))
        (void)td_gateway_wake(g->server, &wake);
    td_gateway_tick(g->server);
    return td_gateway_deadline(g->server);
}

static void gateway_start(struct scene_gateway *g, const char *name, uint16_t port)
{
    static const char *account;
    struct scene *s = &scene;
    account = s->o.account ? s->o.account : "DU1234567";
    struct td_gateway_config config = {.world = &g->world,
                                       .port = port,
                                       .symbols = s->o.symbols,
                                       .symbol_count = s->o.symbol_count,
                                       .accounts = &account,
                                       .account_count = 1,
                                       .seed = s->o.world.seed,
                                       .speed_e9 = (s->o.speed ? s->o.speed : 60) * TD_E9,
                                       .day = SCENE_START / TD_DAY,
                                       .depth_lines = 60,
                                       .pace = TD_GATEWAY_PACE_OFF,
                                       .read_only = s->o.read_only,
                                       .master_id = -1,
                                       .perm_first = INT64_C(2147500000), /* past 32 bits */
                                       .control = s->o.control,
                                       .world_action = s->o.world_action,
                                       .script = s->o.script ? s->o.script : &g->script};
    struct td_fail why = {0};
    td_script_init(&g->script);
    if (s->o.fault)
        TD_OK_OR_FAIL(td_script_fault(&g->script, s->o.fault, &why));
    if (s->o.script)
        TD_OK_OR_FAIL(td_gateway_settings(&config, s->o.script, &g->names, &why));
    TD_OK_OR_FAIL(td_simworld_attach(s->sim, name, &g->host, &g->world, &why));
    if (td_gateway_open(&g->server, &config, &why) != TD_OK)
        fail_msg("%s", why.text);
    td_simworld_turn(s->sim, g->host, gateway_turn, g);
}

/* The zone files of this machine onto the simulated disk. */
static void install_zones(struct td_world *world)
{
    static const char *const names[] = {"America/New_York", "US/Eastern", "US/Central",
                                        "America/Chicago"};
    for (size_t i = 0; i < TD_COUNT(names); i++) {
        char path[80], folder[80];
        size_t len = 0;
        (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", names[i]);
        char *bytes = td_test_slurp(path, &len);
        assert_non_null(bytes);
        td_path_folder(path, folder, sizeof folder);
        TD_OK_OR_FAIL(td_folder_make(world, folder));
        TD_OK_OR_FAIL(td_file_replace(world, path, (struct td_str){bytes, len}, NULL));
        free(bytes);
    }
}

/* Limits so wide that the strategy trades all the time; tests close gates one by one. */
static void wide_settings(struct td_settings *s)
{
    static struct td_environ nothing;
    TD_OK_OR_FAIL(td_settings_load(s, &nothing, NULL));
    s->allow_orders = s->order_exec = true;
    s->dry_run = false;
    s->max_trades = 100000;
    s->max_orders_per_minute = 255;
    s->dedup_window_s = 0;
    s->max_daily_notional_e9 = s->max_order_notional_e9 = 9000000000 * TD_E9;
    s->max_daily_loss_e9 = TD_E9;
    s->max_position_e9 = 100 * TD_E9;
    s->max_open_orders = 100;
    s->max_leverage_e9 = s->max_symbol_exposure_e9 = 1000 * TD_E9;
    s->kill_day_loss_e9 = s->kill_position_loss_e9 = s->kill_drawdown_e9 = s->kill_losses = 0;
    s->decision_latency_ms = 2000;
    s->disk_floor_mb = 0;
}

static void scene_open(const struct scene_options *o)
{
    static const char *const symbols[] = {"SPY", "IBM"};
    struct scene *s = &scene;
    struct td_fail why = {0};
    memset(s, 0, sizeof *s);
    memset(&scene_watch, 0, sizeof scene_watch);
    s->o = *o;
    if (!s->o.symbols) {
        s->o.symbols = symbols;
        s->o.symbol_count = TD_COUNT(symbols);
    }
    if (!s->o.world.start_ns)
        s->o.world.start_ns = SCENE_START;
    if (!s->o.world.latency_max)
        s->o.world.latency_max = 3 * TD_MS;
    td_rng_init(&s->rng, o->world.seed);
    TD_OK_OR_FAIL(td_simworld_open(&s->sim, &s->o.world, &why));
    TD_OK_OR_FAIL(td_simworld_attach(s->sim, "desk", &s->desk_host, &s->desk_world, &why));
    install_zones(&s->desk_world);
    watch_world(&s->desk_world);
    wide_settings(&s->settings);
    gateway_start(&s->gateway, "gateway", s->o.port ? s->o.port : SCENE_PORT);
    s->plan = (struct td_plan){.host = "gateway",
                               .ports = {s->o.port ? s->o.port : SCENE_PORT},
                               .port_count = 1,
                               .client_id = 7,
                               .ids = 1,
                               .timeout = 60 * TD_SEC,
                               .live = o->live};
    s->use =
        (struct td_strat_use){.strat = &td_strat_sma_cross, .params = {1, 2}, .size = TD_QTY(1)};
    s->config = (struct td_desk_config){.settings = &s->settings,
                                        .plan = &s->plan,
                                        .symbols = s->o.symbols,
                                        .symbol_count = (int)s->o.symbol_count,
                                        .uses = &s->use,
                                        .use_count = 1,
                                        .bar_size = "5 secs",
                                        .bar_span = 5 * TD_SEC,
                                        .bar_history = "600 S",
                                        .clock = TD_CLOCK_GATEWAY,
                                        .duration = TD_NS_NEVER,
                                        .state = "state",
                                        .version = "test",
                                        .inline_writer = true,
                                        .no_projections = true};
}

/* --- orders that rest: limits far below the market --- */

static enum td_err rest_init(void *state, const struct td_strat_setup *setup, struct td_fail *why)
{
    (void)setup;
    (void)why;
    memset(state, 0, sizeof(int64_t));
    return TD_OK;
}

static const struct td_strat rest_strategy;

static size_t rest_on_event(void *state, const struct td_event *event, const struct td_view *view,
                            struct td_intent *out)
{
    const struct td_leg *leg = view->leg;
    (void)state;
    if (event->kind != TD_EV_TRADE || td_px_is_none(leg->quote.bid) || leg->pending.e9 >= 2 * TD_E9)
        return 0;
    plain_rest(out, &rest_strategy, event, view, 99);
    (void)snprintf(out->reason, sizeof out->reason, "rests below the market");
    return 1;
}

static const struct td_strat rest_strategy = {.name = "rest",
                                              .help = "rests below the market",
                                              .state_size = sizeof(int64_t),
                                              .init = rest_init,
                                              .on_event = rest_on_event};

/* --- the desk's process --- */

/* Connects and opens; the error of whichever failed, with nothing left open. */
static enum td_err desk_start(struct td_fail *why)
{
    struct scene *s = &scene;
    uint16_t port;
    int32_t client_id;
    enum td_err err = td_link_open(&s->link, &s->desk_world, why);
    if (!err)
        err = td_plan_connect(&s->plan, &s->link, NULL, &port, &client_id, why);
    if (!err)
        err = td_desk_open(&s->desk, &s->config, &s->link, &s->desk_world, why);
    if (err)
        td_link_close(&s->link);
    else
        td_desk_start(s->desk);
    return err;
}

static inline void desk_must_start(void)
{
    struct td_fail why = {0};
    if (desk_start(&why) != TD_OK)
        fail_msg("%s", why.text);
}

static void desk_turns(td_ns span)
{
    struct scene *s = &scene;
    const td_ns until = td_world_mono(&s->desk_world) + span;
    while (td_world_mono(&s->desk_world) < until && !td_desk_done(s->desk)) {
        struct td_wake wake;
        const td_ns next = td_desk_deadline(s->desk);
        td_world_wait(&s->desk_world, next < until ? next : until, &wake);
        td_desk_turn(s->desk, &wake);
    }
}

static void desk_close(void)
{
    td_desk_close(scene.desk);
    td_link_close(&scene.link);
    scene.desk = NULL;
}

/* The desk's machine loses power, and comes up again with the disk it has. */
static inline void desk_crash(void)
{
    struct scene *s = &scene;
    struct td_fail why = {0};
    td_simworld_crash(s->sim, s->desk_host);
    desk_close();
    TD_OK_OR_FAIL(td_simworld_attach(s->sim, "desk", &s->desk_host, &s->desk_world, &why));
    watch_world(&s->desk_world);
    s->faults_hit++;
}

static inline void desk_wait_ready(void)
{
    for (int i = 0; i < 12000 && scene.desk->sync != SYNC_DONE;
         i++) /* NEED_HUMAN looks every ten minutes */
        desk_turns(100 * TD_MS);
    if (scene.desk->sync != SYNC_DONE) {
        char text[400];
        struct td_text t;
        td_text_init(&t, text, sizeof text);
        td_manager_print(&scene.desk->conn.manager, &t);
        fail_msg("not ready: %s, %.*s", desk_sync_word(scene.desk), (int)t.len, text);
    }
}

static int scene_close(void **state)
{
    (void)state;
    if (!scene.sim)
        return 0; /* the test closed it */
    desk_close();
    td_gateway_close(scene.gateway.server);
    td_gateway_close(scene.broken.server);
    td_simworld_close(scene.sim);
    memset(&scene, 0, sizeof scene);
    return 0;
}

/* --- what the journal that survives says --- */

#define SCENE_ORDERS 16384
#define SCENE_EXECS  16384

static struct scene_journal {
    char refs[SCENE_ORDERS][40];
    char execs[SCENE_EXECS][48];
    uint32_t orders, exec_count, types[TD_REC_TYPES];
    uint64_t hash;
    struct td_record last[TD_REC_TYPES];
} scene_journal;

static enum td_err note_record(void *arg, const struct td_record *r)
{
    struct scene_journal *j = arg;
    uint8_t bytes[TD_RECORD_BYTES_MAX];
    const size_t n = td_record_encode(r, bytes);
    const uint64_t pair[2] = {j->hash, td_hash_bytes(bytes, n)};
    j->hash = td_hash_bytes(pair, sizeof pair);
    j->types[r->type]++;
    j->last[r->type] = *r;
    if (r->type == TD_REC_ORDER && j->orders < SCENE_ORDERS)
        (void)td_str_copy(td_str_of(r->ref), j->refs[j->orders++], sizeof j->refs[0]);
    if (r->type == TD_REC_EXEC && j->exec_count < SCENE_EXECS)
        (void)td_str_copy(td_str_of(r->exec_id), j->execs[j->exec_count++], sizeof j->execs[0]);
    return TD_OK;
}

static void read_journal(void)
{
    struct td_fail why = {0};
    struct scene_journal *j = &scene_journal;
    j->orders = j->exec_count = 0;
    j->hash = 0;
    memset(j->types, 0, sizeof j->types);
    memset(j->last, 0, sizeof j->last);
    if (td_journal_read(&scene.desk_world, SCENE_JOURNAL, note_record, j, NULL, &why) != TD_OK)
        fail_msg("%s", why.text);
}

static int times_in(const void *table, size_t width, uint32_t count, const char *text)
{
    const char *rows = table;
    int n = 0;
    for (uint32_t i = 0; i < count; i++)
        n += strcmp(rows + i * width, text) == 0;
    return n;
}

/* The state that STOP and RECON records tell is the one the records before them make. */
static void check_states(void)
{
    struct td_retrace r = {.arg = NULL};
    struct td_fail why = {0};
    TD_OK_OR_FAIL(td_retrace_open(&r, &scene.desk_world, SCENE_JOURNAL, &why));
    if (td_retrace_run(&r, NULL, &why) != TD_OK)
        fail_msg("%s", why.text);
    if (r.differs_seq)
        fail_msg("record %llu tells of another state", (unsigned long long)r.differs_seq);
    assert_true(r.states_equal > 0 || !r.types[TD_REC_RECON]);
    td_retrace_close(&r);
}

/* The ledger is the oracle: nothing arrived twice, and what arrived stands in the journal. */
static inline void check_ledger(bool fills_too)
{
    const struct td_ledger *l = td_gateway_ledger(scene.gateway.server);
    const struct scene_journal *j = &scene_journal;
    struct td_fail why = {0};
    read_journal();
    check_states();
    assert_int_equal(l->duplicate_refs, 0);
    assert_int_equal(l->duplicate_ids, 0);
    TD_OK_OR_FAIL(td_ledger_check(l, &why));
    for (uint32_t i = 0; i < l->order_count; i++)
        if (!l->orders[i].is_modify)
            assert_int_equal(times_in(j->refs, sizeof j->refs[0], j->orders, l->orders[i].ref), 1);
    for (uint32_t i = 0; i < l->fill_count && fills_too; i++)
        assert_int_equal(times_in(j->execs, sizeof j->execs[0], j->exec_count, l->fills[i].exec_id),
                         1);
    assert_false(scene_watch.early);
}

#endif
