/* store/dbn_file.h - a DBN file read record by record in constant memory, packed with zstd or plain.
 *
 * What the file is, is told by its bytes, never by its name: zstd frames, "DBN", or records alone (a fragment, whose
 * version its first record tells). Memory: 1 MiB, the zstd window and the metadata (at most 64 MiB), on the heap.
 * A damaged or torn file gives its whole records first; the reason then names the byte of the unpacked stream.
 * One owner. The records and symbols given are borrowed until the next one is asked for.
 */
#ifndef TD_STORE_DBN_FILE_H
#define TD_STORE_DBN_FILE_H

#include "sys/world.h"
#include "wire/dbn.h"
#include "wire/dbn_symbols.h"
#include "wire/dbn_zstd.h"

/* Is shown every unpacked byte once, in order. */
typedef void td_dbn_bytes_fn(void *arg, const void *bytes, size_t len);

struct td_dbn_file_options {
    td_dbn_bytes_fn *bytes; /* may be NULL */
    void *arg;
};

struct td_dbn_file {
    struct td_dbn dbn; /* metadata once open */
    bool packed, fragment;
    uint64_t unpacked; /* bytes so far */
    /* private */
    struct td_world *world;
    struct td_dbn_file_options options;
    struct td_file file;
    uint64_t read_at;
    char path[800];
    uint8_t *raw, *out, *head;
    size_t raw_at, raw_len, out_at, out_len, out_cap;
    void *unzstd_block, *symbols_block;
    struct td_unzstd unzstd;
    struct td_dbn_symbols symbols;
    bool raw_ended;
};

/* Opens and reads the metadata. TD_EPARSE: not DBN, or damaged within its metadata; TD_ETORN: ends within them;
 * TD_EVERSION: a version unknown; TD_ENOENT and the like: the file. `f` is to be closed in any case. */
TD_MUST_CHECK enum td_err td_dbn_file_open(struct td_dbn_file *f, struct td_world *world,
                                           const char *path,
                                           const struct td_dbn_file_options *options,
                                           struct td_fail *why);
/* The next record. TD_ENODATA: that was the last, and the file is whole. TD_ETORN: it ends inside a record or a frame.
 * TD_EPARSE: damaged. TD_EIO: reading failed. */
TD_MUST_CHECK enum td_err td_dbn_file_next(struct td_dbn_file *f, struct td_dbn_record *out,
                                           struct td_fail *why);
/* The record's symbol on its day by the file's mappings, or an empty text. */
struct td_str td_dbn_file_symbol(struct td_dbn_file *f, const struct td_dbn_record *r);
/* Accepts a zeroed one. */
void td_dbn_file_close(struct td_dbn_file *f);

#endif
