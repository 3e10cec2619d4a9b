/* fuzz/calendar_fuzz.c - any bytes as changes of a calendar and as the broker's hours of a contract.
 *
 * A calendar with changes that were taken still has sound sessions on those days; hours asked for twice are the same,
 * and an instant is never open without its day being named.
 */
#include "market/calendar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_changes(const struct td_calendar *base, struct td_str text,
                         const struct td_tz *utc)
{
    struct td_calendar_changes changes = {0};
    struct td_fail why = {0};
    if (td_calendar_changes_parse(base, text, &changes, &why) != TD_OK) {
        TD_REQUIRE(why.text[0] && changes.count == 0);
        return;
    }
    TD_REQUIRE(changes.count <= TD_CALENDAR_CHANGES_MAX);
    const struct td_calendar c = {base->rules, &changes};
    for (uint32_t i = 0; i < changes.count; i++) {
        struct td_session_hours h;
        const int64_t day = changes.rows[i].day;
        const bool open = td_calendar_session(&c, utc, day, &h);
        TD_REQUIRE(open == !changes.rows[i].closed && open == td_calendar_trades(&c, day));
        TD_REQUIRE(!open ||
                   (h.outer_open <= h.open && h.open < h.close && h.close <= h.outer_close));
        TD_REQUIRE(!open || td_calendar_is_open(&c, utc, h.open));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const td_ns step = 7 * TD_HOUR;
    const struct td_str text = {(const char *)data, size};
    struct td_tz utc;
    if (size > 1 << 14)
        return 0;
    td_tz_utc(&utc);
    read_changes(&td_calendar_xnys, text, &utc);
    read_changes(&td_calendar_cmes, text, &utc);
    for (td_ns at = INT64_C(1773000000) * TD_SEC, i = 0; i < 9; i++, at += step)
        TD_REQUIRE(td_hours_text_open(text, &utc, at) == td_hours_text_open(text, &utc, at));
    return 0;
}
