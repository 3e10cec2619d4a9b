/* store/capture_format.h - bytes of the capture log, shared by its writer and its reader.
 *
 * All numbers little-endian. Head, 128 bytes: magic "TDCAPT01"; u32 head length; u32 CRC-32C of the rest of
 * the head; u16 version; u16 flags (1 paper, 2 smart); i32 levels; i32 interval_ms; i32 zero; i64 start_ns;
 * symbol[24]; day[16]; time[8]; local_iso[40].
 * Record: u32 CRC-32C of everything behind it; u16 payload length; u8 kind; u8 check (low byte of the CRC-32C of
 * length and kind, so that a damaged length is not taken for a tear); payload.
 * Message, 52 bytes: i64 venue_ns, recv_ns, px, qty; i32 row; u8 event kind, operation, side, flags (1 smart,
 * 2 generated, 4 image); maker[12].
 * Snapshot: i64 at_ns, recv_ns, venue_ns; u64 seq; u32 quality; u8 generated; u8 levels; u16 zero; u64 changed
 * rows of the ask side and of the bid side; then for each changed row, ask side first, i64 px, i64 qty. Rows
 * not named are those of the snapshot before (zero before the first).
 * Tick, 64 bytes: i64 venue_ns, recv_ns; then of a quote i64 bid, ask, bid size, ask size, of a trade i64 price, size, zero,
 * zero; u8 event kind, aggressor, flags (2 generated, 8 unreported), zero; exchange[12]. Version 1 had no ticks.
 * End, 16 bytes: u64 messages, u64 snapshots.
 */
#ifndef TD_STORE_CAPTURE_FORMAT_H
#define TD_STORE_CAPTURE_FORMAT_H

#include <string.h>

#include "store/capture.h"

#define TD_CAPF_MAGIC   "TDCAPT01"
#define TD_CAPF_VERSION 2 /* written; 1 had no ticks */
#define TD_CAPF_OLDEST  1
enum {
    TD_CAPF_HEAD = 128,
    TD_CAPF_RECORD = 8,
    TD_CAPF_MESSAGE = 52,
    TD_CAPF_SNAP = 56,
    TD_CAPF_TICK = 64,
    TD_CAPF_END = 16,
    TD_CAPF_PAYLOAD_MAX = TD_CAPF_SNAP + 2 * TD_CAPTURE_LEVELS_MAX * 16,
    TD_CAPF_PAPER = 1, /* flags of the head */
    TD_CAPF_BOOK_SMART = 2,
    TD_CAPF_SMART = 1, /* flags of a message */
    TD_CAPF_GENERATED = 2,
    TD_CAPF_IMAGE = 4,
    TD_CAPF_UNREPORTED = 8
};

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "the log is written as numbers lie in memory");

_Static_assert(TD_EV_DEPTH == 0 && TD_EV_DEPTH_RESET == 1 && TD_EV_QUOTE == 3 && TD_EV_TRADE == 4 &&
                   TD_EV_GAP == 7,
               "event kinds as the log has them");

/* Copies one field and steps over it: for numbers as they lie in memory, and for texts. */
static inline void td_capf_put(uint8_t **p, const void *field, size_t len)
{
    memcpy(*p, field, len);
    *p += len;
}

static inline void td_capf_get(const uint8_t **p, void *field, size_t len)
{
    memcpy(field, *p, len);
    *p += len;
}

#endif
