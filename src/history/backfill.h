/* history/backfill.h - historical level-2 for symbols and days: once each, by workers, in a fixed order.
 *
 * One task is (symbol, New York day). Its files lie in <base>/<folder>/<SYMBOL>/:
 *     <day>_snapshots_databento.parquet   the event table of contracts 4.4
 *     <day>_book_databento.parquet        true ten-level snapshots, where the schema has them
 *     <day>_<schema>.dbn.zst              what the vendor sent, kept: every call costs money, a repeated one too
 * A task whose event table is there is skipped before anything is asked. A download is written to <...>.dbn.zst.part,
 * synced, read to its end, and only then gets its name; a download that has its name is never asked for again. What is
 * written appears whole or not at all, so that a kill at any moment costs at most the slice under way.
 *
 * td_backfill_l2 does one task on the calling thread. td_backfill_run does many: `workers` threads, each with a world and a
 * vendor of its own; results lie in the order of the tasks whoever did them. A task that fails is an ERROR of that task;
 * the others go on, except when the disk is full or the cost limit is reached: what is left is then not begun.
 *
 * Owner: the calling thread. Memory: a few MiB and what store/l2_file.h takes, per worker. Source: contracts 2.2, 4.4, 7.
 */
#ifndef TD_DESK_BACKFILL_H
#define TD_DESK_BACKFILL_H

#include "base/tz.h"
#include "history/vendor.h"
#include "store/manifest.h"
#include "store/tradelist.h"

#define TD_BACKFILL_WORKERS_MAX 32
#define TD_BACKFILL_TRIES       3
#define TD_BACKFILL_PATH        800

/* The programs' words: "written", "skipped", "error"; the manifest's are td_task_status_name's. */
const char *td_backfill_api_word(enum td_task_status status);

/* Minutes of the New York day; end exclusive. */
struct td_backfill_window {
    int32_t start, end;
};
/* "HH:MM-HH:MM". TD_EINVAL says which setting and why. */
TD_MUST_CHECK enum td_err td_backfill_window_parse(const char *key, const char *text,
                                                   struct td_backfill_window *out,
                                                   struct td_fail *why);

/* What a symbol is called by the vendor, and where. Empty texts: as configured. */
struct td_backfill_name {
    char symbol[64], dataset[32], schema[16];
};
typedef void td_backfill_map_fn(void *arg, const char *symbol, struct td_backfill_name *out);

struct td_backfill_config {
    const struct td_settings *settings;
    const struct td_vendor_row *vendor;
    const struct td_tz *new_york;
    const char *base, *folder; /* folder: "Level2" */
    struct td_backfill_window window, trading;
    bool enforce_trading; /* the window is cut to `trading` */
    bool force, legacy;
    bool no_book;        /* no snapshots beside the event table */
    uint64_t rows_max;   /* 0: all */
    int64_t max_cost_e9; /* US dollars for the whole run; negative: no limit */
    td_ns backoff_base, backoff_max;
    int32_t workers; /* 1..TD_BACKFILL_WORKERS_MAX */
    td_backfill_map_fn
        *map; /* or NULL: vendors know our symbols; called from workers, one at a time */
    void *map_arg;
    /* One line for each start, end, warning and error; called from workers, one at a time. May be NULL. */
    void (*tell)(void *arg, bool bad, const char *line);
    /* How far it is, about five times a second, on the calling thread. May be NULL. */
    void (*progress)(void *arg, uint32_t done, uint32_t all, uint32_t errors);
    void *arg;
};

struct td_backfill_result {
    enum td_task_status status;
    bool begun; /* false: the run ended before it */
    bool zero_rows;
    uint64_t rows, snapshots, bytes; /* bytes: from the vendor in this run */
    int64_t cost_e9;                 /* as the vendor estimated it; 0 nothing was bought */
    uint32_t calls;                  /* requests to the vendor */
    td_ns took;
    char path[TD_BACKFILL_PATH]; /* of the event table; "" without */
    char error[320];
};

/* The UTC bounds of a task's window as the vendor wants them: ISO with the New York offset, out[40] each.
 * TD_EINVAL: nothing is left of the window. */
TD_MUST_CHECK enum td_err td_backfill_bounds(const struct td_backfill_config *c, int64_t day,
                                             char *start, char *end, struct td_fail *why);

/* One task on this thread. Never fails: the result says what happened. */
void td_backfill_l2(const struct td_backfill_config *c, struct td_world *world,
                    const struct td_task *task, struct td_backfill_result *out);

struct td_backfill_summary {
    uint32_t counts[TD_TASK_STATUSES];
    uint32_t total;
    int64_t cost_e9;
    td_ns took;
    bool interrupted; /* a signal ended it early */
};

/* All tasks; results[count]. TD_ENOMEM, TD_EIO: workers could not be started (nothing was done). A signal to the world
 * ends it early: tasks under way are given up, `interrupted` is set. */
TD_MUST_CHECK enum td_err td_backfill_run(const struct td_backfill_config *c,
                                          struct td_world *world, const struct td_task *tasks,
                                          uint32_t count, struct td_backfill_result *results,
                                          struct td_backfill_summary *out, struct td_fail *why);

/* "SUMMARY WRITE=1 SKIP=0 EMPTY=0 ERROR=0 total=1 concurrency=4 duration=0.123s": the one line, without its end. */
void td_backfill_summary_line(const struct td_backfill_summary *s, int32_t workers,
                              struct td_text *out);

#endif
