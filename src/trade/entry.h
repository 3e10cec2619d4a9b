/* trade/entry.h - what the journal says: one record type per fact, one layout table for all of them.
 *
 * A record is a flat struct; which of its fields a type carries is a row of td_record_types, and how a
 * field is written is a row of td_record_fields. Encoder, decoder, docs/journal.md, the SQLite projection
 * and the audit log all read these tables. Numbers are little-endian; texts carry a 16-bit length.
 * Unset prices, sizes and money are TD_E9_NONE. Times are ns UTC. Layouts only ever grow: a new field comes after
 * all others and raises the version; files of older versions are read by what they had.
 */
#ifndef TD_TRADE_ENTRY_H
#define TD_TRADE_ENTRY_H

#include "base/text.h"
#include "strat/strat.h"

/* What an order has beyond its prices. */
#define F_TERMS                                                                                    \
    (F_TIF | F_ROLE | F_PARENT | F_GROUP | F_TAG | F_DISPLAY | F_TRAIL | F_TARGET | F_PROTECT |    \
     F_UNTIL)

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
          F_LIMIT | F_STOP | F_MULTIPLIER | F_CASH | F_REF | F_ACCOUNT | F_STRATEGY | F_TEXT |     \
          F_TERMS,                                                                                 \
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
    X(STOP, F_TEXT, "orderly end of the process")                                                  \
    X(PARENT,                                                                                      \
      F_KEY | F_SYMBOL | F_CONID | F_ACTION | F_OTYPE | F_QTY | F_LIMIT | F_STOP | F_MULTIPLIER |  \
          F_CASH | F_STRATEGY | F_STATUS | F_TEXT | F_TERMS,                                       \
      "an approved order that is worked by child orders: the status is the algorithm's name, and " \
      "`exit` behind it when it closes what is held; until is its end, trail the price at "        \
      "arrival")                                                                                   \
    X(DONE, F_KEY | F_STATUS | F_TEXT,                                                             \
      "a parent order ends here; closed: the target and stop of an order are over")                \
    X(CHANGE, F_KEY | F_ORDER_ID | F_QTY | F_LIMIT | F_STOP | F_TRAIL | F_TEXT,                    \
      "we ask for other terms of a working order: durable before its bytes exist")                 \
    X(CHANGED, F_KEY | F_ORDER_ID | F_QTY | F_LIMIT | F_STOP | F_TRAIL | F_TEXT,                   \
      "the terms the broker has the order at")                                                     \
    X(FOREIGN,                                                                                     \
      F_KEY | F_ORDER_ID | F_PERM_ID | F_CLIENT_ID | F_SYMBOL | F_CONID | F_ACTION | F_OTYPE |     \
          F_QTY | F_LIMIT | F_STOP | F_MULTIPLIER | F_STATUS | F_REF | F_ACCOUNT,                  \
      "an order at the broker that is not ours: counted, never touched")                           \
    X(FREEZE, F_KEY | F_PERM_ID | F_SYMBOL | F_CONID | F_STATUS | F_TEXT,                          \
      "a contract is frozen or may only be reduced, and why; with a key, its order is frozen too") \
    X(ACCEPT, F_SYMBOL | F_CONID | F_TEXT, "a person accepted it: the contract trades again")      \
    X(RECON, F_NUMBER | F_CODE | F_TEXT,                                                           \
      "a look-up is complete: number of looks, differences, and what was counted")                 \
    X(GUARD,                                                                                       \
      F_SYMBOL | F_CONID | F_ACTION | F_CODE | F_QTY | F_STOP | F_TRAIL | F_STATUS | F_TEXT,       \
      "the stop-loss monitor's stop of a position: armed, moved, triggered, failed, off; the "     \
      "code "                                                                                      \
      "is its kind (0 fixed, 1 trailing, 2 trailing by a part), trail its distance or part")       \
    X(DOUBT, F_KEY | F_ORDER_ID | F_CODE | F_TEXT,                                                 \
      "the broker's answer leaves an order in doubt: it is unknown until it is looked up")         \
    X(SETTINGS, F_NUMBER | F_STATUS | F_TEXT,                                                      \
      "settings were read again: number of the reading, taken, changed or refused, and what; "     \
      "they "                                                                                      \
      "count from when it is durable")                                                             \
    X(SIGNAL,                                                                                      \
      F_KEY | F_CODE | F_NUMBER | F_QTY | F_LIMIT | F_STOP | F_PX | F_MULTIPLIER | F_CASH |        \
          F_PNL | F_SYMBOL | F_STATUS | F_EXEC_ID | F_REF | F_STRATEGY | F_TEXT | F_PARENT |       \
          F_GROUP | F_TAG | F_DISPLAY | F_TARGET | F_UNTIL,                                        \
      "a signal of a model outside took a state (status), with why: tag is its number, ref its "   \
      "id, exec_id its model; key its order; code the rule that refused it; number when it was "   \
      "made, parent when it came, until when it ends (ns); qty as it was told, limit its price, "  \
      "stop its tolerance, cash its confidence, pnl its model's score; display what was wanted, "  \
      "multiplier what is filled, target at what price, px what that is measured by; group its "   \
      "kind and 16 times its urgency")

/* Fields by their bit, which is also their order on disk. Version 1 had those up to TEXT. */
#define F_KEY               (UINT64_C(1) << 0)
#define F_ORDER_ID          (UINT64_C(1) << 1)
#define F_PERM_ID           (UINT64_C(1) << 2)
#define F_CLIENT_ID         (UINT64_C(1) << 3)
#define F_CONID             (UINT64_C(1) << 4)
#define F_ACTION            (UINT64_C(1) << 5)
#define F_OTYPE             (UINT64_C(1) << 6)
#define F_CODE              (UINT64_C(1) << 7)
#define F_NUMBER            (UINT64_C(1) << 8)
#define F_QTY               (UINT64_C(1) << 9)
#define F_LIMIT             (UINT64_C(1) << 10)
#define F_STOP              (UINT64_C(1) << 11)
#define F_PX                (UINT64_C(1) << 12)
#define F_MULTIPLIER        (UINT64_C(1) << 13)
#define F_CASH              (UINT64_C(1) << 14)
#define F_PNL               (UINT64_C(1) << 15)
#define F_SYMBOL            (UINT64_C(1) << 16)
#define F_STATUS            (UINT64_C(1) << 17)
#define F_EXEC_ID           (UINT64_C(1) << 18)
#define F_REF               (UINT64_C(1) << 19)
#define F_ACCOUNT           (UINT64_C(1) << 20)
#define F_STRATEGY          (UINT64_C(1) << 21)
#define F_TEXT              (UINT64_C(1) << 22)
#define F_TIF               (UINT64_C(1) << 23)
#define F_ROLE              (UINT64_C(1) << 24)
#define F_PARENT            (UINT64_C(1) << 25)
#define F_GROUP             (UINT64_C(1) << 26)
#define F_TAG               (UINT64_C(1) << 27)
#define F_DISPLAY           (UINT64_C(1) << 28)
#define F_TRAIL             (UINT64_C(1) << 29)
#define F_TARGET            (UINT64_C(1) << 30)
#define F_PROTECT           (UINT64_C(1) << 31)
#define F_UNTIL             (UINT64_C(1) << 32)
#define TD_RECORD_FIELDS_V1 23

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
    uint8_t tif, role; /* enum td_tif, enum td_role */
    int64_t parent;    /* key of the order this one belongs to; 0 none */
    int64_t group;     /* orders of one group cancel each other; 0 none */
    int64_t tag;       /* the strategy's own name for it; 0 none */
    td_qty display;
    td_px trail, target, protect;
    td_ns until; /* GTD */
};

/* What an order is for. Values are on disk. */
enum td_role {
    TD_ROLE_ENTRY,  /* a strategy's order                                     */
    TD_ROLE_TARGET, /* takes the profit of its parent's fills                 */
    TD_ROLE_STOP,   /* stops their loss                                       */
    TD_ROLE_SLICE,  /* a child of an algorithm's parent                       */
    TD_ROLE_PARENT, /* the parent itself: has no order at the broker          */
    TD_ROLE_EXIT,   /* closes a position: flatten, stop-loss monitor, fallback */
    TD_ROLE_COUNT
};

#define TD_RECORD_BYTES_MAX 768 /* encoded, without frame */
#define TD_RECORD_VERSION   2   /* of the layouts: a journal file says which it was written with */

/* A record of a type with every price, size and amount unset. */
void td_record_init(struct td_record *r, enum td_record_type type, td_ns at_ns);
/* Writes seq, time, type and the type's fields into out[TD_RECORD_BYTES_MAX]; returns the length. */
size_t td_record_encode(const struct td_record *r, uint8_t *out);
/* Bytes of a file of that version (1 to TD_RECORD_VERSION); fields it did not have yet are unset.
 * TD_EVERSION: a type this program does not know. TD_ECORRUPT: the bytes do not fit the type. */
TD_MUST_CHECK enum td_err td_record_decode(const uint8_t *bytes, size_t len, uint32_t version,
                                           struct td_record *out);

const char *td_record_name(enum td_record_type type); /* "ORDER" */
/* One readable line: type and its fields as name=value. */
void td_record_print(const struct td_record *r, struct td_text *out);
/* The same as a JSON object: seq, time, type and the type's fields; unset numbers are null. */
void td_record_json(const struct td_record *r, struct td_text *out);
/* The layout of every type as a Markdown table (docs/journal.md). */
void td_record_describe(struct td_text *out);

#endif
