/* cmd/dbn_info.h - what `tapedeck dbn info` tells of one file: counted in one pass. */
#ifndef TD_CMD_DBN_INFO_H
#define TD_CMD_DBN_INFO_H

#include "store/dbn_file.h"
#include "wire/json.h"

#define TD_DBN_SHA_CHARS 65

/* Records of one type and length. */
struct td_dbn_kind {
    uint8_t rtype;
    uint8_t words; /* length / 4, without ts_out */
    uint64_t records;
};

struct td_dbn_info {
    struct td_dbn_file file; /* open: its metadata are what is told */
    const char *path;
    uint64_t file_bytes;
    uint64_t records, instruments; /* instruments: UINT64_MAX when there were too many to count */
    uint64_t first_event, last_event;
    char sha256[TD_DBN_SHA_CHARS];
    bool whole;
    struct td_fail why;           /* when not whole */
    struct td_dbn_kind kinds[64]; /* by type and length; a file of more kinds is refused */
    size_t kind_count;
};

/* Reads the whole file. Metadata that cannot be read are an error; a file that ends too early or is damaged is not: what
 * was readable is counted, `whole` is false and `why` says where. Close with td_dbn_info_close in any case. */
TD_MUST_CHECK enum td_err td_dbn_info_read(struct td_dbn_info *info, struct td_world *world,
                                           const char *path, struct td_fail *why);
void td_dbn_info_close(struct td_dbn_info *info);

/* The keys of an object that the caller opened: file, version ... sha256_decompressed, then the rest; `mappings` is their
 * number, or on demand all of them. Prints and empties the text when it
 * runs full: lists of symbols have no bound of ours. */
void td_dbn_info_json(const struct td_dbn_info *info, bool mappings, struct td_json *j,
                      struct td_text *t);
void td_dbn_info_table(const struct td_dbn_info *info, struct td_text *t);

#endif
