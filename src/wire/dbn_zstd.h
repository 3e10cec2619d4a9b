/* wire/dbn_zstd.h - unpacks zstd streams of several frames into the caller's buffer.
 *
 * DBN files are frames back to back, skippable ones among them; a file is whole only when it ends at a frame's end.
 * The decoder's memory is in a caller's block of td_unzstd_bytes(): no allocation here.
 */
#ifndef TD_WIRE_DBN_ZSTD_H
#define TD_WIRE_DBN_ZSTD_H

#include "base/err.h"

struct td_unzstd {
    void *stream;  /* inside the caller's block */
    bool in_frame; /* the last frame has not ended */
    bool broken;
};

/* The largest window accepted is 2^23 (zstd level 19 default); more is refused as hostile. */
size_t td_unzstd_bytes(void);
/* `block` is 8-byte aligned and has `cap` >= td_unzstd_bytes(). TD_ENOMEM otherwise. */
TD_MUST_CHECK enum td_err td_unzstd_init(struct td_unzstd *u, void *block, size_t cap);
/* Consumes up to *in_len and produces up to *out_len; both come back as what was done. TD_EPROTO when damaged.
 * Call until *in_len is used up and *out_len comes back short. */
TD_MUST_CHECK enum td_err td_unzstd_run(struct td_unzstd *u, const void *in, size_t *in_len,
                                        void *out, size_t *out_len);
/* At the end of input: TD_OK at a frame boundary, TD_ETORN otherwise. */
TD_MUST_CHECK enum td_err td_unzstd_finish(const struct td_unzstd *u);
/* True when the bytes begin like a zstd frame, a skippable one included. */
bool td_is_zstd(const void *bytes, size_t len);

#endif
