/* trade/projection.c - keeps a blotter of its own, and brings each record's facts into both files once. */
#include "trade/projection.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/crc.h"
#include "trade/projection_rows.h"
#include "trade/riskstate.h"
#include "trade/snapshot.h"

#define ORDERS_LAST                                                                                \
    (1u << 20) /* the blotter's tables double up to here, for journals of more than a desk's */

struct td_projection {
    struct td_world *world;
    struct td_ordersdb db;
    struct td_blotter blotter;
    void *memory;     /* of the blotter */
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

/* --- the blotter is as large as the desk's, and grows when a journal holds more --- */

static const struct td_blotter_limits first = {TD_BLOTTER_ORDERS_MAX, TD_BLOTTER_EXECUTIONS_MAX,
                                               TD_BLOTTER_HOLDINGS_MAX, TD_BLOTTER_ORDERS_KEPT,
                                               TD_BLOTTER_EXECUTIONS_KEPT};

static enum td_err new_blotter(struct td_blotter *out, void **memory,
                               const struct td_blotter_limits *limits)
{
    struct td_arena arena;
    const size_t bytes = td_blotter_bytes(limits);
    *memory = malloc(bytes);
    if (!*memory)
        return TD_ENOMEM;
    memset(*memory, 0, bytes); /* its pages now, not with each order of the day */
    td_arena_init(&arena, *memory, bytes);
    return td_blotter_open(out, limits, &arena);
}

/* Puts an empty one in the place of the old, which keeps nothing. */
static enum td_err replace_blotter(struct td_projection *p, const struct td_blotter_limits *limits)
{
    struct td_blotter fresh;
    void *memory;
    const enum td_err err = new_blotter(&fresh, &memory, limits);
    if (err)
        return err;
    free(p->memory);
    p->memory = memory;
    p->blotter = fresh;
    return TD_OK;
}

static enum td_err grow_blotter(struct td_projection *p)
{
    struct td_blotter bigger;
    void *memory;
    struct td_blotter_limits limits = p->blotter.max;
    if (limits.orders_max >= ORDERS_LAST)
        return TD_EFULL;
    limits.orders_max *= 2;
    limits.executions_max *= 2;
    limits.holdings_max *= 2;
    enum td_err err = new_blotter(&bigger, &memory, &limits);
    if (err)
        return err;
    err = td_blotter_copy(&bigger, &p->blotter);
    if (err) {
        free(memory);
        return err;
    }
    free(p->memory);
    p->memory = memory;
    p->blotter = bigger;
    return TD_OK;
}

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
    free(p->memory);
    free(p);
}

enum td_err td_projection_open(struct td_projection **out, struct td_world *world,
                               const char *folder, struct td_fail *why)
{
    struct td_projection *p = calloc(1, sizeof *p);
    if (!p)
        return td_fail_set(why, TD_ENOMEM, "no memory for the projections");
    p->world = world;
    enum td_err err = new_blotter(&p->blotter, &p->memory, &first);
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

static const struct td_order *order_of(const struct td_blotter *b, const struct td_record *r)
{
    uint32_t i;
    if (r->type == TD_REC_FEE) {
        const struct td_str base = td_exec_base(r->exec_id);
        return td_map_get(&b->by_exec, td_hash_bytes(base.p, base.len), &i)
                   ? td_blotter_order(b, b->executions[i].order)
                   : NULL;
    }
    if (r->key)
        return td_blotter_order(b, r->key);
    return r->order_id ? td_blotter_by_order_id(b, r->order_id) : NULL;
}

/* Applies the record to the blotter and notes what that changed. */
static enum td_err take(struct td_projection *p, const struct td_record *r, struct td_noted *fact)
{
    uint32_t i;
    struct td_blotter *b = &p->blotter;
    const struct td_order *order = order_of(b, r);
    const int state = order ? order->state : -1;
    const bool executes = r->type == TD_REC_EXEC;
    const struct td_str base = td_exec_base(r->exec_id);
    const bool corrects = executes && td_map_get(&b->by_exec, td_hash_bytes(base.p, base.len), &i);
    const bool known = executes && td_blotter_holding(b, r->symbol, &i);
    const struct td_holding before = known ? b->holdings[i].now : (struct td_holding){0};
    enum td_err err = td_blotter_apply(b, r);
    while (err == TD_EFULL) {
        err = grow_blotter(p);
        if (!err)
            err = td_blotter_apply(b, r);
        else
            break;
    }
    *fact = (struct td_noted){
        .record = r, .order = order_of(b, r), .changed = err == TD_OK, .profit = TD_CASH(0)};
    fact->moved = fact->order && fact->order->state != state;
    if (err == TD_EEXIST || err == TD_ENOENT)
        return TD_OK; /* told before, or a fee whose execution is not known: nothing to show */
    if (!err && executes && td_blotter_holding(b, r->symbol, &i)) {
        err = td_cash_sub(b->holdings[i].now.realized, before.realized, &fact->profit);
        fact->closing =
            corrects || (before.qty.e9 != 0 && (before.qty.e9 > 0) == (r->action == TD_SELL));
    }
    return err;
}

static enum td_err project(struct td_projection *p, const struct td_record *r, struct td_fail *why)
{
    struct td_noted fact;
    struct td_audit_line line;
    enum td_err err = take(p, r, &fact);
    if (err)
        return td_fail_set(why, err, "record %llu (%s): %s", (unsigned long long)r->seq,
                           td_record_name((enum td_record_type)r->type), td_err_text(err));
    if (r->seq > p->held_at_open)
        err = td_fact_rows(&p->db, &p->blotter, &fact, why);
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
        err = td_riskstate_write(&p->risk, &p->blotter, sync, why);
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
    return &p->blotter;
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
    return p->failed ? p->failed : td_snapshot_save(p->world, folder, &about, &p->blotter, why);
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
    struct td_blotter_limits limits = first;
    const bool holds = p->held_at_open > r->about->seq ||
                       (p->held_at_open == r->about->seq && p->held_crc == r->about->seq_crc);
    if (!holds || p->trusted <= 0 || (int64_t)p->audit.bytes < p->trusted)
        return NULL;
    while (limits.orders_max < ORDERS_LAST && (limits.orders_max < needed->orders_max ||
                                               limits.executions_max < needed->executions_max ||
                                               limits.holdings_max < needed->holdings_max)) {
        limits.orders_max *= 2;
        limits.executions_max *= 2;
        limits.holdings_max *= 2;
    }
    return replace_blotter(p, &limits) == TD_OK ? &p->blotter : NULL;
}

enum td_err td_projection_reset(struct td_projection *p)
{
    p->applied = 0;
    p->crc = 0;
    return replace_blotter(p, &first);
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
