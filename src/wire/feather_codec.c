/* wire/feather_codec.c - unpacks the buffers of a batch: zstd, and LZ4 frames where liblz4 was there to build with. */
#include "wire/feather_reader.h"
#include "wire/parquet_codec.h"
#include "wire/parquet_format.h"

#ifdef TD_WITH_LZ4
#include <lz4frame.h>

static enum td_err unpress_lz4(const uint8_t *in, size_t len, uint8_t *out, size_t out_len)
{
    LZ4F_dctx *ctx = NULL;
    size_t from = 0, to = 0, hint = 1;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&ctx, LZ4F_VERSION)))
        return TD_ENOMEM;
    while (hint != 0 && !LZ4F_isError(hint)) {
        size_t took = len - from, gave = out_len - to;
        hint = LZ4F_decompress(ctx, out + to, &gave, in + from, &took, NULL);
        from += took;
        to += gave;
        if (took == 0 && gave == 0)
            break; /* it ends in the middle, or holds more than it says */
    }
    (void)LZ4F_freeDecompressionContext(ctx);
    return hint == 0 && from == len && to == out_len ? TD_OK : TD_EPARSE;
}
#else
static enum td_err unpress_lz4(const uint8_t *in, size_t len, uint8_t *out, size_t out_len)
{
    (void)in, (void)len, (void)out, (void)out_len;
    return TD_EUNSUP;
}
#endif

enum td_err td_ftr_unpress(int codec, const void *in, size_t len, void *out, size_t out_len)
{
    if (codec == TD_FTR_ZSTD)
        return td_pq_unpress(TD_PQF_CODEC_ZSTD, in, len, out, out_len);
    return codec == TD_FTR_LZ4_FRAME ? unpress_lz4(in, len, out, out_len) : TD_EUNSUP;
}
