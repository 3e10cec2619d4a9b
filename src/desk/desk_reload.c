/* desk/desk_reload.c - settings read again: checked, journaled, and in force between two turns, or refused.
 *
 * What is good waits until its records are durable; meanwhile, and after a refusal, no entry is decided or leaves. Then
 * one pointer changes, and what was made of the settings is made anew before anything else happens. Entries that were
 * approved by the settings before and still wait for the disk are not sent: each is decided and leaves by the same ones.
 * A signal is heard once in RELOAD_GAP, and nothing is read while records are under way: a storm of either is bounded.
 */
#include <stdio.h>

#include "desk/desk_inner.h"

#define RELOAD_GAP (20 * TD_MS)

bool desk_reload_holds(const struct td_desk *d)
{
    return d->reload.waits || (d->config.reload && d->config.reload->refused);
}

static bool forbids_orders(const struct td_settings *s)
{
    return !s->allow_orders || s->dry_run || !s->order_exec;
}

/* What switches orders off stops exits too, and already while its record is under way. */
bool desk_reload_outdates(const struct td_desk *d, const struct desk_pending *p, bool exits)
{
    if (forbids_orders(d->config.settings) ||
        (d->reload.waits && forbids_orders(td_reload_next(d->config.reload))))
        return true;
    return !exits && (desk_reload_holds(d) || p->settings != d->reload.number);
}

/* --- records --- */

/* False: it will never be durable. */
static bool journal(struct td_desk *d, const char *status, const char *text)
{
    struct td_record r;
    td_record_init(&r, TD_REC_SETTINGS, td_world_now(d->world));
    r.number = (int64_t)d->config.reload->readings;
    (void)snprintf(r.status, sizeof r.status, "%s", status);
    (void)td_str_copy(td_str_of(text), r.text, sizeof r.text);
    if (desk_fact(d, &r) != TD_OK || !r.seq)
        return false;
    d->reload.wait_seq = r.seq;
    return true;
}

static bool journal_changes(struct td_desk *d)
{
    const struct td_reload *r = d->config.reload;
    char text[160];
    bool ok = true;
    for (uint32_t i = 0; i < r->change_count && ok; i++) {
        const struct td_reload_change *c = &r->changes[i];
        if (!c->changes)
            continue;
        (void)snprintf(text, sizeof text, "%s: %s -> %s", c->key, c->was, c->now);
        ok = journal(d, "changed", text);
        td_logf(d->log, TD_LOG_WARN, TD_LOG_TRADING, "setting", "%s", text);
    }
    (void)snprintf(text, sizeof text, "%u settings change", td_reload_effective(r));
    return ok && journal(d, "taken", text);
}

/* --- what was good --- */

static void come_into_force(struct td_desk *d)
{
    const bool changes = td_reload_effective(d->config.reload) > 0;
    d->reload.waits = false;
    d->config.settings = td_reload_take(d->config.reload);
    if (!changes)
        return;
    d->reload.number++;
    td_settings_limits(d->config.settings, d->limits_equity, &d->limits);
    desk_data_settings(d);
    desk_money_settings(d);
    td_logf(d->log, TD_LOG_WARN, TD_LOG_TRADING, "settings", "read again: %u changed",
            td_reload_effective(d->config.reload));
    desk_log_limits(d);
}

static void refuse(struct td_desk *d, bool before)
{
    const struct td_reload *r = d->config.reload;
    td_logf(d->log, TD_LOG_ERROR, TD_LOG_TRADING, "settings",
            "refused, entries wait for a good reload or a resume: %s", r->why);
    if (!before) /* a storm of the same is one record */
        (void)journal(d, "refused", r->why);
}

const char *desk_reload(struct td_desk *d)
{
    struct td_reload *r = d->config.reload;
    if (!r)
        return "this desk was started without files that can be read again";
    if (d->reload.waits)
        return "the last reload still waits for the disk";
    const bool refused = r->refused;
    d->reload.next_mono = td_world_mono(d->world) + RELOAD_GAP;
    if (td_reload_read(r, NULL) != TD_OK) {
        refuse(d, refused);
        return r->why;
    }
    if (!td_reload_effective(r) && !refused) {
        come_into_force(d);
        return NULL;
    }
    d->reload.waits = true;
    if (journal_changes(d))
        return NULL;
    d->reload.waits = false;
    r->refused = true;
    (void)snprintf(r->why, sizeof r->why, "the journal cannot be written: nothing changes");
    return r->why;
}

void desk_tend_reload(struct td_desk *d, td_ns mono)
{
    struct td_reload *r = d->config.reload;
    if (d->reload.waits && td_writer_durable(d->writer) >= d->reload.wait_seq)
        come_into_force(d);
    if (r && r->asked && !d->reload.waits && mono >= d->reload.next_mono)
        (void)desk_reload(d); /* why it was refused is in the log and in the status */
}

td_ns desk_reload_deadline(const struct td_desk *d)
{
    const struct td_reload *r = d->config.reload;
    return r && r->asked && !d->reload.waits ? d->reload.next_mono : TD_NS_NEVER;
}

void desk_reload_resumed(struct td_desk *d)
{
    if (d->config.reload)
        d->config.reload->refused = false;
}

/* --- what is told --- */

void desk_put_reload(const struct td_desk *d, struct td_json *j)
{
    const struct td_reload *r = d->config.reload;
    td_json_key_bool(j, "entries_held", desk_reload_holds(d));
    if (!r)
        return;
    td_json_key_i64(j, "readings", (int64_t)r->readings);
    td_json_key_i64(j, "refusals", (int64_t)r->refusals);
    td_json_key_bool(j, "waits_for_disk", d->reload.waits);
    td_json_key(j, "changes");
    td_json_array(j);
    for (uint32_t i = 0; i < r->change_count && (d->reload.waits || !r->refused); i++) {
        const struct td_reload_change *c = &r->changes[i];
        td_json_object(j);
        td_json_key_text(j, "setting", c->key);
        td_json_key_text(j, "was", c->was);
        td_json_key_text(j, "now", c->now);
        td_json_key_text(j, "asked", c->asked);
        td_json_key_text(j, "needs_restart",
                         !c->kept ? NULL
                         : td_reload_way(c->key) == TD_STRICT_AT_START
                             ? "it counts at a start"
                             : "looser than at the start");
        td_json_object_end(j);
    }
    td_json_array_end(j);
}
