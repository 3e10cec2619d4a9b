/* store/xlsx_sheet.c - the cells of one sheet. */
#include "store/xlsx_inner.h"

#ifdef TD_WITH_XLSX
#include <string.h>

enum type { T_NUMBER, T_SHARED, T_INLINE, T_TEXT, T_BOOL, T_ERROR, T_DATE, T_UNKNOWN };

struct sheet {
    td_cell_fn *fn;
    void *arg;
    int64_t row;    /* of the row element that is open or was last; -1 before the first */
    int64_t column; /* of the cell that is open or was last; -1 before the first */
    bool in_data, in_row, in_cell, in_inline, phonetic, has_value;
    enum type type;
    uint32_t style;
    struct td_cell cell;
};

/* "AB12" as column 27 and row 11. */
static bool parse_reference(const char *ref, int64_t *row, int64_t *column)
{
    int64_t c = 0, r = 0;
    const char *p = ref;
    for (; *p >= 'A' && *p <= 'Z' && c <= TD_XLSX_COLUMNS_MAX; p++)
        c = c * 26 + (*p - 'A' + 1);
    if (p == ref || td_i64_parse(p, strlen(p), &r) != TD_OK)
        return false;
    *row = r - 1;
    *column = c - 1;
    return r >= 1 && r <= TD_XLSX_ROWS_MAX && c <= TD_XLSX_COLUMNS_MAX;
}

static enum type type_of(const char *t)
{
    static const char *const names[] = {"n", "s", "inlineStr", "str", "b", "e", "d"};
    if (!t)
        return T_NUMBER;
    for (size_t i = 0; i < TD_COUNT(names); i++)
        if (strcmp(t, names[i]) == 0)
            return (enum type)i;
    return T_UNKNOWN;
}

static void start_row(struct td_xml *xml, struct sheet *s, const char **atts)
{
    const char *ref = td_xml_attribute(atts, "r");
    int64_t row = s->row + 1;
    if (ref && (td_i64_parse(ref, strlen(ref), &row) != TD_OK || --row < 0))
        td_xml_stop(xml, TD_EPARSE, "\"%.20s\" is no row", ref);
    else if (row <= s->row || row >= TD_XLSX_ROWS_MAX)
        td_xml_stop(xml, TD_EPARSE, "row %lld is out of order or past the last one",
                    (long long)row + 1);
    s->row = row;
    s->column = -1;
    s->in_row = true;
}

static void start_cell(struct td_xml *xml, struct sheet *s, const char **atts)
{
    const char *ref = td_xml_attribute(atts, "r"), *style = td_xml_attribute(atts, "s");
    int64_t row = s->row, column = s->column + 1, number = 0;
    if (ref && (!parse_reference(ref, &row, &column) || row != s->row))
        td_xml_stop(xml, TD_EPARSE, "\"%.20s\" is no cell of row %lld", ref, (long long)s->row + 1);
    else if (column <= s->column || column >= TD_XLSX_COLUMNS_MAX)
        td_xml_stop(xml, TD_EPARSE, "row %lld: column %lld is out of order or past the last one",
                    (long long)s->row + 1, (long long)column + 1);
    if (style && (td_i64_parse(style, strlen(style), &number) != TD_OK || number < 0 ||
                  number >= TD_XLSX_FORMATS))
        td_xml_stop(xml, TD_EPARSE, "\"%.20s\" is no cell format", style);
    if (xml->err)
        return;
    s->column = column;
    s->style = (uint32_t)number;
    s->type = type_of(td_xml_attribute(atts, "t"));
    s->cell = (struct td_cell){.column = (uint16_t)column};
    s->in_cell = true;
    s->has_value = false;
    xml->x->text_len = 0;
}

static void sheet_start(struct td_xml *xml, const char *name, const char **atts)
{
    struct sheet *s = xml->arg;
    if (!s->in_data) {
        s->in_data = strcmp(name, "sheetData") == 0;
    } else if (!s->in_row) {
        if (strcmp(name, "row") == 0)
            start_row(xml, s, atts);
    } else if (!s->in_cell) {
        if (strcmp(name, "c") == 0)
            start_cell(xml, s, atts);
    } else if (strcmp(name, "v") == 0 && !s->in_inline) {
        s->has_value = true;
        td_xml_gather(xml);
    } else if (strcmp(name, "f") == 0) {
        s->cell.formula = true;
    } else if (strcmp(name, "is") == 0) {
        s->in_inline = true;
    } else if (strcmp(name, "rPh") == 0) {
        s->phonetic = true;
    } else if (strcmp(name, "t") == 0 && s->in_inline && !s->phonetic) {
        s->has_value = true;
        td_xml_gather(xml);
    }
}

/* A number, or the day or time its format shows. */
static bool read_number(const struct td_xlsx *x, const struct sheet *s, struct td_cell *c)
{
    const uint8_t style = s->style < x->style_count ? x->style[s->style] : TD_XLSX_PLAIN;
    if (!td_double_parse(c->text, &c->number))
        return false;
    c->kind = TD_CELL_NUMBER;
    if (!(style & TD_XLSX_DATE))
        return true;
    if ((style & TD_XLSX_SPAN) || (c->number >= 0 && c->number < 1)) {
        if (!(c->number > -100000 && c->number < 100000))
            return true;
        c->local_ns = (td_ns)(c->number * 86400000.0 + (c->number < 0 ? -0.5 : 0.5)) * TD_MS;
        c->kind = TD_CELL_TIME;
    } else if (td_serial_to_ns(c->number, x->since_1904, &c->local_ns)) {
        c->kind = TD_CELL_DATE;
    }
    return true;
}

static bool read_shared(const struct td_xlsx *x, struct td_cell *c)
{
    int64_t index = -1;
    if (td_i64_parse(c->text.p, c->text.len, &index) != TD_OK || index < 0 ||
        (uint64_t)index >= x->shared_count)
        return false;
    c->text = x->shared[index];
    c->kind = TD_CELL_TEXT;
    return true;
}

/* Fills kind and value from the text. False: not what its type says. */
static bool read_value(const struct td_xlsx *x, const struct sheet *s, struct td_cell *c)
{
    if (s->type != T_INLINE && s->type != T_TEXT)
        c->text = td_str_trim(c->text);
    switch (s->type) {
    case T_SHARED:
        return read_shared(x, c);
    case T_INLINE:
    case T_TEXT:
        c->kind = TD_CELL_TEXT;
        return true;
    case T_BOOL:
        if (!td_str_is(c->text, "0") && !td_str_is(c->text, "1"))
            return false;
        c->number = c->text.p[0] - '0';
        c->text = td_str_of(c->number > 0 ? "TRUE" : "FALSE");
        c->kind = TD_CELL_BOOL;
        return true;
    case T_ERROR:
        c->kind = TD_CELL_ERROR;
        return true;
    case T_DATE:
        c->kind = TD_CELL_DATE;
        return td_iso_parse(c->text.p, c->text.len, &c->local_ns) == TD_OK;
    case T_NUMBER:
        return read_number(x, s, c);
    case T_UNKNOWN:
        break;
    }
    return false;
}

static void end_cell(struct td_xml *xml, struct sheet *s)
{
    struct td_cell *c = &s->cell;
    s->in_cell = s->in_inline = s->phonetic = false;
    c->text = td_xml_text(xml);
    if (!s->has_value || c->text.len == 0) {
        xml->x->uncached += c->formula && !s->has_value;
        return;
    }
    if (!read_value(xml->x, s, c)) {
        td_xml_stop(xml, TD_EPARSE, "row %lld column %u: \"%.*s\" is no value of its type",
                    (long long)s->row + 1, c->column + 1u, c->text.len < 40 ? (int)c->text.len : 40,
                    c->text.p ? c->text.p : "");
        return;
    }
    if (c->kind == TD_CELL_TEXT && c->text.len == 0)
        return;
    const enum td_err err = s->fn(s->arg, (uint32_t)s->row, c);
    if (err)
        td_xml_stop(xml, err, "row %lld: %s", (long long)s->row + 1, td_err_text(err));
}

static void sheet_end(struct td_xml *xml, const char *name)
{
    struct sheet *s = xml->arg;
    if (s->in_cell) {
        if (strcmp(name, "c") == 0)
            end_cell(xml, s);
        else if (strcmp(name, "rPh") == 0)
            s->phonetic = false;
        else if (strcmp(name, "v") == 0 || strcmp(name, "t") == 0)
            xml->gather = false;
    } else if (s->in_row) {
        s->in_row = strcmp(name, "row") != 0;
    } else if (s->in_data) {
        s->in_data = strcmp(name, "sheetData") != 0;
    }
}

enum td_err td_xlsx_read(struct td_xlsx *x, size_t sheet, td_cell_fn *fn, void *arg,
                         struct td_fail *why)
{
    static const struct td_xml_rules rules = {sheet_start, sheet_end};
    struct sheet s = {.fn = fn, .arg = arg, .row = -1, .column = -1};
    if (sheet >= x->sheet_count)
        return td_fail_set(why, TD_ENOENT, "%s: has %zu sheets, not %zu", x->name, x->sheet_count,
                           sheet + 1);
    const enum td_err err = td_xlsx_parse(x, x->sheets[sheet].part, &rules, &s, why);
    return err == TD_ENOENT ? TD_EPARSE : err;
}

#else

enum td_err td_xlsx_read(struct td_xlsx *x, size_t sheet, td_cell_fn *fn, void *arg,
                         struct td_fail *why)
{
    (void)x;
    (void)sheet;
    (void)fn;
    (void)arg;
    return td_fail_set(why, TD_EUNSUP, "this build reads no workbooks (-DTD_XLSX=ON)");
}
#endif
