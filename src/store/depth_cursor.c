/* store/depth_cursor.c - columns of snapshots as rows: times parsed and put in order, lists checked.
 *
 * Most times of a file share all but their last six digits with the one before, so those alone are read again.
 */
#include "store/depth_cursor.h"

#include <stdlib.h>
#include <string.h>

#include "store/cell.h"
#include "store/table_file.h"

enum { AT, BID_PX, BID_QTY, ASK_PX, ASK_QTY, QUALITY, GENERATED, COLUMNS };

static const char *const names[COLUMNS] = {"timestamp", "bid_prices", "bid_sizes", "ask_prices",
                                           "ask_sizes", "quality",    "generated"};

struct place {
    td_ns at;
    uint32_t row;
};

struct td_depth_cursor {
    struct td_depth_source *facts;
    struct td_table_file *file;
    size_t column[COLUMNS]; /* in the file; those not there stand behind the last one read */
    size_t columns;         /* that are read: 5..COLUMNS, in the order of the enum */
    int slot[COLUMNS];      /* in `values`; -1: not there */
    struct td_pq_values values[COLUMNS];
    struct td_pq_column kinds[COLUMNS];
    size_t group, row, rows;
    struct place *order; /* [rows] */
    size_t order_cap;
    char second[19]; /* text of the last time up to its second, and that second */
    td_ns second_ns;
    double px[2][TD_CAPTURE_LEVELS_MAX]; /* of lists that are texts */
};

/* ---- opening ---- */

static bool is_list_of_numbers(const struct td_pq_column *c)
{
    return (c->list && (c->type == TD_PQ_DOUBLE || c->type == TD_PQ_INT64)) ||
           (!c->list && c->type == TD_PQ_BYTES);
}

static bool is_right(int column, const struct td_pq_column *c)
{
    switch (column) {
    case AT:
        return !c->list &&
               (c->type == TD_PQ_BYTES || (c->type == TD_PQ_INT64 && c->logical == TD_PQ_TIME_NS));
    case QUALITY:
        return !c->list && c->type == TD_PQ_INT32;
    case GENERATED:
        return !c->list && c->type == TD_PQ_BOOL;
    default:
        return is_list_of_numbers(c);
    }
}

static enum td_err find_columns(struct td_depth_cursor *c, struct td_fail *why)
{
    for (int i = 0; i < COLUMNS; i++) {
        const int at = td_table_file_find(c->file, names[i]);
        c->slot[i] = -1;
        if (at < 0 && i <= ASK_QTY)
            return td_fail_set(why, TD_EPARSE, "%s is not a snapshots file: no column %s",
                               c->facts->path, names[i]);
        if (at < 0)
            continue;
        c->kinds[i] = *td_table_file_column_at(c->file, (size_t)at);
        if (!is_right(i, &c->kinds[i]))
            return td_fail_set(why, TD_EPARSE,
                               "%s is not a snapshots file: column %s has another type",
                               c->facts->path, names[i]);
        c->slot[i] = (int)c->columns;
        c->column[c->columns++] = (size_t)at;
    }
    return TD_OK;
}

enum td_err td_depth_cursor_open(struct td_depth_cursor **out, struct td_world *world,
                                 struct td_depth_source *facts, struct td_fail *why)
{
    struct td_depth_cursor *c = calloc(1, sizeof *c);
    if (!c)
        return td_fail_set(why, TD_ENOMEM, "reading %s: %s", facts->path, td_err_text(TD_ENOMEM));
    c->facts = facts;
    enum td_err err = td_table_file_open(&c->file, world, facts->path, why);
    if (!err)
        err = find_columns(c, why);
    if (err)
        td_depth_cursor_close(c);
    else
        *out = c;
    return err;
}

void td_depth_cursor_close(struct td_depth_cursor *c)
{
    if (!c)
        return;
    td_table_file_close(c->file);
    free(c->order);
    free(c);
}

/* ---- times ---- */

static bool is_there(const struct td_pq_values *v, size_t i)
{
    return !v->present || v->present[i];
}

/* "2026-11-21T09:30:00.123456+00:00" whose second is that of the time before. */
static bool parse_again(const struct td_depth_cursor *c, struct td_str s, td_ns *out)
{
    td_ns micros = 0;
    if (s.len != 32 || memcmp(s.p, c->second, sizeof c->second) != 0 || s.p[19] != '.' ||
        memcmp(s.p + 26, "+00:00", 6) != 0)
        return false;
    for (int i = 20; i < 26; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        micros = micros * 10 + (s.p[i] - '0');
    }
    *out = c->second_ns + micros * TD_US;
    return true;
}

static bool parse_time(struct td_depth_cursor *c, struct td_str s, td_ns *out)
{
    if (parse_again(c, s, out))
        return true;
    if (td_iso_parse(s.p, s.len, out))
        return false;
    const td_ns past = (*out % TD_SEC + TD_SEC) % TD_SEC;
    if (s.len == 32 && s.p[19] == '.' && memcmp(s.p + 26, "+00:00", 6) == 0) {
        memcpy(c->second, s.p, sizeof c->second);
        c->second_ns = *out - past;
    }
    return true;
}

static int by_time(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static bool make_room(struct td_depth_cursor *c, size_t rows)
{
    if (rows <= c->order_cap)
        return true;
    struct place *more = realloc(c->order, rows * sizeof *more);
    if (!more)
        return false;
    c->order = more;
    c->order_cap = rows;
    return true;
}

/* The times of the group that is loaded into `values`, in order. */
static enum td_err take_times(struct td_depth_cursor *c, const struct td_pq_values *v,
                              struct td_fail *why)
{
    uint64_t disordered = 0;
    if (v->rows > UINT32_MAX || !make_room(c, v->rows))
        return td_fail_set(why, TD_ENOMEM, "%s: %s", c->facts->path, td_err_text(TD_ENOMEM));
    for (size_t i = 0; i < v->rows; i++) {
        struct place *p = &c->order[i];
        p->row = (uint32_t)i;
        bool good = is_there(v, i);
        if (good && c->kinds[AT].type == TD_PQ_INT64)
            p->at = ((const int64_t *)v->values)[i];
        else if (good)
            good = parse_time(c, ((const struct td_str *)v->values)[i], &p->at);
        if (!good)
            return td_fail_set(why, TD_EPARSE,
                               "%s: row %zu of group %zu has no time or no ISO 8601",
                               c->facts->path, i + 1, c->group + 1);
        disordered += i > 0 && p->at < c->order[i - 1].at;
    }
    c->facts->disordered += disordered;
    if (disordered)
        qsort(c->order, v->rows, sizeof *c->order, by_time);
    return TD_OK;
}

enum td_err td_depth_cursor_begin(struct td_depth_cursor *c, td_ns *begin, struct td_fail *why)
{
    const size_t groups = td_table_file_groups(c->file);
    for (c->group = 0; c->group < groups; c->group++) {
        struct td_pq_values v;
        enum td_err err = td_table_file_load(c->file, c->group, &c->column[0], 1, &v, why);
        if (err)
            return td_fail_add(why, err, "reading %s", c->facts->path);
        err = take_times(c, &v, why);
        if (err)
            return err;
        if (v.rows)
            *begin = c->order[0].at < *begin ? c->order[0].at : *begin;
    }
    c->facts->disordered = 0; /* counted when the rows are read */
    return TD_OK;
}

/* ---- rows ---- */

static enum td_err load_group(struct td_depth_cursor *c, struct td_fail *why)
{
    enum td_err err = td_table_file_load(c->file, c->group, c->column, c->columns, c->values, why);
    if (err)
        return td_fail_add(why, err, "reading %s", c->facts->path);
    err = take_times(c, &c->values[AT], why);
    if (err)
        return err;
    c->rows = c->values[AT].rows;
    c->row = 0;
    c->group++;
    if (c->rows) {
        const td_ns first = c->order[0].at, last = c->order[c->rows - 1].at;
        struct td_depth_source *f = c->facts;
        f->first_ns = f->rows == 0 || first < f->first_ns ? first : f->first_ns;
        f->last_ns = f->rows == 0 || last > f->last_ns ? last : f->last_ns;
        f->rows += c->rows;
    }
    return TD_OK;
}

enum td_err td_depth_cursor_ready(struct td_depth_cursor *c, struct td_fail *why)
{
    while (c->row == c->rows) {
        if (c->group == td_table_file_groups(c->file))
            return TD_ENODATA;
        const enum td_err err = load_group(c, why);
        if (err)
            return err;
    }
    return TD_OK;
}

td_ns td_depth_cursor_at(const struct td_depth_cursor *c)
{
    return c->order[c->row].at;
}

void td_depth_cursor_step(struct td_depth_cursor *c)
{
    c->row++;
}

/* "[1.5, 2, null]" into out[TD_CAPTURE_LEVELS_MAX]; -1: not such a list, or too long. null is 0. */
static int32_t parse_list(struct td_str s, double *out)
{
    int32_t n = 0;
    s = td_str_trim(s);
    if (s.len < 2 || s.p[0] != '[' || s.p[s.len - 1] != ']')
        return -1;
    struct td_str rest = td_str_trim((struct td_str){s.p + 1, s.len - 2}), part;
    const bool open = rest.len && rest.p[rest.len - 1] == ',';
    while (rest.len && td_str_split(&rest, ',', &part)) {
        part = td_str_trim(part);
        if (n == TD_CAPTURE_LEVELS_MAX)
            return -1;
        out[n] = 0;
        if (!td_str_is(part, "null") && !td_double_parse(part, &out[n]))
            return -1;
        n++;
    }
    return open ? -1 : n;
}

/* One list as doubles: borrowed where it lies so in the group, else in `room`. Its length, or -1. */
static int32_t get_list(const struct td_depth_cursor *c, int column, size_t row, double *room,
                        const double **out)
{
    const struct td_pq_values *v = &c->values[c->slot[column]];
    const struct td_pq_column *kind = &c->kinds[column];
    *out = room;
    if (!kind->list)
        return is_there(v, row) ? parse_list(((const struct td_str *)v->values)[row], room) : 0;
    const size_t from = v->starts[row], n = v->starts[row + 1] - from;
    if (n > TD_CAPTURE_LEVELS_MAX)
        return -1;
    if (kind->type == TD_PQ_DOUBLE)
        *out = (const double *)v->values + from;
    else
        for (size_t i = 0; i < n; i++)
            room[i] = (double)((const int64_t *)v->values)[from + i];
    return (int32_t)n;
}

static enum td_err get_side(struct td_depth_cursor *c, enum td_side side, size_t row,
                            struct td_depth_image *out)
{
    const double *qty;
    const int32_t n =
        get_list(c, side == TD_BID ? BID_PX : ASK_PX, row, c->px[side], &out->px[side]);
    const int32_t m = get_list(c, side == TD_BID ? BID_QTY : ASK_QTY, row, out->qty[side], &qty);
    if (n < 0 || n != m)
        return TD_EPARSE;
    if (qty != out->qty[side])
        memcpy(out->qty[side], qty, (size_t)n * sizeof *qty);
    out->rows[side] = n;
    return TD_OK;
}

enum td_err td_depth_cursor_row(struct td_depth_cursor *c, struct td_depth_image *out,
                                struct td_fail *why)
{
    const size_t row = c->order[c->row].row;
    enum td_err err = get_side(c, TD_BID, row, out);
    if (!err)
        err = get_side(c, TD_ASK, row, out);
    if (err)
        return td_fail_set(
            why, err,
            "%s: row %zu of group %zu: prices and sizes of a side are not two lists of "
            "numbers, of one length up to %d",
            c->facts->path, row + 1, c->group, TD_CAPTURE_LEVELS_MAX);
    out->at_ns = c->order[c->row].at;
    out->quality = 0;
    out->generated = false;
    if (c->slot[QUALITY] >= 0 && is_there(&c->values[c->slot[QUALITY]], row))
        out->quality = (uint32_t)((const int32_t *)c->values[c->slot[QUALITY]].values)[row];
    if (c->slot[GENERATED] >= 0)
        out->generated = ((const uint8_t *)c->values[c->slot[GENERATED]].values)[row];
    return TD_OK;
}

/* ---- jumping ---- */

size_t td_depth_cursor_groups(const struct td_depth_cursor *c)
{
    return td_table_file_groups(c->file);
}

/* One column of a group in place of the rows that were at hand. */
static enum td_err load_one(struct td_depth_cursor *c, size_t group, int column,
                            struct td_pq_values *out, struct td_fail *why)
{
    c->row = c->rows = 0;
    const enum td_err err =
        td_table_file_load(c->file, group, &c->column[c->slot[column]], 1, out, why);
    return err ? td_fail_add(why, err, "reading %s", c->facts->path) : TD_OK;
}

enum td_err td_depth_cursor_span(struct td_depth_cursor *c, size_t group, struct td_depth_span *out,
                                 struct td_fail *why)
{
    struct td_pq_values v;
    *out = (struct td_depth_span){0};
    c->group = group;
    enum td_err err = load_one(c, group, AT, &v, why);
    if (!err)
        err = take_times(c, &v, why);
    if (err || !v.rows)
        return err;
    *out = (struct td_depth_span){v.rows, c->order[0].at, c->order[v.rows - 1].at};
    return TD_OK;
}

enum td_err td_depth_cursor_flagged(struct td_depth_cursor *c, size_t group, uint32_t mask,
                                    int64_t *out, struct td_fail *why)
{
    struct td_pq_values v;
    *out = -1;
    if (c->slot[QUALITY] < 0)
        return TD_OK;
    const enum td_err err = load_one(c, group, QUALITY, &v, why);
    if (err)
        return err;
    *out = 0;
    for (size_t i = 0; i < v.rows; i++)
        *out += is_there(&v, i) && ((uint32_t)((const int32_t *)v.values)[i] & mask);
    return TD_OK;
}

enum td_err td_depth_cursor_seek(struct td_depth_cursor *c, size_t group, td_ns at,
                                 struct td_fail *why)
{
    if (!c->rows || c->group != group + 1) { /* `group` is the next to be read */
        c->group = group;
        const enum td_err err = load_group(c, why);
        if (err) {
            c->row = c->rows = 0;
            return err;
        }
    }
    size_t low = 0, high = c->rows;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (c->order[mid].at < at)
            low = mid + 1;
        else
            high = mid;
    }
    c->row = low;
    return TD_OK;
}

bool td_depth_cursor_here(const struct td_depth_cursor *c)
{
    return c->row < c->rows;
}

bool td_depth_cursor_back(struct td_depth_cursor *c)
{
    if (c->row == 0)
        return false;
    c->row--;
    return true;
}
