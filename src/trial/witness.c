/* trial/witness.c - files against what was heard. */
#include "trial/witness.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "market/book.h"
#include "store/snapshot_read.h"

#define FILES_MAX 2048 /* of one symbol */
/* Recordings are synced once a second, by a turn that a snapshot may be late for. */
#define UNSYNCED   (2100 * TD_MS)
#define NAME_CHARS 96

struct names {
    char (*rows)[NAME_CHARS];
    uint32_t count;
    bool full;
};

/* A file being read, and where it is in what was heard. */
struct reading {
    struct td_witness *w;
    struct td_camera *c;
    const char *symbol;
    char path[300];
    struct td_book book;
    uint64_t seq;
    uint32_t next; /* of the rows heard: the earliest that may come */
    bool marked;   /* a gap or reset since the last row */
    bool unfit;    /* the last row was refused by the book: a mark must follow */
};

static void TD_PRINTF(2, 3) violated(struct td_witness *w, const char *format, ...)
{
    va_list args;
    if (w->what[0])
        return;
    va_start(args, format);
    (void)vsnprintf(w->what, sizeof w->what, format, args);
    va_end(args);
}

static bool ends_with(const char *name, const char *end)
{
    const size_t a = strlen(name), b = strlen(end);
    return a >= b && strcmp(name + a - b, end) == 0;
}

static bool note_name(void *arg, const char *name, enum td_entry_kind kind)
{
    struct names *n = arg;
    if (kind != TD_ENTRY_FILE)
        return true;
    n->full |= n->count == FILES_MAX || strlen(name) >= NAME_CHARS;
    if (!n->full)
        (void)td_str_copy(td_str_of(name), n->rows[n->count++], NAME_CHARS);
    return !n->full;
}

/* --- whole files --- */

static void read_statistics(struct td_witness *w, struct td_camera *c, const char *path)
{
    static char text[16384];
    struct td_fail why = {0};
    size_t len = 0;
    if (td_file_slurp(&c->world, path, text, sizeof text, &len, &why) != TD_OK)
        violated(w, "%s: %s", path, why.text);
    struct td_str s = td_str_trim((struct td_str){text, len});
    if (s.len < 2 || s.p[0] != '{' || s.p[s.len - 1] != '}')
        violated(w, "%s is no whole object", path);
}

static void read_snapshots(struct td_witness *w, struct td_camera *c, const char *path)
{
    struct td_snapshot_file *f = NULL;
    struct td_fail why = {0};
    static struct td_snap snap;
    uint64_t rows = 0;
    enum td_err err = td_snapshot_file_open(&f, &c->world, path, &why);
    while (!err && (err = td_snapshot_file_next(f, &snap, &why)) == TD_OK)
        rows++;
    if (err != TD_ENODATA || rows == 0 || rows != td_snapshot_file_rows(f))
        violated(w, "%s has %llu rows: %s", path, (unsigned long long)rows, why.text);
    td_snapshot_file_close(f);
}

static void read_messages(struct td_witness *w, struct td_camera *c, const char *path)
{
    struct td_message_file *f = NULL;
    struct td_fail why = {0};
    static struct td_message m;
    uint64_t rows = 0;
    enum td_err err = td_message_file_open(&f, &c->world, path, &why);
    while (!err && (err = td_message_file_next(f, &m, &why)) == TD_OK)
        if (m.seq != ++rows)
            violated(w, "%s: message %llu stands at place %llu", path, (unsigned long long)m.seq,
                     (unsigned long long)rows);
    if (err != TD_ENODATA || rows == 0)
        violated(w, "%s has %llu messages: %s", path, (unsigned long long)rows, why.text);
    td_message_file_close(f);
}

static void read_whole(struct td_witness *w, struct td_camera *c, const char *symbol,
                       const char *name)
{
    char path[300];
    (void)snprintf(path, sizeof path, TD_CAMERA_FOLDER "/%s/%s", symbol, name);
    w->checks++;
    if (ends_with(name, ".tmp") || ends_with(name, ".capture") || ends_with(name, ".damaged"))
        return;
    if (strstr(name, "session_stats_"))
        read_statistics(w, c, path);
    else if (strstr(name, "_snapshots_") && ends_with(name, ".parquet"))
        read_snapshots(w, c, path);
    else if (strstr(name, "_messages_") && ends_with(name, ".json"))
        read_messages(w, c, path);
    else
        violated(w, "nobody knows what %s is", path);
}

/* Once: the end of the trial reads all again. */
static bool is_new(struct td_witness *w, const char *symbol, const char *name)
{
    const uint64_t parts[2] = {td_hash_bytes(symbol, strlen(symbol)),
                               td_hash_bytes(name, strlen(name))};
    const uint64_t key = td_hash_bytes(parts, sizeof parts);
    for (uint32_t i = 0; i < w->seen_count; i++)
        if (w->seen[i] == key)
            return false;
    if (w->seen_count < TD_WITNESS_SEEN)
        w->seen[w->seen_count++] = key;
    return true;
}

static void list_symbol(struct td_witness *w, struct td_camera *c, const char *symbol,
                        struct names *names)
{
    char folder[200];
    names->count = 0;
    (void)snprintf(folder, sizeof folder, TD_CAMERA_FOLDER "/%s", symbol);
    if (td_entry_at(&c->world, folder) != TD_ENTRY_FOLDER)
        return;
    if (td_folder_list(&c->world, folder, note_name, names) != TD_OK || names->full)
        violated(w, "%s cannot be listed", folder);
}

static bool take_names(struct td_witness *w, struct names *names)
{
    *names = (struct names){.rows = calloc(FILES_MAX, sizeof *names->rows)};
    if (!names->rows)
        violated(w, "no memory for the names of files");
    return names->rows != NULL;
}

void td_witness_look(struct td_witness *w, struct td_camera *c)
{
    struct names names;
    if (!take_names(w, &names))
        return;
    for (uint32_t s = 0; s < c->plan->camera_symbols; s++) {
        list_symbol(w, c, c->plan->symbols[s], &names);
        for (uint32_t i = 0; i < names.count; i++)
            if (is_new(w, c->plan->symbols[s], names.rows[i]))
                read_whole(w, c, c->plan->symbols[s], names.rows[i]);
    }
    free(names.rows);
}

/* --- rows --- */

static bool is_row(const struct reading *r, const struct td_heard *h, const struct td_message *m)
{
    const struct td_depth *d = &m->event.depth;
    return h->recv_ns == m->event.recv_ns && h->row == d->row && h->px_e9 == d->px.e9 &&
           h->qty_e9 == d->qty.e9 && h->op == d->op && h->side == d->side && !h->written &&
           strcmp(r->c->tap.subs[h->sub].symbol, r->symbol) == 0;
}

/* A row of the venue: heard, once, and in this order. */
static void look_up(struct reading *r, const struct td_message *m)
{
    const struct td_wiretap *t = &r->c->tap;
    uint32_t i = r->next;
    while (i < t->count && !is_row(r, &t->rows[i], m))
        i++;
    r->w->checks++;
    if (i == t->count) {
        violated(r->w, "%s: message %llu was not heard, or stands out of order", r->path,
                 (unsigned long long)m->seq);
        return;
    }
    t->rows[i].written = true;
    t->rows[i].marked = r->marked;
    r->marked = false;
    r->next = i + 1;
}

static void take_message(struct reading *r, const struct td_message *m)
{
    r->seq = m->seq;
    r->w->rows++;
    if (m->event.kind == TD_EV_DEPTH_RESET)
        td_book_reset(&r->book);
    if (m->event.kind == TD_EV_DEPTH) {
        if (r->unfit)
            violated(r->w, "%s: message %llu did not fit the book and no mark follows", r->path,
                     (unsigned long long)m->seq - 1);
        r->unfit = td_book_apply(&r->book, &m->event) != TD_OK;
    } else {
        r->unfit = false;
    }
    if (m->event.kind == TD_EV_DEPTH && !m->image)
        look_up(r, m);
    r->marked |= m->event.kind != TD_EV_DEPTH && !m->image;
}

static void catch_up(struct reading *r, struct td_message_file *f, uint64_t seq)
{
    static struct td_message m;
    while (r->seq < seq && !r->w->what[0]) {
        const uint64_t place = r->seq + 1;
        const enum td_err err = td_message_file_next(f, &m, NULL);
        if (err != TD_OK) {
            if (seq != UINT64_MAX || err != TD_ENODATA || !r->seq)
                violated(r->w, "%s ends before message %llu: %s", r->path, (unsigned long long)seq,
                         td_err_text(err));
            return;
        }
        if (m.seq != place)
            violated(r->w, "%s: message %llu stands at place %llu", r->path,
                     (unsigned long long)m.seq, (unsigned long long)place);
        take_message(r, &m);
    }
}

static void compare(struct reading *r, const struct td_snap *snap, int32_t levels)
{
    r->w->checks++;
    r->w->snapshots++;
    for (int side = 0; side < 2; side++)
        for (int32_t i = 0; i < levels; i++) {
            const bool live = i < r->book.rows[side];
            if (snap->px[side][i].e9 != (live ? r->book.side[side][i].px.e9 : 0) ||
                snap->qty[side][i].e9 != (live ? r->book.side[side][i].qty.e9 : 0)) {
                violated(r->w, "%s: the snapshot after message %llu is not the book", r->path,
                         (unsigned long long)snap->seq);
                return;
            }
        }
}

static void read_beside(struct reading *r, struct td_message_file *messages, const char *path)
{
    struct td_snapshot_file *snaps = NULL;
    static struct td_snap snap;
    struct td_fail why = {0};
    enum td_err err = td_snapshot_file_open(&snaps, &r->c->world, path, &why);
    while (!err && !r->w->what[0]) {
        err = td_snapshot_file_next(snaps, &snap, &why);
        if (err)
            break;
        catch_up(r, messages, snap.seq);
        if (!r->w->what[0])
            compare(r, &snap, r->c->config.levels);
    }
    if (err && err != TD_ENODATA)
        violated(r->w, "%s: %s", path, why.text);
    td_snapshot_file_close(snaps);
}

/* One session: its messages, and its snapshots beside them when it has any. */
static void read_session(struct reading *r, const char *name)
{
    struct td_message_file *messages = NULL;
    struct td_fail why = {0};
    char beside[300];
    const char *place = strstr(name, "_messages_");
    (void)snprintf(r->path, sizeof r->path, TD_CAMERA_FOLDER "/%s/%s", r->symbol, name);
    (void)snprintf(beside, sizeof beside, TD_CAMERA_FOLDER "/%s/%.*s_snapshots_%.*s.parquet",
                   r->symbol, (int)(place - name), name, (int)(strlen(place) - 15), place + 10);
    r->seq = r->next = 0;
    r->unfit = false; /* a mark at the end of a session holds for the begin of the next */
    td_book_init(&r->book, r->c->config.levels);
    if (td_message_file_open(&messages, &r->c->world, r->path, &why) != TD_OK) {
        violated(r->w, "%s: %s", r->path, why.text);
        return;
    }
    r->w->files++;
    if (td_entry_at(&r->c->world, beside) == TD_ENTRY_FILE)
        read_beside(r, messages, beside);
    if (!r->w->what[0])
        catch_up(r, messages, UINT64_MAX);
    if (r->next)
        r->c->tap.rows[r->next - 1].ends_marked = r->marked;
    td_message_file_close(messages);
}

static const struct td_camera_life *life_at(const struct td_camera *c, td_ns mono)
{
    for (uint32_t i = c->life_count; i-- > 0;)
        if (mono >= c->lives[i].from)
            return &c->lives[i];
    return NULL;
}

/* Why a row may be in no file: `next` is the symbol's next row that is in one, NULL none. */
static bool has_reason(const struct td_camera *c, const struct td_heard *h,
                       const struct td_heard *next)
{
    const struct td_camera_life *life = life_at(c, h->mono);
    if (!life || h->mono >= life->failed)
        return true;
    if (next && next->marked && life_at(c, next->mono) == life)
        return true;
    if (h->after_mark) /* a mark is the last thing in the file before it */
        return true;
    const bool last = !next || life_at(c, next->mono) != life;
    if (last &&
        h->op ==
            TD_HEARD_NO_OP) /* it could not be read, and no row came that could bear its mark */
        return true;
    if (life->end == TD_CAMERA_KILLED)
        return last && h->mono >= life->to; /* in the turn that it died in */
    const td_ns last_sync = (life->failed < life->to ? life->failed : life->to) - UNSYNCED;
    return life->end == TD_CAMERA_POWER && last && h->mono >= last_sync;
}

/* Milliseconds of the trial; -1: never. */
static long long ms(const struct td_camera *c, td_ns mono)
{
    return mono == TD_NS_NEVER ? -1 : (long long)((mono - c->began) / TD_MS);
}

static void tell_hole(struct td_witness *w, const struct td_camera *c, const struct td_heard *h,
                      const struct td_heard *next)
{
    static const char *const ends[] = {"", "stopped", "killed", "lost power"};
    const struct td_camera_life *life = life_at(c, h->mono);
    violated(
        w,
        "%s: row %d, operation %u heard at %lld ms stands in no file and nothing says why; its "
        "process ran from %lld to %lld ms and was %s, the next row there is of %lld ms%s",
        c->tap.subs[h->sub].symbol, (int)h->row, h->op, ms(c, h->mono), ms(c, life->from),
        ms(c, life->to), ends[life->end], next ? ms(c, next->mono) : -1,
        next && next->marked ? " behind a mark" : "");
}

/* Rows behind the last one of a file that ends with a mark: the book was over, and could not be asked for again (1100). */
static void follow_marks(const struct td_wiretap *t, const char *symbol)
{
    bool over = false;
    for (uint32_t i = 0; i < t->count; i++) {
        struct td_heard *h = &t->rows[i];
        if (strcmp(t->subs[h->sub].symbol, symbol) != 0)
            continue;
        h->after_mark = over && !h->written;
        over = h->written ? h->ends_marked : over;
    }
}

static void look_for_holes(struct td_witness *w, const struct td_camera *c, const char *symbol)
{
    const struct td_wiretap *t = &c->tap;
    const struct td_heard *next = NULL;
    follow_marks(t, symbol);
    for (uint32_t i = t->count; i-- > 0 && !w->what[0];) {
        const struct td_heard *h = &t->rows[i];
        if (strcmp(t->subs[h->sub].symbol, symbol) != 0)
            continue;
        w->checks++;
        if (h->written) {
            next = h;
            continue;
        }
        w->lost++;
        if (!has_reason(c, h, next))
            tell_hole(w, c, h, next);
    }
}

static void judge_symbol(struct td_witness *w, struct td_camera *c, const char *symbol,
                         struct names *names)
{
    struct reading r = {.w = w, .c = c, .symbol = symbol};
    list_symbol(w, c, symbol, names);
    for (uint32_t i = 0; i < names->count && !w->what[0]; i++) {
        if (ends_with(names->rows[i], ".tmp") || ends_with(names->rows[i], ".capture"))
            violated(w, "%s/%s was never finished", symbol, names->rows[i]);
        if (strstr(names->rows[i], "_messages_") && ends_with(names->rows[i], ".json"))
            read_session(&r, names->rows[i]);
        else if (strstr(names->rows[i], "session_stats_") || is_new(w, symbol, names->rows[i]))
            read_whole(w, c, symbol, names->rows[i]);
    }
    if (!w->what[0])
        look_for_holes(w, c, symbol);
}

void td_witness_end(struct td_witness *w, struct td_camera *c)
{
    struct names names;
    if (c->tap.full)
        violated(w, "more was heard than the judge can hold");
    if (w->what[0] || !take_names(w, &names))
        return;
    for (uint32_t s = 0; s < c->plan->camera_symbols && !w->what[0]; s++)
        judge_symbol(w, c, c->plan->symbols[s], &names);
    free(names.rows);
}
