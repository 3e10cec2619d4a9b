/* sim/gateway_pace.c - the broker's limits on historical requests: steps of duration and bar, pacing of small bars.
 *
 * Source: tws-protocol section 6. The steps are limits on how many bars a duration may have.
 */
#include "sim/gateway_inner.h"

#define SMALL      (30 * TD_SEC)
#define SAME_AFTER (15 * TD_SEC)
#define WINDOW     (600 * TD_SEC)

bool td_gw_step_fits(const struct td_gateway *g, td_ns bar, td_ns span)
{
    static const struct {
        td_ns bar, span;
    } longest[] = {{TD_SEC, 1800 * TD_SEC},
                   {5 * TD_SEC, 3600 * TD_SEC},
                   {10 * TD_SEC, 14400 * TD_SEC},
                   {15 * TD_SEC, 14400 * TD_SEC},
                   {30 * TD_SEC, 28800 * TD_SEC}};
    for (size_t i = 0; i < TD_COUNT(longest) && g->config.pace != TD_GATEWAY_PACE_OFF; i++)
        if (bar == longest[i].bar)
            return span <= longest[i].span;
    return true;
}

bool td_gw_history_paced(struct td_gateway *g, uint64_t request, td_ns bar, int32_t weight)
{
    int32_t used = weight;
    if (g->config.pace == TD_GATEWAY_PACE_OFF || bar > SMALL)
        return true;
    for (uint32_t i = 0; i < TD_COUNT(g->asked); i++) {
        const struct td_gw_asked *a = &g->asked[i];
        if (a->weight == 0 || g->mono - a->at >= WINDOW)
            continue;
        used += a->weight;
        if (a->request == request && g->mono - a->at < SAME_AFTER)
            return false;
    }
    if (used > (int32_t)TD_COUNT(g->asked))
        return false;
    g->asked[g->asked_at++ % TD_COUNT(g->asked)] = (struct td_gw_asked){request, g->mono, weight};
    return true;
}
