/* trade/projection.h - orders.db, trade_audit_log.jsonl and risk_state.json: what people query, rebuilt from the journal.
 *
 * A projection takes the journal's records in order and never talks back: losing it loses nothing. It
 * remembers the last record it holds; at open the caller feeds it the journal from the start and records
 * it has already are skipped. Writes are batched: apply collects, flush commits (SQLite WAL) and appends
 * the audit lines. Owner: the writer thread. A failed projection is reported once and then dropped: the
 * journal is the truth, trading goes on.
 *
 * orders.db: tables of contracts 11 (orders, executions) and 10.13 (positions, trades, account,
 * market_data, signals, ticks, features), as a superset: symbol and profit columns where the old queries
 * needed them. Audit line keys: timestamp, symbol, action, quantity, price, pnl, reason (contracts 11),
 * then seq, key, order_id, event and a hash chained over the lines (trade/audit.h). docs/database.md has
 * every table and column.
 *
 * SQLite opens orders.db itself, on the real disk; only the audit log goes through the world. A simulated
 * world therefore runs without projections.
 */
#ifndef TD_TRADE_PROJECTION_H
#define TD_TRADE_PROJECTION_H

#include "sys/world.h"
#include "trade/blotter.h"
#include "trade/entry.h"

struct td_projection; /* owns a SQLite handle: opaque */

/* Opens or creates both. `folder` is <state>; the files are orders.db and trade_audit_log.jsonl in it.
 * TD_EVERSION: the database is not ours or of a later version. TD_ECORRUPT: it is damaged, or a line of
 * the audit log was changed. TD_ELOCKED: somebody held the database for more than 5 s. */
TD_MUST_CHECK enum td_err td_projection_open(struct td_projection **out, struct td_world *world,
                                             const char *folder, struct td_fail *why);
/* Takes a record; one it holds already is skipped. The first call after opening must bring record 1.
 * TD_EINVAL: records are missing before it. TD_ECORRUPT: what the files hold is not of this journal.
 * Past half a buffer of audit lines (only in a replay) it flushes by itself. */
TD_MUST_CHECK enum td_err td_projection_apply(struct td_projection *p, const struct td_record *r,
                                              struct td_fail *why);
/* Commits what was taken: audit lines first, then one transaction. TD_ECORRUPT: the files hold more than
 * the journal that was replayed. */
TD_MUST_CHECK enum td_err td_projection_flush(struct td_projection *p, struct td_fail *why);
/* Number of the last record both files hold. */
uint64_t td_projection_seq(const struct td_projection *p);
/* What its records made, as the desk has it. */
const struct td_blotter *td_projection_blotter(const struct td_projection *p);

/* Snapshots (trade/snapshot.h) in the journal's folder, of what this projection has taken: the state before the first
 * record of file `number`, which follows `chain`. Both files are on the disk up to there before it is saved. */
TD_MUST_CHECK enum td_err td_projection_save(struct td_projection *p, const char *folder,
                                             uint32_t number, const uint8_t *chain,
                                             struct td_fail *why);
/* Begins with the snapshot of that file instead of record 1. False: there is none that fits the file, the chain and
 * what both files hold; nothing is taken then. */
bool td_projection_restore(struct td_projection *p, const char *folder, uint32_t number,
                           const uint8_t *chain);
/* Back to before the first record: for a caller who cannot use what was restored. */
TD_MUST_CHECK enum td_err td_projection_reset(struct td_projection *p);

/* Commits and closes; NULL is fine. */
void td_projection_close(struct td_projection *p);

/* Recomputes the audit log's hash chain. TD_ECORRUPT names the first line that was changed, TD_ETORN: the
 * last line is incomplete. Lines missing at the end are told by the journal alone: opening appends them. */
TD_MUST_CHECK enum td_err td_audit_verify(struct td_world *world, const char *path, uint64_t *lines,
                                          struct td_fail *why);

#endif
