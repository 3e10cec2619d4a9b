/* store/recorded.h - recorded days for somebody who scrubs through them: which there are, the columns of a window, the book
 * of an instant.
 *
 * Below a folder of recordings lie <SYMBOL>/<day>_snapshots_<time>.parquet, also in Level2/ and level2/ (contracts 4). Only
 * what a listing of these folders names is ever opened, so a symbol or day of a request never becomes a path. A file is looked
 * into once: rows, times, how many of them are of a book that could not be trusted.
 *
 * Bounded: TD_RECORDED_SESSIONS files, the newest days first (`cut` says so); one file open, one row group of it in memory
 * (at most 256 MiB, store/table_file.h) beside the times of each group; a window reads at most TD_RECORDED_ROWS rows and
 * says how far it came; looking into files ends when its time is used up, and goes on with the next call. One owner,
 * one thread, heap of this file. Files that are being recorded are not there before their session ends.
 */
#ifndef TD_STORE_RECORDED_H
#define TD_STORE_RECORDED_H

#include "market/book.h"
#include "store/datapath.h"
#include "wire/json.h"

#define TD_RECORDED_SESSIONS 4096
#define TD_RECORDED_GROUPS   4096 /* of one file */
#define TD_RECORDED_ROWS     262144 /* read for one window; the group that passes it is the last one */
#define TD_RECORDED_LEVELS   20     /* a side */
#define TD_RECORDED_COLUMNS  1500 /* of a window */
#define TD_RECORDED_SPAN     (2 * TD_DAY)
/* Of a book that cannot be trusted. */
#define TD_RECORDED_BAD (TD_Q_EMPTY | TD_Q_CROSSED | TD_Q_DISORDER | TD_Q_GAP | TD_Q_STALE)

/* How far a day can be trusted: by the part of its snapshots that are bad. */
enum td_recorded_grade {
    TD_GRADE_UNKNOWN, /* not looked at yet, or the files do not tell */
    TD_GRADE_GOOD,    /* below 1 % */
    TD_GRADE_FAIR,    /* below 10 % */
    TD_GRADE_BAD,     /* more, or a file that cannot be read */
};

struct td_recorded_session {
    char symbol[24], day[12],
        time[8]; /* of the file's name: New York's day and HHMMSS; time "" when it has another form */
    uint8_t where;  /* which of the three folders */
    bool looked;    /* what follows is known */
    uint64_t bytes; /* of its snapshots and its messages */
    uint64_t rows;
    int64_t bad; /* rows; -1: the file has no quality */
    td_ns first_ns, last_ns;
    char name[96], problem[120]; /* why it cannot be read; "": it can */
};

struct td_recorded; /* opaque */

/* `folder` stays the caller's. Nothing is read yet. TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_recorded_open(struct td_recorded **out, struct td_world *world,
                                           const char *folder);
void td_recorded_close(struct td_recorded *r); /* NULL is allowed */

/* Lists the folders again when the last time is `age` ago, and looks into files for at most about `budget`. TD_ENODATA: the
 * folder is not there. */
TD_MUST_CHECK enum td_err td_recorded_refresh(struct td_recorded *r, td_ns age, td_ns budget,
                                              struct td_fail *why);
/* By symbol, day, name. Valid until the next refresh. */
size_t td_recorded_count(const struct td_recorded *r);
const struct td_recorded_session *td_recorded_at(const struct td_recorded *r, size_t i);
bool td_recorded_complete(const struct td_recorded *r); /* all were looked into */
bool td_recorded_cut(const struct td_recorded *r);      /* there are more than fit */

enum td_recorded_grade td_recorded_grade(uint64_t rows, int64_t bad, bool unreadable);
const char *td_recorded_grade_word(enum td_recorded_grade grade); /* NULL: unknown */

/* The last book of a span of time, and what was wrong with any book of it. */
struct td_recorded_column {
    td_ns at_ns;                                 /* of the book */
    uint32_t quality;                            /* flags of all books of the span */
    uint32_t books;                              /* snapshots of the span */
    int32_t rows[2];                             /* [enum td_side] */
    struct td_level side[2][TD_RECORDED_LEVELS]; /* best first; levels without size are left out */
};

struct td_recorded_query {
    const char *symbol, *day;
    td_ns from, to; /* from <= at < to */
    int32_t levels; /* 1..TD_RECORDED_LEVELS */
    uint32_t
        columns; /* 1..TD_RECORDED_COLUMNS: the span of one is (to - from) / columns, rounded up */
};

struct td_recorded_window {
    td_ns step;  /* span of a column */
    td_ns until; /* books from here on were not looked at: ask again from there; else `to` */
    uint32_t count;
    uint64_t books;
    const struct td_recorded_column
        *columns; /* [count] in order of time, empty ones left out; until the next call */
};

/* TD_ENODATA: no session of that symbol and day. TD_EINVAL: a span that is empty or too long, levels or columns out of range.
 * Others: a file cannot be read, the reason names it. */
TD_MUST_CHECK enum td_err td_recorded_window(struct td_recorded *r,
                                             const struct td_recorded_query *q,
                                             struct td_recorded_window *out, struct td_fail *why);

struct td_recorded_book {
    struct td_recorded_column book; /* the newest at or before the time; quality is its own */
    td_ns before, after;            /* times of its neighbours; 0: there is none */
};

/* The book as it was recorded at `at`. TD_ENODATA: no session of that day, or none had begun. */
TD_MUST_CHECK enum td_err td_recorded_book(struct td_recorded *r, const char *symbol,
                                           const char *day, td_ns at, int32_t levels,
                                           struct td_recorded_book *out, struct td_fail *why);

/* recorded_json.c: the same as members of a JSON object that is open. */
void td_recorded_put_days(const struct td_recorded *r, struct td_json *j);
void td_recorded_put_window(const struct td_recorded_window *w, struct td_json *j);
void td_recorded_put_book(const struct td_recorded_book *b, struct td_json *j);

#endif
