/* wire/tws_frame.h - length-prefixed frames: cutting them from a byte stream, queueing them to send.
 *
 * A frame is a big-endian 32-bit length and that many bytes (tws-protocol section 2). Both cores share
 * this. Memory is the caller's; nothing allocates. Single owner.
 */
#ifndef TD_WIRE_TWS_FRAME_H
#define TD_WIRE_TWS_FRAME_H

#include "base/err.h"
#include "base/text.h"

#define TD_TWS_FRAME_MAX 0xffffff /* clients refuse larger payloads */

/* Received bytes, linear: buf[head, tail) is not consumed yet. */
struct td_tws_rx {
    uint8_t *buf;
    size_t cap, head, tail;
};

void td_tws_rx_init(struct td_tws_rx *rx, uint8_t *buf, size_t cap);
/* Copies what fits and returns how much. Moves a partial frame to the front first: earlier borrowed
 * payloads become invalid. */
size_t td_tws_rx_feed(struct td_tws_rx *rx, const uint8_t *in, size_t len);
/* The next whole payload, borrowed. TD_EAGAIN: not all of it is here; TD_EPROTO: zero, negative or
 * larger than the buffer or TD_TWS_FRAME_MAX (nothing is consumed). */
enum td_err td_tws_rx_next(struct td_tws_rx *rx, struct td_str *payload);

/* Frames waiting to be sent, whole ones, oldest first, linear with the same compaction. */
struct td_tws_tx {
    uint8_t *buf;
    size_t cap, head, tail;
    size_t left; /* bytes of the frame at head still to pull, 0 = at a frame's start */
};

void td_tws_tx_init(struct td_tws_tx *tx, uint8_t *buf, size_t cap);
/* Room for a payload of at most *room bytes behind a reserved prefix; *room 0 when full. */
uint8_t *td_tws_tx_begin(struct td_tws_tx *tx, size_t *room);
/* The payload written at the place `begin` gave is `len` bytes long and becomes a frame. */
void td_tws_tx_commit(struct td_tws_tx *tx, size_t len);
/* Bytes without a length prefix, as their own unit ("API\0" and the version frame). TD_EFULL. */
TD_MUST_CHECK enum td_err td_tws_tx_raw(struct td_tws_tx *tx, const void *bytes, size_t len);
/* Copies of the unit at the head, starting it when none is started; 0 when empty. */
size_t td_tws_tx_pull(struct td_tws_tx *tx, uint8_t *out, size_t cap);
bool td_tws_tx_empty(const struct td_tws_tx *tx);

#endif
