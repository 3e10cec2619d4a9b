/* trade/projection.c - keeps a blotter of its own, and brings each record's facts into both files once. */
#include "trade/projection.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/crc.h"
#include "trade/noter.h"
#include "trade/riskstate.h"
#include "trade/snapshot.h"

struct td_projection {
    struct td_world *world;
    struct td_ordersdb db;
    struct td_noter noter;
    uint64_t applied; /* last record taken */
    uint64_t held;    /* last record in orders.db */
    uint64_t held_at_open;
    int64_t held_crc;   /* of that record: the files belong to this journal */
    int64_t crc;        /* of the last record taken */
    int64_t trusted;    /* synced bytes of the audit log, as orders.db says */
    enum td_err failed; /* first failure, latched */
    struct td_riskstate risk;
    struct td_audit audit;
};

/* --- open and close --- */

static enum td_err open_files(struct td_projection *p, const char *folder, struct td_fail *why)
{
    char path[800];
    int64_t held = 0;
    enum td_err err = td_folder_make(p->world, folder);
    if (err)
        return td_fail_set(why, err, "making %s: %s", folder, td_err_text(err));
    if (snprintf(path, sizeof path, "%s/orders.db", folder) >= (int)sizeof path - 16)
        return td_fail_set(why, TD_ERANGE, "%s: path too long", folder);
    err = td_ordersdb_open(&p->db, path, why);
    if (!err)
        err = td_ordersdb_meta(&p->db, "seq", &held, why);
    if (!err)
        err = td_ordersdb_meta(&p->db, "seq_crc", &p->held_crc, why);
    if (!err)
        err = td_ordersdb_meta(&p->db, "audit_synced", &p->trusted, why);
    if (err)
        return err;
    p->held = p->held_at_open = (uint64_t)held;
    (void)snprintf(path, sizeof path, "%s/trade_audit_log.jsonl", folder);
    return td_audit_open(&p->audit, p->world, path, (uint64_t)p->trusted, why);
}

static void release(struct td_projection *p)
{
    td_audit_close(&p->audit);
    td_ordersdb_close(&p->db);
    td_noter_close(&p->noter);
    free(p);
}

enum td_err td_projection_open(struct td_projection **out, struct td_world *world,
                               const char *folder, struct td_fail *why)
{
    struct td_projection *p = calloc(1, sizeof *p);
    if (!p)
        return td_fail_set(why, TD_ENOMEM, "no memory for the projections");
    p->world = world;
    enum td_err err = td_noter_open(&p->noter);
    if (!err)
        err = td_riskstate_open(&p->risk, world, folder);
    if (err)
        (void)td_fail_set(why, err, "projections in %s: %s", folder, td_err_text(err));
    else
        err = open_files(p, folder, why);
    if (err) {
        release(p);
        return err;
    }
    *out = p;
    return TD_OK;
}

/* --- records --- */

static enum td_err put_row(void *arg, enum td_sql sql, const struct td_sql_value *values,
                           size_t count, struct td_fail *why)
{
    return td_ordersdb_run(arg, sql, values, count, why);
}

static enum td_err project(struct td_projection *p, const struct td_record *r, struct td_fail *why)
{
    struct td_noted fact;
    struct td_audit_line line;
    const struct td_sql_sink sink = {put_row, &p->db};
    enum td_err err = td_noter_take(&p->noter, r, &fact);
    if (err)
        return td_fail_set(why, err, "record %llu (%s): %s", (unsigned long long)r->seq,
                           td_record_name((enum td_record_type)r->type), td_err_text(err));
    if (r->seq > p->held_at_open)
        err = td_fact_rows(&sink, &p->noter.blotter, &fact, why);
    if (!err && td_noted_line(&fact, &line)) {
        err = td_audit_add(&p->audit, &line);
        if (err)
            (void)td_fail_set(why, err, "audit line %llu: %s", (unsigned long long)r->seq,
                              td_err_text(err));
    }
    return err;
}

enum td_err td_projection_apply(struct td_projection *p, const struct td_record *r,
                                struct td_fail *why)
{
    uint8_t bytes[TD_RECORD_BYTES_MAX];
    enum td_err err = p->failed;
    if (err)
        return td_fail_set(why, err, "the projections failed before: %s", td_err_text(err));
    if (r->seq <= p->applied)
        return TD_OK;
    if (r->seq != p->applied + 1)
        return td_fail_set(why, TD_EINVAL, "record %llu follows record %llu",
                           (unsigned long long)r->seq, (unsigned long long)p->applied);
    p->crc = (int64_t)td_crc32c(0, bytes, td_record_encode(r, bytes));
    if (r->seq == p->held_at_open && p->crc != p->held_crc)
        err = td_fail_set(
            why, TD_ECORRUPT,
            "%s is not of this journal (record %llu differs); move it and the audit log aside",
            p->db.path, (unsigned long long)r->seq);
    if (!err)
        err = project(p, r, why);
    if (!err) {
        p->applied = r->seq;
        td_riskstate_note(&p->risk, r);
        if (p->audit.pending.len > TD_AUDIT_BUFFER / 2 && r->seq >= p->held_at_open)
            err = td_projection_flush(p, why);
        else if (p->audit.pending.len > TD_AUDIT_BUFFER / 2)
            err = td_audit_flush(&p->audit, false, why);
    }
    p->failed = err;
    return err;
}

static enum td_err put_meta(struct td_projection *p, const char *key, int64_t value,
                            struct td_fail *why)
{
    const struct td_sql_value values[] = {{TD_SQL_TEXT, 0, key}, {TD_SQL_INT, value, NULL}};
    return td_ordersdb_run(&p->db, TD_SQL_META, values, TD_COUNT(values), why);
}

static enum td_err flush(struct td_projection *p, bool sync, struct td_fail *why)
{
    if (p->applied < p->held_at_open || p->applied < p->audit.seq)
        return td_fail_set(
            why, TD_ECORRUPT,
            "%s holds record %llu, the journal ends at %llu; move it and the audit log aside",
            p->db.path, (unsigned long long)(p->held > p->audit.seq ? p->held : p->audit.seq),
            (unsigned long long)p->applied);
    enum td_err err = td_audit_flush(&p->audit, sync, why);
    if (!err && (int64_t)p->audit.trusted != p->trusted)
        err = put_meta(p, "audit_synced", (int64_t)p->audit.trusted, why);
    if (!err && p->applied > p->held) {
        err = put_meta(p, "seq", (int64_t)p->applied, why);
        if (!err)
            err = put_meta(p, "seq_crc", p->crc, why);
    }
    if (!err)
        err = td_ordersdb_commit(&p->db, why);
    if (!err) {
        p->held = p->applied > p->held ? p->applied : p->held;
        p->trusted = (int64_t)p->audit.trusted;
        err = td_riskstate_write(&p->risk, &p->noter.blotter, sync, why);
    }
    return err;
}

enum td_err td_projection_flush(struct td_projection *p, struct td_fail *why)
{
    if (p->failed)
        return td_fail_set(why, p->failed, "the projections failed before: %s",
                           td_err_text(p->failed));
    p->failed = flush(p, false, why);
    return p->failed;
}

/* --- snapshots --- */

const struct td_blotter *td_projection_blotter(const struct td_projection *p)
{
    return &p->noter.blotter;
}

enum td_err td_projection_save(struct td_projection *p, const char *folder, uint32_t number,
                               const uint8_t *chain, struct td_fail *why)
{
    struct td_snapshot about = {.number = number, .seq = p->applied, .seq_crc = (uint32_t)p->crc};
    memcpy(about.chain, chain, sizeof about.chain);
    if (p->failed)
        return td_fail_set(why, p->failed, "the projections failed before: %s",
                           td_err_text(p->failed));
    p->failed = flush(p, true, why);
    return p->failed ? p->failed
                     : td_snapshot_save(p->world, folder, &about, &p->noter.blotter, why);
}

struct restoring {
    struct td_projection *p;
    const struct td_snapshot *about;
};

/* Only when both files hold everything up to there: what they lack comes from the journal alone. */
static struct td_blotter *make_room(void *arg, const struct td_blotter_limits *needed)
{
    struct restoring *r = arg;
    struct td_projection *p = r->p;
    const bool holds = p->held_at_open > r->about->seq ||
                       (p->held_at_open == r->about->seq && p->held_crc == r->about->seq_crc);
    if (!holds || p->trusted <= 0 || (int64_t)p->audit.bytes < p->trusted)
        return NULL;
    return td_noter_room(&p->noter, needed);
}

enum td_err td_projection_reset(struct td_projection *p)
{
    p->applied = 0;
    p->crc = 0;
    return td_noter_reset(&p->noter);
}

bool td_projection_restore(struct td_projection *p, const char *folder, uint32_t number,
                           const uint8_t *chain)
{
    struct td_snapshot about = {.number = number};
    struct restoring r = {p, &about};
    memcpy(about.chain, chain, sizeof about.chain);
    if (p->failed || p->applied)
        return false;
    if (td_snapshot_load(p->world, folder, &about, make_room, &r, NULL) != TD_OK) {
        p->failed = td_projection_reset(p); /* a part of it may have been taken */
        return false;
    }
    p->applied = about.seq;
    p->crc = about.seq_crc;
    return true;
}

uint64_t td_projection_seq(const struct td_projection *p)
{
    return p->held;
}

void td_projection_close(struct td_projection *p)
{
    if (!p)
        return;
    if (!p->failed && p->applied >= p->held_at_open && p->applied >= p->audit.seq)
        (void)flush(p, true, NULL); /* what fails here comes again from the journal */
    release(p);
}
