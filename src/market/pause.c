/* market/pause.c - pauses of the venue, as the table of the header. */
#include "market/pause.h"

static void doubt(struct td_pause *p)
{
    p->state = TD_PAUSE_DOUBTFUL;
    p->fresh[TD_ASK] = p->fresh[TD_BID] = (td_px){0};
}

void td_pause_tell(struct td_pause *p, int64_t value)
{
    if (value == 1 || value == 2) {
        p->state = TD_PAUSE_PAUSED;
        p->reason = (int8_t)value;
        return;
    }
    if (value == 0 ? p->state == TD_PAUSE_PAUSED : p->state == TD_PAUSE_TRADING)
        doubt(p);
}

void td_pause_quote(struct td_pause *p, enum td_side side, td_px px)
{
    if (p->state != TD_PAUSE_DOUBTFUL)
        return;
    p->fresh[side] = td_px_is_none(px) || px.e9 <= 0 ? (td_px){0} : px;
    if (p->fresh[TD_BID].e9 > 0 && p->fresh[TD_ASK].e9 > 0 &&
        p->fresh[TD_BID].e9 <= p->fresh[TD_ASK].e9)
        p->state = TD_PAUSE_TRADING;
}

void td_pause_lost(struct td_pause *p)
{
    if (p->state == TD_PAUSE_DOUBTFUL)
        doubt(p);
}

const char *td_pause_word(const struct td_pause *p)
{
    switch ((enum td_pause_state)p->state) {
    case TD_PAUSE_TRADING:
        return "trading";
    case TD_PAUSE_PAUSED:
        return p->reason == 2 ? "paused for volatility" : "paused by a regulator";
    case TD_PAUSE_DOUBTFUL:
        return "waiting for a fresh quote";
    }
    return "?";
}
