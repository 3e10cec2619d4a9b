/* trade/entry.h - what the journal says: one record type per fact, one layout table for all of them.
 *
 * A record is a flat struct; which of its fields a type carries is a row of td_record_types, and how a
 * field is written is a row of td_record_fields. Encoder, decoder, docs/journal.md, the SQLite projection
 * and the audit log all read these tables. Numbers are little-endian; texts carry a 16-bit length.
 * Unset prices, sizes and money are TD_E9_NONE. Times are ns UTC.
 */
#ifndef TD_TRADE_ENTRY_H
#define TD_TRADE_ENTRY_H

#include "base/text.h"
#include "strat/strat.h"

/* name, fields, meaning. Values are on disk: never reuse or renumber one; add at the end. */
#define TD_RECORDS(X)                                                                              \
    X(START, F_TEXT | F_ACCOUNT | F_STATUS,                                                        \
      "a process opened the journal: version, account, mode")                                      \
    X(DAY, F_NUMBER | F_CASH,                                                                      \
      "a new exchange day (days since 1970); unrealized profit carried in")                        \
    X(DENIED,                                                                                      \
      F_SYMBOL | F_CONID | F_ACTION | F_OTYPE | F_QTY | F_LIMIT | F_STOP | F_CODE | F_STRATEGY |   \
          F_TEXT,                                                                                  \
      "a gate refused an intent: gate number and text")                                            \
    X(ORDER,                                                                                       \
      F_KEY | F_ORDER_ID | F_CLIENT_ID | F_SYMBOL | F_CONID | F_ACTION | F_OTYPE | F_QTY |         \
          F_LIMIT | F_STOP | F_MULTIPLIER | F_CASH | F_REF | F_ACCOUNT | F_STRATEGY | F_TEXT,      \
      "an approved order: durable before its bytes exist")                                         \
    X(SENT, F_KEY | F_ORDER_ID, "the order's bytes were handed to the socket")                     \
    X(STATUS, F_KEY | F_ORDER_ID | F_PERM_ID | F_STATUS | F_QTY | F_PX,                            \
      "the broker's word on an order: filled, average")                                            \
    X(EXEC,                                                                                        \
      F_KEY | F_ORDER_ID | F_PERM_ID | F_CLIENT_ID | F_EXEC_ID | F_SYMBOL | F_CONID | F_ACTION |   \
          F_QTY | F_PX | F_MULTIPLIER | F_ACCOUNT,                                                 \
      "an execution")                                                                              \
    X(FEE, F_EXEC_ID | F_CASH | F_PNL | F_TEXT,                                                    \
      "commission of an execution: fee, broker's profit, currency")                                \
    X(CANCEL, F_KEY | F_ORDER_ID | F_TEXT, "we ask for a cancel, and why")                         \
    X(ERROR, F_KEY | F_ORDER_ID | F_CODE | F_TEXT, "the broker's message about an order")          \
    X(LOST, F_TEXT, "the session was lost: every sent, unfinished order is unknown")               \
    X(RESOLVED, F_KEY | F_ORDER_ID | F_PERM_ID | F_STATUS | F_TEXT,                                \
      "an unknown order was looked up")                                                            \
    X(HALT, F_TEXT, "trading halted by hand or by a limit")                                        \
    X(RESUME, F_TEXT, "trading resumed by hand")                                                   \
    X(POSITION, F_SYMBOL | F_CONID | F_QTY | F_PX | F_MULTIPLIER | F_ACCOUNT | F_TEXT,             \
      "the broker's position where it differs from ours: the broker wins")                         \
    X(IDS, F_NUMBER, "order ids below this number are used up")                                    \
    X(STOP, F_TEXT, "orderly end of the process")

enum td_record_field {
    F_KEY = 1 << 0,
    F_ORDER_ID = 1 << 1,
    F_PERM_ID = 1 << 2,
    F_CLIENT_ID = 1 << 3,
    F_CONID = 1 << 4,
    F_ACTION = 1 << 5,
    F_OTYPE = 1 << 6,
    F_CODE = 1 << 7,
    F_NUMBER = 1 << 8,
    F_QTY = 1 << 9,
    F_LIMIT = 1 << 10,
    F_STOP = 1 << 11,
    F_PX = 1 << 12,
    F_MULTIPLIER = 1 << 13,
    F_CASH = 1 << 14,
    F_PNL = 1 << 15,
    F_SYMBOL = 1 << 16,
    F_STATUS = 1 << 17,
    F_EXEC_ID = 1 << 18,
    F_REF = 1 << 19,
    F_ACCOUNT = 1 << 20,
    F_STRATEGY = 1 << 21,
    F_TEXT = 1 << 22,
};

#define TD_RECORD_ROW(name, fields, meaning) TD_REC_##name,
enum td_record_type { TD_REC_NONE, TD_RECORDS(TD_RECORD_ROW) TD_REC_TYPES };
#undef TD_RECORD_ROW

struct td_record {
    uint64_t seq;   /* 1, 2, 3 ... over the life of the journal */
    td_ns at_ns;    /* wall clock */
    uint16_t type;  /* enum td_record_type */
    uint8_t action; /* enum td_action */
    uint8_t otype;  /* enum td_order_type */
    uint64_t key;   /* our own id of an order, never reused */
    int64_t order_id, perm_id, client_id, conid, code, number;
    td_qty qty;
    td_px limit, stop, px;
    td_qty multiplier;
    td_cash cash, pnl;
    char symbol[24], status[24], exec_id[48], ref[40], account[24], strategy[16], text[160];
};

#define TD_RECORD_BYTES_MAX 640 /* encoded, without frame */

/* A record of a type with every price, size and amount unset. */
void td_record_init(struct td_record *r, enum td_record_type type, td_ns at_ns);
/* Writes seq, time, type and the type's fields into out[TD_RECORD_BYTES_MAX]; returns the length. */
size_t td_record_encode(const struct td_record *r, uint8_t *out);
/* TD_EVERSION: a type this program does not know. TD_ECORRUPT: the bytes do not fit the type. */
TD_MUST_CHECK enum td_err td_record_decode(const uint8_t *bytes, size_t len, struct td_record *out);

const char *td_record_name(enum td_record_type type); /* "ORDER" */
/* One readable line: type and its fields as name=value. */
void td_record_print(const struct td_record *r, struct td_text *out);
/* The layout of every type as a Markdown table (docs/journal.md). */
void td_record_describe(struct td_text *out);

#endif
