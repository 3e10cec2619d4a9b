/* tests/faults/play.h - plays one fault script against a desk in the simulated world, and compares how it ended.
 *
 * A desk and the gateway simulator run on two machines of one world, from the script's seed; a third machine, the
 * bystander, keeps the time. play_check compares the script's `expect` lines with the desk's state and the simulator's
 * ledger. Always checked too, by play_end: the ledger counts no order twice, every order it received stands in the
 * journal, and no order left before its record was durable. One play at a time; everything is static.
 */
#ifndef TD_TESTS_FAULTS_PLAY_H
#define TD_TESTS_FAULTS_PLAY_H

#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/desk_scene.h"
#include "desk/zone.h"
#include "sys/uvworld.h"

#define PLAY_EVENTS 64

/* --- what one script is played with --- */

struct seen_event {
    char name[32];
    uint32_t count;
};

static struct play {
    struct td_script script;
    char name[64];
    char text[TD_SCRIPT_BYTES + 1]; /* of the script */
    struct seen_event events[PLAY_EVENTS];
    uint32_t event_count;
    bool loud, refused, crash, kill, halt, resume;
    td_ns stop_for, began;
    struct td_world bystander;
    uint32_t orders_before[TD_SCRIPT_EXPECTS];
    td_ns quote_age[TD_LINES_MAX];
    char denial[120]; /* the latest */
    struct td_gateway_lists lists;
    void (*each_second)(td_ns played); /* while it is played; may be NULL */
} play;

static void take_line(void *sink, enum td_log_level level, enum td_log_channel channel,
                      struct td_str line)
{
    struct play *p = sink;
    struct td_str rest = line, word = {0};
    uint32_t i = 0;
    (void)channel;
    (void)level;
    if (p->loud)
        print_message("%.*s", TD_STR_ARG(line));
    while (rest.len && td_str_split(&rest, ' ', &word) && !td_str_is(word, "api") &&
           !td_str_is(word, "trading") && !td_str_is(word, "performance")) {
    }
    if (!td_str_split(&rest, ' ', &word))
        return;
    while (i < p->event_count && !td_str_is(word, p->events[i].name))
        i++;
    if (i == PLAY_EVENTS || (i == p->event_count && !td_str_copy(word, p->events[i].name, 32)))
        return;
    p->event_count += i == p->event_count;
    p->events[i].count++;
}

static td_ns log_now(void *clock)
{
    return td_world_now(clock);
}

static uint32_t times_logged(const char *event)
{
    for (uint32_t i = 0; i < play.event_count; i++)
        if (strcmp(play.events[i].name, event) == 0)
            return play.events[i].count;
    return 0;
}

/* Called inside the waits of the desk: what ends or stops its process happens after its turn. */
static void world_action(void *arg, const struct td_fault_action *a)
{
    (void)arg;
    play.crash |= a->id == TD_FAULT_CRASH;
    play.kill |= a->id == TD_FAULT_KILL;
    play.halt |= a->id == TD_FAULT_DESK_HALT;
    play.resume |= a->id == TD_FAULT_DESK_RESUME;
    if (a->id == TD_FAULT_STOP)
        play.stop_for = a->args[0].number;
    if (a->id == TD_FAULT_CLOCK)
        td_simworld_step_clock(scene.sim, a->args[0].number);
    if (a->id == TD_FAULT_SEVER)
        td_simworld_sever(scene.sim, scene.desk_host);
}

static struct td_log desk_log;

static const char *word_of(enum td_script_set key, const char *preset)
{
    const struct td_fault_value *v = td_script_setting(&play.script, key);
    return v ? v->text : preset;
}

static int64_t number_of(enum td_script_set key, int64_t preset)
{
    const struct td_fault_value *v = td_script_setting(&play.script, key);
    return v ? v->number : preset;
}

/* The world's clock begins at the market clock of the script where the desk lives by the wall clock all day. */
static td_ns start_of_world(void)
{
    const struct td_fault_value *day = td_script_setting(&play.script, TD_SET_DAY),
                                *start = td_script_setting(&play.script, TD_SET_START);
    struct td_tz zone;
    int64_t date = 0;
    int32_t minute = 570;
    if (!day)
        return 0;
    TD_OK_OR_FAIL(td_date_parse(day->text, strlen(day->text), &date));
    assert_true(!start || td_gateway_start_parse(start->text, &minute));
    struct td_world files;
    TD_OK_OR_FAIL(td_uvworld_open(&files, false, NULL));
    TD_OK_OR_FAIL(td_zone_load(&files, TD_ZONE_NEW_YORK, &zone, NULL));
    td_uvworld_close(&files);
    return td_tz_at(&zone, date, minute / 60, minute % 60, 0) - TD_SEC; /* mono begins at 1 s */
}

static void open_play(void)
{
    const char *does = word_of(TD_SET_DESK, "trade");
    struct scene_options o = {.world = {.seed = play.script.seed, .start_ns = start_of_world()},
                              .speed = 10,
                              .script = &play.script,
                              .world_action = world_action};
    uint32_t host;
    if (td_script_setting(&play.script, TD_SET_SYMBOLS)) {
        struct td_gateway_config list = {0};
        TD_OK_OR_FAIL(td_gateway_settings(&list, &play.script, &play.lists, NULL));
        o.symbols = list.symbols;
        o.symbol_count = list.symbol_count;
    }
    scene_open(&o);
    if (strcmp(does, "rest") == 0)
        scene.use.strat = &rest_strategy;
    else if (strcmp(does, "trade") != 0)
        scene.config.use_count = 0;
    scene.use.size = (td_qty){number_of(TD_SET_SIZE, 1) * TD_E9};
    scene.config.unattended =
        true; /* no script lays down a kill switch file: a day need not look 20 times a second */
    scene.config.depth_rows = (int32_t)number_of(TD_SET_DEPTH, 0);
    if (strcmp(word_of(TD_SET_CLOCK, "gateway"), "wall") == 0)
        scene.config.clock = TD_CLOCK_WALL;
    scene.settings.restart_at = word_of(TD_SET_RESTART, "");
    scene.config.bar_span = number_of(TD_SET_BARS, 5) * TD_SEC;
    if (scene.config.bar_span == TD_MIN)
        scene.config.bar_size = "1 min";
    desk_log = (struct td_log){.level = TD_LOG_WARN,
                               .write = take_line,
                               .sink = &play,
                               .now = log_now,
                               .clock = &scene.desk_world};
    scene.config.log = &desk_log;
    TD_OK_OR_FAIL(td_simworld_attach(scene.sim, "bystander", &host, &play.bystander, NULL));
    play.began = td_world_mono(&play.bystander);
}

static td_ns played(void)
{
    return td_world_mono(&play.bystander) - play.began;
}

static void start_desk(void)
{
    struct td_fail why = {0};
    play.refused = desk_start(&why) != TD_OK;
    if (play.refused && play.loud)
        print_message("refused: %s\n", why.text);
}

/* Time passes, and the desk's process does nothing. */
static void stand_still(td_ns span)
{
    const td_ns until = td_world_mono(&play.bystander) + span;
    while (td_world_mono(&play.bystander) < until) {
        struct td_wake wake;
        td_world_wait(&play.bystander, until, &wake);
    }
}

static void kill_desk(void)
{
    td_simworld_kill(scene.sim, scene.desk_host);
    desk_close();
    TD_OK_OR_FAIL(td_simworld_attach(scene.sim, "desk", &scene.desk_host, &scene.desk_world, NULL));
    watch_world(&scene.desk_world);
}

static void act(void)
{
    const td_ns still = play.stop_for;
    play.stop_for = 0;
    if (still)
        stand_still(still);
    if (play.crash)
        desk_crash();
    else if (play.kill)
        kill_desk();
    if (play.crash || play.kill)
        start_desk();
    if (play.halt)
        desk_halt(scene.desk, "by the script");
    if (play.resume)
        desk_resume(scene.desk, "by the script");
    play.crash = play.kill = play.halt = play.resume = false;
}

static bool has_action(void)
{
    return play.stop_for || play.crash || play.kill || play.halt || play.resume;
}

/* The desk's loop, left as soon as something is to happen to its process. */
static void turns_until(td_ns until)
{
    while (played() < until && !play.refused) {
        struct td_wake wake;
        const td_ns next = td_desk_deadline(scene.desk), end = play.began + until;
        td_world_wait(&scene.desk_world, next < end ? next : end, &wake);
        td_desk_turn(scene.desk, &wake);
        if (has_action())
            act();
    }
    if (played() < until)
        stand_still(until - played());
}

/* Notes how many orders there were when the last SECONDS of `trading` began. */
static void run_play(void)
{
    const td_ns duration = number_of(TD_SET_DURATION, 90) * TD_SEC;
    start_desk();
    for (td_ns at = TD_SEC; at <= duration; at += TD_SEC) {
        turns_until(at);
        if (play.each_second)
            play.each_second(at);
        for (uint32_t i = 0; i < play.script.expect_count; i++)
            if (play.script.expects[i].id == TD_EXPECT_TRADING &&
                at == duration - play.script.expects[i].args[0].number / TD_SEC * TD_SEC)
                play.orders_before[i] = td_gateway_ledger(scene.gateway.server)->order_count;
    }
    if (play.refused)
        return;
    for (uint32_t i = 0; i < scene.desk->market.count; i++)
        play.quote_age[i] =
            td_world_now(&scene.desk_world) - scene.desk->market.lines[i].quote_recv_ns;
    memcpy(play.denial, scene.desk->result.last_denial, sizeof play.denial);
}

/* --- what is seen --- */

static td_qty broker_position(const char *symbol)
{
    const struct td_ledger *l = td_gateway_ledger(scene.gateway.server);
    struct td_gateway_symbol s;
    td_qty sum = {0};
    for (uint32_t n = 0; td_gateway_symbol(scene.gateway.server, n, &s); n++)
        for (uint32_t i = 0; strcmp(s.symbol, symbol) == 0 && i < l->position_count; i++)
            if (l->positions[i].inst == s.inst)
                sum.e9 += l->positions[i].qty.e9;
    return sum;
}

static bool positions_equal(void)
{
    for (uint32_t i = 0; !play.refused && i < scene.desk->market.count; i++) {
        const char *symbol = scene.desk->market.lines[i].symbol;
        uint32_t h;
        const bool known = td_blotter_holding(&scene.desk->blotter, symbol, &h);
        const int64_t own = known ? scene.desk->blotter.holdings[h].now.qty.e9 : 0;
        if (own != broker_position(symbol).e9)
            return false;
    }
    return true;
}

static bool seen_word(struct td_text *t, const char *seen, const char *wanted)
{
    td_text_put(t, seen);
    return strcmp(seen, wanted) == 0;
}

static bool seen_number(struct td_text *t, int64_t seen, int64_t wanted)
{
    td_text_i64(t, seen);
    return seen == wanted;
}

static bool seen_fresh(struct td_text *t, const struct td_fault_action *e)
{
    bool fresh = !play.refused;
    for (uint32_t i = 0; !play.refused && i < scene.desk->market.count; i++) {
        const struct td_line *line = &scene.desk->market.lines[i];
        const bool meant =
            strcmp(e->args[0].text, "*") == 0 || strcmp(e->args[0].text, line->symbol) == 0;
        fresh &= !meant || (line->quote_recv_ns && play.quote_age[i] <= e->args[1].number);
    }
    return seen_word(t, fresh ? "yes" : "no", e->args[2].text);
}

static bool seen_denied(struct td_text *t, const char *gate)
{
    struct td_str rest = td_str_of(play.denial), word = {0};
    (void)td_str_split(&rest, ':', &word);
    td_text_str(t, word.len ? word : td_str_of("nothing"));
    return td_str_is(word, gate);
}

static bool seen_trading(struct td_text *t, uint32_t i)
{
    const uint32_t orders = td_gateway_ledger(scene.gateway.server)->order_count;
    return seen_word(t, orders > play.orders_before[i] ? "yes" : "no",
                     play.script.expects[i].args[1].text);
}

static bool seen_connects(struct td_text *t, const struct td_fault_action *e)
{
    struct td_gateway_stats stats;
    td_gateway_stats(scene.gateway.server, &stats);
    td_text_i64(t, (int64_t)stats.accepted);
    return (int64_t)stats.accepted >= e->args[0].number &&
           (int64_t)stats.accepted <= e->args[1].number;
}

static bool seen(struct td_text *t, uint32_t i)
{
    const struct td_fault_action *e = &play.script.expects[i];
    const struct td_ledger *l = td_gateway_ledger(scene.gateway.server);
    const char *word = e->args[0].text;
    const int64_t number = e->args[0].number;
    const struct td_blotter *b = play.refused ? NULL : &scene.desk->blotter;
    switch ((enum td_script_expect)e->id) {
    case TD_EXPECT_SESSION:
        return seen_word(t,
                         play.refused                    ? "refused"
                         : scene.desk->sync == SYNC_DONE ? "ready"
                                                         : "down",
                         word);
    case TD_EXPECT_TWICE:
        return seen_number(t, (int64_t)l->duplicate_ids + l->duplicate_refs, number);
    case TD_EXPECT_POSITIONS:
        return seen_word(t, positions_equal() ? "equal" : "differ", word);
    case TD_EXPECT_FRESH:
        return seen_fresh(t, e);
    case TD_EXPECT_TRADING:
        return seen_trading(t, i);
    case TD_EXPECT_DENIED:
        return seen_denied(t, word);
    case TD_EXPECT_FOREIGN:
        return seen_number(t, b ? b->foreign_executions : 0, number);
    case TD_EXPECT_UNKNOWN:
        return seen_number(t, b ? b->unknown_orders : 0, number);
    case TD_EXPECT_FROZEN:
        return seen_number(t, b ? b->frozen_holdings : 0, number);
    case TD_EXPECT_HALTED:
        return seen_word(t, b && b->halted ? "yes" : "no", word);
    case TD_EXPECT_CONNECTS:
        return seen_connects(t, e);
    case TD_EXPECT_ALERT:
        return seen_word(t, times_logged(word) ? word : "none", word);
    case TD_EXPECT_QUIET:
        td_text_printf(t, "%u times", (unsigned)times_logged(word));
        return times_logged(word) <= e->args[1].number;
    case TD_EXPECT_COUNT:
        break;
    }
    return false;
}

/* "fresh SPY 30" as the script says it. */
static void put_expectation(struct td_text *t, const struct td_fault_action *e)
{
    td_text_put(t, td_script_expects[e->id].word);
    for (size_t i = 0; i < TD_FAULT_ARGS && e->args[i].text[0]; i++)
        if (strcmp(e->args[i].text, "yes") != 0 || i == 0)
            td_text_printf(t, " %s", e->args[i].text);
}

/* Compares one expectation; adds its cells. 1 when it is wrong. */
static int check_one(uint32_t i, struct td_text *expects, struct td_text *sees)
{
    char form[120], what[120];
    struct td_text f, w;
    td_text_init(&f, form, sizeof form);
    td_text_init(&w, what, sizeof what);
    put_expectation(&f, &play.script.expects[i]);
    const bool met = seen(&w, i);
    td_text_printf(expects, "%s%s", i ? "; " : "", form);
    td_text_printf(sees, "%s%s", i ? "; " : "", what);
    if (!met)
        print_error("%s: expect %s: %s\n", play.name, form, what);
    return !met;
}

/* A fault that never happened proves nothing. 1 when there is one. */
static int check_steps(void)
{
    struct td_gateway_stats stats;
    td_gateway_stats(scene.gateway.server, &stats);
    if (stats.steps_idle)
        print_error("%s: %u of %u steps never happened\n", play.name, (unsigned)stats.steps_idle,
                    (unsigned)play.script.step_count);
    return stats.steps_idle > 0;
}

/* Compares all expectations; adds the row of the table. How many are wrong. */
static int play_check(struct td_text *table)
{
    char expects[1200], sees[800];
    struct td_text e, s;
    int wrong = check_steps();
    td_text_init(&e, expects, sizeof expects);
    td_text_init(&s, sees, sizeof sees);
    for (uint32_t i = 0; i < play.script.expect_count; i++)
        wrong += check_one(i, &e, &s);
    td_text_printf(table, "| %s | %s | %s | %s |\n", play.name, e.buf, s.buf,
                   wrong ? "wrong" : "as expected");
    return wrong;
}

/* --- a whole play --- */

/* Reads FOLDER/NAME; the name ends in ".fault". */
static void play_read(const char *folder, const char *name)
{
    char path[512];
    size_t len = 0;
    struct td_fail why = {0};
    memset(&play, 0, sizeof play);
    play.loud = getenv("TD_FAULT") != NULL;
    (void)snprintf(play.name, sizeof play.name, "%.*s", (int)(strlen(name) - 6), name);
    (void)snprintf(path, sizeof path, "%s/%.63s", folder, name);
    char *text = td_test_slurp(path, &len);
    assert_non_null(text);
    assert_true(len < sizeof play.text);
    memcpy(play.text, text, len);
    free(text);
    td_script_init(&play.script);
    if (td_script_parse(&play.script, name, (struct td_str){play.text, len}, &why) != TD_OK)
        fail_msg("%s", why.text);
    if (!play.script.title[0] || !play.script.expect_count)
        fail_msg("%s: a script of the bench has a title and expectations", name);
}

/* What is under way arrives, and nothing new leaves. */
static void play_settle(void)
{
    scene.settings.allow_orders = false;
    turns_until(played() + 4 * TD_SEC);
}

/* The desk ends, and the books are compared. The world stays open. */
static void play_end(void)
{
    if (play.refused) {
        assert_int_equal(td_gateway_ledger(scene.gateway.server)->order_count, 0);
    } else {
        desk_close();
        check_ledger(false);
    }
}

#endif
