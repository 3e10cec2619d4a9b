/* market/front.c - roll days, and the choice among the contracts of a class. */
#include "market/front.h"

#include <string.h>

#include "market/calendar.h"

#define FRIDAY   5
#define SATURDAY 6
#define SUNDAY   0

/* --- days --- */

int64_t td_third_friday(int32_t year, int32_t month)
{
    const int64_t first = td_days_from_civil(year, month, 1);
    return first + (FRIDAY - td_weekday(first) + 7) % 7 + 14;
}

int64_t td_index_expiry(int32_t year, int32_t month)
{
    const int64_t friday = td_third_friday(year, month);
    return td_calendar_trades(&td_calendar_xnys, friday) ? friday : friday - 1;
}

enum td_err td_last_day_parse(const struct td_product *p, struct td_str text, int64_t *day)
{
    int64_t month;
    const bool cut = text.len > 8 && (text.p[8] == ' ' || text.p[8] == '-');
    if (text.len == 8 || cut)
        return td_date_parse(text.p, 8, day);
    if (text.len != 6 || td_i64_parse(text.p, 6, &month) != TD_OK || month < 190001 ||
        month % 100 < 1 || month % 100 > 12)
        return TD_EPARSE;
    if (!p->third_friday)
        return TD_EINVAL;
    *day = td_index_expiry((int32_t)(month / 100), (int32_t)(month % 100));
    return TD_OK;
}

int64_t td_roll_day(const struct td_roll *roll, int64_t last_day)
{
    struct td_civil c;
    td_civil_from_days(last_day, &c);
    const int64_t friday = td_third_friday(c.year, c.month);
    switch ((enum td_roll_kind)roll->kind) {
    case TD_ROLL_CLASSIC:
        return friday - 8;
    case TD_ROLL_CME:
        return friday - 4;
    case TD_ROLL_DAYS:
        break;
    }
    return last_day - roll->days;
}

bool td_front_may_enter(int64_t last_day, int64_t today, int32_t blocked)
{
    int32_t left = 0;
    for (int64_t day = today; day <= last_day && left <= blocked; day++)
        left += td_weekday(day) != SATURDAY && td_weekday(day) != SUNDAY;
    return left > blocked;
}

/* --- the choice --- */

enum td_err td_front_begin(struct td_front *f, const struct td_product *product,
                           const struct td_roll *roll, int64_t today, struct td_fail *why)
{
    const struct td_roll rule = roll ? *roll : product->roll;
    if (rule.kind != TD_ROLL_DAYS && !product->third_friday)
        return td_fail_set(why, TD_EINVAL,
                           "roll rule %s: %s does not end on the third Friday; give days before "
                           "its last trade day",
                           rule.kind == TD_ROLL_CME ? "cme" : "classic", product->trading_class);
    memset(f, 0, sizeof *f);
    f->product = product;
    f->roll = rule;
    f->today = today;
    f->blocked = TD_FRONT_BLOCKED;
    return TD_OK;
}

/* True when the contract belongs into the slot, as itself or as another one of the same day. */
static bool meets(struct td_front_slot *s, const struct td_dated *c)
{
    if (!s->used || s->is.last_day != c->last_day)
        return false;
    if (s->is.conid != c->conid)
        s->twin = *c;
    return true;
}

void td_front_add(struct td_front *f, const struct td_dated *c)
{
    struct td_civil day;
    const struct td_front_slot fresh = {.used = true, .is = *c};
    td_civil_from_days(c->last_day, &day);
    if (!td_product_in_cycle(f->product, c->month ? c->month : day.month)) {
        f->thin++;
        return;
    }
    if (c->last_day < f->today) {
        f->over++;
        return;
    }
    if (td_roll_day(&f->roll, c->last_day) <= f->today) {
        if (!meets(&f->due, c) && (!f->due.used || c->last_day > f->due.is.last_day))
            f->due = fresh;
        return;
    }
    if (meets(&f->first, c) || meets(&f->second, c))
        return;
    if (!f->first.used || c->last_day < f->first.is.last_day) {
        f->second = f->first;
        f->first = fresh;
    } else if (!f->second.used || c->last_day < f->second.is.last_day) {
        f->second = fresh;
    }
}

static enum td_err tell_none(const struct td_front *f, struct td_fail *why)
{
    return td_fail_set(why, TD_ENODATA,
                       "%s: no contract is left to trade (told: %u past their last day, %u outside "
                       "its months)",
                       f->product->trading_class, f->over, f->thin);
}

static enum td_err tell_twins(const struct td_front *f, const struct td_front_slot *s,
                              struct td_fail *why)
{
    char date[16];
    (void)td_date_print(s->is.last_day, date);
    return td_fail_set(why, TD_EINVAL,
                       "%s: %s (contract id %d) and %s (%d) both end on %s; give the local symbol "
                       "or the contract id",
                       f->product->trading_class, s->is.local_symbol, (int)s->is.conid,
                       s->twin.local_symbol, (int)s->twin.conid, date);
}

enum td_err td_front_end(const struct td_front *f, struct td_front_choice *out, struct td_fail *why)
{
    const struct td_front_slot *s = f->first.used ? &f->first : &f->due;
    if (!s->used)
        return tell_none(f, why);
    if (s->twin.conid)
        return tell_twins(f, s, why);
    *out = (struct td_front_choice){
        .chosen = s->is,
        .roll_day = td_roll_day(&f->roll, s->is.last_day),
        .overdue = s == &f->due,
        .entries = td_front_may_enter(s->is.last_day, f->today, f->blocked),
    };
    if (f->first.used && f->second.used)
        out->next = f->second.is;
    return TD_OK;
}
