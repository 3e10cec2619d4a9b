/* tests/support/vendor_stub.h - a Databento of our own: slices, prices and conditions over HTTPS, with the answers a test asks for. */
#ifndef TD_TESTS_VENDOR_STUB_H
#define TD_TESTS_VENDOR_STUB_H

#include "support/https_stub.h"
#include "support/support.h"

/* Instead of a status: the stream breaks off in its middle, or has no records. */
enum { VENDOR_CUT = 1, VENDOR_EMPTY = 2 };

/* What the vendor does for a symbol: the answers in turn, the last one for ever. */
struct vendor_script {
    const char *symbol;
    int statuses[3];
    int calls; /* of get_range */
};

struct vendor_stub {
    struct vendor_script scripts[8];
    const char *condition; /* the answer to get_dataset_condition */
    int stall_ms;          /* before the body */
    int fetches, costs, conditions;
    char last_start[64], last_end[64];
    uint8_t *slice, *empty;
    size_t slice_len, empty_len;
    char ca[512], url[64];
    struct https_stub *server;
};

/* Its certificate is written to `ca`; a slice has `records` records of dbn_make.h. */
void vendor_stub_open(struct vendor_stub *v, const char *ca, int records);
void vendor_stub_close(struct vendor_stub *v);

#endif
