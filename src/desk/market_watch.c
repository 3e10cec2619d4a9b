/* desk/market_watch.c - are the subscriptions alive? Silence in an open market, once a second. */
#include "desk/market_inner.h"

#include <stdio.h>

#define DETAILS_LIMIT (20 * TD_SEC)
#define HISTORY_LIMIT (60 * TD_SEC)
#define FLOW_AGAIN    (5 * TD_SEC)

static td_ns later(td_ns a, td_ns b)
{
    return a > b ? a : b;
}

/* Open by its hours and not paused: since when, monotonic; 0 otherwise. */
static void look_at_hours(struct td_market *m, struct td_line *line, td_ns mono)
{
    const bool open = td_hours_open(m->hours, line->schedule) == TD_HOURS_OPEN &&
                      line->pause.state != TD_PAUSE_PAUSED;
    if (!open)
        line->open_from = 0;
    else if (!line->open_from)
        line->open_from = mono;
}

/* How long it has been silent in an open market; 0 when that says nothing. */
static td_ns silence(const struct td_line *line, enum td_purpose purpose, td_ns mono)
{
    const struct td_sub *sub = &line->subs[purpose];
    td_ns from = later(later(sub->heard, sub->asked), sub->silent_from);
    if (purpose == TD_FOR_DETAILS) /* closed or not, it must be answered */
        return mono - sub->asked;
    if (purpose == TD_FOR_BARS && !sub->heard)
        return mono - sub->asked;
    if (!line->open_from)
        return 0;
    from = later(from, line->open_from);
    /* No trade, no bar: unless there is reason for doubt, or nothing else to go by. */
    const bool sees_trades = line->subs[TD_FOR_QUOTES].state == TD_SUB_LIVE ||
                             line->subs[TD_FOR_TICKS].state == TD_SUB_LIVE;
    if ((purpose == TD_FOR_BARS || purpose == TD_FOR_TICKS) && sees_trades && !sub->doubted &&
        line->traded <= from)
        return 0;
    return mono - from;
}

static td_ns limit_of(const struct td_market *m, const struct td_line *line,
                      enum td_purpose purpose)
{
    const struct td_sub *sub = &line->subs[purpose];
    const bool alone = !(line->wants & (TD_WANT_QUOTES | TD_WANT_TICKS));
    if (purpose == TD_FOR_DETAILS)
        return DETAILS_LIMIT;
    if (purpose == TD_FOR_BARS && !sub->heard)
        return HISTORY_LIMIT;
    /* Bars without quotes: nothing tells of trades, and a bar may well have none. */
    return purpose == TD_FOR_BARS && alone && !sub->doubted
               ? TD_MARKET_SILENT + 2 * m->config.bar_span
               : TD_MARKET_SILENT;
}

static void look_at_sub(struct td_market *m, uint32_t index, enum td_purpose purpose, td_ns mono)
{
    struct td_line *line = &m->lines[index];
    struct td_sub *sub = &line->subs[purpose];
    char why[80];
    if (sub->state == TD_SUB_LATER && mono >= sub->again)
        market_queue_ask(m, index, purpose);
    if (sub->state != TD_SUB_ASKED && sub->state != TD_SUB_LIVE)
        return;
    const td_ns silent = silence(line, purpose, mono);
    if (silent < limit_of(m, line, purpose))
        return;
    if (!sub->stale) {
        sub->stale_after = silent;
        sub->stale = true;
        if (purpose == TD_FOR_DEPTH)
            market_depth_reset(m, index, true);
    }
    /* Until its pause is over the old request stands: it may wake up by itself. */
    if (!market_may_again(m, sub))
        return;
    (void)snprintf(why, sizeof why, "silent for %lld s", (long long)(silent / TD_SEC));
    market_again(m, index, purpose, true, why);
}

void td_market_watch(struct td_market *m, td_ns market_now)
{
    const td_ns mono = td_world_mono(m->link->world);
    td_hours_look(m->hours, market_now);
    m->watched = true;
    market_ticks_watch(m);
    for (uint32_t i = 0; i < m->count; i++) {
        look_at_hours(m, &m->lines[i], mono);
        market_contract_watch(m, i);
        for (int p = 0; p < TD_PURPOSES && !m->blind && td_link_ready(m->link); p++)
            look_at_sub(m, i, (enum td_purpose)p, mono);
    }
}

void td_market_blind(struct td_market *m)
{
    m->blind = true;
    for (uint32_t i = 0; i < m->count; i++)
        for (int p = TD_FOR_QUOTES; p < TD_PURPOSES; p++)
            m->lines[i].subs[p].stale |= m->lines[i].subs[p].state == TD_SUB_LIVE;
}

static bool feeds(const struct td_farm *farm, const struct td_line *line, enum td_purpose purpose)
{
    if (farm && farm->kind == TD_FARM_HISTORY && purpose != TD_FOR_BARS)
        return false;
    return !farm || td_farm_feeds(farm, line->sec_type, line->currency);
}

bool td_market_uses(const struct td_market *m, const struct td_farm *farm)
{
    const int wants = farm->kind == TD_FARM_HISTORY ? TD_WANT_BARS : ~0;
    for (uint32_t i = 0; i < m->count; i++)
        if (m->lines[i].state != TD_LINE_REFUSED && m->lines[i].wants & wants &&
            td_farm_feeds(farm, m->lines[i].sec_type, m->lines[i].currency))
            return true;
    return false;
}

void td_market_verify(struct td_market *m, const struct td_farm *farm, bool bars)
{
    /* Silence while the broker was gone says nothing. After a farm it goes on counting, with a moment to flow again. */
    const td_ns mono = td_world_mono(m->link->world);
    const td_ns from = m->blind ? mono : mono + FLOW_AGAIN - TD_MARKET_SILENT;
    m->blind &= farm != NULL; /* a farm does not bring the broker back */
    for (uint32_t i = 0; i < m->count; i++)
        for (int p = TD_FOR_QUOTES; p < TD_PURPOSES; p++) {
            struct td_sub *sub = &m->lines[i].subs[p];
            if (!feeds(farm, &m->lines[i], (enum td_purpose)p))
                continue;
            if (sub->state != TD_SUB_LIVE && sub->state != TD_SUB_ASKED)
                continue;
            sub->silent_from = later(sub->silent_from, from);
            sub->doubted |= p != TD_FOR_BARS || bars;
        }
}

enum td_hours_answer td_market_open(const struct td_market *m, uint32_t index)
{
    return td_hours_open(m->hours, m->lines[index].schedule);
}

bool td_market_stale(const struct td_market *m, uint32_t index)
{
    const struct td_sub *subs = m->lines[index].subs;
    return m->blind || subs[TD_FOR_QUOTES].stale || subs[TD_FOR_DEPTH].stale ||
           subs[TD_FOR_BARS].stale;
}

td_ns td_market_silent(const struct td_market *m, uint32_t index, enum td_purpose purpose)
{
    const td_ns heard = m->lines[index].subs[purpose].heard;
    return heard ? td_world_mono(m->link->world) - heard : TD_NS_NEVER;
}

void td_market_health(const struct td_market *m, struct td_market_health *out)
{
    *out = (struct td_market_health){.lines = m->count};
    for (uint32_t i = 0; i < m->count; i++) {
        const struct td_line *line = &m->lines[i];
        out->live += line->state == TD_LINE_LIVE;
        out->refused += line->state == TD_LINE_REFUSED;
        for (int p = 0; p < TD_PURPOSES; p++) {
            const struct td_sub *sub = &line->subs[p];
            out->waiting += sub->state == TD_SUB_WAITING;
            out->queued += sub->state == TD_SUB_QUEUED || sub->state == TD_SUB_LATER;
            out->stale += sub->stale;
            out->mute += sub->stale && sub->mute >= TD_MARKET_TRIES;
        }
    }
}
