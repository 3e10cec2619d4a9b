/* wire/parquet_codec.h - page compression: zstd, snappy, none.
 *
 * The output buffer is the caller's; nothing is ever written past `cap`. Not for users of wire/parquet.h.
 */
#ifndef TD_WIRE_PARQUET_CODEC_H
#define TD_WIRE_PARQUET_CODEC_H

#include "base/err.h"

struct td_pq_press; /* opaque: libzstd's state, on its heap */

/* Room for the compressed form of `len` bytes, whatever the codec. */
size_t td_pq_press_bound(size_t len);
/* `level` of zstd. NULL: no memory. */
struct td_pq_press *td_pq_press_new(int level);
void td_pq_press_free(struct td_pq_press *p);
/* Compresses by a codec number of parquet_format.h (none, snappy or zstd). cap >= td_pq_press_bound(len). */
TD_MUST_CHECK enum td_err td_pq_press(struct td_pq_press *p, int codec, const void *in, size_t len,
                                      void *out, size_t cap, size_t *out_len);

/* Name of a codec number, "unknown" for others. */
const char *td_pq_codec_name(int codec);
/* Decompresses to exactly `out_len` bytes. TD_EUNSUP: another codec. TD_EPARSE: damaged, or another length. */
TD_MUST_CHECK enum td_err td_pq_unpress(int codec, const void *in, size_t len, void *out,
                                        size_t out_len);

#endif
