/* dash/scan_json.c - one object, one row an element. */
#include "dash/scan_json.h"

static void put_number(struct td_json *j, const struct td_scan_row *row,
                       const struct td_scan_facts *f, enum td_scan_column column)
{
    td_json_key_e9(j, td_scan_column_name(column), td_scan_value(row, f, column));
}

static void put_halted(struct td_json *j, uint8_t halted)
{
    td_json_key(j, td_scan_column_name(TD_SCAN_BY_HALTED));
    if (halted == TD_HALTED_UNKNOWN)
        td_json_null(j);
    else
        td_json_bool(j, halted == TD_HALTED_YES);
}

static void put_told(struct td_json *j, const struct td_scan_told *told)
{
    td_json_key_text(j, "exchange", told->exchange[0] ? told->exchange : NULL);
    td_json_key(j, "updated");
    if (told->asked)
        td_json_iso(j, told->asked);
    else
        td_json_null(j);
}

void td_scan_json_row(struct td_json *j, const struct td_scan_view *view,
                      const struct td_scan_row *row)
{
    static const enum td_scan_column numbers[] = {
        TD_SCAN_BY_PRICE,    TD_SCAN_BY_GAP,  TD_SCAN_BY_RVOL, TD_SCAN_BY_VOLUME, TD_SCAN_BY_ADV,
        TD_SCAN_BY_PREVIOUS, TD_SCAN_BY_OPEN, TD_SCAN_BY_LAST, TD_SCAN_BY_SPREAD};
    const struct td_scan_facts *f = &view->facts[row->fact];
    char text[640];
    struct td_text t;
    td_json_object(j);
    td_json_key_text(j, td_scan_column_name(TD_SCAN_BY_SYMBOL), f->symbol);
    for (size_t i = 0; i < TD_COUNT(numbers); i++)
        put_number(j, row, f, numbers[i]);
    put_halted(j, f->halted);
    td_text_init(&t, text, sizeof text);
    td_scan_why_words(f->why, &t);
    td_json_key_text(j, td_scan_column_name(TD_SCAN_BY_WHY), text);
    td_text_reset(&t);
    td_scan_reason(row->lacks, f->days, view->adv_days, &t);
    td_json_key_text(j, td_scan_column_name(TD_SCAN_BY_REASON), t.len ? text : NULL);
    if (view->told)
        put_told(j, &view->told[row->fact]);
    if (view->status)
        td_json_key_text(j, "status", view->status(view->status_arg, f->symbol));
    td_json_object_end(j);
}

void td_scan_json(struct td_json *j, const struct td_scan_view *view)
{
    const struct td_scan_table *table = view->table;
    char text[32];
    td_json_object(j);
    (void)td_date_print(view->day, text);
    td_json_key_text(j, "day", text);
    struct td_text t;
    td_text_init(&t, text, sizeof text);
    td_text_printf(&t, "%02d:%02d", (int)view->minute / 60, (int)view->minute % 60);
    td_json_key_text(j, "time", text);
    td_json_key_text(j, "zone", "America/New_York");
    td_json_key_text(j, "basis", view->basis == TD_SCAN_LAST ? "last" : "open");
    td_json_key_i64(j, "adv_days", view->adv_days);
    td_json_key_text(j, "source", view->source);
    td_json_key_text(j, "note", view->note);
    td_json_key_i64(j, "seen", table->seen);
    td_json_key_i64(j, "listed", table->listed);
    td_json_key(j, "dropped");
    td_json_object(j);
    for (int i = 0; i < TD_SCAN_DROP_COUNT; i++)
        td_json_key_i64(j, td_scan_drop_text((enum td_scan_drop)i), table->dropped[i]);
    td_json_object_end(j);
    td_json_key(j, "rows");
    td_json_array(j);
    for (uint32_t i = 0; i < table->count; i++)
        td_scan_json_row(j, view, &table->rows[i]);
    td_json_array_end(j);
    td_json_object_end(j);
}
