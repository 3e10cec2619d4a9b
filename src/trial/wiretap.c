/* trial/wiretap.c - frames out of bytes, fields out of frames. */
#include "trial/wiretap.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"

#define FIELDS     12
#define ROWS_FIRST 4096u
#define HELLO      4 /* "API" and a NUL, before the first frame that goes out */

enum { OUT_SUBSCRIBE = 10, OUT_CANCEL = 11, IN_ERROR = 4, IN_DEPTH = 12, IN_DEPTH_L2 = 13 };

struct frame {
    struct td_str field[FIELDS];
    size_t count;
};

static void cut(const uint8_t *bytes, size_t len, struct frame *f)
{
    struct td_str rest = {(const char *)bytes, len};
    f->count = 0;
    while (f->count < FIELDS && td_str_split(&rest, '\0', &f->field[f->count]))
        f->count++;
}

static bool number(const struct frame *f, size_t n, int64_t *out)
{
    return n < f->count && td_i64_parse(f->field[n].p, f->field[n].len, out) == TD_OK;
}

static struct td_tapped *find(struct td_wiretap *t, struct td_conn conn, int64_t req_id)
{
    for (uint32_t i = t->sub_count; i-- > 0;)
        if (t->subs[i].conn.id == conn.id && t->subs[i].req_id == req_id)
            return &t->subs[i];
    return NULL;
}

/* --- what goes out --- */

static void take_request(struct td_wiretap *t, const struct frame *f)
{
    int64_t kind, req_id;
    if (!number(f, 0, &kind) || !number(f, 2, &req_id))
        return;
    struct td_tapped *sub = find(t, t->out.conn, req_id);
    if (kind == OUT_CANCEL && sub)
        sub->cancelled = true;
    if (kind != OUT_SUBSCRIBE || f->count < 5)
        return;
    if (t->sub_count == TD_WIRETAP_SUBS) {
        t->full = true;
        return;
    }
    sub = &t->subs[t->sub_count++];
    *sub = (struct td_tapped){.conn = t->out.conn, .req_id = req_id};
    (void)td_str_copy(f->field[4], sub->symbol, sizeof sub->symbol);
}

/* --- what comes in --- */

static struct td_heard *new_row(struct td_wiretap *t)
{
    if (t->count == t->cap && t->cap < TD_WIRETAP_ROWS) {
        const uint32_t cap = t->cap ? t->cap * 2 : ROWS_FIRST;
        struct td_heard *rows = realloc(t->rows, cap * sizeof *rows);
        if (rows) {
            t->rows = rows;
            t->cap = cap;
        }
    }
    if (t->count == t->cap) {
        t->full = true;
        return NULL;
    }
    return &t->rows[t->count++];
}

static int64_t e9_or_zero(const struct frame *f, size_t n)
{
    int64_t value = 0;
    if (n >= f->count || td_e9_parse(f->field[n].p, f->field[n].len, &value) != TD_OK)
        return 0;
    return value;
}

static uint8_t small_or_none(const struct frame *f, size_t n, int64_t most)
{
    int64_t value;
    return number(f, n, &value) && value >= 0 && value <= most ? (uint8_t)value : TD_HEARD_NO_OP;
}

/* "No more lines", "no more books", "someone else is logged in": the subscription never was, or is no more. */
static bool ends_subscription(int64_t code)
{
    return code == 101 || code == 309 || code == 10190 || code == 10197;
}

static void take_error(struct td_wiretap *t, const struct frame *f)
{
    int64_t req_id, code;
    if (!number(f, 1, &req_id) || !number(f, 2, &code) || !ends_subscription(code))
        return;
    struct td_tapped *sub = find(t, t->in.conn, req_id);
    if (sub)
        sub->cancelled = true;
}

/* Rows of a subscription that was cancelled or refused before are nobody's. */
static void take_answer(struct td_wiretap *t, const struct frame *f)
{
    int64_t kind, req_id, row;
    if (number(f, 0, &kind) && kind == IN_ERROR)
        take_error(t, f);
    if (!number(f, 0, &kind) || (kind != IN_DEPTH && kind != IN_DEPTH_L2) ||
        !number(f, 2, &req_id) || !number(f, 3, &row))
        return;
    const size_t at = kind == IN_DEPTH_L2 ? 5 : 4; /* a maker stands before the operation */
    const struct td_tapped *sub = find(t, t->in.conn, req_id);
    if (!sub || sub->cancelled || f->count < at + 4)
        return;
    struct td_heard *h = new_row(t);
    if (h)
        *h = (struct td_heard){.mono = td_world_mono(t->world),
                               .recv_ns = td_world_now(t->world),
                               .sub = (uint32_t)(sub - t->subs),
                               .row = (int32_t)row,
                               .op = small_or_none(f, at, 2),
                               .side = small_or_none(f, at + 1, 1),
                               .px_e9 = e9_or_zero(f, at + 2),
                               .qty_e9 = e9_or_zero(f, at + 3)};
}

/* --- frames --- */

static size_t big_endian(const uint8_t *p)
{
    return (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
}

static void take_frames(struct td_wiretap *t, struct td_wiretap_stream *s,
                        void (*take)(struct td_wiretap *t, const struct frame *f))
{
    size_t at = 0;
    if (s == &t->out && !s->greeted && s->used >= HELLO) {
        s->greeted = true;
        at = HELLO;
    }
    while (!s->deaf && s->used - at >= 4 && (s == &t->in || s->greeted)) {
        const size_t len = big_endian(s->bytes + at);
        s->deaf = len == 0 || len > TD_WIRETAP_FRAME;
        if (s->deaf || s->used - at < 4 + len)
            break;
        struct frame f;
        cut(s->bytes + at + 4, len, &f);
        take(t, &f);
        at += 4 + len;
    }
    memmove(s->bytes, s->bytes + at, s->used - at);
    s->used -= at;
}

static void pass(struct td_wiretap *t, struct td_wiretap_stream *s, struct td_conn conn,
                 struct td_str bytes, void (*take)(struct td_wiretap *t, const struct frame *f))
{
    if (conn.id != s->conn.id) {
        s->conn = conn;
        s->used = 0;
        s->deaf = s->greeted = false;
    }
    while (bytes.len && !s->deaf) {
        const size_t room = TD_WIRETAP_FRAME + 4 - s->used;
        const size_t n = bytes.len < room ? bytes.len : room;
        memcpy(s->bytes + s->used, bytes.p, n);
        s->used += n;
        bytes.p += n;
        bytes.len -= n;
        take_frames(t, s, take);
    }
}

static void took(void *arg, struct td_conn conn, const void *bytes, size_t len)
{
    struct td_wiretap *t = arg;
    pass(t, &t->out, conn, (struct td_str){bytes, len}, take_request);
}

static void heard(void *arg, struct td_conn conn, const void *bytes, size_t len)
{
    struct td_wiretap *t = arg;
    pass(t, &t->in, conn, (struct td_str){bytes, len}, take_answer);
}

enum td_err td_wiretap_open(struct td_wiretap *t, struct td_world *world, struct td_fail *why)
{
    memset(t, 0, sizeof *t);
    t->world = world;
    t->in.bytes = malloc(TD_WIRETAP_FRAME + 4);
    t->out.bytes = malloc(TD_WIRETAP_FRAME + 4);
    t->subs = calloc(TD_WIRETAP_SUBS, sizeof *t->subs);
    return t->in.bytes && t->out.bytes && t->subs
               ? TD_OK
               : td_fail_set(why, TD_ENOMEM, "no memory to listen to a machine");
}

void td_wiretap_close(struct td_wiretap *t)
{
    free(t->in.bytes);
    free(t->out.bytes);
    free(t->subs);
    free(t->rows);
    memset(t, 0, sizeof *t);
}

struct td_sim_watch td_wiretap_watch(struct td_wiretap *t)
{
    return (struct td_sim_watch){.arg = t, .took = took, .heard = heard};
}
