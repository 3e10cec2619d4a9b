/* sim/lean.h - QuantConnect LEAN data folders: zipped CSV of ticks, bars and quotes.
 *
 * Layout: equity/usa/<resolution>/<symbol>/<YYYYMMDD>_<kind>.zip, equity/usa/daily/<symbol>.zip,
 * future/<market>/<resolution>/<symbol>/<YYYYMMDD>_<kind>.zip with one CSV per expiry.
 * Equity prices are dollars x 10000, futures plain. Equity times are milliseconds after midnight New York; those
 * of the futures files are after midnight UTC (their Sunday opens at 22:00, which is 18:00 in New York).
 * Source: LEAN data readme files; shared answers in tests/sim/lean_test.c.
 *
 * Reading needs libzip: without it td_lean_open gives TD_EUNSUP with the option's name. The archive and the
 * text lie in the caller's buffers while the reader is used. A malformed line ends the file with TD_EPARSE.
 */
#ifndef TD_SIM_LEAN_H
#define TD_SIM_LEAN_H

#include "base/arena.h"
#include "base/text.h"
#include "market/event.h"
#include "sim/daytime.h"
#include "sys/world.h"

enum td_lean_resolution {
    TD_LEAN_TICK,
    TD_LEAN_SECOND,
    TD_LEAN_MINUTE,
    TD_LEAN_DAILY,
    TD_LEAN_RESOLUTIONS
};
enum td_lean_kind { TD_LEAN_TRADES, TD_LEAN_QUOTES };

struct td_lean_file {
    const char *root;   /* folder that holds equity/ and future/ */
    const char *symbol; /* any case */
    const char *market; /* NULL: US equity; else futures market, "cme" */
    const char *expiry; /* futures: YYYYMM of the contract; NULL or "" takes the most active */
    int64_t day;        /* days since 1970; ignored for daily */
    uint8_t resolution;
    uint8_t kind;
};

/* One line. A quote bar has both sides; bid.open TD_PX_NONE when a side is absent. */
struct td_lean_row {
    td_ns at; /* tick time, or start of the bar */
    bool suspicious;
    struct td_trade trade;          /* tick trades */
    struct td_quote quote;          /* tick quotes; bars: the closing quote */
    struct td_bar bar;              /* trade bars */
    struct td_bar bid_bar, ask_bar; /* quote bars; volume = last size */
};

struct td_lean {
    struct td_str rest; /* text not read yet */
    struct td_daytime daytime;
    int64_t day;
    int64_t line;
    int64_t scale; /* what the file's price unit is worth, 1e-9 */
    uint8_t resolution, kind;
    bool utc; /* futures: times count from midnight UTC */
};

bool td_lean_path(const struct td_lean_file *file, char *out, size_t cap);
/* True when the file exists. */
bool td_lean_exists(struct td_world *world, const struct td_lean_file *file);
/* The first day >= `from` that has the file, or false. Looks at the folder's names. */
bool td_lean_next_day(struct td_world *world, const struct td_lean_file *file, int64_t from,
                      int64_t *day);

/* Reads and unpacks the file into `arena`. TD_ENOENT, TD_EUNSUP (no libzip), TD_EPARSE, TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_lean_open(struct td_lean *l, const struct td_lean_file *file,
                                       struct td_world *world, struct td_arena *arena,
                                       const struct td_daytime *daytime, struct td_fail *why);
/* Reads already unpacked CSV text, which must outlive the reader. */
void td_lean_open_text(struct td_lean *l, const struct td_lean_file *file, struct td_str text,
                       const struct td_daytime *daytime);
/* The next line. TD_OK, TD_ENODATA at the end, TD_EPARSE with the line number in l->line. */
TD_MUST_CHECK enum td_err td_lean_next(struct td_lean *l, struct td_lean_row *out);

#endif
