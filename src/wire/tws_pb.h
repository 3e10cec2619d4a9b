/* wire/tws_pb.h - the wire format of protobuf, for tws_pb.c and tws_pb_write.c only.
 *
 * A field is a key (number << 3 | wire type) as a varint and a value. Numbers of our structs are fixed point 1e-9;
 * the doubles of the wire are converted exactly where a decimal of at most 15 digits was meant.
 * Source: Protocol Buffers documentation, "Encoding".
 */
#ifndef TD_WIRE_TWS_PB_H
#define TD_WIRE_TWS_PB_H

#include "base/err.h"

enum { TD_PB_VARINT = 0, TD_PB_FIXED64 = 1, TD_PB_SPAN = 2, TD_PB_FIXED32 = 5 };

#define TD_PB_UNSET   1.797e308 /* from here on a double means "unset" (tws-protocol 2) */
#define TD_PB_LARGEST 1.7976931348623157e308 /* larger is infinity                                */
#define TD_PB_EXACT   2251799813685248.0 /* 2^51: below, value * 1e9 rounds to the right integer */
#define TD_PB_MOST    9200000000.0       /* largest value that travels as a double            */
#define TD_PB_WHOLE   9007199254740992.0 /* 2^53: integers up to here are exact                */

/* A double as fixed point; unset and, where allowed, infinity as their own values. TD_EPROTO: not a number;
 * TD_ERANGE: beyond
 * TD_PB_MOST either way. */
TD_MUST_CHECK enum td_err td_pb_double(double value, bool allow_infinity, int64_t *out);

#endif
