/* fuzz/push_fuzz.c - any bytes, a message a line, from a WebSocket client: what it asked for stays within bounds, each frame that
 * follows is whole JSON, and the numbers of frames grow by one. */
#include <stdlib.h>
#include <string.h>

#include "dash/push.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FRAMES 4

static struct td_watch watch;
static struct td_push_board board;

static void take_rows(enum td_push_list list, const char *key, const char *json)
{
    cJSON *answer = cJSON_Parse(json);
    td_push_take(&board, list, answer, key);
    cJSON_Delete(answer);
}

/* A market with two symbols, and a row of each list; once for all inputs. */
static void open_board(void)
{
    static const char *const symbols[] = {"SPY", "ES Z5"};
    TD_REQUIRE(td_watch_open(&watch) == TD_OK && td_push_open(&board, &watch) == TD_OK);
    for (uint8_t i = 0; i < TD_COUNT(symbols); i++) {
        struct td_feed_item line = {.kind = TD_FEED_LINE, .line = i};
        struct td_feed_item print = {
            .kind = TD_FEED_EVENT,
            .line = i,
            .event = {.kind = TD_EV_TRADE,
                      .recv_ns = TD_SEC,
                      .trade = {.px = TD_PX(100), .qty = TD_QTY(1), .aggressor = 1}}};
        (void)td_str_copy(td_str_of(symbols[i]), line.symbol, sizeof line.symbol);
        td_watch_take(&watch, &line);
        td_watch_take(&watch, &print);
    }
    take_rows(TD_PUSH_ORDERS, "orders", "{\"orders\":[{\"id\":2},{\"id\":1}]}");
    take_rows(TD_PUSH_EVENTS, "events", "{\"events\":[{\"id\":1,\"text\":\"\\u20ac\"}]}");
    take_rows(TD_PUSH_FILLS, "fills", "{\"fills\":[{\"id\":1}]}");
    take_rows(TD_PUSH_INTENTS, "intents", "{\"intents\":[{\"id\":1}]}");
    board.status_text = "{\"ok\":true}";
    board.status_version = 1;
}

static void check_client(const struct td_push_client *c)
{
    TD_REQUIRE(c->count <= TD_PUSH_TOPICS);
    for (uint32_t i = 0; i < c->count; i++)
        TD_REQUIRE(memchr(c->topics[i].symbol, '\0', sizeof c->topics[i].symbol));
}

static void check_frames(struct td_push_client *c)
{
    static char bytes[TD_PUSH_FRAME];
    struct td_text frame;
    const char *end = NULL;
    for (int i = 0; i < FRAMES; i++) {
        const uint64_t before = c->seq;
        td_text_init(&frame, bytes, sizeof bytes);
        if (!td_push_frame(c, &board, TD_SEC, &frame))
            return;
        TD_REQUIRE(!td_text_full(&frame) && c->seq == before + !c->older);
        cJSON *whole = cJSON_ParseWithLengthOpts(frame.buf, frame.len, &end, false);
        TD_REQUIRE(whole && end == frame.buf + frame.len);
        cJSON_Delete(whole);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct td_push_client client;
    struct td_str all = {(const char *)data, size}, message;
    if (!board.watch)
        open_board();
    memset(&client, 0, sizeof client);
    while (td_str_split(&all, '\n', &message)) {
        const char *reason = NULL;
        if (message.len > TD_PUSH_MESSAGE)
            break; /* is not taken from the socket */
        const bool good = td_push_hear(&client, &board, message, &reason);
        check_client(&client);
        TD_REQUIRE(good || (reason && *reason));
        if (!good)
            break; /* the connection ends */
        check_frames(&client);
    }
    return 0;
}
