/* history/task_bars_inner.h - what the source files of task_bars share; nobody else includes it.
 *
 * Windows here are of New York's wall clock: sessions are, files are, and no session holds a change of the clock.
 */
#ifndef TD_DESK_TASK_BARS_INNER_H
#define TD_DESK_TASK_BARS_INNER_H

#include "base/map.h"
#include "history/task_bars.h"
#include "store/datapath.h"
#include "store/manifest.h"

#define TASK_SESSIONS 2
#define TASK_HELD_MAX 64 /* windows; what does not fit counts as missing */
#define TASK_ASKS_MAX 64

/* A row of the table. */
struct task_bars_row {
    const char *word, *wire; /* of files; of requests */
    td_ns span;
    int32_t start, end; /* minutes of the day */
    bool day_before;    /* and the trading day before from `start` to its close */
    bool rth;
    td_ns longest; /* of one request; TD_DAY: a session */
    td_ns hole;    /* in a file nobody vouches for, that long without bars is missing */
    int32_t kept;  /* days the broker keeps such bars; 0: for years */
};
extern const struct task_bars_row task_bars_rows[TD_BARS_KINDS];

/* What is known of a file, by its name. */
struct task_bars_file {
    struct td_task task;
    enum td_bars_kind kind;
    bool empty; /* asked for in vain by this object */
    int64_t rows;
    td_ns time_start, time_end;
    struct td_bars_span asked[TD_BARS_ASKED_MAX];
    int64_t asked_count;
    char *path; /* as the manifest has it */
};

struct td_task_bars {
    struct td_task_bars_config config;
    struct td_world *world;
    struct td_tz new_york;
    char manifest[TD_PATH_MAX];
    struct task_bars_file *files;
    size_t count, cap;
    struct td_map
        by_name; /* hash of task and kind; of two files with one hash the earlier is forgotten */
    struct td_map_slot *slots;
};

/* NULL: nothing is known. */
struct task_bars_file *task_bars_find(struct td_task_bars *b, const struct td_task *task,
                                      enum td_bars_kind kind);
/* Finds or adds; TD_ENOMEM. */
TD_MUST_CHECK enum td_err task_bars_note(struct td_task_bars *b, const struct td_task *task,
                                         enum td_bars_kind kind, struct task_bars_file **out);
/* Keeps what a line of the manifest says of one. TD_ENOMEM. */
TD_MUST_CHECK enum td_err task_bars_learn(struct td_task_bars *b, const struct td_task *task,
                                          enum td_bars_kind kind, const struct td_bars_entry *e);

struct task_bars_ask {
    struct td_window window;
    int32_t days; /* the request's length in trading days; 0: the seconds of the window */
};

/* One file: what is wanted, there, and to be asked for. */
struct task_bars_plan {
    const struct task_bars_row *row;
    enum td_bars_kind kind;
    const struct td_task *task;
    struct td_window sessions[TASK_SESSIONS];
    size_t session_count; /* 0: nothing is due, `note` says why */
    char note[120];
    struct td_window held[TASK_HELD_MAX];
    size_t held_count;
    struct task_bars_ask asks[TASK_ASKS_MAX];
    size_t ask_count;
};

/* <base>/<downloads>/<name>, and the name in it. */
TD_MUST_CHECK enum td_err task_bars_path(const struct td_task_bars *b, const struct td_task *task,
                                         enum td_bars_kind kind, char out[TD_PATH_MAX],
                                         const char **name, struct td_fail *why);
/* Fills the plan; adds the bars that are there to `rows` (empty). */
TD_MUST_CHECK enum td_err task_bars_make_plan(struct td_task_bars *b, const struct td_task *task,
                                              enum td_bars_kind kind, td_ns now,
                                              struct task_bars_plan *p, struct td_bar_rows *rows,
                                              struct td_fail *why);
/* Adds a window that was answered to what is held. */
void task_bars_answered(struct task_bars_plan *p, struct td_window w);
/* What the plan holds, joined, as a manifest line has it. */
void task_bars_asked(const struct task_bars_plan *p, struct td_bars_entry *e);
/* Files of this kind are wanted of the task. */
bool task_bars_wants(const struct td_task_bars *b, const struct td_task *task,
                     enum td_bars_kind kind);

#endif
