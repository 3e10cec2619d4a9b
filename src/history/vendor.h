/* history/vendor.h - where historical level-2 data is bought or taken from: one row per vendor.
 *
 * A vendor answers four questions (what a request costs, how large it is, what the dataset reaches, whether a day is
 * complete) and fetches one symbol's slice as DBN bytes. It decides nothing: whether to try again, what to skip and
 * where to write is history/backfill.h's. A vendor never writes its key anywhere.
 *
 * Owner: one thread per opened vendor; workers open their own. Errors of `fetch` and the questions:
 *   TD_ENODATA  the vendor does not know the symbol, or has nothing for it: no rows, and asking again is useless
 *   TD_EACCES   key, payment, permission or certificate;  TD_EINVAL  it refused the request;  TD_ENOENT  no such thing
 *   TD_EHALTED  `stop` was set
 *   others      of the network or disk; `again` says whether another try may help (408, 429, 5xx, a cut stream)
 * Source: contracts 7; ibkr-operations 4.1.
 */
#ifndef TD_DESK_VENDOR_H
#define TD_DESK_VENDOR_H

#include <stdatomic.h>

#include "base/text.h"
#include "base/time.h"

struct td_settings;

struct td_vendor_ask {
    const char *dataset, *schema;
    const char *symbol;      /* the vendor's own (raw) symbol */
    const char *start, *end; /* ISO 8601 with offset; end exclusive */
    uint64_t limit;          /* records at most; 0: all */
    const atomic_bool *stop; /* or NULL */
};

struct td_vendor_answer {
    bool again; /* of an error */
    td_ns wait; /* the vendor asked for this pause; 0 none */
    uint64_t bytes;
    bool partial;       /* some symbols were not resolved (206) */
    char warnings[512]; /* as the vendor said them */
    char request_id[80];
};

enum td_vendor_day { TD_VENDOR_DAY_UNKNOWN, TD_VENDOR_DAY_COMPLETE, TD_VENDOR_DAY_INCOMPLETE };

/* DBN bytes in order, zstd-compressed or not (the stream tells). Anything but TD_OK ends the fetch. */
typedef enum td_err td_vendor_sink(void *arg, const void *bytes, size_t len);

struct td_vendor_row {
    const char *name, *help;
    bool paid; /* every fetch costs money, a repeated one too */
    enum td_err (*open)(void **self, const struct td_settings *s, struct td_fail *why);
    void (*close)(void *self);
    /* US dollars, 1e-9. */
    enum td_err (*cost)(void *self, const struct td_vendor_ask *ask, int64_t *usd_e9,
                        struct td_vendor_answer *answer, struct td_fail *why);
    enum td_err (*size)(void *self, const struct td_vendor_ask *ask, uint64_t *bytes,
                        struct td_vendor_answer *answer, struct td_fail *why);
    /* First and last instant (exclusive) of a dataset, as the vendor writes them: out[40] each. */
    enum td_err (*range)(void *self, const char *dataset, char *start, char *end,
                         struct td_vendor_answer *answer, struct td_fail *why);
    /* `day`: YYYY-MM-DD. */
    enum td_err (*condition)(void *self, const char *dataset, const char *day,
                             enum td_vendor_day *out, struct td_vendor_answer *answer,
                             struct td_fail *why);
    enum td_err (*fetch)(void *self, const struct td_vendor_ask *ask, td_vendor_sink *sink,
                         void *arg, struct td_vendor_answer *answer, struct td_fail *why);
};

extern const struct td_vendor_row td_vendor_databento, td_vendor_files;
/* All of them, NULL at the end. */
extern const struct td_vendor_row *const td_vendors[];
/* By name; NULL when there is none. */
const struct td_vendor_row *td_vendor_find(const char *name);

#endif
