/* signal/ladder_flow.c - order flow imbalance and recoveries, a book at a time. */
#include "signal/ladder_flow.h"

#include <string.h>

#include "signal/quote_flow.h"

void td_ofi_init(struct td_ofi *o, int32_t levels)
{
    TD_REQUIRE(levels >= 1 && levels <= TD_OFI_LEVELS);
    memset(o, 0, sizeof *o);
    o->levels = levels;
    o->rows = -1;
}

void td_ofi_reset(struct td_ofi *o)
{
    o->rows = -1;
}

int32_t td_ofi_push(struct td_ofi *o, const struct td_ladder *b, double *e)
{
    int32_t rows = b->rows[TD_BID] < b->rows[TD_ASK] ? b->rows[TD_BID] : b->rows[TD_ASK];
    rows = rows < o->levels ? rows : o->levels;
    const int32_t both = rows < o->rows ? rows : o->rows;
    for (int32_t k = 0; k < both; k++) {
        const struct td_flow_level now = {b->px[TD_BID][k], b->qty[TD_BID][k], b->px[TD_ASK][k],
                                          b->qty[TD_ASK][k]};
        const struct td_flow_level was = {o->px[TD_BID][k], o->qty[TD_BID][k], o->px[TD_ASK][k],
                                          o->qty[TD_ASK][k]};
        e[k] = td_quote_flow(&now, &was);
    }
    for (int32_t k = both > 0 ? both : 0; k < o->levels; k++)
        e[k] = 0;
    for (int side = TD_ASK; side <= TD_BID; side++) {
        memcpy(o->px[side], b->px[side], (size_t)rows * sizeof(double));
        memcpy(o->qty[side], b->qty[side], (size_t)rows * sizeof(double));
    }
    o->rows = rows;
    return both;
}

/* An open episode at `at`: still open, back, or lost. */
static enum td_recovery_step follow(struct td_recovery *r, bool back, td_ns at, td_ns limit_ns,
                                    td_ns *took_ns)
{
    const td_ns took = at - r->since_ns;
    r->open = !back && took <= limit_ns;
    if (r->open)
        return TD_RECOVERY_NONE;
    if (!back || took > limit_ns)
        return TD_RECOVERY_LOST;
    *took_ns = took;
    return TD_RECOVERY_BACK;
}

static enum td_recovery_step begin(struct td_recovery *r, double goal, td_ns at)
{
    *r = (struct td_recovery){true, goal, at};
    return TD_RECOVERY_BEGUN;
}

enum td_recovery_step td_recovery_spread(struct td_recovery *r, double before, double now, td_ns at,
                                         td_ns limit_ns, td_ns *took_ns)
{
    if (r->open)
        return follow(r, now <= r->goal, at, limit_ns, took_ns);
    return now > before ? begin(r, before, at) : TD_RECOVERY_NONE;
}

enum td_recovery_step td_recovery_depth(struct td_recovery *r, double before, double now, td_ns at,
                                        td_ns limit_ns, td_ns *took_ns)
{
    if (r->open)
        return follow(r, now >= r->goal, at, limit_ns, took_ns);
    return now <= before / 2 ? begin(r, before * 0.9, at) : TD_RECOVERY_NONE;
}
