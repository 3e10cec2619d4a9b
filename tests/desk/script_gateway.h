/* tests/desk/script_gateway.h - a gateway that says what the test tells it to, on a machine of its own.
 *
 * It shakes hands, offers order ids and an account, notes every request (kind and request id), answers
 * contract details and the time; everything else is sent by the test with script_send. One at a time; static.
 */
#ifndef TD_TESTS_SCRIPT_GATEWAY_H
#define TD_TESTS_SCRIPT_GATEWAY_H

#include <stdlib.h>
#include <string.h>

#include "sim/simworld.h"
#include "support/support.h"
#include "wire/tws_gateway.h"

#define SCRIPT_BYTES (1u << 20)
#ifndef SCRIPT_REQUESTS
#define SCRIPT_REQUESTS 256
#endif

struct script_request {
    uint16_t kind;
    int32_t req_id;
    td_ns at; /* monotonic, when it arrived */
};

static struct script {
    struct td_simworld *sim;
    struct td_world world;
    uint32_t host;
    struct td_conn listener, conn;
    struct td_twsgw tws;
    uint8_t *memory;
    struct script_request requests[SCRIPT_REQUESTS];
    uint32_t count;
    int32_t conid;     /* of the contract details; 0: there is no such contract */
    const char *hours; /* liquid hours of the contract details; NULL none */
    /* Answers contract details and market rules itself; NULL: the one contract above, no rules. */
    void (*contracts)(const struct td_tws_msg *request);
    uint16_t read_only; /* a kind that is answered by 321 without a request */
    bool no_time;       /* the time is not told */
    bool mute;          /* nothing is answered any more */
    bool serves;        /* look-ups and quotes are answered: enough for a desk to be ready */
    uint16_t omit;      /* ... but not this kind */
    int64_t position;   /* of SPY, whole shares */
    int32_t next_id;    /* offered; 0: 1 */
    bool busy;          /* 326: the client id is in use */
    int32_t warn;       /* historical requests are answered with this code first; 0 none */
    bool no_ids;        /* startApi is not answered */
    int accepted;       /* connections so far */
    td_ns accepted_at, ended_at; /* monotonic: the newest began, the one before it ended for us */
} script;

static void script_flush(void)
{
    uint8_t out[8192];
    size_t n, sent;
    while (script.conn.id && (n = td_twsgw_pull(&script.tws, out, sizeof out)) > 0) {
        TD_OK_OR_FAIL(td_world_send(&script.world, script.conn, out, n, &sent));
        assert_int_equal(sent, n);
    }
}

static void script_send(const struct td_tws_msg *msg)
{
    TD_OK_OR_FAIL(td_twsgw_send(&script.tws, msg));
    script_flush();
}

static void script_say(int32_t id, int32_t code, const char *text)
{
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, TD_TWS_ERROR);
    msg.error.id = id;
    msg.error.code = code;
    msg.error.text = td_str_of(text);
    script_send(&msg);
}

static void script_error(int32_t id, int32_t code)
{
    script_say(id, code, "as the script says");
}

static void script_details(int32_t req_id)
{
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, TD_TWS_CONTRACT_DATA);
    msg.contract_data.req_id = req_id;
    msg.contract_data.contract.con_id = script.conid;
    msg.contract_data.contract.symbol = td_str_of("SPY");
    msg.contract_data.contract.sec_type = td_str_of("STK");
    msg.contract_data.contract.currency = td_str_of("USD");
    msg.contract_data.min_tick = (td_px){TD_E9 / 100};
    msg.contract_data.time_zone = td_str_of("America/New_York");
    msg.contract_data.liquid_hours = td_str_of(script.hours);
    if (script.conid)
        script_send(&msg);
    td_tws_msg_init(&msg, TD_TWS_CONTRACT_DATA_END);
    msg.req.req_id = req_id;
    script_send(&msg);
}

static void script_hello(void)
{
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, TD_TWS_NEXT_VALID_ID);
    msg.number.value = script.next_id ? script.next_id : 1;
    script_send(&msg);
    td_tws_msg_init(&msg, TD_TWS_MANAGED_ACCOUNTS);
    msg.text.text = td_str_of("DU1234567");
    script_send(&msg);
}

static void script_time(void)
{
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, TD_TWS_CURRENT_TIME);
    msg.instant.value = td_world_now(&script.world) / TD_SEC;
    script_send(&msg);
}

static void script_position(void)
{
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, TD_TWS_POSITION);
    msg.position.account = td_str_of("DU1234567");
    msg.position.contract.symbol = td_str_of("SPY");
    msg.position.contract.sec_type = td_str_of("STK");
    msg.position.position = (td_qty){script.position * TD_E9};
    msg.position.avg_cost = TD_PX(100);
    if (script.position)
        script_send(&msg);
}

/* An empty account, a history without bars, and a quote of 100.00 to 100.01. */
static void script_serve(const struct td_tws_msg *request)
{
    static const struct {
        uint16_t request, answer;
    } ends[] = {{TD_TWS_REQ_ALL_OPEN_ORDERS, TD_TWS_OPEN_ORDER_END},
                {TD_TWS_REQ_EXECUTIONS, TD_TWS_EXECUTION_DATA_END},
                {TD_TWS_REQ_COMPLETED_ORDERS, TD_TWS_COMPLETED_ORDERS_END},
                {TD_TWS_REQ_POSITIONS, TD_TWS_POSITION_END}};
    struct td_tws_msg msg;
    for (size_t i = 0; i < TD_COUNT(ends); i++)
        if (ends[i].request == request->kind) {
            if (request->kind == TD_TWS_REQ_POSITIONS)
                script_position();
            td_tws_msg_init(&msg, ends[i].answer);
            if (request->kind == TD_TWS_REQ_EXECUTIONS)
                msg.req.req_id = request->req_executions.req_id;
            script_send(&msg);
        }
    if (request->kind == TD_TWS_REQ_HISTORICAL_DATA) {
        td_tws_msg_init(&msg, TD_TWS_HISTORICAL_DATA);
        msg.req.req_id = request->req.req_id;
        script_send(&msg);
    }
    for (int32_t type = 1; type <= 2 && request->kind == TD_TWS_REQ_MKT_DATA; type++) {
        td_tws_msg_init(&msg, TD_TWS_TICK_PRICE);
        msg.tick_price.req_id = request->req.req_id;
        msg.tick_price.tick_type = type;
        msg.tick_price.price = (td_px){100 * TD_E9 + (type - 1) * (TD_E9 / 100)};
        msg.tick_price.size = TD_QTY(1);
        script_send(&msg);
    }
}

static void script_take(const struct td_tws_event *ev)
{
    if (ev->kind == TD_TWS_EV_START_API && script.busy) {
        script_error(-1, 326);
        td_world_hangup(&script.world, script.conn, false);
        script.conn.id = 0;
        return;
    }
    if (ev->kind == TD_TWS_EV_START_API && !script.no_ids)
        script_hello();
    if (ev->kind == TD_TWS_EV_BAD)
        print_error("the script cannot read: %s\n", ev->text);
    if (ev->kind != TD_TWS_EV_MESSAGE)
        return;
    if (script.mute)
        return;
    if (ev->msg.kind == TD_TWS_REQ_CURRENT_TIME) {
        if (!script.no_time)
            script_time();
        return;
    }
    TD_REQUIRE(script.count < SCRIPT_REQUESTS);
    script.requests[script.count++] =
        (struct script_request){ev->msg.kind, ev->msg.req.req_id, td_world_mono(&script.world)};
    if (script.contracts)
        script.contracts(&ev->msg);
    else if (ev->msg.kind == TD_TWS_REQ_CONTRACT_DETAILS)
        script_details(ev->msg.req.req_id);
    if (script.warn && ev->msg.kind == TD_TWS_REQ_HISTORICAL_DATA)
        script_error(ev->msg.req.req_id, script.warn);
    if (script.serves && ev->msg.kind != script.omit)
        script_serve(&ev->msg);
    if (script.read_only && ev->msg.kind == script.read_only)
        script_error(-1, 321);
}

static void script_accept(struct td_conn conn)
{
    const struct td_twsgw_config config = {.rx = script.memory,
                                           .rx_cap = SCRIPT_BYTES,
                                           .tx = script.memory + SCRIPT_BYTES,
                                           .tx_cap = SCRIPT_BYTES,
                                           .arena = script.memory + 2 * SCRIPT_BYTES,
                                           .arena_cap = SCRIPT_BYTES,
                                           .now_ns = td_world_mono(&script.world),
                                           .hello_ns = TD_MIN,
                                           .version_min = 157,
                                           .version_max = 200,
                                           .server_time = "20251121 14:30:00 UTC"};
    script.conn = conn;
    script.accepted++;
    script.accepted_at = td_world_mono(&script.world);
    TD_OK_OR_FAIL(td_twsgw_init(&script.tws, &config));
}

static void script_read(void)
{
    uint8_t in[4096];
    size_t got;
    struct td_tws_event ev;
    enum td_err err = TD_OK;
    while (script.conn.id &&
           (err = td_world_recv(&script.world, script.conn, in, sizeof in, &got)) == TD_OK)
        for (size_t at = 0; at < got && script.conn.id;) {
            at += td_twsgw_feed(&script.tws, in + at, got - at);
            while (script.conn.id && td_twsgw_next(&script.tws, &ev))
                script_take(&ev);
        }
    if (err != TD_OK && err != TD_EAGAIN) {
        script.ended_at = td_world_mono(&script.world);
        script.conn.id = 0;
    }
    script_flush();
}

static td_ns script_turn(void *arg)
{
    struct td_wake wake;
    (void)arg;
    for (td_world_wait(&script.world, 0, &wake); wake.kind != TD_WAKE_TIMEOUT;
         td_world_wait(&script.world, 0, &wake)) {
        if (wake.kind == TD_WAKE_ACCEPTED)
            script_accept(wake.conn);
        if (wake.kind == TD_WAKE_READABLE && wake.conn.id == script.conn.id)
            script_read();
    }
    return TD_NS_NEVER;
}

static int script_asked(uint16_t kind)
{
    int n = 0;
    for (uint32_t i = 0; i < script.count; i++)
        n += script.requests[i].kind == kind;
    return n;
}

/* A machine "script" in an open world, listening. */
static void script_attach(struct td_simworld *sim, uint16_t port)
{
    memset(&script, 0, sizeof script);
    script.sim = sim;
    script.conid = 756733;
    script.memory = malloc(3u * SCRIPT_BYTES);
    assert_non_null(script.memory);
    TD_OK_OR_FAIL(td_simworld_attach(sim, "script", &script.host, &script.world, NULL));
    TD_OK_OR_FAIL(td_world_listen(&script.world, "127.0.0.1", &port, &script.listener, NULL));
    td_simworld_turn(sim, script.host, script_turn, NULL);
}

static void script_free(void)
{
    free(script.memory);
    memset(&script, 0, sizeof script);
}

#endif
