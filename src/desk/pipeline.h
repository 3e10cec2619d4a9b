/* desk/pipeline.h - the steps of `tapedeck run` for many symbols: download, analyse, save, summarise.
 *
 * Per symbol: qualify the contract, find what of the wanted history is missing on disk, ask for that only (one
 * request per missing window; everything when `resume` is off or nothing is held), join, analyse the closes,
 * write Parquet and CSV. A symbol that fails is told and the next one goes on; a second passes between two symbols. A symbol
 * succeeds with at least one bar, all its windows answered, and its files written.
 *
 * "Now" is the gateway's clock, so that a replayed day works as a live one. Names and the summary carry New
 * York time of the start of the run. Source: contracts 2.1 and 4.11. Blocks its caller.
 */
#ifndef TD_DESK_PIPELINE_H
#define TD_DESK_PIPELINE_H

#include "desk/analysis.h"
#include "desk/fetch.h"
#include "desk/plan.h"

#define TD_PIPELINE_SYMBOLS_MAX 64
#define TD_PIPELINE_PATH        600

struct td_pipeline_config {
    const struct td_plan *plan;
    const char *const *symbols; /* upper case */
    int32_t symbol_count;
    const char *duration;      /* as the user wrote it */
    struct td_duration length; /* the same, read */
    const struct td_bar_size *size;
    const char *folder;
    bool save, resume;
    struct td_log *log;
};

struct td_pipeline_line {
    char symbol[TD_SYMBOL_CHARS];
    enum td_err err;
    char failure[240];
    size_t bars, held; /* in the series; of them found on disk */
    uint32_t requests;
    struct td_analysis analysis;
    char parquet[TD_PIPELINE_PATH], csv[TD_PIPELINE_PATH];
};

struct td_pipeline_result {
    struct td_pipeline_line lines[TD_PIPELINE_SYMBOLS_MAX];
    int32_t count;     /* symbols tried */
    int32_t succeeded; /* of them */
    bool interrupted;
    td_ns started;  /* wall clock */
    char stamp[24]; /* YYYYMMDD_HHMMSS in New York */
    char when[40];  /* the same for people */
    char summary[TD_PIPELINE_PATH];
};

/* `link` is ready. TD_ENODATA: no symbol succeeded (the lines say why). TD_EAGAIN: a signal; what was finished
 * stands in `out`. Others: no symbol could be tried, or the summary could not be written. */
TD_MUST_CHECK enum td_err td_pipeline_run(const struct td_pipeline_config *config,
                                          struct td_link *link, struct td_world *world,
                                          struct td_pipeline_result *out, struct td_fail *why);

/* Drops the rows outside [from, to), both by the exchange's wall clock. */
void td_pipeline_clip(struct td_bar_rows *rows, td_ns from, td_ns to);

/* The text of trading_summary_<stamp>.txt. */
void td_pipeline_summary(const struct td_pipeline_config *config,
                         const struct td_pipeline_result *result, struct td_text *out);

#endif
