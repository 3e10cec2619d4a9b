/* market/qualify.c - answers against what was asked, and against each other. */
#include "market/qualify.h"

#include <string.h>

#define TEXT(member) offsetof(struct td_instrument, member)

static const struct {
    const char *text;
    size_t at;
} deciders[] = {
#define ROW(name, member, words) [TD_DECIDER_##name] = {words, TEXT(member)},
    TD_DECIDERS(ROW)
#undef ROW
};

void td_qualify_begin(struct td_qualify *q, const struct td_wanted *wanted)
{
    memset(q, 0, sizeof *q);
    q->wanted = *wanted;
}

enum td_err td_qualify_begin_dated(struct td_qualify *q, const struct td_product *product,
                                   const struct td_roll *roll, int64_t today, struct td_fail *why)
{
    const struct td_wanted wanted = {.symbol = product->trading_class,
                                     .trading_class = product->trading_class,
                                     .currency = product->currency,
                                     .multiplier = product->multiplier};
    struct td_front front;
    const enum td_err err = td_front_begin(&front, product, roll, today, why);
    if (err)
        return err;
    td_qualify_begin(q, &wanted);
    q->dated = true;
    q->front = front;
    return TD_OK;
}

/* --- answers --- */

static bool fits_text(const char *wanted, const char *has)
{
    return !wanted || !*wanted || strcmp(wanted, has) == 0;
}

/* YYYYMM asks for any day of that month; the gateway may add a time to the day. */
static bool fits_expiry(const char *wanted, const char *has)
{
    return !wanted || strncmp(wanted, has, strlen(wanted)) == 0;
}

static bool fits_multiplier(td_qty wanted, td_qty has)
{
    return wanted.e9 == 0 || td_qty_is_none(wanted) || wanted.e9 == has.e9;
}

static bool fits(const struct td_wanted *w, const struct td_instrument *i)
{
    return (!w->conid || w->conid == i->conid) && fits_text(w->primary, i->primary) &&
           fits_expiry(w->expiry, i->expiry) && fits_text(w->local_symbol, i->local_symbol) &&
           fits_text(w->trading_class, i->trading_class) && fits_text(w->currency, i->currency) &&
           fits_multiplier(w->multiplier, i->multiplier);
}

static const char *text_at(const struct td_instrument *i, enum td_decider decider)
{
    return (const char *)i + deciders[decider].at;
}

static bool differs_in(const struct td_instrument *a, const struct td_instrument *b,
                       enum td_decider decider)
{
    return decider == TD_DECIDER_MULTIPLIER ? a->multiplier.e9 != b->multiplier.e9
                                            : strcmp(text_at(a, decider), text_at(b, decider)) != 0;
}

static void add_dated(struct td_qualify *q, const struct td_instrument *told, int32_t month)
{
    struct td_dated c = {.conid = told->conid, .month = month};
    if (td_last_day_parse(q->front.product, td_str_of(told->expiry), &c.last_day) != TD_OK) {
        q->undated++;
        return;
    }
    memcpy(c.local_symbol, told->local_symbol, sizeof c.local_symbol);
    td_front_add(&q->front, &c);
}

void td_qualify_add(struct td_qualify *q, const struct td_instrument *told, int32_t month)
{
    q->told++;
    if (told->conid <= 0 || !fits(&q->wanted, told))
        return;
    if (q->fitting && (told->conid == q->first.conid || told->conid == q->other.conid))
        return; /* told for another exchange */
    if (q->dated)
        add_dated(q, told, month);
    if (q->fitting++ == 0) {
        q->first = *told;
        return;
    }
    q->other = *told;
    for (int d = 0; d < TD_DECIDER_COUNT; d++)
        q->differs |= (uint32_t)differs_in(&q->first, told, (enum td_decider)d) << d;
}

/* --- the verdict --- */

static enum td_qualified tell_none(const struct td_qualify *q, struct td_fail *why)
{
    char wanted[TD_E9_CHARS];
    if (!q->told) {
        (void)td_fail_set(why, TD_ENOENT, "%s: no such contract", q->wanted.symbol);
        return TD_QUALIFIED_NONE;
    }
    (void)td_e9_print(q->wanted.multiplier.e9, wanted);
    (void)td_fail_set(
        why, TD_ENOENT, "%s: contracts told: %u, and none fits%s%s%s%s", q->wanted.symbol, q->told,
        q->wanted.trading_class ? ": it takes trading class " : "",
        q->wanted.trading_class ? q->wanted.trading_class : "",
        q->wanted.multiplier.e9 ? " and multiplier " : "", q->wanted.multiplier.e9 ? wanted : "");
    return TD_QUALIFIED_NONE;
}

static void put_decider(struct td_text *out, const struct td_qualify *q, enum td_decider d)
{
    td_text_printf(out, "%s%s", out->len ? ", " : "", deciders[d].text);
    if (!differs_in(&q->first, &q->other, d))
        return; /* one between them does; its name is not kept */
    if (d != TD_DECIDER_MULTIPLIER) {
        td_text_printf(out, " (%s or %s)", text_at(&q->first, d), text_at(&q->other, d));
        return;
    }
    td_text_put(out, " (");
    td_text_e9(out, q->first.multiplier.e9);
    td_text_put(out, " or ");
    td_text_e9(out, q->other.multiplier.e9);
    td_text_char(out, ')');
}

static enum td_qualified tell_many(const struct td_qualify *q, struct td_fail *why)
{
    char buf[300];
    struct td_text list;
    td_text_init(&list, buf, sizeof buf);
    for (int d = 0; d < TD_DECIDER_COUNT; d++)
        if (q->differs >> d & 1)
            put_decider(&list, q, (enum td_decider)d);
    if (!list.len)
        td_text_printf(&list, "contract id (%d or %d)", (int)q->first.conid, (int)q->other.conid);
    (void)td_fail_set(why, TD_EINVAL, "%s: several contracts fit; give one of: %s",
                      q->wanted.symbol, buf);
    return TD_QUALIFIED_MANY;
}

static enum td_qualified end_dated(const struct td_qualify *q, struct td_qualified_contract *out,
                                   struct td_fail *why)
{
    struct td_front_choice choice;
    const enum td_err err = td_front_end(&q->front, &choice, why);
    if (err == TD_ENODATA && q->undated)
        (void)td_fail_set(why, TD_EINVAL,
                          "%s: contracts told without a last trade day: %u; give the local "
                          "symbol or the contract id",
                          q->wanted.symbol, q->undated);
    if (err)
        return err == TD_EINVAL || q->undated ? TD_QUALIFIED_MANY : TD_QUALIFIED_NONE;
    *out = (struct td_qualified_contract){
        .conid = choice.chosen.conid, .dated = true, .front = choice};
    return TD_QUALIFIED_ONE;
}

enum td_qualified td_qualify_end(const struct td_qualify *q, struct td_qualified_contract *out,
                                 struct td_fail *why)
{
    if (!q->fitting)
        return tell_none(q, why);
    if (q->dated)
        return end_dated(q, out, why);
    if (q->fitting == 1) {
        *out = (struct td_qualified_contract){.conid = q->first.conid};
        return TD_QUALIFIED_ONE;
    }
    return tell_many(q, why);
}
