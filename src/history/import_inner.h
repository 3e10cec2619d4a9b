/* history/import_inner.h - what the source files of importer share; nobody else includes it.
 *
 * A form reads one file, claims a place for it and writes the result there; importer.c finds the files, reads the results
 * back and counts. A form that claims a place may find another file of this run there: whoever came first keeps it, but for
 * the months of coarse bars, which many files of a day each share.
 */
#ifndef TD_DESK_IMPORT_INNER_H
#define TD_DESK_IMPORT_INNER_H

#include "base/map.h"
#include "history/importer.h"
#include "store/cell.h"

#define IMPORT_BARS_MAX ((size_t)1 << 20) /* of a file, and of a result */

struct td_import_found {
    const char *path;
    uint64_t bytes;
    uint64_t after; /* bytes of the result whose place it claimed first */
    bool shared;    /* and others may add to it */
};

struct td_importer {
    struct td_world *world;
    const struct td_import_options *o;
    struct td_import_report *report;
    struct td_pool paths;
    struct td_import_found *files;
    size_t file_count, file_cap;
    const char *folder; /* being listed */
    char **folders;     /* to be listed */
    size_t folder_count, folder_cap;
    enum td_err err;
    struct td_map places; /* hash of a place: the number of the file that took it */
    struct td_map_slot *slots;
    char stamp[24];
    unsigned kinds; /* whose _latest is written */
};

/* One file on its way. */
struct td_import_item {
    struct td_importer *im;
    const char *path;
    uint32_t number; /* of files[] */
    uint32_t owner;  /* the one that claimed the place first */
    struct td_import_name name;
    char place[TD_PATH_MAX]; /* below the root */
    char dest[TD_PATH_MAX];
    uint64_t rows;    /* of the file */
    uint64_t written; /* rows of the result */
};

typedef enum td_err td_import_form(struct td_import_item *it, struct td_fail *why);

/* By the first bytes (td_magic_name), and by the name where two forms begin alike. TD_ENODATA of a form: skipped. */
td_import_form *td_import_form_of(const char *magic, const char *path);
/* Feather, and Parquet under a Feather name: lists as they are, series as bars. */
td_import_form td_import_columns;

/* The end of a name, which is lower case in `tail`. */
bool td_import_ends(const char *text, const char *tail);
/* Nobody else's place in this run; TD_EEXIST names who has it. `shared`: others may add to it, but not of this day. */
TD_MUST_CHECK enum td_err td_import_claim(struct td_import_item *it, bool shared,
                                          struct td_fail *why);
/* Fills and claims it->place for a series (shared: whose months are shared), and for a list of a kind. */
TD_MUST_CHECK enum td_err td_import_place_series(struct td_import_item *it, bool shared,
                                                 struct td_fail *why);
TD_MUST_CHECK enum td_err td_import_place_list(struct td_import_item *it, struct td_fail *why);
/* it->dest, and its folder. */
TD_MUST_CHECK enum td_err td_import_prepare(struct td_import_item *it, struct td_fail *why);

#endif
