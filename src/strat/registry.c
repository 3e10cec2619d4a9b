/* strat/registry.c - the table of built-in strategies, their parameters and how an intent begins. */
#include <string.h>

#include "strat/strat.h"

const struct td_strat *const td_strategies[] = {
    &td_strat_sma_cross,
    &td_strat_momentum,
    &td_strat_breakout,
    &td_strat_mean_reversion,
    &td_strat_rule_based,
    &td_strat_ofi,
    &td_strat_spread,
    &td_strat_tick_momentum,
    &td_strat_ensemble,
    &td_strat_regime_switch,
    &td_strat_ml_enhanced,
    &td_strat_pairs,
    &td_strat_pairs_conservative,
    &td_strat_pairs_aggressive,
    &td_strat_pairs_ml,
    &td_strat_stat_arb,
    NULL,
};

const struct td_strat *td_strat_find(const char *name)
{
    for (const struct td_strat *const *s = td_strategies; *s; s++)
        if (strcmp((*s)->name, name) == 0)
            return *s;
    return NULL;
}

void td_strat_names(char *out, size_t cap)
{
    struct td_text t;
    td_text_init(&t, out, cap);
    for (const struct td_strat *const *s = td_strategies; *s; s++)
        td_text_printf(&t, "%s%s", s == td_strategies ? "" : ", ", (*s)->name);
}

void td_strat_presets(const struct td_strat *strat, double *out)
{
    TD_REQUIRE(strat->param_count <= TD_STRAT_PARAMS);
    for (uint32_t i = 0; i < strat->param_count; i++)
        out[i] = strat->params[i].preset;
}

static bool find_param(const struct td_strat *strat, struct td_str name, uint32_t *index)
{
    for (*index = 0; *index < strat->param_count; ++*index)
        if (td_str_is(name, strat->params[*index].name))
            return true;
    return false;
}

static void list_params(const struct td_strat *strat, char *out, size_t cap)
{
    struct td_text t;
    td_text_init(&t, out, cap);
    for (uint32_t i = 0; i < strat->param_count; i++)
        td_text_printf(&t, "%s%s", i ? ", " : "", strat->params[i].name);
}

enum td_err td_strat_set(const struct td_strat *strat, struct td_str assignment, double *out,
                         struct td_fail *why)
{
    struct td_str value = assignment, name = {0};
    char names[400];
    uint32_t index;
    int64_t number;
    (void)td_str_split(&value, '=', &name);
    name = td_str_trim(name);
    value = td_str_trim(value);
    if (!find_param(strat, name, &index)) {
        list_params(strat, names, sizeof names);
        return td_fail_set(why, TD_ENOENT, "strategy %s has no parameter \"%.*s\"; it has %s",
                           strat->name, TD_STR_ARG(name), *names ? names : "none");
    }
    const struct td_strat_param *p = &strat->params[index];
    if (td_e9_parse(value.p, value.len, &number) != TD_OK)
        return td_fail_set(why, TD_EINVAL, "strategy %s: %s=%.*s is no number", strat->name,
                           p->name, TD_STR_ARG(value));
    const double v = td_e9_to_double(number);
    if (v < p->low || v > p->high)
        return td_fail_set(why, TD_ERANGE, "strategy %s: %s=%.*s; expected %g to %g", strat->name,
                           p->name, TD_STR_ARG(value), p->low, p->high);
    out[index] = v;
    return TD_OK;
}

enum td_err td_strat_set_all(struct td_strat_use *uses, uint32_t count, struct td_str assignment,
                             struct td_fail *why)
{
    enum td_err err = TD_ENOENT;
    for (uint32_t i = 0; i < count; i++) {
        const struct td_strat *strat = uses[i].strat;
        const size_t len = strlen(strat->name);
        struct td_str text = assignment;
        if (td_str_starts(text, strat->name) && text.len > len && text.p[len] == '.')
            text = (struct td_str){text.p + len + 1, text.len - len - 1};
        const enum td_err one = td_strat_set(strat, text, uses[i].params, why);
        if (one && one != TD_ENOENT)
            return one;
        err = one ? err : TD_OK;
    }
    return err;
}

static td_px price_of(const struct td_event *event)
{
    if (event->kind == TD_EV_BAR)
        return event->bar.close;
    return event->kind == TD_EV_TRADE ? event->trade.px : TD_PX_NONE;
}

/* What the event says, else the middle of the quote. */
static td_px reference_of(const struct td_event *event, const struct td_leg *leg)
{
    const td_px px = price_of(event);
    if (!td_px_is_none(px))
        return px;
    if (td_px_is_none(leg->quote.bid) || td_px_is_none(leg->quote.ask))
        return leg->last;
    return (td_px){leg->quote.bid.e9 / 2 + leg->quote.ask.e9 / 2};
}

struct td_intent td_intent_blank(void)
{
    return (struct td_intent){
        .kind = TD_INTENT_ORDER,
        .limit = TD_PX_NONE,
        .stop = TD_PX_NONE,
        .trail = TD_PX_NONE,
        .target = TD_PX_NONE,
        .protect = TD_PX_NONE,
        .reference = TD_PX_NONE,
        .risk = TD_PX_NONE,
    };
}

void td_intent_init(struct td_intent *i, const struct td_strat *strat, const struct td_event *event,
                    const struct td_view *view)
{
    *i = td_intent_blank();
    i->leg = (uint32_t)(view->leg - view->legs);
    i->reference = reference_of(event, view->leg);
    i->strength = 1;
    i->decided_ns = event->recv_ns;
    (void)td_str_copy(td_str_of(strat->name), i->strategy, sizeof i->strategy);
}

void td_intent_market(struct td_intent *i, const struct td_strat *strat,
                      const struct td_event *event, const struct td_view *view, td_qty change)
{
    td_intent_init(i, strat, event, view);
    i->action = change.e9 > 0 ? TD_BUY : TD_SELL;
    i->type = TD_ORDER_MARKET;
    i->qty.e9 = change.e9 > 0 ? change.e9 : -change.e9;
}

size_t td_intent_toward(struct td_intent *out, const struct td_strat *strat,
                        const struct td_event *event, const struct td_view *view, int direction,
                        td_qty size)
{
    const int64_t held = view->leg->position.e9;
    size_t n = 0;
    if (direction == (held > 0) - (held < 0))
        return 0;
    if (size.e9 == 0 && held) {
        td_intent_market(&out[n], strat, event, view, (td_qty){-held});
        out[n++].exit = true;
    }
    if (size.e9 == 0 && direction)
        td_intent_market(&out[n++], strat, event, view, (td_qty){direction});
    if (size.e9 == 0) {
        if (direction)
            out[n - 1].qty = TD_QTY(0);
        return n;
    }
    td_intent_market(&out[n], strat, event, view, (td_qty){direction * size.e9 - held});
    out[n++].exit = direction == 0;
    return n;
}
