/* trade/projection_rows.c - one function per record type that has rows, and the table of audit events. */
#include "trade/projection_rows.h"

#include <stdio.h>

#define INT(v)                                                                                     \
    {                                                                                              \
        TD_SQL_INT, (int64_t)(v), NULL                                                             \
    }
#define ZERO(v)                                                                                    \
    {                                                                                              \
        TD_SQL_ZERO, (int64_t)(v), NULL                                                            \
    }
#define E9(v)                                                                                      \
    {                                                                                              \
        TD_SQL_E9, (v).e9, NULL                                                                    \
    }
#define REAL(v)                                                                                    \
    {                                                                                              \
        TD_SQL_REAL, (v).e9, NULL                                                                  \
    }
#define FIXED(v)                                                                                   \
    {                                                                                              \
        TD_SQL_FIXED, (v).e9, NULL                                                                 \
    }
#define WHEN(v)                                                                                    \
    {                                                                                              \
        TD_SQL_WHEN, (v), NULL                                                                     \
    }
#define TIME(v)                                                                                    \
    {                                                                                              \
        TD_SQL_TIME, (v), NULL                                                                     \
    }
#define TEXT(v)                                                                                    \
    {                                                                                              \
        TD_SQL_TEXT, 0, (v)                                                                        \
    }
#define RUN(db, sql, values, why) (db)->run((db)->arg, sql, values, TD_COUNT(values), why)

#define KEEP_DAYS 30 /* retention of market_data, signals, ticks: contracts 10.13 */

typedef enum td_err rows_fn(const struct td_sql_sink *db, const struct td_blotter *b,
                            const struct td_noted *fact, struct td_fail *why);

static const char *side_word(uint8_t action)
{
    return action == TD_BUY ? "BUY" : "SELL";
}

struct td_str td_exec_base(const char *exec_id)
{
    const char *dot = strrchr(exec_id, '.');
    return (struct td_str){exec_id, dot ? (size_t)(dot - exec_id) : strlen(exec_id)};
}

static enum td_err put_order_state(const struct td_sql_sink *db, const struct td_order *o,
                                   struct td_fail *why)
{
    const struct td_sql_value values[] = {
        INT(o->key),
        TEXT(td_order_state_word((enum td_order_state)o->state)),
        TEXT(o->status),
        E9(o->filled),
        REAL(td_order_average(o)),
        REAL(o->fees),
        ZERO(o->code),
        TEXT(o->reason),
        ZERO(o->perm_id),
        TIME(o->sent_ns),
        TIME(o->done_ns),
    };
    return RUN(db, TD_SQL_ORDER_STATE, values, why);
}

static enum td_err put_position(const struct td_sql_sink *db, const struct td_blotter *b,
                                const char *symbol, td_ns at, struct td_fail *why)
{
    uint32_t i;
    td_cash day = TD_CASH_NONE;
    bool held = false;
    if (!td_blotter_holding(b, symbol, &i))
        return TD_OK;
    const struct td_blotter_holding *h = &b->holdings[i];
    const struct td_sql_value values[] = {
        TEXT(h->symbol),       ZERO(h->conid),    E9(h->now.qty),         REAL(h->now.average),
        REAL(h->now.realized), REAL(h->now.fees), FIXED(h->now.realized), WHEN(at)};
    const enum td_err err = RUN(db, TD_SQL_POSITION, values, why);
    const td_cash realized = td_blotter_realized_today(b);
    for (uint32_t k = 0; k < b->holding_count; k++)
        held |= b->holdings[k].now.qty.e9 != 0;
    if (held || td_cash_sub(realized, b->carried, &day) != TD_OK)
        day = TD_CASH_NONE; /* what is held has no price here: the day's profit is not known */
    const struct td_sql_value account[] = {REAL(day), REAL(realized), WHEN(at)};
    return err ? err : RUN(db, TD_SQL_ACCOUNT, account, why);
}

static enum td_err put_signal(const struct td_sql_sink *db, const struct td_record *r,
                              bool approved, struct td_fail *why)
{
    char metadata[1200];
    struct td_text t;
    td_text_init(&t, metadata, sizeof metadata);
    td_text_printf(&t, "{\"approved\":%s,\"gate\":", approved ? "true" : "false");
    if (approved)
        td_text_put(&t, "null");
    else
        td_text_i64(&t, r->code);
    td_text_put(&t, ",\"reason\":");
    td_text_json(&t, td_str_of(r->text));
    td_text_char(&t, '}');
    const struct td_sql_value values[] = {INT(r->seq),       TEXT(r->symbol),
                                          TEXT(r->strategy), TEXT(side_word(r->action)),
                                          TEXT(metadata),    WHEN(r->at_ns)};
    return RUN(db, TD_SQL_SIGNAL, values, why);
}

static enum td_err rows_denied(const struct td_sql_sink *db, const struct td_blotter *b,
                               const struct td_noted *fact, struct td_fail *why)
{
    (void)b;
    return put_signal(db, fact->record, false, why);
}

static enum td_err rows_order(const struct td_sql_sink *db, const struct td_blotter *b,
                              const struct td_noted *fact, struct td_fail *why)
{
    const struct td_record *r = fact->record;
    const struct td_sql_value values[] = {
        INT(r->key),
        INT(r->order_id),
        INT(r->client_id),
        TEXT(r->account),
        TEXT(r->symbol),
        ZERO(r->conid),
        TEXT(side_word(r->action)),
        E9(r->qty),
        TEXT(td_order_type_word(r->otype)),
        REAL(r->limit),
        REAL(r->stop),
        REAL(r->cash),
        REAL(r->multiplier),
        TEXT(r->strategy),
        TEXT(r->text),
        TEXT(r->ref),
        WHEN(r->at_ns),
    };
    (void)b;
    const enum td_err err = RUN(db, TD_SQL_ORDER, values, why);
    return err ? err : put_signal(db, r, true, why);
}

static enum td_err rows_state(const struct td_sql_sink *db, const struct td_blotter *b,
                              const struct td_noted *fact, struct td_fail *why)
{
    (void)b;
    return fact->order ? put_order_state(db, fact->order, why) : TD_OK;
}

/* A parent is at work from its record on: it has no order of its own that could be sent. */
static enum td_err rows_parent(const struct td_sql_sink *db, const struct td_blotter *b,
                               const struct td_noted *fact, struct td_fail *why)
{
    const enum td_err err = rows_order(db, b, fact, why);
    return err ? err : rows_state(db, b, fact, why);
}

/* After a loss or a new start: everything that is unknown now. */
static enum td_err rows_lost(const struct td_sql_sink *db, const struct td_blotter *b,
                             const struct td_noted *fact, struct td_fail *why)
{
    enum td_err err = TD_OK;
    (void)fact;
    for (uint32_t i = 0; i < b->order_count && !err; i++)
        if (b->orders[i].state == TD_OS_UNKNOWN)
            err = put_order_state(db, &b->orders[i], why);
    return err;
}

static enum td_err rows_exec(const struct td_sql_sink *db, const struct td_blotter *b,
                             const struct td_noted *fact, struct td_fail *why)
{
    const struct td_record *r = fact->record;
    char base[sizeof r->exec_id];
    (void)td_str_copy(td_exec_base(r->exec_id), base, sizeof base);
    const td_cash shown = fact->closing ? fact->profit : TD_CASH_NONE;
    const struct td_sql_value values[] = {
        TEXT(base),
        TEXT(r->exec_id),
        ZERO(fact->order ? fact->order->key : 0),
        ZERO(r->order_id),
        ZERO(r->perm_id),
        WHEN(r->at_ns),
        TEXT(r->symbol),
        TEXT(side_word(r->action)),
        E9(r->qty),
        REAL(r->px),
        REAL(shown),
        INT(r->seq),
        FIXED(r->qty),
        FIXED(r->px),
        FIXED(fact->profit),
    };
    if (!fact->changed)
        return TD_OK;
    enum td_err err = RUN(db, TD_SQL_EXECUTION, values, why);
    if (!err)
        err = put_position(db, b, r->symbol, r->at_ns, why);
    const struct td_order *parent = fact->order && fact->order->role == TD_ROLE_SLICE
                                        ? td_blotter_order(b, fact->order->parent)
                                        : NULL;
    if (!err && parent)
        err = put_order_state(db, parent, why);
    return err ? err : rows_state(db, b, fact, why);
}

static enum td_err rows_fee(const struct td_sql_sink *db, const struct td_blotter *b,
                            const struct td_noted *fact, struct td_fail *why)
{
    const struct td_record *r = fact->record;
    char base[sizeof r->exec_id];
    uint32_t i;
    (void)td_str_copy(td_exec_base(r->exec_id), base, sizeof base);
    if (!fact->changed || !td_map_get(&b->by_exec, td_hash_bytes(base, strlen(base)), &i))
        return TD_OK;
    const struct td_sql_value values[] = {TEXT(base), REAL(r->cash), FIXED(r->cash), TEXT(r->text),
                                          REAL(r->pnl)};
    enum td_err err = RUN(db, TD_SQL_FEE, values, why);
    if (!err)
        err = put_position(db, b, b->holdings[b->executions[i].holding].symbol, r->at_ns, why);
    return err ? err : rows_state(db, b, fact, why);
}

static enum td_err rows_position(const struct td_sql_sink *db, const struct td_blotter *b,
                                 const struct td_noted *fact, struct td_fail *why)
{
    return put_position(db, b, fact->record->symbol, fact->record->at_ns, why);
}

static enum td_err rows_day(const struct td_sql_sink *db, const struct td_blotter *b,
                            const struct td_noted *fact, struct td_fail *why)
{
    static const enum td_sql trims[] = {TD_SQL_TRIM_DATA, TD_SQL_TRIM_SIGNALS, TD_SQL_TRIM_TICKS};
    const struct td_sql_value oldest[] = {WHEN(fact->record->at_ns - KEEP_DAYS * TD_DAY)};
    enum td_err err = TD_OK;
    (void)b;
    for (size_t i = 0; i < TD_COUNT(trims) && !err; i++)
        err = RUN(db, trims[i], oldest, why);
    return err;
}

static rows_fn *const rows[TD_REC_TYPES] = {
    [TD_REC_START] = rows_lost,        [TD_REC_DAY] = rows_day,
    [TD_REC_DENIED] = rows_denied,     [TD_REC_ORDER] = rows_order,
    [TD_REC_SENT] = rows_state,        [TD_REC_STATUS] = rows_state,
    [TD_REC_EXEC] = rows_exec,         [TD_REC_FEE] = rows_fee,
    [TD_REC_CANCEL] = rows_state,      [TD_REC_ERROR] = rows_state,
    [TD_REC_LOST] = rows_lost,         [TD_REC_RESOLVED] = rows_state,
    [TD_REC_POSITION] = rows_position, [TD_REC_DOUBT] = rows_state,
    [TD_REC_FREEZE] = rows_state,      [TD_REC_CHANGED] = rows_state,
    [TD_REC_DONE] = rows_state,        [TD_REC_ACCEPT] = rows_lost,
    [TD_REC_FOREIGN] = rows_state,     [TD_REC_PARENT] = rows_parent,
};

/* The order's symbol where the record itself names none. */
static const char *symbol_of(const struct td_noted *fact)
{
    return fact->record->symbol[0] || !fact->order ? fact->record->symbol : fact->order->symbol;
}

enum td_err td_fact_rows(const struct td_sql_sink *db, const struct td_blotter *b,
                         const struct td_noted *fact, struct td_fail *why)
{
    const struct td_record *r = fact->record;
    const struct td_sql_value event[] = {
        INT(r->seq),
        WHEN(r->at_ns),
        TEXT(td_record_name((enum td_record_type)r->type)),
        ZERO(fact->order ? fact->order->key : r->key),
        TEXT(symbol_of(fact)),
        ZERO(r->code),
        TEXT(r->type == TD_REC_STATUS ? r->status : r->text),
    };
    const enum td_err err = RUN(db, TD_SQL_EVENT, event, why);
    return err || !rows[r->type] ? err : rows[r->type](db, b, fact, why);
}

/* Types with a line: the word in `event`. A status has one only when it changed the order's state. */
static const char *const events[TD_REC_TYPES] = {
    [TD_REC_START] = "start",       [TD_REC_DENIED] = "denied",     [TD_REC_ORDER] = "order",
    [TD_REC_SENT] = "sent",         [TD_REC_STATUS] = "status",     [TD_REC_EXEC] = "fill",
    [TD_REC_FEE] = "fee",           [TD_REC_CANCEL] = "cancel",     [TD_REC_ERROR] = "error",
    [TD_REC_LOST] = "lost",         [TD_REC_RESOLVED] = "resolved", [TD_REC_HALT] = "halt",
    [TD_REC_RESUME] = "resume",     [TD_REC_POSITION] = "position", [TD_REC_STOP] = "stop",
    [TD_REC_FREEZE] = "freeze",     [TD_REC_ACCEPT] = "accept",     [TD_REC_CHANGE] = "change",
    [TD_REC_DOUBT] = "doubt",       [TD_REC_PARENT] = "parent",     [TD_REC_DONE] = "done",
    [TD_REC_SETTINGS] = "settings", [TD_REC_SIGNAL] = "signal",
};

bool td_noted_line(const struct td_noted *fact, struct td_audit_line *out)
{
    const struct td_record *r = fact->record;
    const bool repeated = (r->type == TD_REC_EXEC || r->type == TD_REC_FEE) && !fact->changed;
    const bool own_side = r->type == TD_REC_DENIED || r->type == TD_REC_ORDER ||
                          r->type == TD_REC_EXEC || r->type == TD_REC_PARENT;
    if (!events[r->type] || repeated || (r->type == TD_REC_STATUS && !fact->moved))
        return false;
    *out = (struct td_audit_line){
        .at_ns = r->at_ns,
        .seq = r->seq,
        .event = events[r->type],
        .qty = r->qty,
        .symbol = symbol_of(fact),
        .key = fact->order ? fact->order->key : r->key,
        .order_id = fact->order ? fact->order->order_id : r->order_id,
        .action = own_side      ? side_word(r->action)
                  : fact->order ? side_word(fact->order->action)
                                : td_record_name((enum td_record_type)r->type),
        .px = !td_px_is_none(r->px)      ? r->px
              : !td_px_is_none(r->limit) ? r->limit
                                         : r->stop,
        .pnl = fact->closing ? fact->profit : TD_CASH_NONE,
        .reason = r->type == TD_REC_STATUS || r->type == TD_REC_RESOLVED ? r->status : r->text,
    };
    if (r->type == TD_REC_FEE)
        out->px = (td_px){r->cash.e9}; /* the fee itself; its currency is the reason */
    return true;
}
