/* trade/journal.h - the order journal: the truth about what was intended, sent and filled.
 *
 * Append-only files NNNN.tdj in one folder, held by one process (lock file). Each record has a CRC and is
 * chained to the one before it by a hash, so a torn tail, a flipped bit and a removed record are told
 * apart. The layout is documented to the byte in docs/journal.md.
 *
 * Group commit: append collects, commit writes and syncs; a record is durable when commit returned TD_OK
 * and not before. A failed write or sync is final for this object (fsync is never retried): every later
 * call returns the same error, and the order gate must stay closed for the life of the process.
 *
 * Opening reads everything there is, or begins at a file whose state the caller has a snapshot of (snapshot.h):
 * older files are then taken on trust, and `tapedeck journal verify` reads them. A torn tail of the newest file
 * is cut and reported, and a file whose process did not end in order is written anew, since its end may stand in
 * the page cache alone; damage anywhere else refuses (TD_ECORRUPT): nothing trades on a journal that is not
 * whole. Owner: the writer thread.
 */
#ifndef TD_TRADE_JOURNAL_H
#define TD_TRADE_JOURNAL_H

#include "sys/world.h"
#include "trade/entry.h"

#define TD_JOURNAL_BUFFER   65536
#define TD_JOURNAL_FILE_MAX (UINT64_C(16) << 20) /* a new file is begun past this size */
#define TD_JOURNAL_HASH     16

struct td_journal {
    struct td_world *world;
    char folder[768];
    struct td_file lock, file;
    uint32_t number; /* of the current file; 0 before the first append */
    uint64_t file_size;
    uint64_t next_seq;              /* of the next record */
    uint64_t durable_seq;           /* everything up to here is on the disk */
    uint8_t chain[TD_JOURNAL_HASH]; /* of the last appended record */
    enum td_err failed;             /* first failure, latched */
    size_t used;
    uint8_t buf[TD_JOURNAL_BUFFER];
};

struct td_journal_report {
    uint32_t files; /* that were read */
    uint64_t records;
    uint64_t cut_bytes; /* torn tail that was removed */
    uint32_t skipped;   /* files before the snapshot */
};

/* One file, after it was read; `err` when it is damaged, and then nothing behind it was read. */
struct td_journal_file {
    uint32_t number, version;
    uint64_t bytes, records, first_seq;
    uint64_t torn_bytes;            /* of the newest file: an unfinished end */
    uint8_t chain[TD_JOURNAL_HASH]; /* of its last record */
    enum td_err err;
};

/* Called for every record at open, oldest first. An error stops the opening and is returned. */
typedef enum td_err td_journal_fn(void *arg, const struct td_record *record);

typedef void td_journal_file_fn(void *arg, const struct td_journal_file *file);
/* Is there a state to begin with, before the first record of file `number`, that follows `chain`? True with that
 * record's number. Asked from the newest file down to the second. */
typedef bool td_journal_base_fn(void *arg, uint32_t number, const uint8_t *chain,
                                uint64_t *first_seq);

struct td_journal_reader {
    td_journal_fn *each;      /* may be NULL, as the others */
    td_journal_file_fn *file; /* after each file */
    td_journal_base_fn *base;
    void *arg;
};

/* As td_journal_open and td_journal_read below, with everything that can be heard of. */
TD_MUST_CHECK enum td_err td_journal_open_with(struct td_journal *j, struct td_world *world,
                                               const char *folder,
                                               const struct td_journal_reader *reader,
                                               struct td_journal_report *report,
                                               struct td_fail *why);
TD_MUST_CHECK enum td_err td_journal_read_with(struct td_world *world, const char *folder,
                                               const struct td_journal_reader *reader,
                                               struct td_journal_report *report,
                                               struct td_fail *why);

/* TD_ELOCKED: another process owns it. TD_ECORRUPT, TD_EVERSION name file and offset. */
TD_MUST_CHECK enum td_err td_journal_open(struct td_journal *j, struct td_world *world,
                                          const char *folder, td_journal_fn *each, void *arg,
                                          struct td_journal_report *report, struct td_fail *why);
/* Collects a record; gives it the next number in `record->seq`. TD_EFULL: commit first. */
TD_MUST_CHECK enum td_err td_journal_append(struct td_journal *j, struct td_record *record);
/* Writes and syncs what was collected. */
TD_MUST_CHECK enum td_err td_journal_commit(struct td_journal *j, struct td_fail *why);
/* Gives up files and lock; collected but uncommitted records are lost. Accepts a zeroed one, and twice. */
void td_journal_close(struct td_journal *j);

/* Reads a folder without owning it (reports, verification): the same checks, nothing is cut. */
TD_MUST_CHECK enum td_err td_journal_read(struct td_world *world, const char *folder,
                                          td_journal_fn *each, void *arg,
                                          struct td_journal_report *report, struct td_fail *why);

#endif
