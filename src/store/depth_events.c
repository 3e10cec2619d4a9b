/* store/depth_events.c - columns of an event table as rows. */
#include "store/depth_events.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "market/event.h"
#include "store/table_file.h"

enum { AT, ACTION, SIDE, PRICE, SIZE, COLUMNS };

static const char *const names[COLUMNS] = {"timestamp_ns", "action", "side", "price", "size"};

struct td_depth_table {
    struct td_table_file *file;
    size_t column[COLUMNS];
    enum td_pq_type type[COLUMNS];
    struct td_pq_values values[COLUMNS];
    size_t group, row, rows;
    bool legacy;
};

/* Our words, and the vendor's letters as the old tool let some of them through. */
static const struct {
    const char *word, *letter;
} actions[TD_DEPTH_ACTIONS] = {
    {"add", "A"},  {"change", "M"}, {"delete", "C"},  {"trade", "T"},
    {"fill", "F"}, {"clear", "R"},  {"unknown", "N"},
};

const char *td_depth_action_name(enum td_depth_action action)
{
    return actions[action].word;
}

static bool is_right(int column, const struct td_pq_column *c)
{
    const bool number = c->type == TD_PQ_DOUBLE || c->type == TD_PQ_INT64 || c->type == TD_PQ_INT32;
    if (c->list)
        return false;
    if (column == AT)
        return c->type == TD_PQ_INT64;
    return column == ACTION || column == SIDE ? c->type == TD_PQ_BYTES : number;
}

static enum td_err find_columns(struct td_depth_table *t, const char *path, struct td_fail *why)
{
    for (int i = 0; i < COLUMNS; i++) {
        const int at = td_table_file_find(t->file, names[i]);
        const struct td_pq_column *c = at < 0 ? NULL : td_table_file_column_at(t->file, (size_t)at);
        if (!c || !is_right(i, c))
            return td_fail_set(why, TD_EPARSE, "%s is not an event table: %s column %s", path,
                               c ? "type of" : "no", names[i]);
        t->column[i] = (size_t)at;
        t->type[i] = c->type;
    }
    t->legacy = !td_str_is(td_table_file_meta(t->file, "tapedeck.l2_map"), "2");
    return TD_OK;
}

enum td_err td_depth_table_open(struct td_depth_table **out, struct td_world *world,
                                const char *path, struct td_fail *why)
{
    struct td_depth_table *t = calloc(1, sizeof *t);
    if (!t)
        return td_fail_set(why, TD_ENOMEM, "reading %s: %s", path, td_err_text(TD_ENOMEM));
    enum td_err err = td_table_file_open(&t->file, world, path, why);
    if (!err)
        err = find_columns(t, path, why);
    if (err)
        td_depth_table_close(t);
    else
        *out = t;
    return err;
}

bool td_depth_table_legacy(const struct td_depth_table *t)
{
    return t->legacy;
}

uint64_t td_depth_table_rows(const struct td_depth_table *t)
{
    return td_table_file_rows(t->file);
}

static bool is_there(const struct td_depth_table *t, int column)
{
    const struct td_pq_values *v = &t->values[column];
    return !v->present || v->present[t->row];
}

static double number_at(const struct td_depth_table *t, int column)
{
    const void *v = t->values[column].values;
    if (!is_there(t, column))
        return (double)NAN;
    if (t->type[column] == TD_PQ_DOUBLE)
        return ((const double *)v)[t->row];
    return t->type[column] == TD_PQ_INT64 ? (double)((const int64_t *)v)[t->row]
                                          : (double)((const int32_t *)v)[t->row];
}

static struct td_str text_at(const struct td_depth_table *t, int column)
{
    return is_there(t, column) ? ((const struct td_str *)t->values[column].values)[t->row]
                               : (struct td_str){NULL, 0};
}

static enum td_depth_action action_of(struct td_str s)
{
    for (int i = 0; i < TD_DEPTH_ACTIONS; i++)
        if (td_str_is(s, actions[i].word) || td_str_is(s, actions[i].letter))
            return (enum td_depth_action)i;
    return TD_DEPTH_UNKNOWN;
}

static uint8_t side_of(struct td_str s)
{
    return td_str_is(s, "B") ? TD_BID : td_str_is(s, "S") ? TD_ASK : 2;
}

enum td_err td_depth_table_next(struct td_depth_table *t, struct td_depth_happening *out,
                                struct td_fail *why)
{
    while (t->row == t->rows) {
        if (t->group == td_table_file_groups(t->file))
            return TD_ENODATA;
        const enum td_err err =
            td_table_file_load(t->file, t->group, t->column, COLUMNS, t->values, why);
        if (err)
            return err;
        t->rows = t->values[AT].rows;
        t->row = 0;
        t->group++;
    }
    if (!is_there(t, AT))
        return td_fail_set(why, TD_EPARSE, "row %zu of group %zu has no timestamp_ns", t->row + 1,
                           t->group);
    *out = (struct td_depth_happening){.at_ns = ((const int64_t *)t->values[AT].values)[t->row],
                                       .action = action_of(text_at(t, ACTION)),
                                       .side = side_of(text_at(t, SIDE)),
                                       .px = number_at(t, PRICE),
                                       .qty = number_at(t, SIZE)};
    t->row++;
    return TD_OK;
}

void td_depth_table_close(struct td_depth_table *t)
{
    if (!t)
        return;
    td_table_file_close(t->file);
    free(t);
}
