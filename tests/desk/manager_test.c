/* tests/desk/manager_test.c - every state and every limit of the gateway's manager, on a clock of the test. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/manager.h"
#include "desk/zone.h"
#include "sys/uvworld.h"

#define NOBODY       TD_LISTENING_NO
#define SOMEBODY     TD_LISTENING_YES
#define FRIDAY_NOON  INT64_C(1763744400000000000) /* 2025-11-21 12:00 in New York */
#define NEVER_ANSWER TD_EAGAIN
#define DIALS_MAX    4096

static struct td_tz new_york;

/* The owner of the manager as the test plays it: answers at once, or never. */
static struct {
    struct td_manager m;
    struct td_manager_clock now;
    enum td_listening fact;
    enum td_err display, start, dial, sync, restart; /* NEVER_ANSWER: no answer */
    int did[TD_MANAGER_ALERTS_OVER + 1];
    int told[TD_MANAGER_ALERTS];
    char text[TD_MANAGER_ALERTS][400]; /* the last of each */
    td_ns dials[DIALS_MAX], told_at[TD_MANAGER_ALERTS];
    int dial_count;
} t;

static void tell(enum td_manager_event_kind kind, enum td_err err)
{
    t.now.random = t.now.random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    const struct td_manager_event ev = {.kind = kind, .err = err, .listening = t.fact};
    td_manager_event(&t.m, &t.now, &ev);
}

static void answer(enum td_manager_event_kind kind, enum td_err err)
{
    if (err != NEVER_ANSWER)
        tell(kind, err);
}

static void carry_out(const struct td_manager_action *a)
{
    t.did[a->what]++;
    switch (a->what) {
    case TD_MANAGER_LOOK:
        tell(TD_MANAGER_EV_LISTENING, TD_OK);
        break;
    case TD_MANAGER_DISPLAY:
        answer(TD_MANAGER_EV_DISPLAY, t.display);
        break;
    case TD_MANAGER_START:
        answer(TD_MANAGER_EV_SPAWNED, t.start);
        break;
    case TD_MANAGER_DIAL:
        assert_true(t.dial_count < DIALS_MAX);
        t.dials[t.dial_count++] = t.now.mono;
        answer(t.dial ? TD_MANAGER_EV_LINK_FAILED : TD_MANAGER_EV_LINK_READY, t.dial);
        break;
    case TD_MANAGER_RECONCILE:
        answer(TD_MANAGER_EV_SYNC, t.sync);
        break;
    case TD_MANAGER_SOFT_RESTART:
        answer(TD_MANAGER_EV_RESTART, t.restart);
        break;
    case TD_MANAGER_ALERT:
        t.told[a->alert]++;
        t.told_at[a->alert] = t.now.mono;
        memcpy(t.text[a->alert], a->text, sizeof a->text);
        break;
    case TD_MANAGER_DROP:
    case TD_MANAGER_CENSUS:
    case TD_MANAGER_ALERTS_OVER:
        break;
    }
}

static void settle(void)
{
    struct td_manager_action a;
    for (int i = 0; td_manager_next(&t.m, &a); i++) {
        assert_true(i < 100); /* no endless answering in one moment */
        carry_out(&a);
    }
}

static void say(enum td_manager_event_kind kind, enum td_err err)
{
    tell(kind, err);
    settle();
}

static void pass(td_ns span)
{
    const td_ns end = t.now.mono + span;
    for (int turns = 0; t.now.mono < end; turns++) {
        td_ns next = td_manager_wake(&t.m);
        assert_true(turns < 200000);
        next = next > t.now.mono ? next : t.now.mono + 1;
        next = next < end ? next : end;
        t.now.wall += next - t.now.mono;
        t.now.mono = next;
        td_manager_tick(&t.m, &t.now);
        settle();
    }
}

static void begin_at(td_ns wall, const struct td_manager_config *config, enum td_listening fact)
{
    memset(&t, 0, sizeof t);
    t.fact = fact;
    t.now = (struct td_manager_clock){TD_SEC, wall, 42};
    struct td_manager_config c = *config;
    c.windows = td_windows_preset;
    c.new_york = &new_york;
    td_manager_init(&t.m, &c, &t.now);
}

static const struct td_manager_config attach = {.reauth_minute = -1, .restart_minute = -1};
static const struct td_manager_config desk = {
    .sync = true, .managed = true, .reauth_minute = -1, .restart_minute = -1};

static void begin(const struct td_manager_config *config, enum td_listening fact)
{
    begin_at(FRIDAY_NOON, config, fact);
}

static void assert_state(enum td_manager_state wanted)
{
    if (t.m.state != wanted)
        print_error("state %s, wanted %s\n", td_manager_rows[t.m.state].name,
                    td_manager_rows[wanted].name);
    assert_int_equal(t.m.state, wanted);
}

/* A desk that is READY. */
static void make_ready(const struct td_manager_config *config)
{
    begin(config, SOMEBODY);
    settle();
    assert_state(TD_MANAGER_READY);
}

/* --- PROBE, OFF, CONNECT --- */

static void a_listener_leads_to_ready(void **state)
{
    (void)state;
    make_ready(&desk);
    assert_int_equal(t.did[TD_MANAGER_LOOK], 1);
    assert_int_equal(t.did[TD_MANAGER_DIAL], 1);
    assert_int_equal(t.did[TD_MANAGER_RECONCILE], 1);
    begin(&attach, SOMEBODY);
    settle();
    assert_state(TD_MANAGER_READY);
    assert_int_equal(t.did[TD_MANAGER_RECONCILE], 0); /* not asked for */
}

static void off_attaches_and_starts_nothing(void **state)
{
    (void)state;
    begin(&attach, NOBODY);
    settle();
    assert_state(TD_MANAGER_OFF);
    pass(14 * TD_SEC);
    assert_int_equal(t.did[TD_MANAGER_LOOK], 3); /* at 0, 5 and 10 s */
    pass(TD_HOUR);
    assert_int_equal(t.did[TD_MANAGER_START] + t.did[TD_MANAGER_DIAL], 0);
    assert_int_equal(t.told[TD_MANAGER_ALERT_OUTAGE], 1); /* after 5 minutes, once */
    assert_true(t.told_at[TD_MANAGER_ALERT_OUTAGE] == TD_SEC + 5 * TD_MIN);
    t.fact = SOMEBODY;
    pass(6 * TD_SEC);
    assert_state(TD_MANAGER_READY);
    assert_int_equal(t.did[TD_MANAGER_ALERTS_OVER], 1);
}

/* A look that cannot be answered is no reason to start a second gateway (F53). */
static void unknown_is_not_down(void **state)
{
    (void)state;
    begin(&desk, TD_LISTENING_UNKNOWN);
    t.dial = TD_EMUTE;
    settle();
    pass(2 * TD_HOUR);
    assert_int_equal(t.did[TD_MANAGER_START], 0);
    assert_true(t.did[TD_MANAGER_DIAL] > 3);
    begin(&desk, TD_LISTENING_UNKNOWN);
    t.dial = TD_EUNREACH; /* refused: a fact */
    t.start = TD_OK;
    settle();
    assert_state(TD_MANAGER_SPAWN);
    assert_int_equal(t.did[TD_MANAGER_START], 1);
    t.dial = TD_OK;
    pass(30 * TD_SEC);
    assert_state(TD_MANAGER_READY);
}

static void a_probe_without_an_answer_is_unknown(void **state)
{
    struct td_manager_action a;
    (void)state;
    begin(&desk, NOBODY);
    assert_true(td_manager_next(&t.m, &a)); /* the look, not answered */
    assert_int_equal(a.what, TD_MANAGER_LOOK);
    assert_state(TD_MANAGER_PROBE);
    t.dial = NEVER_ANSWER;
    pass(5 * TD_SEC);
    assert_state(TD_MANAGER_CONNECT);
    pass(30 * TD_SEC); /* nor is the dial: its limit */
    assert_state(TD_MANAGER_BACKOFF);
    assert_int_equal(t.did[TD_MANAGER_DROP], 1);
    assert_string_equal(t.m.last_text, "no session within 30 s");
}

/* --- BACKOFF --- */

static void the_ladder_is_1_2_5_15_30_60_120_300(void **state)
{
    static const int64_t rungs[] = {1, 2, 5, 15, 30, 60, 120, 300, 300, 300};
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        begin(&attach, TD_LISTENING_UNKNOWN);
        t.now.random = seed;
        t.dial = TD_ETIMEOUT;
        settle();
        while (t.dial_count <= (int)TD_COUNT(rungs))
            pass(TD_SEC);
        for (size_t i = 0; i < TD_COUNT(rungs); i++) {
            const td_ns gap = t.dials[i + 1] - t.dials[i];
            assert_true(gap >= TD_SEC); /* never two within a second */
            assert_true(gap >= rungs[i] * TD_SEC * 8 / 10);
            assert_true(gap <= rungs[i] * TD_SEC * 12 / 10 + TD_MS);
        }
    }
}

/* Sessions that end at once: 20 connects in any hour, never two within a second, and somebody is told. */
static void at_most_20_connects_in_an_hour(void **state)
{
    (void)state;
    make_ready(&desk);
    for (int i = 0; i < 6 * 3600; i++) {
        if (t.m.state == TD_MANAGER_READY)
            say(TD_MANAGER_EV_LINK_LOST, TD_ECLOSED);
        pass(TD_SEC);
    }
    for (int i = 0; i + 20 < t.dial_count; i++)
        assert_true(t.dials[i + 20] - t.dials[i] >= TD_HOUR);
    for (int i = 0; i + 1 < t.dial_count; i++)
        assert_true(t.dials[i + 1] - t.dials[i] >= TD_SEC);
    print_message("%d connects in 6 h of sessions that end at once\n", t.dial_count);
    assert_true(t.dial_count <= 6 * 20 && t.dial_count >= 60);
    make_ready(&desk); /* long sessions that end: the ladder starts anew, the hour still holds */
    for (int i = 0; i < 400; i++) {
        if (t.m.state == TD_MANAGER_READY)
            say(TD_MANAGER_EV_LINK_LOST, TD_ECLOSED);
        pass(62 * TD_SEC);
    }
    for (int i = 0; i + 20 < t.dial_count; i++)
        assert_true(t.dials[i + 20] - t.dials[i] >= TD_HOUR);
    assert_true(t.told[TD_MANAGER_ALERT_RATE] >= 1);
    assert_non_null(strstr(t.text[TD_MANAGER_ALERT_RATE], "20 connects in an hour"));
}

/* --- SPAWN, WAIT_2FA --- */

static void nobody_listens_so_one_is_started(void **state)
{
    (void)state;
    struct td_manager_config c = desk;
    c.display = true;
    begin(&c, NOBODY);
    settle();
    assert_state(TD_MANAGER_SPAWN);
    assert_int_equal(t.did[TD_MANAGER_DISPLAY], 1);
    assert_int_equal(t.did[TD_MANAGER_START], 1);
    pass(100 * TD_SEC);
    assert_state(TD_MANAGER_SPAWN);
    t.fact = SOMEBODY;
    pass(2 * TD_SEC);
    assert_state(TD_MANAGER_READY);
    assert_int_equal(t.did[TD_MANAGER_START], 1);
}

static void a_display_has_10_s(void **state)
{
    (void)state;
    struct td_manager_config c = desk;
    c.display = true;
    begin(&c, NOBODY);
    t.display = NEVER_ANSWER;
    settle();
    pass(9 * TD_SEC);
    assert_state(TD_MANAGER_SPAWN);
    pass(TD_SEC);
    assert_state(TD_MANAGER_BACKOFF);
    assert_string_equal(t.m.last_text, "no display within 10 s");
    t.display = TD_ENOENT;
    pass(TD_HOUR); /* three starts, then a human */
    assert_state(TD_MANAGER_NEED_HUMAN);
    assert_int_equal(t.did[TD_MANAGER_DISPLAY], 3);
    assert_int_equal(t.did[TD_MANAGER_START], 0);
}

static void a_start_has_240_s_and_600_while_it_lives(void **state)
{
    (void)state;
    begin(&desk, NOBODY);
    settle();
    pass(239 * TD_SEC);
    say(TD_MANAGER_EV_CHILD_ENDED, TD_OK); /* status 0: a start program that ended well */
    assert_state(TD_MANAGER_SPAWN);
    pass(TD_SEC);
    assert_state(TD_MANAGER_BACKOFF);
    begin(&desk, NOBODY);
    settle();
    pass(599 * TD_SEC);
    assert_state(TD_MANAGER_SPAWN);
    assert_int_equal(t.told[TD_MANAGER_ALERT_OUTAGE], 1); /* 5 minutes are told all the same */
    pass(TD_SEC);
    assert_state(TD_MANAGER_BACKOFF);
    pass(TD_HOUR); /* it lives on: never a second one beside it */
    assert_int_equal(t.did[TD_MANAGER_START], 1);
    assert_state(TD_MANAGER_NEED_HUMAN);
}

static void three_failed_starts_need_a_human(void **state)
{
    (void)state;
    begin(&desk, NOBODY);
    t.start = TD_EIO;
    settle();
    pass(TD_MIN);
    assert_state(TD_MANAGER_NEED_HUMAN);
    assert_int_equal(t.did[TD_MANAGER_START], 3);
    assert_int_equal(t.told[TD_MANAGER_ALERT_HUMAN], 1);
    begin(&desk, NOBODY);
    t.start = TD_ENOENT; /* waiting does not bring the program */
    settle();
    assert_state(TD_MANAGER_NEED_HUMAN);
    assert_int_equal(t.did[TD_MANAGER_START], 1);
    pass(24 * TD_HOUR);
    assert_int_equal(t.did[TD_MANAGER_START], 1); /* no login loop */
    assert_int_equal(t.did[TD_MANAGER_DIAL], 0);
    assert_int_equal(t.told[TD_MANAGER_ALERT_HUMAN], 25); /* hourly */
    t.start = TD_OK;
    say(TD_MANAGER_EV_RETRY, TD_OK);
    assert_state(TD_MANAGER_SPAWN);
}

static void end_child(int status)
{
    const struct td_manager_event ev = {
        .kind = TD_MANAGER_EV_CHILD_ENDED, .status = status, .text = "it ended"};
    td_manager_event(&t.m, &t.now, &ev);
    settle();
}

static void three_prompts_then_a_human(void **state)
{
    (void)state;
    begin(&desk, NOBODY);
    settle();
    for (int prompt = 1; prompt <= 3; prompt++) {
        say(TD_MANAGER_EV_SECOND_LOGIN, TD_OK);
        assert_state(TD_MANAGER_WAIT_2FA);
        assert_int_equal(t.told[TD_MANAGER_ALERT_SECOND], prompt);
        pass(179 * TD_SEC);
        assert_state(TD_MANAGER_WAIT_2FA);
        pass(TD_SEC);
        assert_state(prompt < 3 ? TD_MANAGER_SPAWN : TD_MANAGER_NEED_HUMAN);
    }
    assert_non_null(strstr(t.text[TD_MANAGER_ALERT_SECOND], "approve the login on the phone"));
    begin(&desk, NOBODY); /* approved in the third */
    settle();
    for (int prompt = 1; prompt <= 3; prompt++) {
        say(TD_MANAGER_EV_SECOND_LOGIN, TD_OK);
        end_child(87);
        pass(20 * TD_SEC);
        assert_state(prompt < 3 ? TD_MANAGER_SPAWN : TD_MANAGER_NEED_HUMAN);
    }
    begin(&desk, NOBODY);
    settle();
    say(TD_MANAGER_EV_SECOND_LOGIN, TD_OK);
    t.fact = SOMEBODY;
    pass(2 * TD_SEC);
    assert_state(TD_MANAGER_READY);
}

static void a_start_that_ends_badly_is_a_failure(void **state)
{
    (void)state;
    begin(&desk, NOBODY);
    settle();
    pass(3 * TD_SEC);
    end_child(88);
    assert_state(TD_MANAGER_BACKOFF);
    assert_string_equal(t.m.last_text, "it ended");
    begin(&desk, TD_LISTENING_UNKNOWN); /* the same where LISTEN cannot be read */
    t.dial = TD_EUNREACH;
    settle();
    assert_state(TD_MANAGER_SPAWN);
    end_child(1);
    pass(10 * TD_MIN);
    assert_true(t.did[TD_MANAGER_START] <= 3);
}

/* Between LISTEN and the approved login handshakes fail: inside the grace that is no half-armed gateway. */
static void the_grace_lets_a_login_finish(void **state)
{
    (void)state;
    struct td_manager_config c = desk;
    c.grace = 60 * TD_SEC;
    begin(&c, NOBODY);
    settle();
    t.fact = SOMEBODY;
    t.dial = TD_ECLOSED;
    pass(50 * TD_SEC);
    assert_int_equal(t.m.failures, 0);
    assert_true(t.dial_count >= 4);
    assert_int_equal(t.told[TD_MANAGER_ALERT_HALF_ARMED], 0);
    t.dial = TD_OK;
    pass(15 * TD_SEC);
    assert_state(TD_MANAGER_READY);
}

/* --- HALF_ARMED --- */

static void three_failed_handshakes_are_half_armed(void **state)
{
    (void)state;
    begin(&desk, SOMEBODY);
    t.dial = TD_EMUTE;
    settle();
    pass(20 * TD_SEC);
    assert_state(TD_MANAGER_NEED_HUMAN); /* a soft restart is not allowed */
    assert_int_equal(t.did[TD_MANAGER_DIAL], 3);
    assert_int_equal(t.did[TD_MANAGER_CENSUS], 1);
    assert_int_equal(t.did[TD_MANAGER_SOFT_RESTART], 0);
    assert_int_equal(t.told[TD_MANAGER_ALERT_HALF_ARMED], 1);
    assert_non_null(strstr(t.text[TD_MANAGER_ALERT_HALF_ARMED], "dialog"));
    t.dial = TD_OK; /* the dialog was answered: seen with the next try */
    pass(10 * TD_MIN);
    assert_state(TD_MANAGER_READY);
}

static void a_soft_restart_once_an_hour(void **state)
{
    (void)state;
    struct td_manager_config c = desk;
    c.soft_restart = true;
    begin(&c, SOMEBODY);
    t.dial = TD_EMUTE;
    settle();
    pass(4 * TD_SEC);
    assert_int_equal(t.did[TD_MANAGER_SOFT_RESTART], 1);
    assert_state(TD_MANAGER_BACKOFF);
    t.fact = NOBODY; /* it restarts: nobody is started beside it */
    pass(TD_MIN);
    assert_state(TD_MANAGER_OFF);
    t.fact = SOMEBODY;
    t.dial = TD_OK;
    pass(10 * TD_SEC);
    assert_state(TD_MANAGER_READY);
    assert_int_equal(t.did[TD_MANAGER_START], 0);
    t.dial = TD_EMUTE;
    say(TD_MANAGER_EV_LINK_LOST, TD_ECLOSED);
    pass(10 * TD_MIN);
    assert_int_equal(t.did[TD_MANAGER_SOFT_RESTART], 1); /* not twice within an hour */
    assert_state(TD_MANAGER_NEED_HUMAN);
    begin(&c, SOMEBODY);
    t.m.orders_in_flight = true;
    t.dial = TD_EMUTE;
    settle();
    pass(20 * TD_SEC);
    assert_int_equal(t.did[TD_MANAGER_SOFT_RESTART], 0); /* never with orders in flight */
    begin(&c, SOMEBODY);
    t.dial = TD_EMUTE;
    t.restart = NEVER_ANSWER;
    settle();
    pass(4 * TD_SEC);
    assert_state(TD_MANAGER_HALF_ARMED);
    pass(30 * TD_SEC);
    assert_state(TD_MANAGER_NEED_HUMAN); /* its limit */
    begin(&c, SOMEBODY);
    t.dial = TD_EMUTE;
    t.restart = TD_EUNREACH;
    settle();
    pass(5 * TD_SEC);
    assert_state(TD_MANAGER_NEED_HUMAN);
}

static void an_id_in_use_is_told_after_120_s(void **state)
{
    (void)state;
    begin(&desk, SOMEBODY);
    t.dial = TD_EINUSE;
    settle();
    pass(100 * TD_SEC);
    assert_int_equal(t.told[TD_MANAGER_ALERT_BUSY_ID], 0);
    pass(3 * TD_MIN);
    assert_int_equal(t.told[TD_MANAGER_ALERT_BUSY_ID], 1);
    assert_state(TD_MANAGER_BACKOFF);
    t.dial = TD_OK;
    pass(6 * TD_MIN);
    assert_state(TD_MANAGER_READY);
}

static void what_no_retry_heals_needs_a_human(void **state)
{
    (void)state;
    begin(&desk, SOMEBODY);
    t.dial = TD_EVERSION;
    settle();
    assert_state(TD_MANAGER_NEED_HUMAN);
    assert_int_equal(t.told[TD_MANAGER_ALERT_HUMAN], 1);
    pass(59 * TD_MIN);
    assert_int_equal(t.did[TD_MANAGER_DIAL], 1); /* a version does not change by asking */
    pass(2 * TD_MIN);
    assert_int_equal(t.did[TD_MANAGER_DIAL], 2);
    make_ready(&desk);
    say(TD_MANAGER_EV_REFUSED, TD_EDENIED); /* the wrong account */
    assert_state(TD_MANAGER_NEED_HUMAN);
    assert_int_equal(t.did[TD_MANAGER_DROP], 1);
    t.fact = NOBODY; /* somebody closed it ... */
    pass(2 * TD_MIN);
    assert_state(TD_MANAGER_NEED_HUMAN);
    t.fact = SOMEBODY; /* ... and logged in again */
    pass(TD_MIN);
    assert_state(TD_MANAGER_READY);
}

/* --- SYNC, READY, DEGRADED --- */

static void a_reconciliation_has_120_s_and_3_tries(void **state)
{
    (void)state;
    begin(&desk, SOMEBODY);
    t.sync = NEVER_ANSWER;
    settle();
    assert_state(TD_MANAGER_SYNC);
    pass(119 * TD_SEC);
    assert_int_equal(t.did[TD_MANAGER_RECONCILE], 1);
    pass(TD_SEC);
    assert_int_equal(t.did[TD_MANAGER_RECONCILE], 2);
    pass(240 * TD_SEC);
    assert_state(TD_MANAGER_BACKOFF);
    assert_int_equal(t.did[TD_MANAGER_RECONCILE], 3);
    assert_int_equal(t.did[TD_MANAGER_DROP], 1);
    begin(&desk, SOMEBODY);
    t.sync = TD_EIO;
    settle();
    assert_int_equal(t.did[TD_MANAGER_RECONCILE], 3);
    assert_state(TD_MANAGER_BACKOFF);
}

static void the_broker_back_is_always_reconciled(void **state)
{
    (void)state;
    make_ready(&desk);
    for (int i = 0; i < 1000; i++)
        say(TD_MANAGER_EV_BROKER_LOST, TD_OK); /* a flood is one change (F24) */
    assert_state(TD_MANAGER_DEGRADED);
    pass(4 * TD_MIN);
    assert_int_equal(t.told[TD_MANAGER_ALERT_OUTAGE], 0);
    pass(2 * TD_MIN);
    assert_int_equal(t.told[TD_MANAGER_ALERT_OUTAGE], 1);
    say(TD_MANAGER_EV_BROKER_BACK, TD_OK);
    assert_state(TD_MANAGER_READY);
    assert_int_equal(t.did[TD_MANAGER_RECONCILE], 2);
    say(TD_MANAGER_EV_BROKER_BACK, TD_OK); /* a 1102 out of the blue */
    assert_int_equal(t.did[TD_MANAGER_RECONCILE], 3);
    assert_int_equal(t.did[TD_MANAGER_DIAL], 1); /* the session was never given up */
}

static void two_late_heartbeats_drop_the_socket(void **state)
{
    (void)state;
    make_ready(&desk);
    say(TD_MANAGER_EV_PULSE_LATE, TD_OK);
    assert_state(TD_MANAGER_DEGRADED);
    assert_false(td_manager_may_order(&t.m, t.now.wall));
    say(TD_MANAGER_EV_PULSE, TD_OK);
    assert_state(TD_MANAGER_READY);
    assert_true(td_manager_may_order(&t.m, t.now.wall));
    say(TD_MANAGER_EV_PULSE_LATE, TD_OK);
    say(TD_MANAGER_EV_PULSE_LATE, TD_OK);
    assert_state(TD_MANAGER_BACKOFF);
    assert_int_equal(t.did[TD_MANAGER_DROP], 1);
}

static void a_farm_has_5_minutes(void **state)
{
    (void)state;
    struct td_manager_config c = desk;
    make_ready(&c);
    say(TD_MANAGER_EV_FARM_LOST, TD_OK);
    pass(3 * TD_SEC);
    say(TD_MANAGER_EV_FARM_BACK, TD_OK);
    assert_state(TD_MANAGER_READY);
    say(TD_MANAGER_EV_FARM_LOST, TD_OK);
    pass(299 * TD_SEC);
    assert_int_equal(t.told[TD_MANAGER_ALERT_FARM], 0);
    pass(TD_SEC);
    assert_int_equal(t.told[TD_MANAGER_ALERT_FARM], 1);
    pass(TD_HOUR);
    assert_int_equal(t.told[TD_MANAGER_ALERT_FARM], 1);
    c.soft_restart = true;
    make_ready(&c);
    say(TD_MANAGER_EV_FARM_LOST, TD_OK);
    pass(5 * TD_MIN);
    assert_int_equal(t.did[TD_MANAGER_SOFT_RESTART], 1);
    t.restart = TD_EIO;
    make_ready(&c);
    t.restart = TD_EIO;
    say(TD_MANAGER_EV_FARM_LOST, TD_OK);
    pass(5 * TD_MIN);
    assert_int_equal(t.told[TD_MANAGER_ALERT_FARM], 1);
}

/* --- WINDOW --- */

static void nothing_alerts_inside_a_window(void **state)
{
    (void)state;
    /* Wednesday 2025-11-19, 23:20 New York: the window begins at 23:30 and ends at 01:45. */
    begin_at(FRIDAY_NOON - 2 * TD_DAY + 11 * TD_HOUR + 20 * TD_MIN, &desk, SOMEBODY);
    settle();
    pass(15 * TD_MIN);
    assert_state(TD_MANAGER_READY); /* the window alone ends no session */
    t.dial = TD_ECLOSED;
    say(TD_MANAGER_EV_LINK_LOST, TD_ECLOSED);
    assert_state(TD_MANAGER_WINDOW);
    const int before = t.dial_count, looks = t.did[TD_MANAGER_LOOK];
    pass(TD_HOUR);
    assert_state(TD_MANAGER_WINDOW);
    assert_in_range(t.did[TD_MANAGER_LOOK] - looks, 600, 720); /* a look in 5 s ... */
    assert_in_range(t.dial_count - before, 9, 12);             /* ... and a connect in 5 min */
    t.fact = NOBODY;
    pass(TD_HOUR + 20 * TD_MIN - 60 * TD_SEC); /* 01:54 */
    for (int i = 0; i < TD_MANAGER_ALERTS; i++)
        assert_int_equal(t.told[i], 0);
    pass(2 * TD_MIN);
    assert_int_equal(t.told[TD_MANAGER_ALERT_OUTAGE], 1); /* 10 minutes behind it */
}

/* A restart inside the window is over when somebody listens again: no slow pace for that. */
static void a_listener_that_appears_in_a_window_is_dialled(void **state)
{
    (void)state;
    begin_at(FRIDAY_NOON - 2 * TD_DAY + 11 * TD_HOUR + 45 * TD_MIN, &desk, SOMEBODY);
    settle();
    assert_state(TD_MANAGER_READY);
    t.fact = NOBODY;
    t.dial = TD_EUNREACH;
    say(TD_MANAGER_EV_LINK_LOST, TD_ECLOSED);
    pass(90 * TD_SEC);
    assert_state(TD_MANAGER_WINDOW);
    const int before = t.dial_count;
    t.fact = SOMEBODY;
    t.dial = TD_OK;
    pass(6 * TD_SEC);
    assert_state(TD_MANAGER_READY);
    assert_int_equal(t.dial_count, before + 1);
}

static void a_loss_of_the_broker_inside_a_window_waits(void **state)
{
    (void)state;
    begin_at(FRIDAY_NOON - 2 * TD_DAY + 11 * TD_HOUR + 45 * TD_MIN, &desk, SOMEBODY);
    settle();
    say(TD_MANAGER_EV_BROKER_LOST, TD_OK);
    assert_state(TD_MANAGER_WINDOW);
    pass(10 * TD_MIN);
    assert_int_equal(t.did[TD_MANAGER_DIAL], 1); /* the session stands */
    say(TD_MANAGER_EV_BROKER_BACK, TD_OK);
    assert_state(TD_MANAGER_READY);
    say(TD_MANAGER_EV_BROKER_LOST, TD_OK);
    pass(2 * TD_HOUR); /* the window is over and it is still gone */
    assert_state(TD_MANAGER_DEGRADED);
    assert_int_equal(t.told[TD_MANAGER_ALERT_OUTAGE], 1);
}

/* The weekend is one window: an outage from Friday night is told on Sunday 02:10. */
static void the_weekend_is_quiet(void **state)
{
    (void)state;
    begin_at(FRIDAY_NOON + 10 * TD_HOUR + 50 * TD_MIN, &desk, SOMEBODY);
    settle();
    t.fact = NOBODY;
    say(TD_MANAGER_EV_LINK_LOST, TD_ECLOSED);
    pass(27 * TD_HOUR); /* Sunday 01:50 */
    assert_int_equal(t.told[TD_MANAGER_ALERT_OUTAGE] + t.told[TD_MANAGER_ALERT_HUMAN], 0);
    assert_int_equal(t.did[TD_MANAGER_START], 0); /* no login inside a window */
    pass(30 * TD_MIN);
    assert_int_equal(t.told[TD_MANAGER_ALERT_OUTAGE], 1);
    assert_int_equal(t.did[TD_MANAGER_START], 1); /* behind it, one */
}

/* --- clocks --- */

static void the_weekly_login_is_told_and_checked(void **state)
{
    (void)state;
    struct td_manager_config c = desk;
    TD_OK_OR_FAIL(td_week_minute_parse("Sun 10:00", &c.reauth_minute, NULL));
    begin(&c, SOMEBODY);
    settle();
    pass(46 * TD_HOUR - TD_SEC); /* Sunday 10:00 */
    assert_int_equal(t.told[TD_MANAGER_ALERT_WEEKLY], 0);
    pass(TD_SEC);
    assert_int_equal(t.told[TD_MANAGER_ALERT_WEEKLY], 1);
    pass(TD_HOUR);
    assert_int_equal(t.told[TD_MANAGER_ALERT_WEEKLY_BAD], 0); /* it was READY */
    pass(6 * TD_DAY);
    t.dial = TD_ECLOSED;
    say(TD_MANAGER_EV_LINK_LOST, TD_ECLOSED);
    pass(2 * TD_DAY);
    assert_int_equal(t.told[TD_MANAGER_ALERT_WEEKLY], 2);
    assert_int_equal(t.told[TD_MANAGER_ALERT_WEEKLY_BAD], 1);
    assert_true(t.told_at[TD_MANAGER_ALERT_WEEKLY_BAD] ==
                t.told_at[TD_MANAGER_ALERT_WEEKLY] + 30 * TD_MIN);
}

static bool may_order(void)
{
    return td_manager_may_order(&t.m, t.now.wall);
}

static void orders_stop_2_minutes_before_a_restart(void **state)
{
    (void)state;
    struct td_manager_config c = desk;
    c.restart_minute = 22 * 60 + 30;
    make_ready(&c);
    const td_ns restart = FRIDAY_NOON + 10 * TD_HOUR + 30 * TD_MIN;
    assert_true(td_manager_may_order(&t.m, FRIDAY_NOON));
    assert_true(td_manager_may_order(&t.m, restart - 2 * TD_MIN - TD_SEC));
    assert_false(td_manager_may_order(&t.m, restart - 2 * TD_MIN));
    assert_false(td_manager_may_order(&t.m, restart));
    const int looks = t.did[TD_MANAGER_RECONCILE];
    const td_ns before = restart - FRIDAY_NOON - (t.now.wall - FRIDAY_NOON);
    pass(before - TD_MIN);
    say(TD_MANAGER_EV_LINK_LOST, TD_ECLOSED); /* not yet the restart */
    pass(30 * TD_SEC);
    assert_state(TD_MANAGER_READY);
    assert_false(may_order());
    pass(
        2 *
        TD_MIN); /* the restart is late; a reconciliation of this session is not the one behind it */
    say(TD_MANAGER_EV_BROKER_LOST, TD_OK);
    say(TD_MANAGER_EV_BROKER_BACK, TD_OK);
    assert_state(TD_MANAGER_READY);
    assert_false(may_order());
    t.sync = NEVER_ANSWER;
    say(TD_MANAGER_EV_LINK_LOST, TD_ECLOSED);
    pass(30 * TD_SEC);
    assert_state(TD_MANAGER_SYNC);
    assert_false(may_order());
    t.sync = TD_OK;
    say(TD_MANAGER_EV_SYNC, TD_OK);
    assert_true(may_order()); /* at once: it is behind the restart */
    assert_int_equal(t.did[TD_MANAGER_RECONCILE], looks + 3);
}

static void a_restart_that_does_not_come_is_reconciled_without(void **state)
{
    (void)state;
    struct td_manager_config c = desk;
    c.restart_minute = 12 * 60 + 10;
    make_ready(&c);
    const int looks = t.did[TD_MANAGER_RECONCILE];
    pass(8 * TD_MIN);
    int closed = 0;
    while (!may_order()) {
        pass(TD_SEC);
        assert_true(++closed <= 8 * 60);
    }
    assert_in_range(closed, 7 * 60 - 2, 7 * 60 + 2); /* 2 before, 5 after */
    assert_int_equal(t.did[TD_MANAGER_RECONCILE], looks + 1);
    assert_state(TD_MANAGER_READY);
    pass(TD_DAY - 6 * TD_MIN);
    assert_false(may_order()); /* and the next day again */
}

/* P19: whatever fails for ever, somebody is told within 3 failures or 5 minutes, and the line says what to do. */
static void every_loop_is_told(void **state)
{
    static const struct {
        const char *what;
        enum td_listening fact;
        enum td_err display, start, dial, sync;
        bool managed;
    } loops[] = {
        {"nobody, attach only", NOBODY, 0, 0, 0, 0, false},
        {"unknown, refused", TD_LISTENING_UNKNOWN, 0, 0, TD_EUNREACH, 0, false},
        {"unknown, no answer", TD_LISTENING_UNKNOWN, 0, 0, TD_ETIMEOUT, 0, false},
        {"mute", SOMEBODY, 0, 0, TD_EMUTE, 0, true},
        {"closes", SOMEBODY, 0, 0, TD_ECLOSED, 0, true},
        {"babbles", SOMEBODY, 0, 0, TD_EPROTO, 0, true},
        {"too old", SOMEBODY, 0, 0, TD_EVERSION, 0, true},
        {"busy id", SOMEBODY, 0, 0, TD_EINUSE, 0, true},
        {"dial without end", SOMEBODY, 0, 0, NEVER_ANSWER, 0, true},
        {"no reconciliation", SOMEBODY, 0, 0, 0, TD_EIO, true},
        {"reconciliation without end", SOMEBODY, 0, 0, 0, NEVER_ANSWER, true},
        {"no display", NOBODY, TD_ENOENT, 0, 0, 0, true},
        {"display without end", NOBODY, NEVER_ANSWER, 0, 0, 0, true},
        {"no start", NOBODY, 0, TD_EIO, 0, 0, true},
        {"start without end", NOBODY, 0, NEVER_ANSWER, 0, 0, true},
        {"starts, never listens", NOBODY, 0, 0, 0, 0, true},
    };
    (void)state;
    for (size_t i = 0; i < TD_COUNT(loops); i++) {
        struct td_manager_config c = desk;
        c.managed = c.display = loops[i].managed;
        begin(&c, loops[i].fact);
        t.display = loops[i].display;
        t.start = loops[i].start;
        t.dial = loops[i].dial;
        t.sync = loops[i].sync;
        settle();
        pass(5 * TD_MIN);
        int told = 0;
        for (int a = 0; a < TD_MANAGER_ALERTS; a++) {
            told += t.told[a];
            if (t.told[a]) {
                assert_non_null(strstr(t.text[a], " since 2025-11-21T"));
                assert_non_null(strstr(t.text[a], "tries "));
                assert_non_null(
                    strstr(t.text[a],
                           td_manager_alert_human(&t.m, (enum td_manager_alert)a) ? "; " : "?"));
            }
        }
        if (!told)
            print_error("%s: nobody was told\n", loops[i].what);
        assert_true(told > 0);
        pass(12 * TD_HOUR);
        assert_true(t.dial_count <= 20 * 13);
        assert_true(t.did[TD_MANAGER_START] <= 3);
    }
    print_message("%zu loops, each told within 3 failures or 5 minutes\n", TD_COUNT(loops));
}

/* Any event in any state, from any seed: no crash, a known state, bounded connects, starts and actions. */
static void any_event_in_any_state_is_fine(void **state)
{
    uint64_t r = 99, events = 0, reached = 0;
    (void)state;
    for (int run = 0; run < 200; run++) {
        struct td_manager_config c = desk;
        c.soft_restart = run % 2;
        c.display = run % 3 == 0;
        c.managed = run % 5 != 0;
        c.grace = run % 7 ? 0 : 30 * TD_SEC;
        begin_at(FRIDAY_NOON + run * 37 * TD_MIN, &c, SOMEBODY);
        for (int i = 0; i < 500; i++) {
            r = r * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            static const enum td_err errs[] = {TD_OK,      TD_OK,     TD_EMUTE,     TD_EUNREACH,
                                               TD_ECLOSED, TD_EINUSE, NEVER_ANSWER, TD_EIO};
            t.fact = (enum td_listening)((r >> 33) % 3);
            t.dial = errs[(r >> 36) % 8];
            t.sync = errs[(r >> 39) % 8];
            t.start = errs[(r >> 42) % 8];
            settle();
            tell((enum td_manager_event_kind)((r >> 45) % TD_MANAGER_EVENTS), errs[(r >> 50) % 8]);
            settle();
            pass((td_ns)((r >> 20) % 200) * TD_SEC);
            assert_true(t.m.state < TD_MANAGER_STATES);
            reached |= 1u << t.m.state;
            events++;
        }
        for (int i = 0; i + 20 < t.dial_count; i++)
            assert_true(t.dials[i + 20] - t.dials[i] >= TD_HOUR);
    }
    print_message("%llu events, states reached %llx\n", (unsigned long long)events,
                  (unsigned long long)reached);
    assert_int_equal(events, 100000);
}

static void windows_are_read_from_text(void **state)
{
    struct td_windows w;
    struct td_fail why = {0};
    int32_t minute;
    (void)state;
    TD_OK_OR_FAIL(td_windows_parse("23:30-01:45", "Fri 22:45-Sun 02:00", &w, &why));
    assert_memory_equal(&w, &td_windows_preset, sizeof w);
    TD_OK_OR_FAIL(td_windows_parse("", "", &w, &why));
    assert_false(td_windows_inside(&w, &new_york, FRIDAY_NOON));
    TD_OK_OR_FAIL(td_windows_parse("11:00-13:00", "", &w, &why));
    assert_true(td_windows_inside(&w, &new_york, FRIDAY_NOON));
    TD_OK_OR_FAIL(td_windows_parse("", "Thu 00:00-Fri 12:01", &w, &why));
    assert_true(td_windows_inside(&w, &new_york, FRIDAY_NOON));
    static const char *const bad[] = {"23:30",        "x", "24:00-01:00", "1:0-2:0", "23:30-01:60",
                                      "23:30-01:45-", "-"};
    for (size_t i = 0; i < TD_COUNT(bad); i++)
        assert_int_equal(td_windows_parse(bad[i], "", &w, &why), TD_EINVAL);
    assert_int_equal(td_windows_parse("", "Fri 22:45-Son 02:00", &w, &why), TD_EINVAL);
    TD_OK_OR_FAIL(td_week_minute_parse("Mon 00:01", &minute, &why));
    assert_int_equal(minute, 24 * 60 + 1);
    assert_int_equal(td_week_minute(&new_york, FRIDAY_NOON), 5 * 24 * 60 + 12 * 60);
}

static int load_zone(void **state)
{
    struct td_world world;
    (void)state;
    if (td_uvworld_open(&world, false, NULL) != TD_OK)
        return -1;
    const enum td_err err = td_zone_load(&world, TD_ZONE_NEW_YORK, &new_york, NULL);
    td_uvworld_close(&world);
    return err == TD_OK ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_listener_leads_to_ready),
        cmocka_unit_test(off_attaches_and_starts_nothing),
        cmocka_unit_test(unknown_is_not_down),
        cmocka_unit_test(a_probe_without_an_answer_is_unknown),
        cmocka_unit_test(the_ladder_is_1_2_5_15_30_60_120_300),
        cmocka_unit_test(at_most_20_connects_in_an_hour),
        cmocka_unit_test(nobody_listens_so_one_is_started),
        cmocka_unit_test(a_display_has_10_s),
        cmocka_unit_test(a_start_has_240_s_and_600_while_it_lives),
        cmocka_unit_test(three_failed_starts_need_a_human),
        cmocka_unit_test(three_prompts_then_a_human),
        cmocka_unit_test(a_start_that_ends_badly_is_a_failure),
        cmocka_unit_test(the_grace_lets_a_login_finish),
        cmocka_unit_test(three_failed_handshakes_are_half_armed),
        cmocka_unit_test(a_soft_restart_once_an_hour),
        cmocka_unit_test(an_id_in_use_is_told_after_120_s),
        cmocka_unit_test(what_no_retry_heals_needs_a_human),
        cmocka_unit_test(a_reconciliation_has_120_s_and_3_tries),
        cmocka_unit_test(the_broker_back_is_always_reconciled),
        cmocka_unit_test(two_late_heartbeats_drop_the_socket),
        cmocka_unit_test(a_farm_has_5_minutes),
        cmocka_unit_test(nothing_alerts_inside_a_window),
        cmocka_unit_test(a_listener_that_appears_in_a_window_is_dialled),
        cmocka_unit_test(a_loss_of_the_broker_inside_a_window_waits),
        cmocka_unit_test(the_weekend_is_quiet),
        cmocka_unit_test(the_weekly_login_is_told_and_checked),
        cmocka_unit_test(orders_stop_2_minutes_before_a_restart),
        cmocka_unit_test(a_restart_that_does_not_come_is_reconciled_without),
        cmocka_unit_test(every_loop_is_told),
        cmocka_unit_test(any_event_in_any_state_is_fine),
        cmocka_unit_test(windows_are_read_from_text),
    };
    return cmocka_run_group_tests_name("desk/manager", tests, load_zone, NULL);
}
