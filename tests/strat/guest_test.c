/* tests/strat/guest_test.c - frames between a desk and a guest's host: both ways round, cut anywhere, and every field that may not be
 * believed; and which shared objects may be run. */
#include "support/support.h"

#include <math.h>

#include "strat/guest.h"
#include "support/plain_strategy.h"

static struct td_guest_in in;
static struct td_guest_frame frame;
static uint8_t wire[TD_GUEST_OUT];

static const struct td_strat_param two[] = {{"fast", 3, 1, 9, "quick\n"}, {"slow", 7, 2, 99, "x"}};
static const struct td_strat sound = {.name = "sound",
                                      .help = "is all right",
                                      .scope = TD_SCOPE_ALL,
                                      .legs_min = 2,
                                      .state_size = 64,
                                      .params = two,
                                      .param_count = 2,
                                      .init = plain_start,
                                      .on_event = plain_event};

static enum td_err read_back(size_t len)
{
    struct td_fail why = {0};
    in.used = 0;
    assert_int_equal(td_guest_feed(&in, wire, len), len);
    const enum td_err err = td_guest_next(&in, &frame, &why);
    if (err == TD_EPROTO)
        assert_int_not_equal(why.text[0], 0);
    if (!err)
        assert_int_equal(in.used, 0);
    return err;
}

static void a_description_comes_back(void **state)
{
    (void)state;
    const size_t len = td_guest_put_about(wire, sizeof wire, &sound);
    TD_OK_OR_FAIL(read_back(len));
    assert_int_equal(frame.kind, TD_GUEST_ABOUT);
    assert_string_equal(frame.about.name, "sound");
    assert_int_equal(frame.about.scope, TD_SCOPE_ALL);
    assert_int_equal(frame.about.param_count, 2);
    assert_string_equal(frame.about.params[0].name, "fast");
    assert_string_equal(frame.about.params[0].help, "quick?"); /* no line ends in a log */
    assert_true(frame.about.params[1].high == 99);
    assert_int_equal(td_guest_put_about(wire, len - 1, &sound), 0); /* it has no room */
}

static void a_word_comes_back(void **state)
{
    (void)state;
    struct td_guest_word word = {.instance = 3, .err = TD_EINVAL};
    memset(word.text, 'a', sizeof word.text); /* without an end */
    TD_OK_OR_FAIL(read_back(td_guest_put_word(wire, sizeof wire, TD_GUEST_BEGUN, &word)));
    assert_int_equal(frame.word.instance, 3);
    assert_int_equal(strlen(frame.word.text), sizeof word.text - 1);
    word.err = TD_ERR_COUNT;
    assert_int_equal(read_back(td_guest_put_word(wire, sizeof wire, TD_GUEST_BEGUN, &word)),
                     TD_EPROTO);
    word.err = -1;
    assert_int_equal(read_back(td_guest_put_word(wire, sizeof wire, TD_GUEST_REFUSED, &word)),
                     TD_EPROTO);
}

static struct td_intent an_intent(void)
{
    struct td_intent i = {.leg = 2,
                          .tag = 9,
                          .kind = TD_INTENT_CHANGE,
                          .action = TD_SELL,
                          .type = TD_ORDER_STOP_LIMIT,
                          .tif = TD_TIF_GTC,
                          .algo = TD_ALGO_POV,
                          .exit = true,
                          .qty = TD_QTY(5),
                          .display = TD_QTY(1),
                          .limit = {7},
                          .stop = {-8},
                          .trail = TD_PX_NONE,
                          .target = {10},
                          .protect = {11},
                          .group = 4,
                          .reference = {12},
                          .risk = {13},
                          .strength = 0.25,
                          .good_until = 14,
                          .algo_span = 15,
                          .strategy = "another",
                          .decided_ns = 99};
    (void)td_str_copy(td_str_of("because"), i.reason, sizeof i.reason);
    return i;
}

static size_t put_one(const struct td_intent *i, uint32_t count)
{
    const struct td_guest_answer a = {.seq = 77, .instance = 1, .count = count};
    return td_guest_put_intents(wire, sizeof wire, &a, i);
}

static void an_intent_comes_back(void **state)
{
    (void)state;
    struct td_intent i = an_intent();
    TD_OK_OR_FAIL(read_back(put_one(&i, 1)));
    const struct td_intent *o = &frame.intents[0];
    assert_int_equal(frame.answer.seq, 77);
    assert_int_equal(o->leg, 2);
    assert_int_equal(o->tag, 9);
    assert_int_equal(o->kind, TD_INTENT_CHANGE);
    assert_int_equal(o->action, TD_SELL);
    assert_int_equal(o->type, TD_ORDER_STOP_LIMIT);
    assert_int_equal(o->tif, TD_TIF_GTC);
    assert_int_equal(o->algo, TD_ALGO_POV);
    assert_true(o->exit);
    assert_int_equal(o->qty.e9, i.qty.e9);
    assert_int_equal(o->display.e9, i.display.e9);
    assert_int_equal(o->limit.e9, 7);
    assert_int_equal(o->stop.e9, -8);
    assert_true(td_px_is_none(o->trail));
    assert_int_equal(o->target.e9, 10);
    assert_int_equal(o->protect.e9, 11);
    assert_int_equal(o->group, 4);
    assert_int_equal(o->reference.e9, 12);
    assert_int_equal(o->risk.e9, 13);
    assert_true(o->strength == 0.25);
    assert_int_equal(o->good_until, 14);
    assert_int_equal(o->algo_span, 15);
    assert_string_equal(o->reason, "because");
    assert_string_equal(o->strategy, ""); /* whose it is and when it was decided the desk knows */
    assert_int_equal(o->decided_ns, 0);
}

/* Each with one thing that may not be. */
static void what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    struct td_intent bad[24];
    size_t n = 0;
    for (size_t i = 0; i < TD_COUNT(bad); i++)
        bad[i] = an_intent();
    bad[n++].leg = TD_LEGS_MAX;
    bad[n++].kind = TD_INTENT_CANCEL + 1;
    bad[n++].action = 2;
    bad[n++].type = TD_ORDER_TYPE_COUNT;
    bad[n++].tif = TD_TIF_COUNT;
    bad[n++].algo = 255;
    memset(&bad[n++].exit, 2, 1); /* foreign code writes what it likes */
    bad[n++].qty.e9 = -1;
    bad[n++].qty.e9 = INT64_MAX;
    bad[n++].display.e9 = -1;
    bad[n++].display.e9 = INT64_MAX;
    bad[n++].limit.e9 = INT64_MAX - 1;
    bad[n++].stop.e9 = INT64_MIN;
    bad[n++].trail.e9 = INT64_MIN;
    bad[n++].target.e9 = INT64_MIN;
    bad[n++].protect.e9 = INT64_MIN;
    bad[n++].reference.e9 = INT64_MIN;
    bad[n++].risk.e9 = INT64_MIN;
    bad[n++].strength = (double)NAN;
    bad[n++].strength = 1.5;
    bad[n++].strength = -0.1;
    bad[n++].good_until = -1;
    bad[n++].algo_span = -1;
    for (size_t i = 0; i < n; i++)
        if (read_back(put_one(&bad[i], 1)) != TD_EPROTO)
            fail_msg("row %zu was believed", i);
    struct td_intent i = an_intent();
    memset(i.reason, '\n', sizeof i.reason);
    TD_OK_OR_FAIL(read_back(put_one(&i, 1)));
    assert_int_equal(strlen(frame.intents[0].reason), sizeof i.reason - 1);
    assert_null(strchr(frame.intents[0].reason, '\n'));
}

static void counts_and_lengths_are_checked(void **state)
{
    (void)state;
    static struct td_intent many[TD_INTENTS_MAX];
    struct td_guest_head head;
    for (size_t i = 0; i < TD_INTENTS_MAX; i++)
        many[i] = an_intent();
    TD_OK_OR_FAIL(read_back(put_one(many, TD_INTENTS_MAX)));
    TD_OK_OR_FAIL(
        read_back(put_one(many, UINT32_MAX))); /* told without any: the desk switches it off */
    assert_int_equal(frame.answer.count, UINT32_MAX);
    static const uint32_t wrong[] = {0, 1, 15, 17, 200000, UINT32_MAX};
    for (size_t i = 0; i < TD_COUNT(wrong); i++) {
        (void)put_one(many, 1);
        memcpy(&head, wire, sizeof head);
        head.len = wrong[i];
        memcpy(wire, &head, sizeof head);
        assert_int_equal(read_back(sizeof head), TD_EPROTO); /* before the body is there */
    }
    static const uint32_t kinds[] = {0, TD_GUEST_BEGIN, TD_GUEST_LINE, TD_GUEST_EVENT, 8, 1000};
    for (size_t i = 0; i < TD_COUNT(kinds); i++) { /* what only a desk says */
        head.kind = kinds[i];
        head.len = 0;
        memcpy(wire, &head, sizeof head);
        assert_int_equal(read_back(sizeof head), TD_EPROTO);
    }
    const size_t len = put_one(many, 2); /* one said, two sent */
    struct td_guest_answer a = {.seq = 1, .count = 1};
    memcpy(wire + sizeof head, &a, sizeof a);
    assert_int_equal(read_back(len), TD_EPROTO);
}

static void frames_may_be_cut_anywhere(void **state)
{
    (void)state;
    static uint8_t all[TD_GUEST_OUT];
    struct td_intent i = an_intent();
    size_t len = put_one(&i, 1);
    memcpy(all, wire, len);
    size_t total = len;
    len = td_guest_put_about(wire, sizeof wire, &sound);
    memcpy(all + total, wire, len);
    total += len;
    for (size_t step = 1; step < 300; step++) {
        int frames = 0;
        in.used = 0;
        for (size_t off = 0; off < total;) {
            off += td_guest_feed(&in, all + off, step < total - off ? step : total - off);
            while (td_guest_next(&in, &frame, NULL) == TD_OK)
                frames++;
        }
        assert_int_equal(frames, 2);
    }
}

static void a_book_keeps_its_best_rows(void **state)
{
    (void)state;
    static struct td_book book, back;
    struct td_guest_book packed;
    td_book_init(&book, TD_BOOK_ROWS_MAX);
    for (int32_t row = 0; row < 30; row++)
        for (uint8_t side = 0; side < 2; side++) {
            const struct td_event e = {
                .kind = TD_EV_DEPTH,
                .recv_ns = 5,
                .depth = {.px = TD_PX(side == TD_BID ? 100 - row : 101 + row),
                          .qty = TD_QTY(row + 1),
                          .maker = "ARCA",
                          .row = row,
                          .op = TD_DEPTH_INSERT,
                          .side = side}};
            TD_OK_OR_FAIL(td_book_apply(&book, &e));
        }
    td_guest_pack_book(3, &book, &packed);
    td_guest_unpack_book(&packed, &back);
    assert_int_equal(packed.line, 3);
    assert_int_equal(back.rows[TD_BID], TD_GUEST_ROWS);
    assert_int_equal(back.rows[TD_ASK], TD_GUEST_ROWS);
    assert_int_equal(back.updates, book.updates);
    for (int side = 0; side < 2; side++)
        for (int row = 0; row < TD_GUEST_ROWS; row++) {
            assert_int_equal(back.side[side][row].px.e9, book.side[side][row].px.e9);
            assert_int_equal(back.side[side][row].qty.e9, book.side[side][row].qty.e9);
            assert_string_equal(back.maker[side][row], "ARCA");
        }
    assert_int_equal(td_book_quality(&back, 5, 0), td_book_quality(&book, 5, 0));
}

static void an_event_is_cut_by_its_counts(void **state)
{
    (void)state;
    struct td_guest_event head = {.legs = 2, .leg = 1, .working = 1, .books = 1};
    struct td_guest_parts p;
    const size_t len = sizeof head + 2 * sizeof(struct td_guest_leg) + sizeof(struct td_working) +
                       sizeof(struct td_guest_book);
    memcpy(wire, &head, sizeof head);
    TD_OK_OR_FAIL(td_guest_cut(wire, len, &p));
    assert_ptr_equal(p.legs, wire + sizeof head);
    assert_ptr_equal(p.books, wire + len - sizeof(struct td_guest_book));
    assert_int_equal(td_guest_cut(wire, len - 1, &p), TD_EPROTO);
    assert_int_equal(td_guest_cut(wire, len + 1, &p), TD_EPROTO);
    assert_int_equal(td_guest_cut(wire, 3, &p), TD_EPROTO);
    head.leg = 2;
    memcpy(wire, &head, sizeof head);
    assert_int_equal(td_guest_cut(wire, len, &p), TD_EPROTO);
}

static struct td_strat_plugin plugin_of(const struct td_strat *strat)
{
    return (struct td_strat_plugin)TD_STRAT_PLUGIN_OF(strat);
}

static enum td_err check_row(const struct td_strat *strat)
{
    const struct td_strat_plugin p = plugin_of(strat);
    struct td_fail why = {0};
    const enum td_err err = td_plugin_check(&p, &why);
    assert_int_equal(why.text[0] == '\0', err == TD_OK);
    return err;
}

static void only_sound_rows_may_be_run(void **state)
{
    (void)state;
    struct td_strat bad[12];
    struct td_strat_param odd[] = {{"a b", 1, 0, 2, ""}, {"n", (double)NAN, 0, 2, ""}};
    size_t n = 0;
    TD_OK_OR_FAIL(check_row(&sound));
    for (size_t i = 0; i < TD_COUNT(bad); i++)
        bad[i] = sound;
    bad[n++].name = NULL;
    bad[n++].name = "";
    bad[n++].name = "sixteen_letters_";
    bad[n++].name = "Upper";
    bad[n++].name = "momentum"; /* built in */
    bad[n++].init = NULL;
    bad[n++].on_event = NULL;
    bad[n++].state_size = TD_STRAT_STATE_MAX + 1;
    bad[n++].param_count = TD_STRAT_PARAMS + 1;
    bad[n++].legs_min = TD_LEGS_MAX + 1;
    bad[n].params = odd;
    bad[n++].param_count = 1;
    bad[n].params = odd + 1;
    bad[n++].param_count = 1;
    for (size_t i = 0; i < n; i++)
        if (check_row(&bad[i]) != TD_EINVAL)
            fail_msg("row %zu was accepted", i);
    assert_int_equal(check_row(NULL), TD_EINVAL);
    struct td_strat_plugin p = plugin_of(&sound);
    p.abi++;
    assert_int_equal(td_plugin_check(&p, NULL), TD_EVERSION);
    p = plugin_of(&sound);
    p.leg_size--;
    assert_int_equal(td_plugin_check(&p, NULL), TD_EVERSION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_description_comes_back),
        cmocka_unit_test(a_word_comes_back),
        cmocka_unit_test(an_intent_comes_back),
        cmocka_unit_test(what_makes_no_sense_is_refused),
        cmocka_unit_test(counts_and_lengths_are_checked),
        cmocka_unit_test(frames_may_be_cut_anywhere),
        cmocka_unit_test(a_book_keeps_its_best_rows),
        cmocka_unit_test(an_event_is_cut_by_its_counts),
        cmocka_unit_test(only_sound_rows_may_be_run),
    };
    return cmocka_run_group_tests_name("strat/guest", tests, NULL, NULL);
}
