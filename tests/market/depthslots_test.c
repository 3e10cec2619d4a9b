/* tests/market/depthslots_test.c - every way a session goes, and walks at random against a second book of who has what. */
#include "market/depthslots.h"

#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "support/support.h"

static struct td_depthslots d;
static char rows[4096];

static struct td_str sym(const char *s)
{
    return td_str_of(s);
}

/* All rows since the last call as "event:SYMBOL ". */
static const char *told(void)
{
    struct td_slot_row row;
    struct td_text t;
    td_text_init(&t, rows, sizeof rows);
    while (td_depthslots_next(&d, &row))
        td_text_printf(&t, "%s:%s ", td_slot_event_word(row.event), row.symbol);
    assert_false(td_text_full(&t));
    return rows;
}

static void start(const char *symbol)
{
    TD_OK_OR_FAIL(td_depthslots_start(&d, sym(symbol)));
}

static enum td_slot_state state_of(const char *symbol)
{
    const struct td_slot_session *s = td_depthslots_find(&d, sym(symbol));
    return s ? (enum td_slot_state)s->state : TD_SLOT_NONE;
}

static void fill(void)
{
    td_depthslots_init(&d, 0);
    for (const char *s = "ABCDE"; *s; s++) {
        start((char[]){*s, '\0'});
        (void)told();
    }
}

static void five_get_depth_and_the_sixth_waits(void **state)
{
    (void)state;
    td_depthslots_init(&d, 0);
    start("A");
    assert_string_equal(told(), "session_started:A l2_acquired:A ");
    for (const char *s = "BCDE"; *s; s++) {
        start((char[]){*s, '\0'});
        (void)told();
    }
    start("F");
    assert_string_equal(told(), "session_started:F "); /* ticks start at once */
    start("G");
    (void)told();
    assert_int_equal(d.held, 5);
    assert_int_equal(d.queued, 2);
    assert_int_equal(state_of("F"), TD_SLOT_QUEUED);
    assert_string_equal(td_slot_state_word(state_of("F")), "Queued");
    assert_string_equal(td_slot_state_word(state_of("E")), "L2");
    assert_string_equal(td_slot_state_word(state_of("Z")), "Idle");
}

static void a_release_really_starts_the_next(void **state)
{
    (void)state;
    fill();
    start("F");
    (void)told();
    start("G");
    (void)told();
    assert_true(td_depthslots_stop(&d, sym("B")));
    assert_string_equal(told(), "l2_released:B session_stopped:B l2_promoted:F ");
    assert_string_equal(td_slot_event_act(TD_SLOT_PROMOTED), "subscribe its depth");
    assert_int_equal(state_of("F"), TD_SLOT_ASKED);
    assert_true(td_depthslots_confirm(&d, sym("F")));
    assert_string_equal(told(), "session_upgraded:F ");
    assert_int_equal(state_of("F"), TD_SLOT_DEPTH);
    assert_true(td_depthslots_confirm(&d, sym("F"))); /* once is enough */
    assert_string_equal(told(), "");
    assert_int_equal(d.held, 5);
    assert_int_equal(d.queued, 1);
}

static void a_queued_one_that_is_stopped_leaves_the_queue(void **state)
{
    (void)state;
    fill();
    start("F");
    (void)told();
    start("G");
    (void)told();
    assert_true(td_depthslots_stop(&d, sym("F")));
    assert_string_equal(told(), "session_stopped:F ");
    assert_int_equal(d.queued, 1);
    assert_true(td_depthslots_stop(&d, sym("A")));
    assert_string_equal(told(), "l2_released:A session_stopped:A l2_promoted:G ");
    assert_false(td_depthslots_stop(&d, sym("F")));
}

static void a_failure_returns_to_the_front(void **state)
{
    (void)state;
    fill();
    start("F");
    (void)told();
    assert_true(td_depthslots_fail(&d, sym("C")));
    assert_string_equal(told(), "l2_subscribe_failed:C ");
    assert_int_equal(d.held, 4);
    assert_int_equal(d.queued, 2);
    assert_int_equal(td_depthslots_find(&d, sym("C"))->attempts, 1);
    td_depthslots_tick(&d);
    assert_string_equal(told(), "l2_promoted:C "); /* before F */
    assert_true(td_depthslots_confirm(&d, sym("C")));
    (void)told();
    assert_int_equal(td_depthslots_find(&d, sym("C"))->attempts, 0);
    assert_false(td_depthslots_fail(&d, sym("F"))); /* it waits: there is nothing to fail */
}

static void a_start_does_not_pass_who_waits(void **state)
{
    (void)state;
    fill();
    assert_true(td_depthslots_fail(&d, sym("C")));
    (void)told();
    start("F"); /* a slot is free, and C waits for it */
    assert_string_equal(told(), "session_started:F ");
    td_depthslots_tick(&d);
    assert_string_equal(told(), "l2_promoted:C ");
}

static void a_bad_symbol_is_given_up_and_keeps_its_ticks(void **state)
{
    (void)state;
    fill();
    start("F");
    (void)told();
    for (int i = 0; i < TD_DEPTHSLOTS_TRIES; i++) {
        assert_true(td_depthslots_fail(&d, sym("C")));
        assert_string_equal(told(), "l2_subscribe_failed:C ");
        td_depthslots_tick(&d);
        assert_string_equal(told(),
                            i + 1 < TD_DEPTHSLOTS_TRIES ? "l2_promoted:C " : "l2_promoted:F ");
    }
    assert_string_equal(td_slot_state_word(state_of("C")), "Tick");
    assert_false(td_depthslots_confirm(&d, sym("C")));
    assert_true(td_depthslots_stop(&d, sym("C")));
    assert_string_equal(told(), "session_stopped:C ");
}

static void stopping_all_promotes_nobody(void **state)
{
    (void)state;
    fill();
    start("F");
    (void)told();
    td_depthslots_stop_all(&d);
    assert_null(strstr(told(), "l2_promoted"));
    assert_int_equal(d.held, 0);
    assert_int_equal(d.queued, 0);
    for (const char *s = "ABCDEF"; *s; s++)
        assert_int_equal(state_of((char[]){*s, '\0'}), TD_SLOT_NONE);
}

static void what_cannot_be_started_is_refused(void **state)
{
    (void)state;
    char name[16];
    td_depthslots_init(&d, 2);
    assert_int_equal(td_depthslots_start(&d, sym("no such")), TD_EINVAL);
    start("A");
    (void)told();
    assert_int_equal(td_depthslots_start(&d, sym("A")), TD_EEXIST);
    for (int i = 1; i < TD_DEPTHSLOTS_SESSIONS; i++) {
        (void)snprintf(name, sizeof name, "S%d", i);
        start(name);
        (void)told();
    }
    assert_int_equal(td_depthslots_start(&d, sym("LAST")), TD_EFULL);
    assert_int_equal(d.held, 2);
}

static void a_row_is_a_line_of_keys(void **state)
{
    (void)state;
    struct td_slot_row row;
    struct td_text t;
    char line[200];
    td_depthslots_init(&d, 0);
    start("AAPL");
    td_text_init(&t, line, sizeof line);
    assert_true(td_depthslots_next(&d, &row));
    assert_true(td_depthslots_next(&d, &row));
    td_slot_row_print(&row, &t);
    assert_string_equal(line, "event=l2_acquired symbol=AAPL l2=1/5 queue=0 attempts=0");
    assert_false(td_depthslots_next(&d, &row));
}

/* ---- walks ---- */

#define NAMES 12

/* What an owner believes who does only what the rows say. */
struct owner {
    bool ticks[NAMES], depth[NAMES];
    int32_t line[NAMES]; /* who waits, in the order of asking */
    int32_t waiting;
    uint64_t acted;
};

static void leave(struct owner *o, int32_t who)
{
    int32_t kept = 0;
    for (int32_t i = 0; i < o->waiting; i++)
        if (o->line[i] != who)
            o->line[kept++] = o->line[i];
    o->waiting = kept;
}

static void act(struct owner *o, const struct td_slot_row *row)
{
    const int32_t who = row->symbol[0] - 'A';
    o->acted++;
    switch (row->event) {
    case TD_SLOT_STARTED:
        assert_false(o->ticks[who]);
        o->ticks[who] = true;
        o->line[o->waiting++] = who;
        break;
    case TD_SLOT_ACQUIRED:
    case TD_SLOT_PROMOTED:
        assert_true(o->ticks[who] && !o->depth[who]);
        assert_int_equal(o->line[0], who); /* first come, first served */
        leave(o, who);
        o->depth[who] = true;
        break;
    case TD_SLOT_UPGRADED:
        assert_true(o->depth[who]);
        break;
    case TD_SLOT_FAILED:
        assert_true(o->depth[who]);
        o->depth[who] = false;
        if (row->attempts < TD_DEPTHSLOTS_TRIES) {
            memmove(o->line + 1, o->line, (size_t)o->waiting * sizeof *o->line);
            o->line[0] = who;
            o->waiting++;
        }
        break;
    case TD_SLOT_RELEASED:
        assert_true(o->depth[who]);
        o->depth[who] = false;
        break;
    case TD_SLOT_STOPPED:
        assert_true(o->ticks[who] && !o->depth[who]);
        o->ticks[who] = false;
        leave(o, who);
        break;
    case TD_SLOT_EVENTS:
        fail();
    }
}

static void agree(const struct owner *o)
{
    uint32_t depth = 0;
    for (int32_t i = 0; i < NAMES; i++) {
        const struct td_slot_session *s =
            td_depthslots_find(&d, sym((char[]){(char)('A' + i), '\0'}));
        assert_int_equal(o->ticks[i], s != NULL); /* nothing lost, nothing left over */
        assert_int_equal(o->depth[i],
                         s && (s->state == TD_SLOT_ASKED || s->state == TD_SLOT_DEPTH));
        depth += o->depth[i];
    }
    assert_true(depth <= TD_DEPTHSLOTS); /* never more than five */
    assert_int_equal(depth, d.held);
    assert_int_equal(o->waiting, d.queued);
}

static void step(struct owner *o, struct td_rng *rng)
{
    const char name[2] = {(char)('A' + td_rng_below(rng, NAMES)), '\0'};
    struct td_slot_row row;
    switch (td_rng_below(rng, 16)) {
    case 0:
        td_depthslots_tick(&d);
        break;
    case 1:
    case 2:
    case 3:
        (void)td_depthslots_stop(&d, sym(name));
        break;
    case 4:
    case 5:
    case 6:
        (void)td_depthslots_fail(&d, sym(name));
        break;
    case 7:
    case 8:
        (void)td_depthslots_confirm(&d, sym(name));
        break;
    case 9:
        if (td_rng_below(rng, 50) == 0)
            td_depthslots_stop_all(&d);
        break;
    default:
        (void)(td_depthslots_start(&d, sym(name)) == TD_OK);
    }
    while (td_depthslots_next(&d, &row))
        act(o, &row);
    agree(o);
}

static void walks_lose_nobody_and_keep_the_order(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct owner o = {0};
        struct td_rng rng;
        td_rng_init(&rng, seed);
        td_depthslots_init(&d, 0);
        for (int i = 0; i < 5000; i++)
            step(&o, &rng);
        assert_true(o.acted > 1000);
    }
}

/* The broker grants three of five: nobody's attempts are counted, and who was sent back waits in the order of the starts. */
static void a_broker_without_slots_shrinks_them(void **state)
{
    (void)state;
    fill();
    start("F");
    (void)told();
    assert_true(td_depthslots_none_left(&d, sym("E")));
    assert_string_equal(told(), "l2_subscribe_failed:E ");
    assert_true(td_depthslots_none_left(&d, sym("D")));
    (void)told();
    assert_false(td_depthslots_none_left(&d, sym("D"))); /* it waits already */
    assert_int_equal(d.held, 3);
    assert_int_equal(d.slots, 3);
    assert_int_equal(td_depthslots_place(&d, sym("D")), 1);
    assert_int_equal(td_depthslots_place(&d, sym("E")), 2);
    assert_int_equal(td_depthslots_place(&d, sym("F")), 3);
    assert_int_equal(td_depthslots_place(&d, sym("A")), 0);
    assert_int_equal(td_depthslots_find(&d, sym("D"))->attempts, 0);
    td_depthslots_tick(&d);
    assert_string_equal(told(), ""); /* nothing is asked in vain */
    assert_true(td_depthslots_stop(&d, sym("A")));
    assert_string_equal(told(), "l2_released:A session_stopped:A l2_promoted:D ");
    assert_true(td_depthslots_widen(&d));
    assert_string_equal(told(), "l2_promoted:E ");
    assert_true(td_depthslots_widen(&d));
    assert_string_equal(told(), "l2_promoted:F ");
    assert_false(td_depthslots_widen(&d)); /* as many as were wanted */
    assert_int_equal(d.slots, TD_DEPTHSLOTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_get_depth_and_the_sixth_waits),
        cmocka_unit_test(a_release_really_starts_the_next),
        cmocka_unit_test(a_queued_one_that_is_stopped_leaves_the_queue),
        cmocka_unit_test(a_failure_returns_to_the_front),
        cmocka_unit_test(a_start_does_not_pass_who_waits),
        cmocka_unit_test(a_bad_symbol_is_given_up_and_keeps_its_ticks),
        cmocka_unit_test(stopping_all_promotes_nobody),
        cmocka_unit_test(what_cannot_be_started_is_refused),
        cmocka_unit_test(a_broker_without_slots_shrinks_them),
        cmocka_unit_test(a_row_is_a_line_of_keys),
        cmocka_unit_test(walks_lose_nobody_and_keep_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
