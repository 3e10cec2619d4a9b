/* store/message_read.c - reads the messages file of a session: a JSON array of flat objects, streamed.
 *
 * A day of messages is hundreds of megabytes, so this walks the file with one buffer and knows only what
 * such a file holds: an array, objects in it, and in them strings, numbers and words. Keys come in any order;
 * unknown ones are passed over.
 */
#include <stdlib.h>
#include <string.h>

#include "store/snapshot_read.h"

enum { BUFFER = 65536, TEXT_MAX = 256 };

struct td_message_file {
    struct td_world *world;
    struct td_file file;
    uint64_t offset;
    size_t at, have;
    enum td_err io;
    bool started;
    uint64_t objects;
    char buf[BUFFER];
};

/* One scalar as it stands in the file, strings without quotes and unescaped. */
struct scalar {
    char text[TEXT_MAX];
    size_t len;
    bool is_text;
};

/* The next character without taking it, -1 at the end or after a failed read. */
static int peek(struct td_message_file *f)
{
    if (f->at == f->have && !f->io) {
        f->at = 0;
        f->have = 0;
        f->io = td_file_read(f->world, f->file, f->offset, f->buf, sizeof f->buf, &f->have);
        f->offset += f->have;
    }
    return f->at < f->have ? (unsigned char)f->buf[f->at] : -1;
}

static int take(struct td_message_file *f)
{
    const int c = peek(f);
    f->at += c >= 0;
    return c;
}

static int peek_solid(struct td_message_file *f)
{
    int c;
    while ((c = peek(f)) == ' ' || c == '\n' || c == '\r' || c == '\t')
        f->at++;
    return c;
}

static bool expect(struct td_message_file *f, char wanted)
{
    return peek_solid(f) == wanted && take(f) == wanted;
}

static bool push(struct scalar *s, int c)
{
    if (s->len == sizeof s->text)
        return false;
    s->text[s->len++] = (char)c;
    return true;
}

/* Behind a backslash. Code points past ASCII become '?': no field that is used holds one. */
static bool get_escape(struct td_message_file *f, struct scalar *out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const int c = take(f);
    const char *at = c > 0 ? strchr(from, c) : NULL;
    if (at)
        return push(out, to[at - from]);
    if (c != 'u')
        return false;
    unsigned code = 0;
    for (int i = 0; i < 4; i++) {
        static const char digits[] = "0123456789abcdef";
        const int d = take(f) | 0x20;
        const char *digit = d > 0 && d < 128 ? strchr(digits, d) : NULL;
        if (!digit)
            return false;
        code = code << 4 | (unsigned)(digit - digits);
    }
    return push(out, code < 128 ? (int)code : '?');
}

static bool get_string(struct td_message_file *f, struct scalar *out)
{
    out->len = 0;
    out->is_text = true;
    if (!expect(f, '"'))
        return false;
    for (int c = take(f); c != '"'; c = take(f)) {
        if (c < 0x20)
            return false;
        if (c == '\\' ? !get_escape(f, out) : !push(out, c))
            return false;
    }
    return true;
}

static bool get_scalar(struct td_message_file *f, struct scalar *out)
{
    if (peek_solid(f) == '"')
        return get_string(f, out);
    out->len = 0;
    out->is_text = false;
    for (int c = peek(f); c > ' ' && c != ',' && c != '}' && c != ']'; c = peek(f))
        if (c == '{' || c == '[' || c == '"' || c == ':' || !push(out, take(f)))
            return false;
    return out->len > 0;
}

/* ---- one object ---- */

static bool is(const struct scalar *s, const char *word)
{
    return td_str_is((struct td_str){s->text, s->len}, word);
}

static enum td_err get_e9(const struct scalar *s, int64_t *out)
{
    return is(s, "null") ? TD_OK : td_e9_parse(s->text, s->len, out);
}

static enum td_err get_i64(const struct scalar *s, int64_t *out)
{
    return is(s, "null") ? TD_OK : td_i64_parse(s->text, s->len, out);
}

static void set_operation(struct td_event *ev, const struct scalar *s)
{
    static const char *const names[] = {"add", "update", "remove"};
    ev->kind = TD_EV_GAP;
    for (uint8_t i = 0; i < TD_COUNT(names); i++)
        if (is(s, names[i])) {
            ev->kind = TD_EV_DEPTH;
            ev->depth.op = i;
        }
}

static enum td_err set_level(struct td_event *ev, const struct scalar *s)
{
    int64_t level = 0;
    const enum td_err err = get_i64(s, &level);
    if (!err && (level > INT32_MAX || level < INT32_MIN))
        return TD_ERANGE;
    ev->depth.row = (int32_t)level;
    return err;
}

static enum td_err set_field(struct td_message *m, const struct scalar *key, const struct scalar *v,
                             bool *reset)
{
    struct td_event *ev = &m->event;
    const struct td_str text = {v->text, v->len};
    int64_t seq = 0;
    if (is(key, "timestamp"))
        return td_iso_parse(v->text, v->len, &m->at_ns);
    if (is(key, "operation"))
        set_operation(ev, v);
    else if (is(key, "side"))
        ev->depth.side = is(v, "bid") ? TD_BID : is(v, "ask") ? TD_ASK : 2;
    else if (is(key, "level"))
        return set_level(ev, v);
    else if (is(key, "price"))
        return get_e9(v, &ev->depth.px.e9);
    else if (is(key, "size"))
        return get_e9(v, &ev->depth.qty.e9);
    else if (is(key, "symbol"))
        (void)td_str_copy(text, m->symbol, sizeof m->symbol);
    else if (is(key, "recv_ns"))
        return get_i64(v, &ev->recv_ns);
    else if (is(key, "venue_ns"))
        return get_i64(v, &ev->venue_ns);
    else if (is(key, "maker"))
        memcpy(ev->depth.maker, v->text, v->len < TD_MAKER_CHARS ? v->len : TD_MAKER_CHARS);
    else if (is(key, "event"))
        *reset = is(v, "reset");
    else if (is(key, "smart"))
        ev->depth.smart = is(v, "true");
    else if (is(key, "generated"))
        ev->generated = is(v, "true");
    else if (is(key, "image"))
        m->image = is(v, "true");
    else if (is(key, "seq") && get_i64(v, &seq) == TD_OK)
        m->seq = (uint64_t)seq;
    return TD_OK;
}

static enum td_err get_object(struct td_message_file *f, struct td_message *m)
{
    struct scalar key, value;
    bool reset = false;
    *m = (struct td_message){.event = {.kind = TD_EV_GAP}};
    if (!expect(f, '{'))
        return TD_EPARSE;
    while (peek_solid(f) != '}') {
        if (!get_string(f, &key) || !expect(f, ':') || !get_scalar(f, &value) ||
            set_field(m, &key, &value, &reset))
            return TD_EPARSE;
        if (peek_solid(f) != '}' && !expect(f, ','))
            return TD_EPARSE;
    }
    (void)take(f);
    if (reset)
        m->event.kind = TD_EV_DEPTH_RESET;
    if (m->event.recv_ns == 0)
        m->event.recv_ns = m->at_ns;
    return TD_OK;
}

/* ---- the file ---- */

enum td_err td_message_file_open(struct td_message_file **out, struct td_world *world,
                                 const char *path, struct td_fail *why)
{
    struct td_message_file *f = calloc(1, sizeof *f);
    if (!f)
        return td_fail_set(why, TD_ENOMEM, "reading %s: %s", path, td_err_text(TD_ENOMEM));
    f->world = world;
    const enum td_err err = td_file_open(world, path, TD_FILE_READ, &f->file, why);
    if (err) {
        free(f);
        return err;
    }
    *out = f;
    return TD_OK;
}

static enum td_err refuse(struct td_message_file *f, struct td_fail *why)
{
    if (f->io)
        return td_fail_set(why, f->io, "reading messages: %s", td_err_text(f->io));
    return td_fail_set(why, TD_EPARSE, "not a messages file, or damaged, in object %llu",
                       (unsigned long long)f->objects + 1);
}

enum td_err td_message_file_next(struct td_message_file *f, struct td_message *out,
                                 struct td_fail *why)
{
    if (!f->started) {
        if (!expect(f, '['))
            return refuse(f, why);
        f->started = true;
        if (peek_solid(f) == ']')
            return TD_ENODATA;
    } else if (peek_solid(f) == ']') {
        return TD_ENODATA;
    } else if (f->objects && !expect(f, ',')) {
        return refuse(f, why);
    }
    if (get_object(f, out))
        return refuse(f, why);
    f->objects++;
    return TD_OK;
}

void td_message_file_close(struct td_message_file *f)
{
    if (!f)
        return;
    if (f->file.id)
        td_file_close(f->world, f->file);
    free(f);
}
