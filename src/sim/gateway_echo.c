/* sim/gateway_echo.c - keeps orders as clients sent them, so that openOrder says them again.
 *
 * A deep copy in one block of memory: the struct, then lists, then texts. What the broker changes in an order before
 * it shows it is done by gateway_report.c on top of this.
 */
#include "sim/gateway_inner.h"

#include <stdlib.h>
#include <string.h>

#define T(member) offsetof(struct td_tws_order, member)
static const size_t texts[] = {
    T(action),
    T(order_type),
    T(tif),
    T(account),
    T(order_ref),
    T(oca_group),
    T(open_close),
    T(good_after_time),
    T(good_till_date),
    T(rule_80a),
    T(fa_group),
    T(fa_method),
    T(fa_percentage),
    T(fa_profile),
    T(model_code),
    T(shares_allocation),
    T(settling_firm),
    T(clearing_account),
    T(clearing_intent),
    T(designated_location),
    T(dn_order_type),
    T(dn_settling_firm),
    T(dn_clearing_account),
    T(dn_clearing_intent),
    T(dn_open_close),
    T(dn_designated_location),
    T(scale_table),
    T(active_start_time),
    T(active_stop_time),
    T(hedge_type),
    T(hedge_param),
    T(algo_strategy),
    T(algo_id),
    T(misc_options),
    T(reference_exchange),
    T(adjusted_order_type),
    T(ext_operator),
    T(soft_dollar_name),
    T(soft_dollar_value),
    T(soft_dollar_display),
    T(mifid2_decision_maker),
    T(mifid2_decision_algo),
    T(mifid2_execution_trader),
    T(mifid2_execution_algo),
    T(advanced_error_override),
    T(manual_order_time),
    T(customer_account),
    T(bond_accrued_interest),
    T(submitter),
    T(auto_cancel_date),
    T(shareholder),
};
#undef T

static struct td_str *text_at(struct td_tws_order *o, size_t at)
{
    return (struct td_str *)(void *)((char *)o + at);
}

/* Counts, or copies when `to` is not NULL. */
struct copier {
    char *to;
    size_t used;
};

static void copy_text(struct copier *c, struct td_str *text)
{
    if (c->to && text->len) {
        memcpy(c->to + c->used, text->p, text->len);
        text->p = c->to + c->used;
    }
    c->used += text->len;
}

static const void *copy_list(struct copier *c, const void *list, size_t bytes)
{
    void *at = c->to ? c->to + c->used : NULL;
    if (at && bytes)
        memcpy(at, list, bytes);
    c->used += (bytes + 15) & ~(size_t)15;
    return at ? at : list;
}

static void copy_tags(struct copier *c, const struct td_tws_tag *tags, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        struct td_tws_tag tag = tags[i];
        copy_text(c, &tag.tag);
        copy_text(c, &tag.value);
        if (c->to)
            memcpy((void *)(uintptr_t)&tags[i], &tag, sizeof tag); /* our own copy */
    }
}

static void copy_conditions(struct copier *c, const struct td_tws_condition *list, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        struct td_tws_condition one = list[i];
        struct td_str *const parts[] = {&one.exchange, &one.sec_type, &one.symbol, &one.time};
        for (size_t k = 0; k < TD_COUNT(parts); k++)
            copy_text(c, parts[k]);
        if (c->to)
            memcpy((void *)(uintptr_t)&list[i], &one, sizeof one);
    }
}

/* Lists first: they need alignment. With c->to set, `o` is our own copy and is changed. */
static void walk(struct copier *c, struct td_tws_order *o)
{
    o->smart_combo_params.p = copy_list(c, o->smart_combo_params.p,
                                        o->smart_combo_params.n * sizeof *o->smart_combo_params.p);
    o->algo_params.p = copy_list(c, o->algo_params.p, o->algo_params.n * sizeof *o->algo_params.p);
    o->conditions.p = copy_list(c, o->conditions.p, o->conditions.n * sizeof *o->conditions.p);
    copy_tags(c, o->smart_combo_params.p, o->smart_combo_params.n);
    copy_tags(c, o->algo_params.p, o->algo_params.n);
    copy_conditions(c, o->conditions.p, o->conditions.n);
    for (size_t i = 0; i < TD_COUNT(texts); i++)
        copy_text(c, text_at(o, texts[i]));
}

bool td_gw_echo_fits(const struct td_tws_order *sent)
{
    struct td_tws_order scratch = *sent;
    struct copier count = {NULL, 0};
    walk(&count, &scratch);
    return count.used <= TD_GW_ECHO_BYTES;
}

bool td_gw_echo_keep(struct td_gw_order *o, const struct td_tws_order *sent)
{
    struct td_tws_order scratch = *sent;
    struct copier copy = {NULL, 0};
    const size_t head = (sizeof *sent + 15) & ~(size_t)15;
    walk(&copy, &scratch);
    char *block = copy.used <= TD_GW_ECHO_BYTES ? malloc(head + copy.used) : NULL;
    if (!block)
        return false;
    struct td_tws_order *kept = (struct td_tws_order *)(void *)block;
    memcpy(kept, sent, sizeof *sent);
    copy = (struct copier){block + head, 0};
    walk(&copy, kept);
    free(o->asked);
    o->asked = kept;
    return true;
}

void td_gw_echo_fill(const struct td_gw_order *o, struct td_tws_order *out)
{
    if (o->asked)
        *out = *o->asked;
}
