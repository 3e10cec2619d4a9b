/* history/export_manifest.h - manifests of exported models: checked, built, and their figures.
 *
 * Manifest 1.0: schema_version ("1.0"; "v1" is read as it), model{id, version, metadata{production{alias}}}, artifacts (one or
 * more of {type, path}), metrics{sharpe, f1, max_drawdown} as numbers or texts of numbers; other keys are free.
 * Promotion: each metric at least its threshold of promotion.rule.json (min_sharpe 1.5, min_f1 0.40, min_max_drawdown
 * -0.15 where it says nothing); a missing metric fails. The rule is the file asked for, else ./promotion.rule.json, else
 * rules/promotion.rule.json or promotion.rule.json below the contracts folder, which is only read; without one there is a
 * warning and no threshold. With a model folder its file production.alias must hold the alias.
 * The JSON schemas of the contracts folder are not run: the rules above are those of this file.
 * Source: the external behaviour contracts, 4.12.
 */
#ifndef TD_DESK_EXPORT_MANIFEST_H
#define TD_DESK_EXPORT_MANIFEST_H

#include "sys/world.h"

#define TD_EXPORT_NOTES 24
#define TD_EXPORT_FILE  ((size_t)4 << 20)

struct td_export_notes {
    char text[TD_EXPORT_NOTES][240];
    size_t count; /* all; those past the table are not kept */
};

struct td_export_options {
    const char *manifest; /* path; NULL: `json` */
    struct td_str json;
    const char *rule;      /* or NULL */
    const char *model_dir; /* or NULL */
    const char *contracts; /* CONTRACTS_DIR, or NULL */
    bool legacy; /* a production.alias of another content is a warning, as in the old program */
};

struct td_export_verdict {
    bool ok;
    struct td_export_notes errors, warnings;
    char model_id[128];
    char rule[800]; /* the file used, "" none */
    char *
        context; /* malloc'd JSON text of {run_id, symbols, symbol, data_window}; NULL: none of them */
};

/* What is wrong with the manifest is in the verdict. TD_ENOENT, TD_EACCES, TD_ERANGE: it cannot be read at all. */
TD_MUST_CHECK enum td_err td_export_validate(struct td_world *world,
                                             const struct td_export_options *o,
                                             struct td_export_verdict *v, struct td_fail *why);
void td_export_verdict_fini(struct td_export_verdict *v); /* accepts a zeroed one */

/* ---- figures ---- */

struct td_export_metrics {
    double
        sharpe; /* mean / deviation (n - 1) * sqrt(252); 0 below two values or without deviation */
    double max_drawdown; /* lowest (equity - peak) / peak, <= 0 */
    double total;        /* equity at the end / at the start - 1 */
    size_t count;
};
/* Returns of periods, compounded from an equity of 1. */
struct td_export_metrics td_export_of_returns(const double *returns, size_t n);
/* Profit and loss in money, added to `equity` > 0. */
struct td_export_metrics td_export_of_pnl(const double *pnl, size_t n, double equity);
/* "0.01,-0.02" or the name of a CSV file: its first column of numbers, a header left out. At most 1 Mi; *out is malloc'd.
 * TD_EPARSE names the place. */
TD_MUST_CHECK enum td_err td_export_numbers(struct td_world *world, const char *text, double **out,
                                            size_t *n, struct td_fail *why);

/* ---- building ---- */

struct td_export_build {
    const char *model_id, *version, *artifact_type, *artifact_path; /* all needed */
    const char *alias;                                              /* or NULL */
    double sharpe, f1, max_drawdown;
};
/* The manifest as text with 2-space indent. */
void td_export_make(const struct td_export_build *b, struct td_text *out);

#endif
