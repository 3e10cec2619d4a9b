/* store/datapath.h - where the old systems' files are: the one resolver of data folders and their spellings.
 *
 * Two roots are in use: ML_BASE_PATH, and DATA_PATH_OVERRIDE when it is exported. Lists are looked for in the base
 * first; data is written to an explicit --output, else the override, else the base. The folder of level-2 files is
 * `Level2` for backfills and `level2` for live recordings; both are looked into. Paths written by other machines
 * (other base, Windows) are found again by their tail. Writes nothing.
 * Source: the external behaviour contracts, 4 and 4.10.
 */
#ifndef TD_STORE_DATAPATH_H
#define TD_STORE_DATAPATH_H

#include "sys/world.h"

#define TD_PATH_MAX 800

struct td_datapath {
    const char *base;      /* ML_BASE_PATH */
    const char *override;  /* DATA_PATH_OVERRIDE; NULL or "": none */
    const char *level2;    /* folder of level-2 files; NULL: Level2 */
    const char *downloads; /* folder of bars; NULL: IBDownloads */
};

/* Where data is written: `output` when given, else the override, else the base. */
const char *td_datapath_root(const struct td_datapath *p, const char *output);

/* <folder>/<name>; false when it does not fit. */
bool td_path_join(char *out, size_t cap, const char *folder, const char *name);

/* The first of <base>/<name> and <override>/<name> that is a file. */
bool td_datapath_find(const struct td_datapath *p, struct td_world *world, const char *name,
                      char *out, size_t cap);
/* A list: <base>/<stem>.csv, <base>/<stem>.xlsx, then the same below the override. A `name` given is looked for as it
 * is first, then with the other ending. The places looked at are told in `why` (TD_ENOENT). */
TD_MUST_CHECK enum td_err td_datapath_list(const struct td_datapath *p, struct td_world *world,
                                           const char *name, const char *stem, char *out,
                                           size_t cap, struct td_fail *why);
/* A level-2 file of a symbol, in either spelling of the folder and either root; false when there is none. */
bool td_datapath_l2(const struct td_datapath *p, struct td_world *world, const char *symbol,
                    const char *file, char *out, size_t cap);
/* A path as a manifest has it: itself when the file is there; else its tail from the level-2 or bars folder on
 * below our roots, with '\' taken as '/'. */
bool td_datapath_recorded(const struct td_datapath *p, struct td_world *world, const char *path,
                          char *out, size_t cap);

#endif
