/* trade/snapshot.h - a blotter as bytes: for starting from the middle of the journal, and for comparing two of them.
 *
 * NNNN.snap beside NNNN.tdj holds the blotter as it was before the first record of that file. It only saves time: the
 * journal is the truth, and a snapshot that is damaged, of another layout, or does not fit the chain hash at the head
 * of its file is as if it were not there. Rows are written member by member from tables, so the bytes hold no padding
 * and are the same everywhere; a layout is named by a hash over these tables. docs/journal.md has the form.
 *
 * Owner: as the journal's, the writer thread. Saving takes memory once and gives it back.
 */
#ifndef TD_TRADE_SNAPSHOT_H
#define TD_TRADE_SNAPSHOT_H

#include "sys/world.h"
#include "trade/blotter.h"
#include "trade/journal.h"

/* Raised when records mean something else to the blotter than before, though its members are the same. */
#define TD_SNAPSHOT_MEANING 1
#define TD_SNAPSHOT_KEPT    3 /* older ones are removed when one is saved */

struct td_snapshot {
    uint32_t number;                /* of the journal file that begins with it */
    uint64_t seq;                   /* last record it holds */
    uint32_t seq_crc;               /* CRC-32C of that record */
    uint8_t chain[TD_JOURNAL_HASH]; /* of that record */
};

/* A hash over all that a blotter holds but the number of its last record. */
uint64_t td_blotter_print(const struct td_blotter *b);

/* Adds " state LAYOUT:HASH" to a text of a STOP or RECON record: what the blotter is before it. */
void td_state_tell(const struct td_blotter *b, char *text, size_t cap);
enum td_state_told { TD_STATE_NONE, TD_STATE_EQUAL, TD_STATE_DIFFERS, TD_STATE_OTHER_LAYOUT };
/* Whether a record tells of a state, and whether `b`, before the record, is that state. */
enum td_state_told td_state_compare(const struct td_blotter *b, const struct td_record *r);

/* Everything of `from` into `into`, which has room of its own. TD_EFULL: not enough of it; nothing is changed. */
TD_MUST_CHECK enum td_err td_blotter_copy(struct td_blotter *into, const struct td_blotter *from);

TD_MUST_CHECK enum td_err td_snapshot_save(struct td_world *world, const char *folder,
                                           const struct td_snapshot *about,
                                           const struct td_blotter *b, struct td_fail *why);

/* Reads the snapshot of file `about->number`. `make_room` is called once with what the blotter must hold at least,
 * and gives the empty blotter that is filled. about->chain says which chain hash it must follow; seq and seq_crc are
 * filled in. TD_ENOENT: there is none. TD_EVERSION: of another layout. TD_ECORRUPT: damaged, or of another chain. */
typedef struct td_blotter *td_snapshot_room_fn(void *arg, const struct td_blotter_limits *needed);
TD_MUST_CHECK enum td_err td_snapshot_load(struct td_world *world, const char *folder,
                                           struct td_snapshot *about,
                                           td_snapshot_room_fn *make_room, void *arg,
                                           struct td_fail *why);

#endif
