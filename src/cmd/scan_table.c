/* cmd/scan_table.c - columns of a fixed width: numbers to the right, words to the left. */
#include "cmd/scan_table.h"

#include <stdio.h>

static const struct {
    enum td_scan_column column;
    const char *head;
    int width, decimals;
} shown[] = {
    {TD_SCAN_BY_LAST, "last", 10, 2},     {TD_SCAN_BY_GAP, "gap %", 8, 2},
    {TD_SCAN_BY_PRICE, "price", 10, 2},   {TD_SCAN_BY_PREVIOUS, "prev close", 11, 2},
    {TD_SCAN_BY_VOLUME, "volume", 12, 0}, {TD_SCAN_BY_ADV, "ADV", 12, 0},
    {TD_SCAN_BY_RVOL, "RVOL", 6, 2},      {TD_SCAN_BY_SPREAD, "spread", 8, 3},
};

static void put_row(const struct td_scan_view *view, const struct td_scan_row *row,
                    struct td_text *out)
{
    const struct td_scan_facts *f = &view->facts[row->fact];
    static const char *const halted[] = {"-", "no", "YES"};
    char number[TD_E9_CHARS];
    td_text_printf(out, "%-8s", f->symbol);
    for (size_t i = 0; i < TD_COUNT(shown); i++) {
        const int64_t value = td_scan_value(row, f, shown[i].column);
        if (value == TD_E9_NONE)
            (void)snprintf(number, sizeof number, "-");
        else
            (void)td_e9_print_fixed(value, shown[i].decimals, number);
        td_text_printf(out, " %*s", shown[i].width, number);
    }
    td_text_printf(out, " %-6s ", halted[f->halted]);
    if (view->status)
        td_text_printf(out, "%-6s ", view->status(view->status_arg, f->symbol));
    td_scan_why_words(f->why, out);
    td_text_char(out, '\n');
}

static void put_counts(const struct td_scan_view *view, struct td_text *out)
{
    const struct td_scan_table *t = view->table;
    td_text_printf(out, "%u of %u symbols", (unsigned)t->listed, (unsigned)t->seen);
    if (t->count < t->listed)
        td_text_printf(out, ", the first %u shown", (unsigned)t->count);
    for (int i = 0; i < TD_SCAN_DROP_COUNT; i++)
        if (t->dropped[i])
            td_text_printf(out, "; %u %s", (unsigned)t->dropped[i],
                           td_scan_drop_text((enum td_scan_drop)i));
    td_text_char(out, '\n');
}

void scan_table(const struct td_scan_view *view, struct td_text *out)
{
    char date[16];
    (void)td_date_print(view->day, date);
    td_text_printf(out, "%s %02d:%02d New York, from the %s%s\n", date, (int)view->minute / 60,
                   (int)view->minute % 60, view->source,
                   view->basis == TD_SCAN_LAST ? ", gap by the last price" : "");
    td_text_printf(out, "%-8s", "symbol");
    for (size_t i = 0; i < TD_COUNT(shown); i++)
        td_text_printf(out, " %*s", shown[i].width, shown[i].head);
    td_text_put(out, view->status ? " halted status why\n" : " halted why\n");
    for (uint32_t i = 0; i < view->table->count; i++)
        put_row(view, &view->table->rows[i], out);
    put_counts(view, out);
    if (view->note && view->note[0])
        td_text_printf(out, "%s\n", view->note);
}
