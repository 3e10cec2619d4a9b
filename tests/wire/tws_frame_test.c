/* tests/wire/tws_frame_test.c - cutting and queueing frames: every documented result of wire/tws_frame.h. */
#include "support/support.h"

#include <string.h>

#include "wire/tws_frame.h"

static void append(char *seen, struct td_str payload)
{
    const size_t n = strlen(seen);
    memcpy(seen + n, payload.p, payload.len);
    seen[n + payload.len] = '\0';
}

static void frames_come_out_whole_for_any_cut(void **state)
{
    (void)state;
    static const uint8_t stream[] = "\0\0\0\x02"
                                    "ab"
                                    "\0\0\0\x01"
                                    "c"
                                    "\0\0\0\x04"
                                    "defg"
                                    "\0\0\0\x02"
                                    "hi";
    for (size_t step = 1; step < sizeof stream; step++) {
        struct td_tws_rx rx;
        uint8_t buf[12]; /* smaller than the stream: it must move bytes to the front */
        char seen[16] = "";
        td_tws_rx_init(&rx, buf, sizeof buf);
        for (size_t off = 0; off < sizeof stream - 1;) {
            const size_t left = sizeof stream - 1 - off;
            struct td_str payload;
            off += td_tws_rx_feed(&rx, stream + off, left < step ? left : step);
            while (!td_tws_rx_next(&rx, &payload))
                append(seen, payload);
        }
        assert_string_equal(seen, "abcdefghi");
    }
}

static void lengths_are_checked_before_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *prefix;
        enum td_err err;
    } cases[] = {
        {"\0\0\0\0", TD_EPROTO},   {"\0\0\0\x0d", TD_EPROTO}, {"\x80\0\0\0", TD_EPROTO},
        {"\x01\0\0\0", TD_EPROTO}, {"\0\0\0\x0c", TD_EAGAIN},
    };
    uint8_t buf[16];
    struct td_str payload;
    for (size_t i = 0; i < TD_COUNT(cases); i++) {
        struct td_tws_rx rx;
        td_tws_rx_init(&rx, buf, sizeof buf);
        (void)td_tws_rx_feed(&rx, (const uint8_t *)cases[i].prefix, 3);
        assert_int_equal(td_tws_rx_next(&rx, &payload), TD_EAGAIN);
        (void)td_tws_rx_feed(&rx, (const uint8_t *)cases[i].prefix + 3, 1);
        assert_int_equal(td_tws_rx_next(&rx, &payload), cases[i].err);
    }
    struct td_tws_rx rx;
    td_tws_rx_init(&rx, buf, sizeof buf);
    assert_int_equal(td_tws_rx_feed(&rx,
                                    (const uint8_t *)"\0\0\0\x0c"
                                                     "0123456789abcdef",
                                    20),
                     16);
    assert_int_equal(td_tws_rx_feed(&rx, (const uint8_t *)"x", 1), 0); /* full until drained */
    assert_int_equal(td_tws_rx_feed(&rx, (const uint8_t *)"x", 0), 0);
    TD_OK_OR_FAIL(td_tws_rx_next(&rx, &payload));
    assert_int_equal(payload.len, 12);
    static uint8_t large[TD_TWS_FRAME_MAX + 64];
    td_tws_rx_init(&rx, large, sizeof large); /* the protocol's own cap holds in a larger buffer */
    (void)td_tws_rx_feed(&rx, (const uint8_t *)"\x01\0\0\0", 4);
    assert_int_equal(td_tws_rx_next(&rx, &payload), TD_EPROTO);
}

static void the_queue_keeps_order_and_refuses_what_does_not_fit(void **state)
{
    (void)state;
    struct td_tws_tx tx;
    uint8_t buf[16], out[16];
    size_t room;
    td_tws_tx_init(&tx, buf, sizeof buf);
    assert_true(td_tws_tx_empty(&tx));
    assert_int_equal(td_tws_tx_pull(&tx, out, sizeof out), 0);
    assert_int_equal(td_tws_tx_raw(&tx, "seventeen bytes!!", 17), TD_EFULL);
    memcpy(td_tws_tx_begin(&tx, &room), "abcd", 4);
    assert_int_equal(room, 12);
    td_tws_tx_commit(&tx, 4);
    memcpy(td_tws_tx_begin(&tx, &room), "ef", 2);
    assert_int_equal(room, 4);
    td_tws_tx_commit(&tx, 2);
    (void)td_tws_tx_begin(&tx, &room);
    assert_int_equal(room, 0);
    assert_int_equal(td_tws_tx_pull(&tx, out, 0), 0);
    assert_int_equal(td_tws_tx_pull(&tx, out, 5), 5);
    assert_int_equal(td_tws_tx_pull(&tx, out, sizeof out),
                     3); /* the rest of the first frame only */
    assert_memory_equal(out, "bcd", 3);
    (void)td_tws_tx_begin(&tx, &room); /* half was sent: the live bytes move to the front */
    assert_int_equal(room, 6);
    assert_int_equal(td_tws_tx_pull(&tx, out, sizeof out), 6);
    assert_memory_equal(out,
                        "\0\0\0\x02"
                        "ef",
                        6);
    TD_OK_OR_FAIL(td_tws_tx_raw(&tx, "raw", 3));
    assert_int_equal(td_tws_tx_pull(&tx, out, sizeof out), 3);
    assert_true(td_tws_tx_empty(&tx));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_out_whole_for_any_cut),
        cmocka_unit_test(lengths_are_checked_before_bytes),
        cmocka_unit_test(the_queue_keeps_order_and_refuses_what_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
