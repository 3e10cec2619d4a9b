/* wire/parquet_codec.c - page compression. */
#include "wire/parquet_codec.h"

#include <snappy-c.h>
#include <string.h>
#include <zstd.h>

#include "wire/parquet_format.h"

/* The opaque struct is libzstd's context under another name. */
static ZSTD_CCtx *context_of(struct td_pq_press *p)
{
    return (ZSTD_CCtx *)(void *)p;
}

size_t td_pq_press_bound(size_t len)
{
    const size_t zstd = ZSTD_compressBound(len);
    const size_t snappy = snappy_max_compressed_length(len);
    return zstd > snappy ? zstd : snappy;
}

struct td_pq_press *td_pq_press_new(int level)
{
    ZSTD_CCtx *c = ZSTD_createCCtx();
    if (c && ZSTD_isError(ZSTD_CCtx_setParameter(c, ZSTD_c_compressionLevel, level))) {
        (void)ZSTD_freeCCtx(c);
        c = NULL;
    }
    return (struct td_pq_press *)(void *)c;
}

void td_pq_press_free(struct td_pq_press *p)
{
    (void)ZSTD_freeCCtx(context_of(p));
}

enum td_err td_pq_press(struct td_pq_press *p, int codec, const void *in, size_t len, void *out,
                        size_t cap, size_t *out_len)
{
    TD_REQUIRE(cap >= len);
    if (codec == TD_PQF_CODEC_ZSTD) {
        const size_t n = ZSTD_compress2(context_of(p), out, cap, in, len);
        if (ZSTD_isError(n))
            return TD_ENOMEM; /* the only cause left: the room is the bound, the input is ours */
        *out_len = n;
    } else if (codec == TD_PQF_CODEC_SNAPPY) {
        size_t n = cap;
        if (snappy_compress(in, len, out, &n) != SNAPPY_OK)
            return TD_ENOMEM;
        *out_len = n;
    } else {
        memcpy(out, in, len);
        *out_len = len;
    }
    return TD_OK;
}

const char *td_pq_codec_name(int codec)
{
    static const char *const names[] = {"none",   "snappy", "gzip", "lzo",
                                        "brotli", "lz4",    "zstd", "lz4-raw"};
    return codec >= 0 && codec < (int)TD_COUNT(names) ? names[codec] : "unknown";
}

enum td_err td_pq_unpress(int codec, const void *in, size_t len, void *out, size_t out_len)
{
    if (codec == TD_PQF_CODEC_NONE) {
        if (len != out_len)
            return TD_EPARSE;
        if (len)
            memcpy(out, in, len);
        return TD_OK;
    }
    if (codec == TD_PQF_CODEC_SNAPPY) {
        size_t n = 0;
        if (snappy_uncompressed_length(in, len, &n) != SNAPPY_OK || n != out_len)
            return TD_EPARSE;
        return snappy_uncompress(in, len, out, &n) == SNAPPY_OK && n == out_len ? TD_OK : TD_EPARSE;
    }
    if (codec == TD_PQF_CODEC_ZSTD) {
        const size_t n = ZSTD_decompress(out, out_len, in, len);
        return ZSTD_isError(n) || n != out_len ? TD_EPARSE : TD_OK;
    }
    return TD_EUNSUP;
}
