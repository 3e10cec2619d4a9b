/* tests/support/dbn_make.h - small level-2 streams of our own as a vendor would send them. Needs td_wire. */
#ifndef TD_TESTS_DBN_MAKE_H
#define TD_TESTS_DBN_MAKE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "support/support.h"
#include "wire/dbn.h"
#include "wire/dbn_layout.h"

#define DBN_MAKE_START INT64_C(1741611600000000000) /* 2025-03-10 09:00 in New York */
#define DBN_MAKE_STEP  (TD_MS)
#define DBN_MAKE_MID   INT64_C(189950000000)

static inline void dbn_make_put(uint8_t *r, const struct td_dbn_layout *l, const char *name,
                                int64_t number)
{
    td_dbn_put(r, td_dbn_field_of(l, td_str_of(name)), &(struct td_dbn_value){.number = number});
}

/* Record i: letters in turn, prices and sizes that follow from i, ten levels, an event of two records. */
static inline void dbn_make_record(uint8_t *r, const struct td_dbn_layout *l, int i)
{
    static const char letters[] = "AMCTFR", sides[] = "ABN";
    td_dbn_blank(r, l, TD_DBN_MBP10);
    dbn_make_put(r, l, "publisher_id", 2);
    dbn_make_put(r, l, "instrument_id", 7);
    dbn_make_put(r, l, "ts_event", DBN_MAKE_START + i * DBN_MAKE_STEP);
    dbn_make_put(r, l, "ts_recv", DBN_MAKE_START + i * DBN_MAKE_STEP + 1000);
    if (letters[i % 6] != 'R')
        dbn_make_put(r, l, "price", DBN_MAKE_MID + i % 7 * 10000000);
    dbn_make_put(r, l, "size", 100 + i % 5);
    dbn_make_put(r, l, "action", letters[i % 6]);
    dbn_make_put(r, l, "side", sides[i % 3]);
    dbn_make_put(r, l, "flags", i % 2 ? 0x80 : 0);
    dbn_make_put(r, l, "depth", i % 10);
    dbn_make_put(r, l, "sequence", i);
    for (int k = 0; k < TD_DBN_LEVELS; k++) {
        char name[24];
        (void)snprintf(name, sizeof name, "bid_px_%02d", k);
        dbn_make_put(r, l, name, DBN_MAKE_MID - (k + 1) * 10000000);
        (void)snprintf(name, sizeof name, "ask_px_%02d", k);
        dbn_make_put(r, l, name, DBN_MAKE_MID + (k + 1) * 10000000);
        (void)snprintf(name, sizeof name, "bid_sz_%02d", k);
        dbn_make_put(r, l, name, 10 * (k + 1) + i % 9);
        (void)snprintf(name, sizeof name, "ask_sz_%02d", k);
        dbn_make_put(r, l, name, 20 * (k + 1) + i % 8);
    }
}

/* A whole mbp-10 stream of one symbol, malloc'd; packed with zstd when asked for. */
static inline uint8_t *dbn_make(int records, bool packed, size_t *len)
{
    char symbol[71] = "MSFT";
    const struct td_dbn_metadata m = {.version = 3,
                                      .schema = 2,
                                      .stype_in = 1,
                                      .end = TD_DBN_UNDEF_TIME,
                                      .symbol_chars = 71,
                                      .dataset = "XNAS.ITCH",
                                      .symbols = {symbol, 1, 71}};
    const struct td_dbn_layout *l = td_dbn_layout_of(TD_DBN_MBP10, 3);
    const size_t head = td_dbn_metadata_bytes(&m, 3);
    uint8_t *out = malloc(head + (size_t)records * l->bytes);
    assert_non_null(out);
    TD_OK_OR_FAIL(td_dbn_metadata_write(&m, 3, out, head, len));
    for (int i = 0; i < records; i++, *len += l->bytes)
        dbn_make_record(out + *len, l, i);
    if (!packed)
        return out;
    const size_t room = ZSTD_compressBound(*len);
    uint8_t *zstd = malloc(room);
    assert_non_null(zstd);
    *len = ZSTD_compress(zstd, room, out, *len, 1);
    assert_false(ZSTD_isError(*len));
    free(out);
    return zstd;
}

#endif
