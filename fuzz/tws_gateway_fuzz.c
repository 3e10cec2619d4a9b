/* fuzz/tws_gateway_fuzz.c - the TWS gateway side: any client bytes, any cut, the same events. */
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "wire/tws_gateway.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t rx[1 << 17], tx[4096], arena[1 << 16];

static uint64_t mix(uint64_t hash, const struct td_tws_event *ev)
{
    const int64_t parts[] = {(int64_t)hash, ev->kind, ev->err, ev->wire_id, ev->req_id};
    return td_hash_bytes(parts, sizeof parts);
}

static uint64_t events_hash(const uint8_t *data, size_t size, size_t step)
{
    static struct td_twsgw g;
    static struct td_tws_event ev;
    const struct td_twsgw_config config = {.rx = rx,
                                           .rx_cap = sizeof rx,
                                           .tx = tx,
                                           .tx_cap = sizeof tx,
                                           .arena = arena,
                                           .arena_cap = sizeof arena,
                                           .server_time = "20261121 05:30:00 UTC"};
    uint64_t hash = 0;
    uint8_t out[256];
    TD_REQUIRE(td_twsgw_init(&g, &config) == TD_OK);
    for (size_t off = 0; off < size;) {
        const size_t left = size - off;
        const size_t took = td_twsgw_feed(&g, data + off, left < step ? left : step);
        TD_REQUIRE(took > 0);
        off += took;
        while (td_twsgw_next(&g, &ev))
            hash = mix(hash, &ev);
        while (td_twsgw_pull(&g, out, sizeof out))
            continue;
    }
    return hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const size_t step = size ? 1 + data[size - 1] % 7 : 1;
    uint8_t *copy = malloc(size ? size : 1); /* exact bounds for the address sanitizer */
    TD_REQUIRE(copy);
    if (size)
        memcpy(copy, data, size);
    const uint64_t whole = events_hash(copy, size, size + 1);
    TD_REQUIRE(events_hash(copy, size, step) == whole);
    free(copy);
    return 0;
}
