/* store/session_messages.c - messages into the JSON file of a session. */
#include "store/session_files.h"

enum { OBJECT_MAX = 1024 }; /* longest object, generously */

void td_message_writer_open(struct td_message_writer *w, struct td_out *out, const char *symbol)
{
    w->out = out;
    w->symbol = symbol;
    w->total = 0;
    w->marks = 0;
    td_text_init(&w->text, w->buf, sizeof w->buf);
    td_json_init(&w->json, &w->text, true);
    td_json_array(&w->json);
}

static const char *operation_of(const struct td_event *ev)
{
    static const char *const names[] = {"add", "update", "remove"};
    return ev->kind == TD_EV_DEPTH && ev->depth.op < TD_COUNT(names) ? names[ev->depth.op] : "?";
}

static const char *side_of(const struct td_event *ev)
{
    static const char *const names[] = {"ask", "bid"};
    return ev->kind == TD_EV_DEPTH && ev->depth.side < TD_COUNT(names) ? names[ev->depth.side]
                                                                       : "?";
}

static int64_t or_zero(int64_t e9)
{
    return e9 == TD_E9_NONE ? 0 : e9;
}

/* The contractual keys in their order, then ours. */
static void put_message(struct td_json *j, const struct td_capture_record *r, const char *symbol)
{
    const struct td_event *ev = &r->event;
    char maker[TD_MAKER_CHARS + 1] = {0};
    (void)td_str_copy((struct td_str){ev->depth.maker, TD_MAKER_CHARS}, maker, sizeof maker);
    td_json_object(j);
    td_json_key(j, "timestamp");
    td_json_iso(j, ev->recv_ns);
    td_json_key_text(j, "operation", operation_of(ev));
    td_json_key_text(j, "side", side_of(ev));
    td_json_key_i64(j, "level", ev->depth.row);
    td_json_key_e9(j, "price", or_zero(ev->depth.px.e9));
    td_json_key_e9(j, "size", or_zero(ev->depth.qty.e9));
    td_json_key_text(j, "symbol", symbol);
    td_json_key_i64(j, "recv_ns", ev->recv_ns);
    td_json_key_i64(j, "venue_ns", ev->venue_ns);
    if (maker[0])
        td_json_key_text(j, "maker", maker);
    td_json_key_i64(j, "seq", (int64_t)r->seq);
    if (ev->kind != TD_EV_DEPTH)
        td_json_key_text(j, "event", ev->kind == TD_EV_GAP ? "gap" : "reset");
    if (ev->depth.smart)
        td_json_key_bool(j, "smart", true);
    if (ev->generated)
        td_json_key_bool(j, "generated", true);
    if (r->image)
        td_json_key_bool(j, "image", true);
    td_json_object_end(j);
}

static enum td_err hand_on(struct td_message_writer *w)
{
    TD_REQUIRE(!td_text_full(&w->text));
    const enum td_err err = td_out_write(w->out, w->buf, w->text.len);
    td_text_reset(&w->text);
    return err;
}

enum td_err td_message_writer_add(struct td_message_writer *w, const struct td_capture_record *r)
{
    put_message(&w->json, r, w->symbol);
    w->total++;
    w->marks += r->event.kind != TD_EV_DEPTH && !r->image;
    return w->text.len > sizeof w->buf - OBJECT_MAX ? hand_on(w) : TD_OK;
}

void td_message_writer_finish(struct td_message_writer *w)
{
    td_json_array_end(&w->json);
    td_text_char(&w->text, '\n');
    (void)td_out_write(w->out, w->buf, w->text.len);
}
