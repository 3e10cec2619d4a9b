/* fuzz/tws_corpus.c - writes the seed inputs of the TWS fuzz targets with our own encoder.
 *
 * tws_corpus <folder>: one payload per message kind for tws_codec_fuzz, one session per direction for the
 * two cores, below <folder>/<target>/. Deterministic, so the committed corpus can be made again.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/wire/tws_fill.h"

static uint8_t block[1 << 16];

static void save(const char *folder, const char *target, const char *name, const uint8_t *bytes,
                 size_t len)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s/%s", folder, target, name);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(bytes, 1, len, f) != len || fclose(f)) {
        (void)fprintf(stderr, "tws_corpus: cannot write %s\n", path);
        exit(1);
    }
}

/* One random message of the kind at 200 behind a spare byte; returns its length. */
static size_t make(struct td_rng *rng, uint16_t kind, uint8_t *out, size_t cap)
{
    struct td_arena arena;
    struct td_tws_msg msg;
    size_t len = 0;
    struct filler f = {rng, &arena, 200, 2};
    const struct td_tws_codec codec = {.version = 200, .request = td_tws_is_request(kind)};
    td_arena_init(&arena, block, sizeof block);
    fill_message(&f, &msg, kind);
    if (td_tws_encode(&codec, &msg, out, cap, &len))
        exit(1);
    return len;
}

int main(int argc, char **argv)
{
    static uint8_t talk[2][1 << 16], one[1 << 14];
    static const char hello[] = "\0\0\0\x06"
                                "200\0"
                                "t\0"
                                "\0\0\0\x06"
                                "9\0"
                                "1\0"
                                "1\0"
                                "\0\0\0\x0f"
                                "15\0"
                                "1\0"
                                "DU1234567\0";
    static const char start[] = "API\0\0\0\0\tv157..200\0\0\0\x08"
                                "71\0"
                                "2\0"
                                "7\0\0";
    size_t used[2] = {sizeof hello - 1, sizeof start - 1};
    struct td_rng rng;
    if (argc != 2)
        return 2;
    td_rng_init(&rng, 1);
    memcpy(talk[0], hello, used[0]);
    memcpy(talk[1], start, used[1]);
    for (uint16_t kind = 0; kind < TD_TWS_KINDS; kind++) {
        const struct td_tws_layout *layout = td_tws_layout_of(kind);
        if (!layout)
            continue;
        const bool request = td_tws_is_request(kind);
        const size_t len = make(&rng, kind, one + 1, sizeof one - 1);
        one[0] = request ? 131 : 43; /* 131 % 44 = 43: version 200 */
        save(argv[1], "tws_codec_fuzz", layout->name, one, len + 1);
        uint8_t *at = talk[request] + used[request];
        const uint8_t prefix[4] = {0, 0, (uint8_t)(len >> 8), (uint8_t)len};
        memcpy(at, prefix, 4);
        memcpy(at + 4, one + 1, len);
        used[request] += len + 4;
    }
    save(argv[1], "tws_fuzz", "session", talk[0], used[0]);
    save(argv[1], "tws_gateway_fuzz", "session", talk[1], used[1]);
    save(argv[1], "tws_fuzz", "hello", talk[0], sizeof hello - 1);
    save(argv[1], "tws_gateway_fuzz", "hello", talk[1], sizeof start - 1);
    return 0;
}
