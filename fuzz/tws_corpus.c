/* fuzz/tws_corpus.c - writes the seed inputs of the TWS fuzz targets with our own encoder.
 *
 * tws_corpus <folder>: one payload per message kind and form for tws_codec_fuzz, one session per direction and form
 * for the two cores, below <folder>/<target>/. Deterministic, so the committed corpus can be made again.
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

/* One random message of the kind; returns its length, 0 when that version does not have it. */
static size_t make(struct td_rng *rng, uint16_t kind, int32_t version, uint8_t *out, size_t cap)
{
    struct td_arena arena;
    struct td_tws_msg msg;
    size_t len = 0;
    struct filler f = {rng, &arena, version, 2};
    const struct td_tws_codec codec = {.version = version, .request = td_tws_is_request(kind)};
    if (td_tws_layout_of(kind)->since > version)
        return 0;
    td_arena_init(&arena, block, sizeof block);
    fill_message(&f, &msg, kind);
    if (td_tws_encode(&codec, &msg, out, cap, &len))
        exit(1);
    return len;
}

/* What begins a session of each form, from the gateway and from the client. */
static const struct form {
    int32_t version;
    uint8_t pick; /* first byte of tws_codec_fuzz's input; 128 more for a request */
    const char *suffix, *hello, *start;
    size_t hello_len, start_len;
} forms[] = {
#define TEXT_HELLO                                                                                 \
    "\0\0\0\x06"                                                                                   \
    "200\0"                                                                                        \
    "t\0"                                                                                          \
    "\0\0\0\x06"                                                                                   \
    "9\0"                                                                                          \
    "1\0"                                                                                          \
    "1\0"                                                                                          \
    "\0\0\0\x0f"                                                                                   \
    "15\0"                                                                                         \
    "1\0"                                                                                          \
    "DU1234567\0"
#define TEXT_START                                                                                 \
    "API\0\0\0\0\tv157..200\0\0\0\x08"                                                             \
    "71\0"                                                                                         \
    "2\0"                                                                                          \
    "7\0\0"
#define PB_HELLO                                                                                   \
    "\0\0\0\x06"                                                                                   \
    "213\0"                                                                                        \
    "t\0"                                                                                          \
    "\0\0\0\x06\0\0\0\xd1\x08\x01"                                                                 \
    "\0\0\0\x0f\0\0\0\xd7\x0a\x09"                                                                 \
    "DU1234567"
#define PB_START "API\0\0\0\0\x04v213\0\0\0\x06\0\0\x01\x0f\x08\x07"
    {200, 43, "", TEXT_HELLO, TEXT_START, sizeof TEXT_HELLO - 1, sizeof TEXT_START - 1},
    {213, 52, "_pb", PB_HELLO, PB_START, sizeof PB_HELLO - 1, sizeof PB_START - 1},
};

static void write_form(const char *folder, const struct form *form)
{
    static uint8_t talk[2][1 << 17], one[1 << 14];
    char name[64];
    size_t used[2] = {form->hello_len, form->start_len};
    struct td_rng rng;
    td_rng_init(&rng, 1);
    memcpy(talk[0], form->hello, used[0]);
    memcpy(talk[1], form->start, used[1]);
    for (uint16_t kind = 0; kind < TD_TWS_KINDS; kind++) {
        const struct td_tws_layout *layout = td_tws_layout_of(kind);
        const bool request = td_tws_is_request(kind);
        const size_t len = layout ? make(&rng, kind, form->version, one + 1, sizeof one - 1) : 0;
        if (!len)
            continue;
        one[0] = (uint8_t)(form->pick + (request ? 128 : 0));
        (void)snprintf(name, sizeof name, "%s%s", layout->name, form->suffix);
        save(folder, "tws_codec_fuzz", name, one, len + 1);
        uint8_t *at = talk[request] + used[request];
        const uint8_t prefix[4] = {0, 0, (uint8_t)(len >> 8), (uint8_t)len};
        memcpy(at, prefix, 4);
        memcpy(at + 4, one + 1, len);
        used[request] += len + 4;
    }
    (void)snprintf(name, sizeof name, "session%s", form->suffix);
    save(folder, "tws_fuzz", name, talk[0], used[0]);
    save(folder, "tws_gateway_fuzz", name, talk[1], used[1]);
    (void)snprintf(name, sizeof name, "hello%s", form->suffix);
    save(folder, "tws_fuzz", name, talk[0], form->hello_len);
    save(folder, "tws_gateway_fuzz", name, talk[1], form->start_len);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    for (size_t i = 0; i < TD_COUNT(forms); i++)
        write_form(argv[1], &forms[i]);
    return 0;
}
