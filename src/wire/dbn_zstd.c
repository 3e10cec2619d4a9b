/* wire/dbn_zstd.c - zstd frames one after another, in memory given by the caller. */
#define ZSTD_STATIC_LINKING_ONLY /* for the decoder in a caller's block */
#include "wire/dbn_zstd.h"

#include <string.h>
#include <zstd.h>

#define WINDOW_MAX ((size_t)1 << 23)

size_t td_unzstd_bytes(void)
{
    return ZSTD_estimateDStreamSize(WINDOW_MAX);
}

enum td_err td_unzstd_init(struct td_unzstd *u, void *block, size_t cap)
{
    *u = (struct td_unzstd){.stream = ZSTD_initStaticDStream(block, cap)};
    if (!u->stream)
        return TD_ENOMEM;
    return ZSTD_isError(ZSTD_DCtx_setMaxWindowSize(u->stream, WINDOW_MAX)) ? TD_ENOMEM : TD_OK;
}

enum td_err td_unzstd_run(struct td_unzstd *u, const void *in, size_t *in_len, void *out,
                          size_t *out_len)
{
    ZSTD_inBuffer from = {in, *in_len, 0};
    ZSTD_outBuffer to = {out, *out_len, 0};
    while (!u->broken && to.pos < to.size) {
        const size_t before = from.pos + to.pos;
        const size_t hint = ZSTD_decompressStream(u->stream, &to, &from);
        if (ZSTD_isError(hint)) {
            u->broken = true;
            break;
        }
        /* 0: a frame has ended and everything of it is out. */
        if (from.pos + to.pos != before)
            u->in_frame = hint != 0;
        else
            break;
        if (from.pos == from.size && hint == 0)
            break;
    }
    *in_len = from.pos;
    *out_len = to.pos;
    return u->broken ? TD_EPROTO : TD_OK;
}

enum td_err td_unzstd_finish(const struct td_unzstd *u)
{
    if (u->broken)
        return TD_EPROTO;
    return u->in_frame ? TD_ETORN : TD_OK;
}

bool td_is_zstd(const void *bytes, size_t len)
{
    static const uint8_t frame[4] = {0x28, 0xb5, 0x2f, 0xfd};
    static const uint8_t skippable[3] = {0x2a, 0x4d, 0x18}; /* behind 0x50 to 0x5f */
    const uint8_t *b = bytes;
    if (len < sizeof frame)
        return false;
    return memcmp(b, frame, sizeof frame) == 0 ||
           ((b[0] & 0xf0) == 0x50 && memcmp(b + 1, skippable, sizeof skippable) == 0);
}
