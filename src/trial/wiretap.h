/* trial/wiretap.h - what a machine was told of the depth of books, read from the bytes of its connections.
 *
 * The judge's own reading of the wire: length, fields ended by NUL, five kinds of messages (10 and 11 out; 12, 13
 * and 4, an error, in).
 * It shares nothing with wire/, so that a mistake there is no excuse here. What cannot be a frame makes it deaf until the
 * next connection, as it ends the program's.
 *
 * Owner: the trial's thread; td_wiretap_watch gives the functions to td_simworld_watch. Memory: rows grow by malloc up to
 * TD_WIRETAP_ROWS; past them `full` is set and the judge says so. Source: tws-protocol 3 (frames), 5 (market depth).
 */
#ifndef TD_TRIAL_WIRETAP_H
#define TD_TRIAL_WIRETAP_H

#include "sim/simworld.h"

#define TD_WIRETAP_FRAME (1u << 18) /* largest frame that is read */
#define TD_WIRETAP_ROWS  (1u << 21)
#define TD_WIRETAP_SUBS  4096

/* A subscription of the machine. */
struct td_tapped {
    struct td_conn conn;
    int64_t req_id;
    char symbol[24];
    bool cancelled; /* or refused */
};

/* One row of depth, as it was read from the socket. */
#define TD_HEARD_NO_OP 255 /* an operation that does not exist */

struct td_heard {
    td_ns mono, recv_ns; /* when its last byte was read: both clocks */
    uint32_t sub;
    int32_t row;
    int64_t px_e9, qty_e9;
    uint8_t op, side; /* TD_HEARD_NO_OP: none that exists */
    /* The judge's: it stands in a file; a gap or reset stands before it there; it is the last row of its file, and one stands
     * behind it; it was heard after such a row and stands in no file. */
    bool written, marked, ends_marked, after_mark;
};

struct td_wiretap_stream {
    struct td_conn conn;
    bool deaf, greeted;
    size_t used;
    uint8_t *bytes; /* [TD_WIRETAP_FRAME + 4] */
};

struct td_wiretap {
    struct td_world *world; /* the machine's, for the clocks */
    struct td_wiretap_stream in, out;
    struct td_tapped *subs; /* [TD_WIRETAP_SUBS] */
    uint32_t sub_count;
    struct td_heard *rows;
    uint32_t count, cap;
    bool full;
};

/* TD_ENOMEM. `world` may be attached again behind the pointer. */
TD_MUST_CHECK enum td_err td_wiretap_open(struct td_wiretap *t, struct td_world *world,
                                          struct td_fail *why);
void td_wiretap_close(struct td_wiretap *t); /* accepts a zeroed one, and twice */
struct td_sim_watch td_wiretap_watch(struct td_wiretap *t);

#endif
