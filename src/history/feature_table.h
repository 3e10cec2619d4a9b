/* history/feature_table.h - what features are computed from: a file of bars by columns, its clock, a second series and news.
 *
 * Bars come from CSV, Parquet or Feather (store/columns_file.h), oldest first, with a column of times: the start of each bar, of UTC
 * or of the zone's wall clock where the file does not tell. A column is taken where the set uses it and the file has it;
 * what is not there stays NaN and is told by `missing`.
 * The second series is seen as of the end of its own bars. News is read from <root>/news/<SYMBOL>/<UTC day>.jsonl; an article counts
 * from published_at on, for the minutes of the window.
 * Snapshots (column bid_prices), alone or with an event table of trades, and Databento files give a bar for each instant that
 * has a book, see history/feature_book.h.
 * Memory: 8 bytes a value, up to TD_FEATURE_ROWS_MAX rows. Owner: one thread. */
#ifndef TD_DESK_FEATURE_TABLE_H
#define TD_DESK_FEATURE_TABLE_H

#include "signal/feature.h"
#include "sys/world.h"

#define TD_FEATURE_ROWS_MAX ((size_t)1 << 24)

struct td_feature_source {
    const char *path;
    const char *trades;                  /* event table beside snapshots, NULL none */
    const char *instrument;              /* of a Databento file, NULL: it has but one */
    const struct td_micro_config *micro; /* settings of the features of books */
    const char *other;                   /* file of the second series, NULL none */
    const char *zone;                    /* "America/New_York" */
    const char *calendar;                /* "XNYS", "CMES", "none" */
    const char *news_root, *symbol;      /* NULL: no news */
    td_ns news_window;
    td_ns span; /* of a bar; 0: the least distance of two */
    bool regular;
};

struct td_feature_table {
    size_t rows;
    td_ns span;
    td_ns *at;                    /* starts, UTC */
    double *column[TD_BAR_COUNT]; /* NULL: not there */
    struct td_tz zone;
    struct td_feature_clock clock;
};

/* Loads what `uses` asks for. TD_EINVAL: zone, calendar, span. TD_ENODATA, TD_EPARSE, TD_EUNSUP, TD_ERANGE, TD_ENOENT
 * as store/columns_file.h. On failure nothing is held. */
TD_MUST_CHECK enum td_err td_feature_table_load(struct td_feature_table *t, struct td_world *world,
                                                const struct td_feature_source *source,
                                                const bool *uses, struct td_fail *why);
void td_feature_table_free(struct td_feature_table *t); /* zeroed is fine */
/* Row i as a step takes it. */
void td_feature_table_bar(const struct td_feature_table *t, size_t i, struct td_feature_bar *out);
/* The inputs that are used but not there: "other, news_score", cut to fit. */
void td_feature_table_missing(const struct td_feature_table *t, const bool *uses,
                              struct td_text *out);

/* Computes a set over rows [first, first + rows), begun anew at `first`, into out[count][rows]; from row `changed` on prices,
 * volumes, news and book are others (SIZE_MAX: none), for signal/feature_check.h. */
TD_MUST_CHECK enum td_err td_feature_table_run(const struct td_feature_table *t,
                                               const struct td_feature_set *set, size_t first,
                                               size_t rows, size_t changed, double *const *out,
                                               struct td_fail *why);

/* Fills count[rows] and score[rows] from the stored articles of a symbol: those published in (end - window, end] of each
 * bar; NaN where the window begins before the first day that is kept. */
TD_MUST_CHECK enum td_err td_feature_news(struct td_world *world, const char *root,
                                          const char *symbol, td_ns window, const td_ns *at,
                                          td_ns span, size_t rows, double *count, double *score,
                                          struct td_fail *why);

#endif
