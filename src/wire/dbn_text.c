/* wire/dbn_text.c - records in words, by their rows. */
#include "wire/dbn_text.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"

#define SYMBOL_WIDTH 20
#define TEXT_WIDTH   22

static bool is_hidden(const struct td_dbn_field *f)
{
    return f->type == TD_DBN_PAD;
}

static uint64_t bits_of(const struct td_dbn_value *v)
{
    uint64_t out;
    memcpy(&out, &v->number, sizeof out);
    return out;
}

static bool is_unsigned_64(const struct td_dbn_field *f)
{
    return f->type == TD_DBN_U64 || f->type == TD_DBN_TIME;
}

/* ---- JSON ---- */

static void json_value(struct td_json *j, const struct td_dbn_field *f,
                       const struct td_dbn_value *v)
{
    const char letter = (char)v->number;
    if (v->none)
        td_json_null(j);
    else if (f->type == TD_DBN_TEXT)
        td_json_str(j, v->text);
    else if (f->type == TD_DBN_CHAR)
        td_json_str(j, (struct td_str){&letter, 1});
    else if (f->type == TD_DBN_PX)
        td_json_e9(j, v->number);
    else if (is_unsigned_64(f))
        td_json_u64(j, bits_of(v));
    else
        td_json_i64(j, v->number);
}

/* "bid_px_03" is the key bid_px of the fourth object. */
static void json_level_key(struct td_json *j, const struct td_dbn_field *f)
{
    char key[32];
    (void)snprintf(key, sizeof key, "%.*s", (int)strlen(f->name) - 3, f->name);
    td_json_key(j, key);
}

void td_dbn_json(struct td_json *j, const struct td_dbn_shown *r)
{
    uint8_t level = 0;
    struct td_dbn_value v;
    for (uint16_t i = 0; i < r->layout->count; i++) {
        const struct td_dbn_field *f = &r->layout->fields[i];
        if (is_hidden(f))
            continue;
        if (f->level != level) {
            if (level > 0) {
                td_json_object_end(j);
            } else {
                td_json_key(j, "levels");
                td_json_array(j);
            }
            td_json_object(j);
            level = f->level;
        }
        td_dbn_get(r->record, f, &v);
        if (level > 0)
            json_level_key(j, f);
        else
            td_json_key(j, f->name);
        json_value(j, f, &v);
    }
    if (level > 0) {
        td_json_object_end(j);
        td_json_array_end(j);
    }
    if (r->has_ts_out) {
        td_json_key(j, "ts_out");
        td_json_u64(j, r->ts_out);
    }
    td_json_key(j, "symbol");
    if (r->symbol.len > 0)
        td_json_str(j, r->symbol);
    else
        td_json_null(j);
}

/* ---- CSV ---- */

static void csv_text(struct td_text *t, struct td_str s)
{
    bool quote = false;
    for (size_t i = 0; i < s.len; i++)
        quote |= s.p[i] == ',' || s.p[i] == '"' || s.p[i] == '\n' || s.p[i] == '\r';
    if (quote)
        td_text_char(t, '"');
    for (size_t i = 0; i < s.len; i++) {
        if (s.p[i] == '"')
            td_text_char(t, '"');
        td_text_char(t, s.p[i]);
    }
    if (quote)
        td_text_char(t, '"');
}

static void plain_value(struct td_text *t, const struct td_dbn_field *f,
                        const struct td_dbn_value *v)
{
    const char letter = (char)v->number;
    if (v->none)
        return;
    if (f->type == TD_DBN_TEXT)
        csv_text(t, v->text);
    else if (f->type == TD_DBN_CHAR)
        csv_text(t, (struct td_str){&letter, 1});
    else if (f->type == TD_DBN_PX)
        td_text_e9(t, v->number);
    else if (is_unsigned_64(f))
        td_text_printf(t, "%llu", (unsigned long long)bits_of(v));
    else
        td_text_i64(t, v->number);
}

void td_dbn_csv_head(struct td_text *t, const struct td_dbn_layout *layout, bool has_ts_out)
{
    for (uint16_t i = 0; i < layout->count; i++)
        if (!is_hidden(&layout->fields[i]))
            td_text_printf(t, "%s,", layout->fields[i].name);
    td_text_printf(t, "%ssymbol\n", has_ts_out ? "ts_out," : "");
}

void td_dbn_csv(struct td_text *t, const struct td_dbn_shown *r)
{
    struct td_dbn_value v;
    for (uint16_t i = 0; i < r->layout->count; i++) {
        const struct td_dbn_field *f = &r->layout->fields[i];
        if (is_hidden(f))
            continue;
        td_dbn_get(r->record, f, &v);
        plain_value(t, f, &v);
        td_text_char(t, ',');
    }
    if (r->has_ts_out)
        td_text_printf(t, "%llu,", (unsigned long long)r->ts_out);
    csv_text(t, r->symbol);
    td_text_char(t, '\n');
}

/* ---- the aligned table ---- */

void td_dbn_time_text(struct td_text *t, uint64_t at)
{
    struct td_civil c;
    if (at == TD_DBN_UNDEF_TIME)
        return;
    /* Days and the rest apart: the larger half of the range is no td_ns. */
    const uint64_t day = (uint64_t)(86400 * TD_SEC);
    td_civil_from_ns((td_ns)(at % day), &c);
    const struct td_civil clock = c;
    td_civil_from_days((int64_t)(at / day), &c);
    td_text_printf(t, "%04d-%02d-%02dT%02d:%02d:%02d.%09dZ", c.year, c.month, c.day, clock.hour,
                   clock.minute, clock.second, clock.nanos);
}

/* Types without members (errors, messages of the system, mappings) are short: all of them is shown. */
static bool in_table(const struct td_dbn_layout *l, const struct td_dbn_field *f)
{
    bool members = false;
    for (uint16_t i = 0; i < l->count; i++)
        members |= l->fields[i].into != 0;
    if (is_hidden(f) || f->at < TD_DBN_HEAD)
        return false;
    return f->into != 0 || f->level == 1 || (!members && f->level == 0);
}

static int width_of(const struct td_dbn_field *f)
{
    static const int widths[] = {[TD_DBN_U8] = 3,
                                 [TD_DBN_U16] = 5,
                                 [TD_DBN_U32] = 10,
                                 [TD_DBN_U64] = 20,
                                 [TD_DBN_I8] = 4,
                                 [TD_DBN_I16] = 6,
                                 [TD_DBN_I32] = 11,
                                 [TD_DBN_I64] = 12,
                                 [TD_DBN_QTY32] = 12,
                                 [TD_DBN_PX] = 14,
                                 [TD_DBN_TIME] = 30,
                                 [TD_DBN_CHAR] = 1,
                                 [TD_DBN_TEXT] = TEXT_WIDTH,
                                 [TD_DBN_PAD] = 0};
    const int name = (int)strlen(f->name);
    return widths[f->type] > name ? widths[f->type] : name;
}

static void aligned(struct td_text *t, const struct td_dbn_field *f, const char *text)
{
    const bool left = f->type == TD_DBN_TEXT || f->type == TD_DBN_TIME || f->type == TD_DBN_CHAR;
    td_text_printf(t, left ? "  %-*s" : "  %*s", width_of(f), text);
}

/* Blanks at the end of a line help nobody. */
static void end_line(struct td_text *t)
{
    while (t->len > 0 && t->buf[t->len - 1] == ' ')
        t->buf[--t->len] = '\0';
    td_text_char(t, '\n');
}

void td_dbn_table_head(struct td_text *t, const struct td_dbn_layout *layout)
{
    td_text_printf(t, "%-10s  %-30s  %-*s", "type", "ts_event", SYMBOL_WIDTH, "symbol");
    for (uint16_t i = 0; i < layout->count; i++)
        if (in_table(layout, &layout->fields[i]))
            aligned(t, &layout->fields[i], layout->fields[i].name);
    end_line(t);
}

/* Texts of the world may hold anything; a line of a table stays one line. */
static void clean(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 127)
            *text = '?';
}

void td_dbn_table(struct td_text *t, const struct td_dbn_shown *r)
{
    char cell[512];
    struct td_text c;
    struct td_dbn_value v;
    td_text_init(&c, cell, sizeof cell);
    td_dbn_get(r->record, td_dbn_field_of(r->layout, td_str_of("ts_event")), &v);
    td_dbn_time_text(&c, bits_of(&v));
    td_text_printf(t, "%-10s  %-30s", r->layout->name, cell);
    td_text_reset(&c);
    td_dbn_get(r->record, td_dbn_field_of(r->layout, td_str_of("instrument_id")), &v);
    if (r->symbol.len > 0)
        td_text_str(&c, r->symbol);
    else
        td_text_i64(&c, v.number);
    clean(cell);
    td_text_printf(t, "  %-*s", SYMBOL_WIDTH, cell);
    for (uint16_t i = 0; i < r->layout->count; i++) {
        const struct td_dbn_field *f = &r->layout->fields[i];
        if (!in_table(r->layout, f))
            continue;
        td_text_reset(&c);
        td_dbn_get(r->record, f, &v);
        if (f->type == TD_DBN_TIME)
            td_dbn_time_text(&c, bits_of(&v));
        else
            plain_value(&c, f, &v);
        clean(cell);
        aligned(t, f, cell);
    }
    end_line(t);
}
