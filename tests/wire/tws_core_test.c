/* tests/wire/tws_core_test.c - handshake, frames, states, limits and pace of both TWS cores. */
#include "support/support.h"

#include <string.h>

#include "base/random.h"
#include "wire/tws_field.h"
#include "wire/tws_gateway.h"

#define CAP 65536

struct side {
    uint8_t rx[CAP], tx[CAP], arena[CAP];
};
static struct side client_side, gateway_side;

struct pair {
    struct td_tws client;
    struct td_twsgw gateway;
};

static struct td_tws_config client_config(void)
{
    return (struct td_tws_config){
        .rx = client_side.rx,
        .rx_cap = CAP,
        .tx = client_side.tx,
        .tx_cap = CAP,
        .arena = client_side.arena,
        .arena_cap = CAP,
        .now_ns = TD_SEC,
        .client_id = 7,
    };
}

static struct td_twsgw_config gateway_config(void)
{
    return (struct td_twsgw_config){
        .rx = gateway_side.rx,
        .rx_cap = CAP,
        .tx = gateway_side.tx,
        .tx_cap = CAP,
        .arena = gateway_side.arena,
        .arena_cap = CAP,
        .now_ns = TD_SEC,
        .server_time = "20261121 05:30:00 UTC",
    };
}

static struct td_tws_msg number_msg(uint16_t kind, int32_t value)
{
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, kind);
    msg.number.value = value;
    return msg;
}

static struct td_tws_msg text_msg(uint16_t kind, const char *text)
{
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, kind);
    msg.text.text = td_str_of(text);
    return msg;
}

/* Moves what one side has to say; returns the bytes moved. */
static size_t to_gateway(struct pair *p)
{
    uint8_t bytes[4096];
    const size_t n = td_tws_pull(&p->client, bytes, sizeof bytes);
    assert_int_equal(td_twsgw_feed(&p->gateway, bytes, n), n);
    return n;
}

static size_t to_client(struct pair *p)
{
    uint8_t bytes[4096];
    const size_t n = td_twsgw_pull(&p->gateway, bytes, sizeof bytes);
    assert_int_equal(td_tws_feed(&p->client, bytes, n), n);
    return n;
}

static void expect_client(struct pair *p, enum td_tws_event_kind kind, uint16_t msg_kind)
{
    struct td_tws_event ev;
    assert_true(td_tws_next(&p->client, &ev));
    assert_int_equal(ev.kind, kind);
    assert_int_equal(ev.msg.kind, msg_kind);
}

static void expect_gateway(struct pair *p, enum td_tws_event_kind kind, uint16_t msg_kind)
{
    struct td_tws_event ev;
    assert_true(td_twsgw_next(&p->gateway, &ev));
    assert_int_equal(ev.kind, kind);
    assert_int_equal(ev.msg.kind, msg_kind);
}

static void connect_pair(struct pair *p, uint16_t rate)
{
    struct td_tws_event ev;
    struct td_tws_config cc = client_config();
    struct td_twsgw_config gc = gateway_config();
    cc.messages_per_sec = rate;
    TD_OK_OR_FAIL(td_tws_init(&p->client, &cc));
    TD_OK_OR_FAIL(td_twsgw_init(&p->gateway, &gc));
    assert_int_equal(to_gateway(p), 17);
    assert_false(td_twsgw_next(&p->gateway, &ev));
    assert_int_equal(to_client(p), 30); /* the hello, one pull */
    assert_false(td_tws_next(&p->client, &ev));
    assert_int_equal(to_gateway(p), 12);
    expect_gateway(p, TD_TWS_EV_START_API, TD_TWS_START_API);
    assert_int_equal(p->gateway.client_id, 7);
    const struct td_tws_msg accounts = text_msg(TD_TWS_MANAGED_ACCOUNTS, "DU1234567");
    const struct td_tws_msg next = number_msg(TD_TWS_NEXT_VALID_ID, 1);
    TD_OK_OR_FAIL(td_twsgw_send(&p->gateway, &accounts));
    TD_OK_OR_FAIL(td_twsgw_send(&p->gateway, &next));
    assert_int_equal(td_twsgw_queued(&p->gateway), 29);
    (void)to_client(p);
    expect_client(p, TD_TWS_EV_MESSAGE, TD_TWS_MANAGED_ACCOUNTS);
    assert_int_equal(td_tws_send(&p->client, &next), TD_EAGAIN);
    expect_client(p, TD_TWS_EV_MESSAGE, TD_TWS_NEXT_VALID_ID);
    expect_client(p, TD_TWS_EV_READY, TD_TWS_NONE);
    assert_int_equal(td_tws_wake(&p->client), TD_NS_NEVER);
}

static void both_sides_reach_ready(void **state)
{
    (void)state;
    struct pair p;
    connect_pair(&p, 0);
    assert_int_equal(p.client.server_version, 200);
    assert_string_equal(p.client.server_time, "20261121 05:30:00 UTC");
    assert_int_equal(p.client.next_valid_id, 1);
    /* The gateway cannot be made to send requests, nor the client replies. */
    const struct td_tws_msg ids = number_msg(TD_TWS_REQ_IDS, 1),
                            next = number_msg(TD_TWS_NEXT_VALID_ID, 2);
    assert_int_equal(td_tws_send(&p.client, &next), TD_EINVAL);
    assert_int_equal(td_twsgw_send(&p.gateway, &ids), TD_EINVAL);
    TD_OK_OR_FAIL(td_tws_send(&p.client, &ids));
    (void)to_gateway(&p);
    expect_gateway(&p, TD_TWS_EV_MESSAGE, TD_TWS_REQ_IDS);
    /* A later nextValidId is a message and changes nothing here. */
    TD_OK_OR_FAIL(td_twsgw_send(&p.gateway, &next));
    (void)to_client(&p);
    expect_client(&p, TD_TWS_EV_MESSAGE, TD_TWS_NEXT_VALID_ID);
    assert_int_equal(p.client.next_valid_id, 1);
    td_tws_close(&p.client);
    td_tws_close(&p.client);
    expect_client(&p, TD_TWS_EV_CLOSED, TD_TWS_NONE);
    struct td_tws_event ev;
    assert_false(td_tws_next(&p.client, &ev));
    assert_int_equal(td_tws_send(&p.client, &ids), TD_ECLOSED);
    assert_int_equal(td_tws_feed(&p.client, (const uint8_t *)"abc", 3), 3);
    td_twsgw_close(&p.gateway);
    expect_gateway(&p, TD_TWS_EV_CLOSED, TD_TWS_NONE);
    assert_false(td_twsgw_next(&p.gateway, &ev));
    assert_int_equal(td_twsgw_send(&p.gateway, &next), TD_ECLOSED);
    assert_int_equal(td_twsgw_feed(&p.gateway, (const uint8_t *)"abc", 3), 3);
}

static void golden_frames_are_byte_exact(void **state)
{
    (void)state;
    static const char hello[] = "API\0\0\0\0\tv157..200";
    static const char answer[] = "\0\0\0\x1a"
                                 "200\0"
                                 "20261121 05:30:00 UTC\0";
    static const char start[] = "\0\0\0\x08"
                                "71\0"
                                "2\0"
                                "7\0\0";
    static const char accounts[] = "\0\0\0\x0f"
                                   "15\0"
                                   "1\0"
                                   "DU1234567\0";
    static const char next[] = "\0\0\0\x06"
                               "9\0"
                               "1\0"
                               "1\0";
    struct pair p;
    uint8_t bytes[256];
    struct td_tws_event ev;
    struct td_tws_config cc = client_config();
    struct td_twsgw_config gc = gateway_config();
    TD_OK_OR_FAIL(td_tws_init(&p.client, &cc));
    TD_OK_OR_FAIL(td_twsgw_init(&p.gateway, &gc));
    assert_int_equal(td_tws_pull(&p.client, bytes, sizeof bytes), sizeof hello - 1);
    assert_memory_equal(bytes, hello, sizeof hello - 1);
    (void)td_twsgw_feed(&p.gateway, bytes, sizeof hello - 1);
    assert_false(td_twsgw_next(&p.gateway, &ev));
    const struct td_tws_msg early = number_msg(TD_TWS_NEXT_VALID_ID, 1);
    assert_int_equal(td_twsgw_send(&p.gateway, &early), TD_EAGAIN);
    assert_true(td_twsgw_wake(&p.gateway) <= TD_SEC);
    assert_int_equal(td_twsgw_pull(&p.gateway, bytes, sizeof bytes), sizeof answer - 1);
    assert_memory_equal(bytes, answer, sizeof answer - 1);
    (void)td_tws_feed(&p.client, bytes, sizeof answer - 1);
    assert_false(td_tws_next(&p.client, &ev));
    assert_int_equal(td_tws_pull(&p.client, bytes, sizeof bytes), sizeof start - 1);
    assert_memory_equal(bytes, start, sizeof start - 1);
    (void)td_twsgw_feed(&p.gateway, bytes, sizeof start - 1);
    assert_true(td_twsgw_next(&p.gateway, &ev));
    const struct td_tws_msg list = text_msg(TD_TWS_MANAGED_ACCOUNTS, "DU1234567");
    TD_OK_OR_FAIL(td_twsgw_send(&p.gateway, &list));
    TD_OK_OR_FAIL(td_twsgw_send(&p.gateway, &early));
    assert_int_equal(td_twsgw_pull(&p.gateway, bytes, sizeof bytes),
                     sizeof accounts + sizeof next - 2);
    assert_memory_equal(bytes, accounts, sizeof accounts - 1);
    assert_memory_equal(bytes + sizeof accounts - 1, next, sizeof next - 1);
    assert_int_equal(td_twsgw_wake(&p.gateway), TD_NS_NEVER);
}

/* Feeds a gateway with an offer and returns the version it answers, or 0 when it closes. */
static int32_t answer_to(const char *offer, size_t len, enum td_err *why)
{
    struct td_twsgw g;
    struct td_twsgw_config c = gateway_config();
    struct td_tws_event ev;
    uint8_t frame[300] = {'A', 'P', 'I', 0, 0, 0, 0, 0};
    TD_OK_OR_FAIL(td_twsgw_init(&g, &c));
    frame[6] = (uint8_t)(len >> 8);
    frame[7] = (uint8_t)len;
    memcpy(frame + 8, offer, len);
    for (size_t i = 0; i < len + 8; i++) {
        assert_int_equal(td_twsgw_feed(&g, frame + i, 1), 1);
        if (td_twsgw_next(&g, &ev)) {
            assert_int_equal(ev.kind, TD_TWS_EV_CLOSED);
            *why = ev.err;
            assert_true(strlen(ev.text) > 0);
            return 0;
        }
    }
    if (strstr(offer, "+PACEAPI"))
        assert_string_equal(g.options, "+PACEAPI");
    return g.version;
}

static void gateway_answers_by_the_rule(void **state)
{
    (void)state;
    static const struct {
        const char *offer;
        int32_t version;
        enum td_err why;
    } cases[] = {
        {"v157..178", 178, TD_OK},          {"v100..193", 193, TD_OK},
        {"v100..225", 200, TD_OK},          {"v100..200", 200, TD_OK},
        {"v157..178 +PACEAPI", 178, TD_OK}, {"v187", 187, TD_OK},
        {"v100..157", 157, TD_OK},          {"v213..225", 213, TD_OK},
        {"v201..222", 213, TD_OK},          {"v215..225", 215, TD_OK},
        {"v201..212", 0, TD_EVERSION},      {"v226..300", 0, TD_EVERSION},
        {"v100", 0, TD_EVERSION},           {"v100..156", 0, TD_EVERSION},
        {"157..178", 0, TD_EPROTO},         {"v", 0, TD_EPROTO},
        {"v157..", 0, TD_EPROTO},           {"v200..157", 0, TD_EPROTO},
        {"v157..178x", 0, TD_EPROTO},       {"v999999", 0, TD_EPROTO},
    };
    for (size_t i = 0; i < TD_COUNT(cases); i++) {
        enum td_err why = TD_OK;
        assert_int_equal(answer_to(cases[i].offer, strlen(cases[i].offer), &why), cases[i].version);
        assert_int_equal(why, cases[i].why);
    }
    enum td_err why = TD_OK;
    char longer[200];
    memset(longer, 'v', sizeof longer);
    assert_int_equal(answer_to(longer, sizeof longer, &why), 0);
    assert_int_equal(why, TD_EPROTO);
}

/* The golden frames of the protobuf form, and a request and a reply through it. */
static void a_protobuf_session_is_byte_exact(void **state)
{
    (void)state;
    static const uint8_t start[] = {0, 0, 0, 6, 0, 0, 1, 0x0f, 8, 7};
    static const uint8_t next[] = {0, 0, 0, 6, 0, 0, 0, 0xd1, 8, 1};
    static const uint8_t accounts[] = {0,   0,   0,   0x0f, 0,   0,   0,   0xd7, 0x0a, 9,
                                       'D', 'U', '1', '2',  '3', '4', '5', '6',  '7'};
    struct pair p;
    uint8_t bytes[256];
    struct td_tws_event ev;
    struct td_tws_config cc = client_config();
    struct td_twsgw_config gc = gateway_config();
    cc.version_min = cc.version_max = TD_TWS_VERSION_PB;
    TD_OK_OR_FAIL(td_tws_init(&p.client, &cc));
    TD_OK_OR_FAIL(td_twsgw_init(&p.gateway, &gc));
    assert_int_equal(to_gateway(&p), 12); /* API, length, "v213" */
    assert_false(td_twsgw_next(&p.gateway, &ev));
    (void)to_client(&p); /* the hello is text at every version */
    assert_false(td_tws_next(&p.client, &ev));
    assert_int_equal(p.client.server_version, TD_TWS_VERSION_PB);
    assert_int_equal(td_tws_pull(&p.client, bytes, sizeof bytes), sizeof start);
    assert_memory_equal(bytes, start, sizeof start);
    (void)td_twsgw_feed(&p.gateway, bytes, sizeof start);
    expect_gateway(&p, TD_TWS_EV_START_API, TD_TWS_START_API);
    assert_int_equal(p.gateway.client_id, 7);
    const struct td_tws_msg id = number_msg(TD_TWS_NEXT_VALID_ID, 1);
    const struct td_tws_msg list = text_msg(TD_TWS_MANAGED_ACCOUNTS, "DU1234567");
    TD_OK_OR_FAIL(td_twsgw_send(&p.gateway, &list));
    TD_OK_OR_FAIL(td_twsgw_send(&p.gateway, &id));
    assert_int_equal(td_twsgw_pull(&p.gateway, bytes, sizeof bytes), sizeof accounts + sizeof next);
    assert_memory_equal(bytes, accounts, sizeof accounts);
    assert_memory_equal(bytes + sizeof accounts, next, sizeof next);
    (void)td_tws_feed(&p.client, bytes, sizeof accounts + sizeof next);
    expect_client(&p, TD_TWS_EV_MESSAGE, TD_TWS_MANAGED_ACCOUNTS);
    expect_client(&p, TD_TWS_EV_MESSAGE, TD_TWS_NEXT_VALID_ID);
    expect_client(&p, TD_TWS_EV_READY, TD_TWS_NONE);
    struct td_tws_msg order;
    td_tws_msg_init(&order, TD_TWS_PLACE_ORDER);
    order.place_order.order_id = 1;
    order.place_order.contract.symbol = td_str_of("AAPL");
    order.place_order.order.lmt_price = (td_px){189950000000};
    TD_OK_OR_FAIL(td_tws_send(&p.client, &order));
    (void)to_gateway(&p);
    assert_true(td_twsgw_next(&p.gateway, &ev));
    assert_int_equal(ev.msg.kind, TD_TWS_PLACE_ORDER);
    assert_int_equal(ev.req_id, 1);
    assert_int_equal(ev.msg.place_order.order.lmt_price.e9, 189950000000);
    assert_true(ev.msg.place_order.order.transmit);
    assert_int_equal(ev.msg.place_order.order.aux_price.e9, TD_E9_NONE);
    /* Either form is read at that version: a text tick behind a raw id. */
    static const char text_tick[] = "\0\0\0\x0e\0\0\0\x02"
                                    "6\0"
                                    "9\0"
                                    "5\0"
                                    "100";
    (void)td_tws_feed(&p.client, (const uint8_t *)text_tick, sizeof text_tick);
    assert_true(td_tws_next(&p.client, &ev));
    assert_int_equal(ev.msg.kind, TD_TWS_TICK_SIZE);
    assert_int_equal(ev.msg.tick_size.size.e9, 100 * TD_E9);
    assert_int_equal(p.client.bad_messages + p.gateway.bad_messages, 0);
}

/* Bodies that are no protobuf, or not of the message's types, are dropped by name and the session goes on. */
static void bad_protobuf_is_dropped(void **state)
{
    (void)state;
    static const struct {
        uint8_t id, body[12];
        size_t len;
        enum td_err err;
    } cases[] = {
        {201, {8}, 1, TD_EPROTO},                /* a key without its value             */
        {201, {0x0a, 1, 'x'}, 3, TD_EPROTO},     /* a text where a number belongs       */
        {201, {0x0d, 1, 2, 3, 4}, 5, TD_EPROTO}, /* four bytes where a varint belongs   */
        {201, {0x22, 5, '1'}, 3, TD_EPROTO},     /* a length past the end               */
        {201, {0x22, 1, 'x'}, 3, TD_EPROTO},     /* no number in a decimal text         */
        {201, {0x0b}, 1, TD_EPROTO},             /* a group                             */
        {201, {0x00, 1}, 2, TD_EPROTO},          /* field number 0                      */
        {201, {8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1}, 12, TD_EPROTO},
        {201, {8, 255, 255, 255, 255, 127}, 6, TD_ERANGE}, /* past 32 bits                       */
        {201, {0x19, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f}, 9, TD_EPROTO}, /* not a number               */
        {201, {0x19, 0, 0, 0, 0, 0, 0, 0x40, 0x7f}, 9, TD_ERANGE}, /* past fixed point            */
        {0, {0}, 0, TD_EPROTO},
    };
    for (size_t i = 0; i < TD_COUNT(cases); i++) {
        uint8_t block[256], frame[16] = {0, 0, 0, cases[i].id};
        struct td_arena arena;
        struct td_tws_msg msg;
        struct td_tws_decoded info;
        td_arena_init(&arena, block, sizeof block);
        const struct td_tws_codec codec = {213, false, &arena};
        memcpy(frame + 4, cases[i].body, cases[i].len);
        assert_int_equal(
            td_tws_decode(&codec, (struct td_str){(char *)frame, 4 + cases[i].len}, &msg, &info),
            cases[i].err);
    }
    /* A list that claims more than the arena holds is refused, not believed. */
    static uint8_t many[4 + 4000] = {0, 0, 1, 19};
    uint8_t block[256];
    struct td_arena arena;
    struct td_tws_msg msg;
    struct td_tws_decoded info;
    for (size_t i = 4; i + 1 < sizeof many; i += 2)
        many[i] = 0x32; /* an empty expiration */
    td_arena_init(&arena, block, sizeof block);
    const struct td_tws_codec codec = {213, false, &arena};
    assert_int_equal(td_tws_decode(&codec, (struct td_str){(char *)many, sizeof many}, &msg, &info),
                     TD_EFULL);
}

static void gateway_wants_api_first(void **state)
{
    (void)state;
    struct td_twsgw g;
    struct td_twsgw_config c = gateway_config();
    struct td_tws_event ev;
    TD_OK_OR_FAIL(td_twsgw_init(&g, &c));
    (void)td_twsgw_feed(&g, (const uint8_t *)"GET /", 5);
    assert_true(td_twsgw_next(&g, &ev));
    assert_int_equal(ev.kind, TD_TWS_EV_CLOSED);
    assert_int_equal(ev.err, TD_EPROTO);
}

/* Gives a fresh client the gateway's bytes and returns its first event; false when there is none. */
static bool first_event(struct td_tws *s, const char *bytes, size_t len, struct td_tws_event *ev)
{
    struct td_tws_config c = client_config();
    TD_OK_OR_FAIL(td_tws_init(s, &c));
    assert_int_equal(td_tws_feed(s, (const uint8_t *)bytes, len), len);
    return td_tws_next(s, ev);
}
#define EVENT_OF(s, bytes, ev) first_event(s, bytes, sizeof(bytes) - 1, ev)

static void client_refuses_bad_hellos(void **state)
{
    (void)state;
    struct td_tws s;
    struct td_tws_event ev;
    assert_true(EVENT_OF(&s,
                         "\0\0\0\x0e"
                         "-1\0"
                         "10.0.0.1:1\0",
                         &ev));
    assert_int_equal(ev.err, TD_EVERSION);
    assert_non_null(strstr(ev.text, "10.0.0.1:1"));
    assert_true(EVENT_OF(&s,
                         "\0\0\0\x06"
                         "201\0"
                         "t\0",
                         &ev));
    assert_int_equal(ev.err, TD_EVERSION);
    assert_true(EVENT_OF(&s,
                         "\0\0\0\x06"
                         "156\0"
                         "t\0",
                         &ev));
    assert_int_equal(ev.err, TD_EVERSION);
    assert_true(EVENT_OF(&s,
                         "\0\0\0\x06"
                         "two\0"
                         "t\0",
                         &ev));
    assert_int_equal(ev.err, TD_EPROTO);
    assert_true(EVENT_OF(&s,
                         "\0\0\0\x04"
                         "200\0",
                         &ev)); /* one field */
    assert_int_equal(ev.err, TD_EPROTO);
    assert_true(EVENT_OF(&s,
                         "\0\0\0\x08"
                         "200\0"
                         "t\0"
                         "x\0",
                         &ev)); /* three */
    assert_int_equal(ev.err, TD_EPROTO);
    assert_true(EVENT_OF(&s,
                         "\0\0\0\x01"
                         "\0",
                         &ev));
    assert_int_equal(ev.err, TD_EPROTO);
    assert_false(td_tws_next(&s, &ev));
    assert_false(EVENT_OF(&s,
                          "\0\0\0\x06"
                          "163\0"
                          "t\0",
                          &ev));
    assert_int_equal(s.server_version, 163);
    assert_int_equal(s.state, TD_TWS_START);
}

static void impossible_frames_close(void **state)
{
    (void)state;
    struct td_tws s;
    struct td_tws_event ev;
    assert_true(EVENT_OF(&s, "\0\0\0\0", &ev));
    assert_int_equal(ev.kind, TD_TWS_EV_CLOSED);
    assert_int_equal(ev.err, TD_EPROTO);
    assert_true(EVENT_OF(&s, "\xff\xff\xff\xff", &ev));
    assert_int_equal(ev.err, TD_EPROTO);
    assert_true(EVENT_OF(&s, "\x01\0\0\0", &ev)); /* 16 MiB */
    assert_int_equal(ev.err, TD_EPROTO);
    assert_true(EVENT_OF(&s, "\0\x01\0\0", &ev)); /* larger than the buffer */
    assert_int_equal(ev.err, TD_EPROTO);
    assert_int_equal(ev.wire_id, -1);
    struct pair p;
    connect_pair(&p, 0);
    (void)td_twsgw_feed(&p.gateway, (const uint8_t *)"\0\0\0\0", 4);
    expect_gateway(&p, TD_TWS_EV_CLOSED, TD_TWS_NONE);
}

static void each_stage_has_its_limit(void **state)
{
    (void)state;
    struct td_tws s;
    struct td_tws_event ev;
    struct td_tws_config c = client_config();
    TD_OK_OR_FAIL(td_tws_init(&s, &c));
    uint8_t bytes[64];
    (void)td_tws_pull(&s, bytes, sizeof bytes);
    assert_int_equal(td_tws_wake(&s), 6 * TD_SEC);
    td_tws_tick(&s, 6 * TD_SEC - 1);
    assert_false(td_tws_next(&s, &ev));
    td_tws_tick(&s, 6 * TD_SEC);
    assert_true(td_tws_next(&s, &ev));
    assert_int_equal(ev.err, TD_EMUTE);
    assert_non_null(strstr(ev.text, "hello"));
    td_tws_tick(&s, 60 * TD_SEC); /* a closed core has no more limits */
    assert_false(td_tws_next(&s, &ev));
    assert_false(EVENT_OF(&s,
                          "\0\0\0\x06"
                          "200\0"
                          "t\0",
                          &ev));
    td_tws_tick(&s, 11 * TD_SEC);
    assert_true(td_tws_next(&s, &ev));
    assert_int_equal(ev.err, TD_EMUTE);
    assert_non_null(strstr(ev.text, "nextValidId"));
    assert_false(EVENT_OF(&s,
                          "\0\0\0\x06"
                          "200\0"
                          "t\0",
                          &ev));
    (void)td_tws_feed(&s,
                      (const uint8_t *)"\0\0\0\x06"
                                       "9\0"
                                       "1\0"
                                       "1\0",
                      10);
    assert_true(td_tws_next(&s, &ev));
    (void)td_tws_feed(&s,
                      (const uint8_t *)"\0\0\0\x06"
                                       "15\0"
                                       "1\0\0",
                      10);
    assert_true(td_tws_next(&s, &ev)); /* an empty account list is not ready */
    assert_false(td_tws_next(&s, &ev));
    td_tws_tick(&s, 20 * TD_SEC);
    assert_true(td_tws_next(&s, &ev));
    assert_non_null(strstr(ev.text, "managedAccounts"));
    struct td_twsgw g;
    struct td_twsgw_config gc = gateway_config();
    TD_OK_OR_FAIL(td_twsgw_init(&g, &gc));
    assert_int_equal(td_twsgw_wake(&g), 61 * TD_SEC);
    td_twsgw_tick(&g, 60 * TD_SEC);
    assert_false(td_twsgw_next(&g, &ev));
    td_twsgw_tick(&g, 61 * TD_SEC);
    assert_true(td_twsgw_next(&g, &ev));
    assert_int_equal(ev.err, TD_EMUTE);
}

static void bad_bodies_are_dropped_and_counted(void **state)
{
    (void)state;
    struct pair p;
    struct td_tws_event ev;
    connect_pair(&p, 0);
    static const char price[] = "\0\0\0\x11"
                                "1\0"
                                "6\0"
                                "9000\0"
                                "1\0"
                                "x\0"
                                "0\0"
                                "1\0";
    (void)td_tws_feed(&p.client, (const uint8_t *)price, sizeof price - 1);
    (void)td_tws_feed(&p.client,
                      (const uint8_t *)"\0\0\0\x04"
                                       "0300",
                      8);
    assert_true(td_tws_next(&p.client, &ev));
    assert_int_equal(ev.kind, TD_TWS_EV_BAD);
    assert_int_equal(ev.err, TD_EPROTO);
    assert_int_equal(ev.wire_id, 1);
    assert_int_equal(ev.req_id, 9000);
    assert_non_null(strstr(ev.text, "price"));
    assert_true(td_tws_next(&p.client, &ev));
    assert_int_equal(ev.kind, TD_TWS_EV_BAD);
    assert_int_equal(ev.wire_id, -1);
    assert_int_equal(p.client.bad_messages, 2);
}

static void surplus_fields_are_counted_or_refused(void **state)
{
    (void)state;
    struct pair p;
    struct td_tws_event ev;
    connect_pair(&p, 0);
    /* the client counts, the gateway refuses */
    (void)td_tws_feed(&p.client,
                      (const uint8_t *)"\0\0\0\x08"
                                       "9\0"
                                       "1\0"
                                       "5\0"
                                       "z\0",
                      12);
    assert_true(td_tws_next(&p.client, &ev));
    assert_int_equal(ev.kind, TD_TWS_EV_MESSAGE);
    assert_int_equal(p.client.surplus_messages, 1);
    (void)td_twsgw_feed(&p.gateway,
                        (const uint8_t *)"\0\0\0\x08"
                                         "2\0"
                                         "2\0"
                                         "5\0"
                                         "z\0",
                        12);
    assert_true(td_twsgw_next(&p.gateway, &ev));
    assert_int_equal(ev.kind, TD_TWS_EV_BAD);
    assert_int_equal(ev.req_id, 5);
    (void)td_twsgw_feed(&p.gateway,
                        (const uint8_t *)"\0\0\0\x06"
                                         "2\0"
                                         "2\0"
                                         "x\0",
                        10);
    assert_true(td_twsgw_next(&p.gateway, &ev));
    assert_int_equal(ev.kind, TD_TWS_EV_BAD);
    assert_int_equal(ev.req_id, -1);
    (void)td_twsgw_feed(&p.gateway,
                        (const uint8_t *)"\0\0\0\x01"
                                         "\0",
                        5);
    assert_true(td_twsgw_next(&p.gateway, &ev));
    assert_int_equal(ev.wire_id, -1);
    (void)td_twsgw_feed(&p.gateway,
                        (const uint8_t *)"\0\0\0\x08"
                                         "71\0"
                                         "2\0"
                                         "7\0\0",
                        12);
    assert_true(td_twsgw_next(&p.gateway, &ev));
    assert_int_equal(ev.kind, TD_TWS_EV_BAD); /* a second startApi */
    assert_int_equal(p.gateway.bad_messages, 4);
}

static void requests_before_start_are_bad(void **state)
{
    (void)state;
    struct td_twsgw g;
    struct td_twsgw_config c = gateway_config();
    struct td_tws_event ev;
    static const char early[] = "API\0\0\0\0\tv157..200\0\0\0\x05"
                                "49\0"
                                "1\0";
    TD_OK_OR_FAIL(td_twsgw_init(&g, &c));
    (void)td_twsgw_feed(&g, (const uint8_t *)early, sizeof early - 1);
    assert_true(td_twsgw_next(&g, &ev));
    assert_int_equal(ev.kind, TD_TWS_EV_BAD);
    assert_int_equal(g.state, TD_TWSGW_START);
}

static void unknown_ids_pass_untouched(void **state)
{
    (void)state;
    struct pair p;
    struct td_tws_event ev;
    connect_pair(&p, 0);
    struct td_tws_msg msg = {.kind = TD_TWS_OTHER_REQUEST};
    msg.other = (struct td_tws_other){110, {"1\0", 2}};
    TD_OK_OR_FAIL(td_tws_send(&p.client, &msg));
    (void)to_gateway(&p);
    assert_true(td_twsgw_next(&p.gateway, &ev));
    assert_int_equal(ev.msg.kind, TD_TWS_OTHER_REQUEST);
    assert_int_equal(ev.msg.other.id, 110);
    assert_int_equal(ev.msg.other.fields.len, 2);
    msg.kind = TD_TWS_OTHER_REPLY;
    msg.other = (struct td_tws_other){60, {NULL, 0}};
    TD_OK_OR_FAIL(td_twsgw_send(&p.gateway, &msg));
    (void)to_client(&p);
    expect_client(&p, TD_TWS_EV_MESSAGE, TD_TWS_OTHER_REPLY);
    msg.other.id = 9; /* has a table */
    assert_int_equal(td_twsgw_send(&p.gateway, &msg), TD_EINVAL);
    msg.other.id = 201;
    assert_int_equal(td_twsgw_send(&p.gateway, &msg), TD_EINVAL);
    msg.other = (struct td_tws_other){60, {"open", 4}};
    assert_int_equal(td_twsgw_send(&p.gateway, &msg), TD_EINVAL);
    static char large[CAP];
    msg.other = (struct td_tws_other){60, {large, sizeof large}};
    assert_int_equal(td_twsgw_send(&p.gateway, &msg), TD_EFULL);
}

static void orders_overtake_and_the_pace_holds(void **state)
{
    (void)state;
    struct pair p;
    uint8_t bytes[4096];
    connect_pair(&p, 8);
    td_ns now = 100 * TD_SEC;
    struct td_tws_msg time = {.kind = TD_TWS_REQ_CURRENT_TIME}, order;
    td_tws_msg_init(&order, TD_TWS_CANCEL_ORDER);
    td_tws_tick(&p.client, now);
    for (int i = 0; i < 20; i++)
        TD_OK_OR_FAIL(td_tws_send(&p.client, &time));
    assert_int_equal(td_tws_pull(&p.client, bytes, 5), 5); /* a part of the first */
    TD_OK_OR_FAIL(td_tws_send(&p.client, &order));
    const size_t first = td_tws_pull(&p.client, bytes, sizeof bytes);
    assert_memory_equal(bytes,
                        "9\0"
                        "1\0",
                        4); /* the rest of the first frame, then the cancel */
    assert_memory_equal(bytes + 8, "4", 2);
    assert_int_equal(first, 4 + 21 + 5 * 9); /* seven starts: an eighth of the pace is for orders */
    assert_int_equal(td_tws_pull(&p.client, bytes, sizeof bytes), 0);
    assert_int_equal(td_tws_wake(&p.client), now + TD_TWS_RATE_WINDOW);
    TD_OK_OR_FAIL(td_tws_send(&p.client, &order));
    assert_int_equal(td_tws_pull(&p.client, bytes, sizeof bytes), 21); /* the reserved place */
    TD_OK_OR_FAIL(td_tws_send(&p.client, &order));
    assert_int_equal(td_tws_pull(&p.client, bytes, sizeof bytes), 0);
    assert_int_equal(td_tws_wake(&p.client), now + TD_TWS_RATE_WINDOW);
    td_tws_tick(&p.client, now + TD_TWS_RATE_WINDOW - 1);
    assert_int_equal(td_tws_pull(&p.client, bytes, sizeof bytes), 0);
    td_tws_tick(&p.client, now + TD_TWS_RATE_WINDOW);
    assert_true(td_tws_pull(&p.client, bytes, sizeof bytes) > 0);
}

/* A kill switch does not wait: all cancels at once, then the pace again, with them counted. */
static void a_rush_does_not_wait(void **state)
{
    (void)state;
    struct pair p;
    uint8_t bytes[4096];
    connect_pair(&p, 8);
    const td_ns now = 100 * TD_SEC;
    const struct td_tws_msg time = {.kind = TD_TWS_REQ_CURRENT_TIME};
    struct td_tws_msg order;
    td_tws_msg_init(&order, TD_TWS_CANCEL_ORDER);
    td_tws_tick(&p.client, now);
    td_tws_rush(&p.client); /* nothing is there to rush */
    for (int i = 0; i < 20; i++)
        TD_OK_OR_FAIL(td_tws_send(&p.client, &order));
    assert_int_equal(td_tws_pull(&p.client, bytes, sizeof bytes), 8 * 21);
    td_tws_rush(&p.client);
    assert_int_equal(td_tws_wake(&p.client), now);
    assert_int_equal(td_tws_pull(&p.client, bytes, sizeof bytes), 12 * 21);
    TD_OK_OR_FAIL(td_tws_send(&p.client, &order));
    TD_OK_OR_FAIL(td_tws_send(&p.client, &time));
    assert_int_equal(td_tws_pull(&p.client, bytes, sizeof bytes), 0);
    td_tws_tick(&p.client, now + TD_TWS_RATE_WINDOW);
    assert_int_equal(td_tws_pull(&p.client, bytes, sizeof bytes), 21 + 9);
}

static void full_buffers_refuse_whole_messages(void **state)
{
    (void)state;
    struct pair p;
    uint8_t bytes[4096];
    connect_pair(&p, 0);
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, TD_TWS_PLACE_ORDER);
    size_t sent = 0;
    while (!td_tws_send(&p.client, &msg))
        sent++;
    assert_int_equal(td_tws_send(&p.client, &msg), TD_EFULL);
    size_t bytes_out = 0;
    for (size_t n; (n = td_tws_pull(&p.client, bytes, 777)) > 0;)
        bytes_out += n;
    assert_true(sent > 10);
    assert_int_equal(bytes_out % sent, 0); /* equal whole frames, no torn one */
    TD_OK_OR_FAIL(td_tws_send(&p.client, &msg));
    /* interleaved sending and pulling moves the live bytes to the front without harm */
    for (int i = 0; i < 3000; i++) {
        assert_true(td_tws_send(&p.client, &msg) == TD_OK);
        assert_true(td_tws_pull(&p.client, bytes, bytes_out / sent) > 0);
    }
}

static void texts_with_control_bytes_are_refused(void **state)
{
    (void)state;
    struct pair p;
    connect_pair(&p, 0);
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, TD_TWS_REQ_MATCHING_SYMBOLS);
    static const char *const bad[] = {"a\x01", "\x7f", "caf\xc3\xa9"};
    for (size_t i = 0; i < TD_COUNT(bad); i++) {
        msg.req_text.text = td_str_of(bad[i]);
        assert_int_equal(td_tws_send(&p.client, &msg), TD_EINVAL);
    }
    msg.req_text.text = (struct td_str){"a\0b", 3};
    assert_int_equal(td_tws_send(&p.client, &msg), TD_EINVAL);
    msg.req_text.text = td_str_of("tab\t lf\n cr\r");
    TD_OK_OR_FAIL(td_tws_send(&p.client, &msg));
    td_tws_msg_init(&msg, TD_TWS_HEAD_TIMESTAMP);
    msg.req_text.text = td_str_of("caf\xc3\xa9"); /* a gateway may */
    TD_OK_OR_FAIL(td_twsgw_send(&p.gateway, &msg));
    td_tws_msg_init(&msg, TD_TWS_ERROR);
    msg.error.text = td_str_of("\x02");
    assert_int_equal(td_twsgw_send(&p.gateway, &msg), TD_EINVAL);
}

static void waking_and_ticking_follow_the_queues(void **state)
{
    (void)state;
    struct pair p;
    uint8_t bytes[256];
    const struct td_tws_msg time = {.kind = TD_TWS_REQ_CURRENT_TIME};
    connect_pair(&p, 1);
    td_tws_tick(&p.client, 50 * TD_SEC);
    TD_OK_OR_FAIL(td_tws_send(&p.client, &time));
    TD_OK_OR_FAIL(td_tws_send(&p.client, &time));
    assert_int_equal(td_tws_wake(&p.client), 50 * TD_SEC); /* at once */
    assert_int_equal(td_tws_pull(&p.client, bytes, sizeof bytes), 9);
    assert_int_equal(td_tws_wake(&p.client), 50 * TD_SEC + TD_TWS_RATE_WINDOW);
    td_tws_tick(&p.client, 40 * TD_SEC); /* time never goes back */
    assert_int_equal(td_tws_wake(&p.client), 50 * TD_SEC + TD_TWS_RATE_WINDOW);
    td_twsgw_tick(&p.gateway, 99 * TD_SEC); /* an open session has no limit */
    td_twsgw_tick(&p.gateway, 40 * TD_SEC);
    struct td_tws_event ev;
    assert_false(td_twsgw_next(&p.gateway, &ev));
    td_tws_close(&p.client); /* what was not pulled is dropped */
    assert_int_equal(td_tws_pull(&p.client, bytes, sizeof bytes), 0);
}

static void start_api_must_fit(void **state)
{
    (void)state;
    struct td_tws s;
    struct td_tws_event ev;
    struct td_tws_config c = client_config();
    static char many[600];
    memset(many, 'x', sizeof many - 1);
    c.capabilities = many;
    c.tx_cap = 1024;
    TD_OK_OR_FAIL(td_tws_init(&s, &c));
    (void)td_tws_feed(&s,
                      (const uint8_t *)"\0\0\0\x06"
                                       "200\0"
                                       "t\0",
                      10);
    assert_true(td_tws_next(&s, &ev));
    assert_int_equal(ev.kind, TD_TWS_EV_CLOSED);
    assert_int_equal(ev.err, TD_EFULL);
}

/* A conversation cut at every single byte and in random pieces gives the same events. */
static void any_cut_gives_the_same_events(void **state)
{
    (void)state;
    static const char talk[] = "\0\0\0\x06"
                               "200\0"
                               "t\0"
                               "\0\0\0\x06"
                               "9\0"
                               "1\0"
                               "1\0"
                               "\0\0\0\x0f"
                               "15\0"
                               "1\0"
                               "DU1234567\0"
                               "\0\0\0\x04"
                               "bad\0"
                               "\0\0\0\x0c"
                               "46\0"
                               "6\0"
                               "1\0"
                               "45\0"
                               "x\0";
    for (size_t step = 1; step < sizeof talk; step++) {
        struct td_tws s;
        struct td_tws_config c = client_config();
        char kinds[16] = "";
        size_t n = 0;
        TD_OK_OR_FAIL(td_tws_init(&s, &c));
        for (size_t off = 0; off < sizeof talk - 1;) {
            const size_t left = sizeof talk - 1 - off;
            off += td_tws_feed(&s, (const uint8_t *)talk + off, left < step ? left : step);
            for (struct td_tws_event ev; n < 15 && td_tws_next(&s, &ev);)
                kinds[n++] = (char)('0' + ev.kind);
        }
        assert_string_equal(kinds, "22032");
    }
}

static void settings_are_checked(void **state)
{
    (void)state;
    struct td_tws s;
    struct td_twsgw g;
    const struct td_tws_config good = client_config();
    struct td_tws_config c = good;
#define REFUSED(change)                                                                            \
    do {                                                                                           \
        c = good;                                                                                  \
        c.change;                                                                                  \
        assert_int_equal(td_tws_init(&s, &c), TD_EINVAL);                                          \
    } while (0)
    REFUSED(rx = NULL);
    REFUSED(rx_cap = 100);
    REFUSED(tx = NULL);
    REFUSED(tx_cap = 100);
    REFUSED(arena = NULL);
    REFUSED(arena_cap = 0);
    REFUSED(hello_ns = -1);
    REFUSED(ready_ns = -1);
    REFUSED(version_min = 150);
    REFUSED(version_max = 201);
    REFUSED(version_max = 156);
    REFUSED(messages_per_sec = 65);
    const struct td_twsgw_config fine = gateway_config();
    struct td_twsgw_config w = fine;
#define GATEWAY_REFUSED(change)                                                                    \
    do {                                                                                           \
        w = fine;                                                                                  \
        w.change;                                                                                  \
        assert_int_equal(td_twsgw_init(&g, &w), TD_EINVAL);                                        \
    } while (0)
    GATEWAY_REFUSED(rx = NULL);
    GATEWAY_REFUSED(rx_cap = 1);
    GATEWAY_REFUSED(tx = NULL);
    GATEWAY_REFUSED(tx_cap = 1);
    GATEWAY_REFUSED(arena = NULL);
    GATEWAY_REFUSED(arena_cap = 0);
    GATEWAY_REFUSED(hello_ns = -1);
    GATEWAY_REFUSED(version_min = 156);
    GATEWAY_REFUSED(version_max = 201);
    GATEWAY_REFUSED(version_max = 156);
    GATEWAY_REFUSED(server_time = NULL);
    GATEWAY_REFUSED(server_time = "");
    GATEWAY_REFUSED(server_time =
                        "a time text that is longer than the sixty-three characters that fit here");
    c = good;
    c.version_min = c.version_max = 187;
    uint8_t bytes[64];
    TD_OK_OR_FAIL(td_tws_init(&s, &c));
    assert_int_equal(td_tws_pull(&s, bytes, sizeof bytes), 12);
    assert_memory_equal(bytes, "API\0\0\0\0\x04v187", 12);
}

static void unset_rows(const struct td_tws_field *row, uint8_t *base)
{
    for (; row->type != TD_F_END; row++)
        if (row->since != TD_TWS_PROTOBUF && row->type == TD_F_SUB)
            unset_rows(row->sub, base + row->off);
        else if (row->since != TD_TWS_PROTOBUF)
            td_tws_row_unset(row, base);
}

/* An order is not begun by its rows, but as they would have begun it. */
static void an_order_begins_unset(void **state)
{
    (void)state;
    struct td_tws_msg msg, walked;
    memset(&msg, 0xa5, sizeof msg);
    td_tws_msg_init(&msg, TD_TWS_PLACE_ORDER);
    assert_int_equal(msg.kind, TD_TWS_PLACE_ORDER);
    assert_int_equal(msg.place_order.order_id, 0);
    walked = msg;
    unset_rows(td_tws_layout_of(TD_TWS_PLACE_ORDER)->rows, (uint8_t *)&walked.place_order);
    assert_memory_equal(&walked.place_order.contract, &msg.place_order.contract,
                        sizeof msg.place_order.contract);
    td_tws_order_init(&walked.place_order.order);
    assert_memory_equal(&walked.place_order.order, &msg.place_order.order,
                        sizeof msg.place_order.order);
    assert_int_equal(msg.place_order.contract.symbol.len + msg.place_order.contract.legs.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_begins_unset),
        cmocka_unit_test(both_sides_reach_ready),
        cmocka_unit_test(golden_frames_are_byte_exact),
        cmocka_unit_test(gateway_answers_by_the_rule),
        cmocka_unit_test(a_protobuf_session_is_byte_exact),
        cmocka_unit_test(bad_protobuf_is_dropped),
        cmocka_unit_test(gateway_wants_api_first),
        cmocka_unit_test(client_refuses_bad_hellos),
        cmocka_unit_test(impossible_frames_close),
        cmocka_unit_test(each_stage_has_its_limit),
        cmocka_unit_test(bad_bodies_are_dropped_and_counted),
        cmocka_unit_test(surplus_fields_are_counted_or_refused),
        cmocka_unit_test(requests_before_start_are_bad),
        cmocka_unit_test(unknown_ids_pass_untouched),
        cmocka_unit_test(orders_overtake_and_the_pace_holds),
        cmocka_unit_test(a_rush_does_not_wait),
        cmocka_unit_test(full_buffers_refuse_whole_messages),
        cmocka_unit_test(texts_with_control_bytes_are_refused),
        cmocka_unit_test(waking_and_ticking_follow_the_queues),
        cmocka_unit_test(start_api_must_fit),
        cmocka_unit_test(any_cut_gives_the_same_events),
        cmocka_unit_test(settings_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
