/* bench/codec_bench.c - the TWS codec alone: a mixed recorded stream as text, depth as protobuf, orders out.
 *
 * codec_bench [DATA]   DATA: the folder of recorded data; without it the recorded stream is not measured
 *
 * The mixed stream is what a gateway sends a client that watches one contract: the ticks of data/tws/nautilus/tick_data.json
 * and the depth updates of eurusd_depth_first30.jsonl in turn, as recorded, with an account, order or position message
 * of data/tws/wire after every 100. Inside the clock: the client core's feed and next. The yardstick of the protobuf row is
 * protobuf-c's unpack of the same bodies, without any copy into structs of ours.
 */
#define _POSIX_C_SOURCE 200809L
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench_row.h"
#include "depth_tape.h"
#include "wire/tws_field.h"
#ifdef TD_WITH_PROTOBUF_C
#include "tws.pb-c.h"
#endif

enum { MESSAGES = 300000, RUNS = 9, PIECE = 65536 };
#define TAPE_BYTES ((size_t)MESSAGES * 100)

static struct tape_pair pair;
static uint8_t *tape;

/* ---- a client at any version, fed from memory ---- */

static void join(int32_t version)
{
    static const char text[] = "\0\0\0\x06"
                               "200\0"
                               "t\0"
                               "\0\0\0\x06"
                               "9\0"
                               "1\0"
                               "1\0"
                               "\0\0\0\x09"
                               "15\0"
                               "1\0"
                               "DU1";
    static const char proto[] = "\0\0\0\x06"
                                "213\0"
                                "t\0"
                                "\0\0\0\x06\0\0\0\xd1\x08\x01"
                                "\0\0\0\x09\0\0\0\xd7\x0a\x03"
                                "DU1";
    struct td_tws_event ev;
    const struct td_tws_config client = {.rx = pair.client_rx,
                                         .rx_cap = sizeof pair.client_rx,
                                         .tx = pair.client_tx,
                                         .tx_cap = sizeof pair.client_tx,
                                         .arena = pair.client_arena,
                                         .arena_cap = sizeof pair.client_arena,
                                         .version_min = (uint16_t)version,
                                         .version_max = (uint16_t)version};
    TD_REQUIRE(td_tws_init(&pair.client, &client) == TD_OK);
    const bool is_text = version <= TD_TWS_VERSION_MAX;
    (void)td_tws_feed(&pair.client, (const uint8_t *)(is_text ? text : proto),
                      is_text ? sizeof text : sizeof proto - 1);
    while (td_tws_next(&pair.client, &ev)) {
    }
    TD_REQUIRE(pair.client.state == TD_TWS_READY);
}

static size_t put_frame(const struct td_tws_codec *codec, const struct td_tws_msg *msg,
                        uint8_t *out)
{
    size_t len = 0;
    TD_REQUIRE(td_tws_encode(codec, msg, out + 4, 1 << 16, &len) == TD_OK);
    const uint8_t prefix[4] = {0, (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len};
    memcpy(out, prefix, 4);
    return len + 4;
}

static double play(size_t len, uint64_t *messages)
{
    struct td_tws_event ev;
    *messages = 0;
    const double start = bench_seconds();
    for (size_t at = 0; at < len; at += PIECE) {
        const size_t piece = len - at < PIECE ? len - at : PIECE;
        for (size_t off = 0; off < piece;) {
            off += td_tws_feed(&pair.client, tape + at + off, piece - off);
            while (td_tws_next(&pair.client, &ev))
                *messages += ev.kind == TD_TWS_EV_MESSAGE;
        }
    }
    return bench_seconds() - start;
}

static double median_rate(size_t len, uint64_t expected, double *low, double *high)
{
    double rate[RUNS];
    uint64_t messages;
    (void)play(len, &messages); /* warm */
    for (int i = 0; i < RUNS; i++) {
        const double seconds = play(len, &messages);
        TD_REQUIRE(messages == expected);
        rate[i] = (double)messages / seconds;
    }
    const double value = bench_quantile(rate, RUNS, 0.5);
    *low = rate[0];
    *high = rate[RUNS - 1];
    return value;
}

/* ---- the recorded stream ---- */

static char *slurp(const char *folder, const char *name)
{
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    char *text = calloc(1, 1u << 23);
    TD_REQUIRE(text && fread(text, 1, (1u << 23) - 1, f) > 0 && fclose(f) == 0);
    return text;
}

static double item_number(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    TD_REQUIRE(cJSON_IsNumber(item));
    return item->valuedouble;
}

static int64_t to_e9(double value)
{
    return (int64_t)(value * 1e9 + (value < 0 ? -0.5 : 0.5));
}

static void fill_tick(const cJSON *tick, struct td_tws_msg *msg)
{
    const int type = (int)item_number(tick, "tickType");
    const bool priced = type == 1 || type == 2 || type == 4;
    td_tws_msg_init(msg, priced ? TD_TWS_TICK_PRICE : TD_TWS_TICK_SIZE);
    msg->req.req_id = 500000001;
    if (priced) {
        msg->tick_price.tick_type = type;
        msg->tick_price.price.e9 = to_e9(item_number(tick, "price"));
        msg->tick_price.size.e9 = to_e9(item_number(tick, "size"));
    } else {
        msg->tick_size.tick_type = type;
        msg->tick_size.size.e9 = to_e9(item_number(tick, "size"));
    }
}

static void fill_depth(const cJSON *row, struct td_tws_msg *msg)
{
    td_tws_msg_init(msg, TD_TWS_MARKET_DEPTH);
    msg->depth.req_id = 500000002;
    msg->depth.row = (int32_t)item_number(row, "position");
    msg->depth.op = (int32_t)item_number(row, "operation");
    msg->depth.side = (int32_t)item_number(row, "side");
    msg->depth.px.e9 = to_e9(item_number(row, "price"));
    msg->depth.qty.e9 = to_e9(item_number(row, "size"));
}

/* The captured frames of kinds that come unasked, as framed text at 200; returns how many. */
static size_t gather_others(const char *wire, uint8_t frames[][4096], size_t sizes[], size_t most)
{
    size_t n = 0;
    struct td_arena arena;
    static uint8_t block[1 << 18];
    for (const char *line = wire; *line && n < most;) {
        const char *end = strchr(line, '\n');
        cJSON *object = end ? cJSON_ParseWithLength(line, (size_t)(end - line)) : NULL;
        const cJSON *fields = cJSON_GetObjectItemCaseSensitive(object, "fields"), *field;
        size_t used = 4;
        cJSON_ArrayForEach(field, fields) if (used < 3000) used +=
            (size_t)snprintf((char *)frames[n] + used, 1000, "%s", field->valuestring) + 1;
        struct td_tws_msg msg;
        struct td_tws_decoded info;
        td_arena_init(&arena, block, sizeof block);
        const struct td_tws_codec codec = {200, false, &arena};
        const struct td_str payload = {(char *)frames[n] + 4, used - 4};
        if (used > 4 && used < 3000 && td_tws_decode(&codec, payload, &msg, &info) == TD_OK &&
            info.surplus <= 1 && msg.kind != TD_TWS_OTHER_REPLY) {
            const size_t len = used - 4 - info.surplus;
            const uint8_t prefix[4] = {0, 0, (uint8_t)(len >> 8), (uint8_t)len};
            memcpy(frames[n], prefix, 4);
            sizes[n++] = len + 4;
        }
        cJSON_Delete(object);
        line = end ? end + 1 : line + strlen(line);
    }
    return n;
}

struct recorded {
    cJSON *ticks, *batches[64];
    size_t batch_count, other_count;
    size_t other_size[200];
    uint8_t other[200][4096];
};

static bool load(const char *folder, struct recorded *r)
{
    char *ticks = slurp(folder, "tws/nautilus/tick_data.json");
    char *depth = slurp(folder, "tws/nautilus/eurusd_depth_first30.jsonl");
    char *wire = slurp(folder, "tws/wire/rust-ibapi_messages.jsonl");
    const bool all = ticks && depth && wire;
    if (all) {
        r->ticks = cJSON_Parse(ticks);
        for (const char *line = depth; *line && r->batch_count < 64;) {
            const char *end = strchr(line, '\n');
            r->batches[r->batch_count++] = cJSON_Parse(line);
            line = end ? end + 1 : line + strlen(line);
        }
        r->other_count = gather_others(wire, r->other, r->other_size, 200);
    }
    free(ticks);
    free(depth);
    free(wire);
    return all && r->ticks && r->other_count > 0;
}

/* Ticks and depth updates in turn, another message after every 100; returns the bytes. */
static size_t lay_tape(const struct recorded *r, size_t *count)
{
    const struct td_tws_codec codec = {.version = 200};
    const cJSON *tick = NULL, *row = NULL;
    size_t used = 0, batch = 0, other = 0, n = 0;
    for (; n < MESSAGES && used + 8192 < TAPE_BYTES; n++) {
        struct td_tws_msg msg;
        if (n % 100 == 99) {
            memcpy(tape + used, r->other[other % r->other_count],
                   r->other_size[other % r->other_count]);
            used += r->other_size[other++ % r->other_count];
            continue;
        }
        if (n % 2) {
            row = row ? row->next : NULL;
            if (!row)
                row = cJSON_GetObjectItemCaseSensitive(r->batches[batch++ % r->batch_count],
                                                       "domTicks")
                          ->child;
            fill_depth(row, &msg);
        } else {
            tick = tick && tick->next ? tick->next : r->ticks->child;
            fill_tick(tick, &msg);
        }
        used += put_frame(&codec, &msg, tape + used);
    }
    *count = n;
    return used;
}

static void bench_mixed(const char *folder)
{
    static struct recorded r;
    char note[240];
    struct bench_row row = {"TWS mixed recorded stream, text decode",
                            (double)NAN,
                            "messages/s",
                            "aim 3 M messages/s",
                            (double)NAN,
                            note};
    if (!folder || !load(folder, &r)) {
        (void)snprintf(note, sizeof note, "no recorded data: TAPEDECK_DATA is not set");
        bench_row(&row);
        return;
    }
    size_t count = 0;
    double low, high;
    const size_t len = lay_tape(&r, &count);
    join(200);
    row.value = median_rate(len, count, &low, &high);
    row.ratio = row.value / 3e6;
    (void)snprintf(
        note, sizeof note,
        "one core, median of %d runs; %zu messages of %.0f bytes; ticks and depth as recorded, "
        "1 in 100 of %zu captured others; %.2f to %.2f M",
        RUNS, count, (double)len / (double)count, r.other_count, low / 1e6, high / 1e6);
    (void)printf("mixed recorded stream, text: %.2f M/s (%s)\n", row.value / 1e6, note);
    bench_row(&row);
}

/* ---- protobuf depth ---- */

static double protobuf_c_rate(size_t len)
{
#ifdef TD_WITH_PROTOBUF_C
    double rate[3];
    for (int i = 0; i < 3; i++) {
        size_t n = 0;
        const double start = bench_seconds();
        for (size_t at = 0; at < len; n++) {
            const size_t size = (size_t)tape[at + 2] << 8 | tape[at + 3];
            Tws__MarketDepthL2 *m = tws__market_depth_l2__unpack(NULL, size - 4, tape + at + 8);
            TD_REQUIRE(m != NULL);
            tws__market_depth_l2__free_unpacked(m, NULL);
            at += size + 4;
        }
        rate[i] = (double)n / (bench_seconds() - start);
    }
    return bench_quantile(rate, 3, 0.5);
#else
    (void)len;
    return (double)NAN;
#endif
}

static void bench_depth(void)
{
    const struct td_tws_codec codec = {.version = TD_TWS_VERSION_PB};
    struct tape_maker maker = {0};
    char note[240];
    size_t used = 0;
    double low, high;
    td_rng_init(&maker.rng, 1);
    for (size_t n = 0; n < MESSAGES; n++) {
        struct td_tws_msg msg;
        td_tws_msg_init(&msg, TD_TWS_MARKET_DEPTH_L2);
        tape_next(&maker, &msg.depth);
        msg.depth.req_id = 500000002;
        used += put_frame(&codec, &msg, tape + used);
    }
    join(TD_TWS_VERSION_PB);
    const double value = median_rate(used, MESSAGES, &low, &high), peer = protobuf_c_rate(used);
    (void)snprintf(note, sizeof note,
                   "one core, median of %d runs; %.0f bytes a message; %.2f to %.2f M; aim 6 M%s",
                   RUNS, (double)used / MESSAGES, low / 1e6, high / 1e6,
                   isnan(peer) ? "; no ratio: protobuf-c is not installed" : "");
    (void)printf("depth, protobuf: %.2f M/s (%s)\n", value / 1e6, note);
    const struct bench_row row = {"TWS depth protobuf decode",
                                  value,
                                  "messages/s",
                                  "protobuf-c 1.4.1 unpack alone, same bodies",
                                  value / peer,
                                  note};
    bench_row(&row);
}

/* ---- orders out ---- */

static void fill_order(struct td_tws_msg *msg, int32_t id)
{
    td_tws_msg_init(msg, TD_TWS_PLACE_ORDER);
    struct td_tws_place_order *p = &msg->place_order;
    p->order_id = id;
    p->contract.con_id = 265598;
    p->contract.symbol = td_str_of("AAPL");
    p->contract.sec_type = td_str_of("STK");
    p->contract.exchange = td_str_of("SMART");
    p->contract.currency = td_str_of("USD");
    p->order.action = td_str_of("BUY");
    p->order.order_type = td_str_of("LMT");
    p->order.tif = td_str_of("DAY");
    p->order.account = td_str_of("DU1234567");
    p->order.order_ref = td_str_of("td-000001-1");
    p->order.total_quantity = TD_QTY(100);
    p->order.lmt_price = (td_px){189950000000};
}

static void bench_orders(int32_t version, const char *name)
{
    enum { ORDERS = 200000 };
    double ns[RUNS];
    char note[160];
    uint8_t out[4096];
    size_t len = 0;
    for (int run = 0; run < RUNS; run++) {
        const struct td_tws_codec codec = {.version = version, .request = true};
        struct td_tws_msg msg;
        fill_order(&msg, 1);
        const double start = bench_seconds();
        for (int32_t i = 0; i < ORDERS; i++) {
            msg.place_order.order_id = i;
            TD_REQUIRE(td_tws_encode(&codec, &msg, out, sizeof out, &len) == TD_OK);
        }
        ns[run] = (bench_seconds() - start) / ORDERS * 1e9;
    }
    const double value = bench_quantile(ns, RUNS, 0.5);
    (void)snprintf(note, sizeof note,
                   "limit order on a stock, %zu bytes; median of %d runs; %.0f to %.0f ns", len,
                   RUNS, ns[0], ns[RUNS - 1]);
    (void)printf("%s: %.0f ns (%s)\n", name, value, note);
    const struct bench_row row = {name, value, "ns", "limit 1000 ns", 1000 / value, note};
    bench_row(&row);
}

int main(int argc, char **argv)
{
    tape = malloc(TAPE_BYTES);
    TD_REQUIRE(tape != NULL);
    bench_mixed(argc > 1 && argv[1][0] ? argv[1] : NULL);
    bench_depth();
    bench_orders(200, "placeOrder encode, text");
    bench_orders(TD_TWS_VERSION_PB, "placeOrder encode, protobuf");
    free(tape);
    return EXIT_SUCCESS;
}
