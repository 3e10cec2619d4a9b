/* sim/ledger.h - the simulator's own books: every order received, every execution, cash and positions.
 *
 * It is the oracle of the "no order twice" tests: orders are recorded as received, before anything
 * judges them, and a second order with the same client id and order id, or the same non-empty
 * order reference, is counted. Nothing is ever removed. Memory from one arena at open; when a table is
 * full the record is refused with TD_EFULL and the caller must stop.
 *
 * Accounting: average cost; selling through zero closes the old position first. Fees lower cash and are
 * kept apart from realized profit (IBKR's realizedPNL = realized - fees is the caller's sum).
 * Invariant, checked by td_ledger_check: cash = start - sum(signed value) - fees, position = sum(signed qty).
 * Futures are booked at full value x multiplier; positions valued the same way, so equity is right.
 */
#ifndef TD_SIM_LEDGER_H
#define TD_SIM_LEDGER_H

#include "base/arena.h"
#include "base/text.h"
#include "market/event.h"

#define TD_LEDGER_REF_CHARS 64

struct td_ledger_order {
    td_ns at; /* when the server received it */
    int32_t client_id;
    int32_t order_id;
    int64_t perm_id;
    uint32_t account; /* index */
    uint32_t inst;
    uint8_t action; /* enum td_action */
    bool is_modify; /* a later message for the same client and order id */
    td_qty qty;
    td_px limit_px, stop_px;
    char type[12]; /* as received: LMT, STP LMT */
    char tif[8];
    char ref[TD_LEDGER_REF_CHARS];
};

struct td_ledger_fill {
    td_ns at;
    int64_t perm_id;
    int32_t client_id;
    int32_t order_id;
    uint32_t account;
    uint32_t inst;
    uint8_t action;
    uint8_t liquidity;
    bool generated;  /* filled against generated liquidity */
    bool untold;     /* in the books alone: taken back, or the taking back, or a transfer */
    bool taken_back; /* it was told, and taken back later: who heard of it may not know yet */
    td_px px;
    td_qty qty;
    td_qty multiplier;
    td_cash fee;      /* of this execution */
    td_cash realized; /* filled in by td_ledger_fill, before fees */
    char exec_id[32];
    char ref[TD_LEDGER_REF_CHARS];
};

struct td_position {
    uint32_t account, inst;
    td_qty qty;   /* signed */
    td_px avg_px; /* average entry price; 0 when flat */
    td_qty multiplier;
    td_cash realized; /* before fees */
    td_cash fees;
};

struct td_ledger_account {
    char name[16];
    td_cash start;
    td_cash cash;
    td_cash realized;
    td_cash fees;
};

struct td_ledger_config {
    uint32_t accounts_max, positions_max, orders_max, fills_max;
};

struct td_ledger {
    struct td_ledger_account *accounts;
    struct td_position *positions;
    struct td_ledger_order *orders;
    struct td_ledger_fill *fills;
    struct td_ledger_config max;
    uint32_t account_count, position_count, order_count, fill_count;
    uint32_t duplicate_ids;  /* new orders whose client id + order id were seen before */
    uint32_t duplicate_refs; /* new orders whose order reference was seen before */
};

TD_MUST_CHECK enum td_err td_ledger_open(struct td_ledger *l, const struct td_ledger_config *config,
                                         struct td_arena *arena);
size_t td_ledger_bytes(const struct td_ledger_config *config);

TD_MUST_CHECK enum td_err td_ledger_add_account(struct td_ledger *l, const char *name, td_cash cash,
                                                uint32_t *index);
/* False when there is no such account. */
bool td_ledger_account(const struct td_ledger *l, const char *name, uint32_t *index);

/* Records an order message as received. */
TD_MUST_CHECK enum td_err td_ledger_received(struct td_ledger *l,
                                             const struct td_ledger_order *order);
/* Books an execution and fills in fill->realized. TD_ERANGE: the money does not fit, nothing was booked. */
TD_MUST_CHECK enum td_err td_ledger_book(struct td_ledger *l, struct td_ledger_fill *fill);
/* The position, or NULL when never traded. */
const struct td_position *td_ledger_position(const struct td_ledger *l, uint32_t account,
                                             uint32_t inst);
/* Recomputes cash and positions from all fills. TD_ECORRUPT when they differ from the books. */
TD_MUST_CHECK enum td_err td_ledger_check(const struct td_ledger *l, struct td_fail *why);

/* The books as JSON lines, one record per call: accounts, positions, orders, fills, then a summary.
 * *cursor starts at 0. False at the end. A line is at most 1024 bytes. */
bool td_ledger_line(const struct td_ledger *l, uint32_t *cursor, struct td_text *out);

#endif
