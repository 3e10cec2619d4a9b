/* fuzz/tws_codec_fuzz.c - decode(encode(x)) = x for every TWS payload that decodes.
 *
 * The first byte picks direction and server version (text or protobuf), the rest is one payload. What decodes is encoded,
 * decoded and encoded again: both encodings must be the same bytes and nothing may be left over.
 */
#include <stdlib.h>
#include <string.h>

#include "wire/tws_field.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t first[1 << 20], second[1 << 20], block_a[1 << 18], block_b[1 << 18];

static void check(const struct td_tws_codec *codec, struct td_str payload)
{
    static struct td_tws_msg a, b;
    struct td_arena arena;
    struct td_tws_decoded info;
    size_t len = 0, again = 0;
    struct td_tws_codec other = *codec;
    if (td_tws_decode(codec, payload, &a, &info))
        return;
    const enum td_err err = td_tws_encode(codec, &a, first, sizeof first, &len);
    /* control bytes arrive but are never sent; a kind may be newer than the version */
    TD_REQUIRE(!err || err == TD_EINVAL || err == TD_EUNSUP || err == TD_ERANGE);
    if (err)
        return;
    td_arena_init(&arena, block_b, sizeof block_b);
    other.arena = &arena;
    TD_REQUIRE(td_tws_decode(&other, (struct td_str){(char *)first, len}, &b, &info) == TD_OK);
    TD_REQUIRE(info.surplus == 0 || b.kind == TD_TWS_OTHER_REPLY || b.kind == TD_TWS_OTHER_REQUEST);
    TD_REQUIRE(td_tws_encode(&other, &b, second, sizeof second, &again) == TD_OK);
    TD_REQUIRE(len == again && !memcmp(first, second, len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > 1 << 16)
        return 0;
    struct td_arena arena;
    const int32_t pick = data[0] % 64; /* 157..200 in text, the rest protobuf */
    const int32_t version = pick < 44 ? TD_TWS_VERSION_MIN + pick : TD_TWS_VERSION_PB + pick % 13;
    const struct td_tws_codec codec = {version, data[0] >> 7, &arena};
    td_arena_init(&arena, block_a, sizeof block_a);
    char *payload = malloc(size - 1); /* exact bounds for the address sanitizer */
    TD_REQUIRE(payload);
    memcpy(payload, data + 1, size - 1);
    check(&codec, (struct td_str){payload, size - 1});
    free(payload);
    return 0;
}
