/* cmd/scan_prefs.h - what `tapedeck scan` lists: from its options, else the environment, else the saved preferences, else
 * the presets.
 *
 * Preferences are <state>/scan.conf: a line NAME=VALUE for each option of the table that was not left at its preset. */
#ifndef TD_CMD_SCAN_PREFS_H
#define TD_CMD_SCAN_PREFS_H

#include "cmd/cmd.h"
#include "market/gapscan.h"

#define SCAN_PREFS_BYTES 4096
#define SCAN_NAMES_BYTES ((size_t)1 << 18) /* a file of symbols */
#define SCAN_NAMES_MAX   16384

/* The options as texts; NULL: not given. */
struct scan_words {
    const char *min_gap, *min_rvol, *price, *sort, *limit, *refresh, *adv_days, *basis, *etf_file;
    struct td_opt_list hide;
    bool etfs;
};

struct scan_prefs {
    int64_t min_gap_e9, min_rvol_e9, limit, refresh_s, adv_days;
    const char *price, *sort, *basis, *etf_file;
    struct td_opt_list hide;
    bool etfs;
    char saved[SCAN_PREFS_BYTES]; /* private: the texts above */
    char hidden[1200];
};

/* The rows, for the help of the outer table and for tests. */
extern const struct td_opt scan_prefs_table[];

/* `plain`: pass over the saved ones. TD_EINVAL: which value, from where, and the form. */
TD_MUST_CHECK enum td_err scan_prefs_load(struct scan_prefs *p, const struct td_run *run,
                                          const struct scan_words *words, bool plain,
                                          struct td_fail *why);
/* Into <state>/scan.conf, whole. */
TD_MUST_CHECK enum td_err scan_prefs_save(const struct scan_prefs *p, const struct td_run *run,
                                          struct td_fail *why);
/* Bounds, order and the rest as the scanner takes them. TD_EINVAL: --price or --sort. */
TD_MUST_CHECK enum td_err scan_prefs_config(const struct scan_prefs *p, struct td_scan_config *out,
                                            struct td_fail *why);
/* Marks hidden symbols, and those of the file of ETFs. *funds: how many names that has. The file's errors. */
TD_MUST_CHECK enum td_err scan_prefs_mark(const struct scan_prefs *p, const struct td_run *run,
                                          struct td_scan_facts *facts, uint32_t count,
                                          uint32_t *funds, struct td_fail *why);

#endif
