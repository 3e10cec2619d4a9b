/* fuzz/tws_fuzz.c - the TWS client: however the gateway's bytes are cut, the events are the same.
 *
 * The input is what a gateway sends. It is fed whole and in small pieces; kinds, errors and ids of the
 * events are hashed. Nothing may crash, hang or read outside.
 */
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "wire/tws.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t rx[1 << 17], tx[4096], arena[1 << 16];

static uint64_t mix(uint64_t hash, const struct td_tws_event *ev)
{
    const int64_t parts[] = {(int64_t)hash, ev->kind,   ev->err,
                             ev->wire_id,   ev->req_id, ev->msg.kind};
    if (ev->kind == TD_TWS_EV_BAD || ev->kind == TD_TWS_EV_CLOSED)
        return td_hash_bytes(parts, sizeof parts - sizeof parts[0]);
    return td_hash_bytes(parts, sizeof parts);
}

static uint64_t events_hash(const uint8_t *data, size_t size, size_t step, uint16_t version)
{
    static struct td_tws s;
    static struct td_tws_event ev;
    const struct td_tws_config config = {.rx = rx,
                                         .rx_cap = sizeof rx,
                                         .tx = tx,
                                         .tx_cap = sizeof tx,
                                         .arena = arena,
                                         .arena_cap = sizeof arena,
                                         .version_min = version,
                                         .version_max = version};
    uint64_t hash = 0;
    uint8_t out[256];
    TD_REQUIRE(td_tws_init(&s, &config) == TD_OK);
    for (size_t off = 0; off < size;) {
        const size_t left = size - off;
        const size_t took = td_tws_feed(&s, data + off, left < step ? left : step);
        TD_REQUIRE(took > 0);
        off += took;
        while (td_tws_next(&s, &ev))
            hash = mix(hash, &ev);
        while (td_tws_pull(&s, out, sizeof out))
            continue;
    }
    return hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const size_t step = size ? 1 + data[0] % 7 : 1;
    uint8_t *copy = malloc(size ? size : 1); /* exact bounds for the address sanitizer */
    TD_REQUIRE(copy);
    if (size)
        memcpy(copy, data, size);
    static const uint16_t versions[] = {0, TD_TWS_VERSION_PB}; /* text, protobuf */
    for (size_t i = 0; i < TD_COUNT(versions); i++) {
        const uint64_t whole = events_hash(copy, size, size + 1, versions[i]);
        TD_REQUIRE(events_hash(copy, size, step, versions[i]) == whole);
    }
    free(copy);
    return 0;
}
