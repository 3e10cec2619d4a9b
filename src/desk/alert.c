/* desk/alert.c - raising, reminding, clearing. */
#include "desk/alert.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ALERT_ROW(name, word_, pause_, action_) {word_, pause_, action_},
static const struct {
    const char *word;
    int32_t pause_s;
    const char *action;
} rows[] = {TD_ALERTS(ALERT_ROW)};
#undef ALERT_ROW

const char *td_alert_word(enum td_alert_kind kind)
{
    return rows[kind].word;
}

const char *td_alert_action(enum td_alert_kind kind)
{
    return rows[kind].action;
}

td_ns td_alert_pause(enum td_alert_kind kind)
{
    return rows[kind].pause_s * TD_SEC;
}

void td_alerts_init(struct td_alerts *a, struct td_log *log)
{
    memset(a, 0, sizeof *a);
    a->log = log;
}

static void tell(struct td_alerts *a, enum td_alert_kind kind, const struct td_alert_at *at)
{
    struct td_alert *r = &a->rows[kind];
    char since[32], next[64] = "";
    struct td_text t;
    td_text_init(&t, since, sizeof since);
    td_text_iso(&t, r->since);
    if (at->next_try) {
        td_text_init(&t, next, sizeof next);
        td_text_put(&t, ", next try ");
        td_text_iso(&t, at->next_try);
    }
    r->told++;
    r->told_mono = at->mono;
    td_logf(a->log, TD_LOG_ERROR, TD_LOG_TRADING, "alert", "%s since %s, tries %u%s: %s; %s",
            rows[kind].word, since, (unsigned)r->tries, next, r->text, rows[kind].action);
}

void td_alert_raise(struct td_alerts *a, enum td_alert_kind kind, const struct td_alert_at *at,
                    const char *format, ...)
{
    struct td_alert *r = &a->rows[kind];
    const bool fresh = !r->active;
    /* One that comes and goes is not told more often than one that stays. */
    const bool due = !r->told || at->mono - r->told_mono >= td_alert_pause(kind);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(r->text, sizeof r->text, format, args);
    va_end(args);
    if (fresh) {
        r->active = true;
        r->since = at->wall;
        r->raised++;
    }
    r->tries = at->tries;
    r->next_try = at->next_try;
    if (due)
        tell(a, kind, at);
}

void td_alert_clear(struct td_alerts *a, enum td_alert_kind kind)
{
    struct td_alert *r = &a->rows[kind];
    if (!r->active)
        return;
    r->active = false;
    td_logf(a->log, TD_LOG_INFO, TD_LOG_TRADING, "alert_over", "%s: %s", rows[kind].word, r->text);
}

uint32_t td_alerts_active(const struct td_alerts *a)
{
    uint32_t n = 0;
    for (int k = 0; k < TD_ALERT_COUNT; k++)
        n += a->rows[k].active;
    return n;
}
