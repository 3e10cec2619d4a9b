/* trade/audit.h - trade_audit_log.jsonl: one JSON line per fact about orders, hash chained, write only.
 *
 * Keys in this order: timestamp, symbol, action, quantity, price, pnl, reason (contracts 11, the form the
 * original's readers know: UTC with milliseconds and Z, exact decimal numbers, null where there is none),
 * then seq (number of the journal record), key, order_id, event, hash. hash is BLAKE2b-256, in hex, of the
 * hash before it (32 zero bytes for the first line) and the line's bytes without `,"hash":"..."` and
 * without the line end. Nothing in tapedeck ever reads a line to act on it.
 *
 * The lines follow from the journal alone, so lost ones are appended again, byte for byte. Bytes up to
 * `trusted` were synced once: damage there was done by somebody and refuses. Damage behind it is what a
 * power cut leaves: it is cut at open and comes again from the journal. Owner: the writer thread.
 */
#ifndef TD_TRADE_AUDIT_H
#define TD_TRADE_AUDIT_H

#include "sys/world.h"
#include "trade/entry.h"

#define TD_AUDIT_HASH   32
#define TD_AUDIT_LINE   2048       /* longest line with its end */
#define TD_AUDIT_BUFFER (1u << 20) /* lines collected between two flushes */
#define TD_AUDIT_SYNC   65536u     /* synced whenever this much is new, and at close */

struct td_audit {
    struct td_world *world;
    struct td_file file;
    uint64_t seq; /* of the last line, in the file or collected */
    uint64_t lines;
    uint64_t bytes;     /* in the file */
    uint64_t trusted;   /* synced */
    uint64_t cut_bytes; /* removed at open */
    uint8_t chain[TD_AUDIT_HASH];
    enum td_err failed; /* first failure, latched */
    struct td_text pending;
    char path[800];
    char buf[TD_AUDIT_BUFFER];
};

/* One line. Unset numbers are null; so are an empty symbol and reason. */
struct td_audit_line {
    td_ns at_ns;
    uint64_t seq, key;
    int64_t order_id;
    const char *symbol, *action, *event, *reason;
    td_qty qty;
    td_px px;
    td_cash pnl;
};

/* Opens or creates `path`, checks the chain, cuts a damaged end. TD_ECORRUPT: a line before `trusted` was
 * changed. */
TD_MUST_CHECK enum td_err td_audit_open(struct td_audit *a, struct td_world *world,
                                        const char *path, uint64_t trusted, struct td_fail *why);
/* Collects a line; one with a number already held is skipped. TD_EFULL: flush first. */
TD_MUST_CHECK enum td_err td_audit_add(struct td_audit *a, const struct td_audit_line *line);
/* Writes what was collected; `sync` also waits for the disk. A failure is final for this object. */
TD_MUST_CHECK enum td_err td_audit_flush(struct td_audit *a, bool sync, struct td_fail *why);
/* Closes the file; collected lines are dropped. Accepts a zeroed one, and twice. */
void td_audit_close(struct td_audit *a);

#endif
