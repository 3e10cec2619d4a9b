/* fuzz/dbn_fuzz.c - any bytes, whole and cut in two, give the same records and the same end. */
#include <stdlib.h>

#include "wire/dbn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes in a block of exactly their size, so that the sanitizer sees a read past the end. */
static uint8_t *copy_of(const uint8_t *data, size_t size)
{
    uint8_t *out = malloc(size ? size : 1);
    TD_REQUIRE(out != NULL);
    memcpy(out, data, size);
    return out;
}

static enum td_err drain(struct td_dbn *d, const uint8_t *data, size_t size, uint64_t *sum)
{
    struct td_dbn_record r;
    enum td_err err;
    uint8_t *bytes = copy_of(data, size);
    td_dbn_feed(d, bytes, size);
    while ((err = td_dbn_next(d, &r)) == TD_OK) {
        *sum = *sum * 31 + r.rtype + r.ts_event + (uint64_t)r.px.e9 + r.raw.len;
        for (size_t i = 0; i < r.raw.len; i++)
            *sum += (uint8_t)r.raw.p[i];
    }
    free(bytes);
    return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct td_dbn whole;
    struct td_dbn parts;
    uint64_t whole_sum = 0;
    uint64_t parts_sum = 0;
    td_dbn_init(&whole);
    td_dbn_init(&parts);
    const enum td_err end = drain(&whole, data, size, &whole_sum);
    const size_t cut = size ? data[size - 1] % size : 0;
    enum td_err err = drain(&parts, data, cut, &parts_sum);
    if (err == TD_EAGAIN) {
        const size_t used = td_dbn_used(&parts);
        err = drain(&parts, data + used, size - used, &parts_sum);
    }
    TD_REQUIRE(err == end && whole_sum == parts_sum && whole.records == parts.records);
    return 0;
}
