/* store/depth_files.h - which files hold the level-2 data of a symbol and a day, told by what is in them.
 *
 * Looked into, as contracts 4 has both spellings: <folder>/<SYMBOL>, <folder>/Level2/<SYMBOL>, <folder>/level2/<SYMBOL>, and the
 * folder itself when its name is the symbol. Names begin with the day; the columns decide what a Parquet file is, so a
 * name that another program chose differently does no harm. Opens each file once.
 */
#ifndef TD_STORE_DEPTH_FILES_H
#define TD_STORE_DEPTH_FILES_H

#include "store/datapath.h"

#define TD_DEPTH_FILES_MAX 128

enum td_depth_kind {
    TD_DEPTH_LIVE,     /* snapshots at an interval: ours or the original recorder's */
    TD_DEPTH_BOOK,     /* ten levels after each event, from a vendor's file         */
    TD_DEPTH_EVENTS,   /* the table of events                                       */
    TD_DEPTH_MESSAGES, /* JSON of a recording                                       */
    TD_DEPTH_OTHER,    /* Parquet with other columns: named, never read             */
    TD_DEPTH_KINDS
};

struct td_depth_file {
    enum td_depth_kind kind;
    char path[TD_PATH_MAX];
};

struct td_depth_files {
    size_t count, counts[TD_DEPTH_KINDS];
    struct td_depth_file
        files[TD_DEPTH_FILES_MAX]; /* by folder, then name: sessions in the order of their start */
};

/* "live", "book", "events", "messages", "other". */
const char *td_depth_kind_name(enum td_depth_kind kind);
/* What the columns of one Parquet file say. TD_EPARSE and others: it cannot be read; the reason names it. */
TD_MUST_CHECK enum td_err td_depth_kind_of(struct td_world *world, const char *path,
                                           enum td_depth_kind *out, struct td_fail *why);
/* TD_ENODATA: nothing was found; the reason says what was looked for and where. TD_EFULL: more files than
 * TD_DEPTH_FILES_MAX. An unreadable file is an error: a day with a hole would be told as a whole one. */
TD_MUST_CHECK enum td_err td_depth_files_find(struct td_depth_files *out, struct td_world *world,
                                              const char *folder, const char *symbol,
                                              const char *day, struct td_fail *why);

#endif
