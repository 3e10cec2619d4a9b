/* tests/desk/tws_depth_test.c - a live depth stream of others, over our wire and into our book.
 *
 * data/tws/nautilus/eurusd_depth_first30.jsonl are 30 batches of depth calls of EUR.USD as another project received
 * them. Each call is encoded as the gateway would, decoded as a client would (text at both ends of the version range,
 * and protobuf), and applied to the book; the book must be the table of rows that this test fills by hand.
 */
#include "support/support.h"

#include <stdlib.h>
#include <string.h>

#include "market/book.h"
#include "wire/tws_field.h"

#define ROWS 10

static uint8_t arena_block[4096];

struct by_hand {
    int64_t px[2][ROWS], qty[2][ROWS]; /* 1e-9 */
    int rows[2];
};

/* The number behind a key of one call, as fixed point. */
static int64_t number_of(const char *object, const char *end, const char *key)
{
    const char *at = strstr(object, key);
    int64_t value = 0;
    assert_true(at && at < end);
    at += strlen(key);
    TD_OK_OR_FAIL(td_e9_parse(at, strcspn(at, ",}"), &value));
    return value;
}

/* Rows as the gateway's own samples treat them: insert moves the rows below, delete closes the gap. */
static void apply_by_hand(struct by_hand *b, int side, int row, int op, int64_t px, int64_t qty)
{
    const size_t below = (size_t)(ROWS - 1 - row) * sizeof px;
    if (op == 0) {
        memmove(&b->px[side][row + 1], &b->px[side][row], below);
        memmove(&b->qty[side][row + 1], &b->qty[side][row], below);
    }
    if (op == 2) {
        memmove(&b->px[side][row], &b->px[side][row + 1], below);
        memmove(&b->qty[side][row], &b->qty[side][row + 1], below);
        return;
    }
    b->px[side][row] = px;
    b->qty[side][row] = qty;
}

static void through_the_wire(struct td_tws_msg *msg, int32_t version)
{
    static uint8_t bytes[1024];
    static struct td_tws_msg read;
    struct td_arena arena;
    struct td_tws_decoded info;
    size_t len = 0;
    td_arena_init(&arena, arena_block, sizeof arena_block);
    const struct td_tws_codec codec = {version, false, &arena};
    TD_OK_OR_FAIL(td_tws_encode(&codec, msg, bytes, sizeof bytes, &len));
    TD_OK_OR_FAIL(td_tws_decode(&codec, (struct td_str){(char *)bytes, len}, &read, &info));
    assert_int_equal(info.surplus, 0);
    *msg = read;
}

static void play_call(struct td_book *book, struct by_hand *hand, const char *object,
                      const char *end, int32_t version)
{
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, TD_TWS_MARKET_DEPTH);
    msg.depth.req_id = 7;
    msg.depth.row = (int32_t)(number_of(object, end, "\"position\": ") / TD_E9);
    msg.depth.op = (int32_t)(number_of(object, end, "\"operation\": ") / TD_E9);
    msg.depth.side = (int32_t)(number_of(object, end, "\"side\": ") / TD_E9);
    msg.depth.px.e9 = number_of(object, end, "\"price\": ");
    msg.depth.qty.e9 = number_of(object, end, "\"size\": ");
    assert_true(msg.depth.row >= 0 && msg.depth.row < ROWS && msg.depth.side >= 0 &&
                msg.depth.side < 2);
    apply_by_hand(hand, msg.depth.side, msg.depth.row, msg.depth.op, msg.depth.px.e9,
                  msg.depth.qty.e9);
    through_the_wire(&msg, version);
    struct td_event ev;
    memset(&ev, 0, sizeof ev);
    ev.kind = TD_EV_DEPTH;
    ev.depth.px = msg.depth.px;
    ev.depth.qty = msg.depth.qty;
    ev.depth.row = msg.depth.row;
    ev.depth.op = (uint8_t)msg.depth.op;
    ev.depth.side = (uint8_t)msg.depth.side;
    TD_OK_OR_FAIL(td_book_apply(book, &ev));
}

/* The recording begins in the middle of a subscription: only updates, so the rows are put there first. */
static void lay_out(struct td_book *book)
{
    for (int side = 0; side < 2; side++)
        for (int row = 0; row < 5; row++) {
            struct td_event ev;
            memset(&ev, 0, sizeof ev);
            ev.kind = TD_EV_DEPTH;
            ev.depth.op = TD_DEPTH_INSERT;
            ev.depth.side = (uint8_t)side;
            ev.depth.row = row;
            ev.depth.px.e9 = side == TD_BID ? 100 - row : 200 + row;
            ev.depth.qty = TD_QTY(1);
            TD_OK_OR_FAIL(td_book_apply(book, &ev));
        }
}

static int play(const char *text, int32_t version, struct td_book *book, struct by_hand *hand)
{
    int calls = 0;
    memset(hand, 0, sizeof *hand);
    td_book_init(book, ROWS);
    lay_out(book);
    for (const char *at = text; (at = strstr(at, "\"position\"")) != NULL; calls++) {
        const char *end = strchr(at, '}');
        assert_non_null(end);
        play_call(book, hand, at, end + 1, version);
        at = end;
    }
    return calls;
}

static void recorded_depth_gives_its_book(void **state)
{
    (void)state;
    static const int32_t versions[] = {157, 200, TD_TWS_VERSION_PB};
    const char *path = td_test_data("tws/nautilus/eurusd_depth_first30.jsonl");
    size_t len = 0;
    if (!path)
        td_skip_data("tws/nautilus/eurusd_depth_first30.jsonl");
    char *text = td_test_slurp(path, &len);
    assert_non_null(text);
    for (size_t v = 0; v < TD_COUNT(versions); v++) {
        struct td_book book;
        struct by_hand hand;
        int compared = 0;
        assert_true(play(text, versions[v], &book, &hand) > 100);
        for (int side = 0; side < 2; side++)
            for (int row = 0; row < 5; row++) {
                if (!hand.px[side][row])
                    continue; /* never touched by the recording */
                assert_int_equal(book.side[side][row].px.e9, hand.px[side][row]);
                assert_int_equal(book.side[side][row].qty.e9, hand.qty[side][row]);
                compared++;
            }
        assert_true(compared >= 8);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(recorded_depth_gives_its_book)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
