/* market/depthslots.h - recording sessions and the few level-2 slots they share: who has one, who waits, what happens next.
 *
 * A session begins with ticks, always. It gets depth when one of the slots [5] is free and nobody waits; else it waits, first
 * come first served. A slot that becomes free goes to the head of the queue, and the row that says so is the order to
 * subscribe: a promotion that starts nothing cannot be expressed. A subscription that fails gives its slot back and the
 * session returns to the front with its attempts counted; td_depthslots_tick, every two seconds, tries again. After
 * TD_DEPTHSLOTS_TRIES failures it keeps its ticks and leaves the queue, so that one bad symbol does not hold up the others.
 *
 *     state     ticks   slot   the owner's word for it
 *     QUEUED    yes     no     Queued
 *     ASKED     yes     yes    L2 (asked for, not heard yet)
 *     DEPTH     yes     yes    L2
 *     TICKS     yes     no     Tick: depth was given up
 *
 * When the broker itself has no slot left, nobody is to blame: attempts are not counted, the session stands in the queue as if it
 * had waited since its start, the number of slots shrinks to what is held, and td_depthslots_widen tries one more.
 *
 * What happened comes as rows (td_depthslots_next), each the line of a log and the owner's order to act. The caller takes all
 * rows before its next call (asserted). Pure: no clock, no memory of its own; fixed size. O(sessions) a call.
 * Source: contracts 9, without the two defects named there.
 */
#ifndef TD_MARKET_DEPTHSLOTS_H
#define TD_MARKET_DEPTHSLOTS_H

#include "market/instrument.h"

#define TD_DEPTHSLOTS          5
#define TD_DEPTHSLOTS_SESSIONS 64
#define TD_DEPTHSLOTS_TRIES    5 /* failures in a row */
#define TD_DEPTHSLOTS_ROWS     (4 * TD_DEPTHSLOTS_SESSIONS)

/* NAME, word, what the owner does */
#define TD_DEPTHSLOTS_EVENTS(X)                                                                    \
    X(STARTED, "session_started", "subscribe its ticks")                                           \
    X(ACQUIRED, "l2_acquired", "subscribe its depth")                                              \
    X(PROMOTED, "l2_promoted", "subscribe its depth")                                              \
    X(UPGRADED, "session_upgraded", "nothing: depth arrives")                                      \
    X(FAILED, "l2_subscribe_failed", "nothing: its depth is not subscribed")                       \
    X(RELEASED, "l2_released", "cancel its depth")                                                 \
    X(STOPPED, "session_stopped", "cancel its ticks")

#define TD_DEPTHSLOTS_ENUM(name, word, act) TD_SLOT_##name,
enum td_slot_event { TD_DEPTHSLOTS_EVENTS(TD_DEPTHSLOTS_ENUM) TD_SLOT_EVENTS };
#undef TD_DEPTHSLOTS_ENUM

enum td_slot_state { TD_SLOT_NONE, TD_SLOT_QUEUED, TD_SLOT_ASKED, TD_SLOT_DEPTH, TD_SLOT_TICKS };

struct td_slot_session {
    char symbol[TD_SYMBOL_CHARS];
    uint8_t state;    /* enum td_slot_state; NONE: free */
    uint8_t attempts; /* failures in a row */
    uint64_t number;  /* sessions begun before it */
};

struct td_slot_row {
    enum td_slot_event event;
    char symbol[TD_SYMBOL_CHARS];
    uint32_t attempts;
    uint32_t held, slots, queued; /* behind the event */
};

struct td_depthslots {
    struct td_slot_session sessions[TD_DEPTHSLOTS_SESSIONS];
    uint32_t slots, slots_max; /* now, and as wanted: 1..TD_DEPTHSLOTS_SESSIONS */
    uint32_t held, queued;
    /* private */
    uint32_t queue[TD_DEPTHSLOTS_SESSIONS]; /* sessions, head first */
    struct td_slot_row rows[TD_DEPTHSLOTS_ROWS];
    uint32_t row_at, row_count;
    uint64_t numbers;
};

/* `slots` 0: TD_DEPTHSLOTS. */
void td_depthslots_init(struct td_depthslots *d, uint32_t slots);
/* TD_EINVAL: no safe symbol. TD_EEXIST: it has a session. TD_EFULL: as many sessions as there can be. */
TD_MUST_CHECK enum td_err td_depthslots_start(struct td_depthslots *d, struct td_str symbol);
/* Its depth arrives. False: no session of that symbol has asked for depth. */
bool td_depthslots_confirm(struct td_depthslots *d, struct td_str symbol);
/* Its depth was refused, or was lost. False: it has none and asked for none. */
bool td_depthslots_fail(struct td_depthslots *d, struct td_str symbol);
/* The broker has no slot for it: see above. False as td_depthslots_fail. */
bool td_depthslots_none_left(struct td_depthslots *d, struct td_str symbol);
/* One slot more, for who waits. False: there are as many as were wanted. */
bool td_depthslots_widen(struct td_depthslots *d);
/* Ends its session wherever it stands: queued, asked or live. False: there is none. */
bool td_depthslots_stop(struct td_depthslots *d, struct td_str symbol);
void td_depthslots_stop_all(struct td_depthslots *d);
/* Gives free slots to who waits. */
void td_depthslots_tick(struct td_depthslots *d);

/* The oldest row not taken yet. */
bool td_depthslots_next(struct td_depthslots *d, struct td_slot_row *out);
/* NULL: no session. */
const struct td_slot_session *td_depthslots_find(const struct td_depthslots *d,
                                                 struct td_str symbol);
/* Its place in the queue, from 1; 0: it does not wait. */
uint32_t td_depthslots_place(const struct td_depthslots *d, struct td_str symbol);
/* "l2_promoted", and what the owner does about it. */
const char *td_slot_event_word(enum td_slot_event event);
const char *td_slot_event_act(enum td_slot_event event);
/* "Idle", "Queued", "L2", "Tick". */
const char *td_slot_state_word(enum td_slot_state state);
/* "event=l2_promoted symbol=AAPL l2=5/5 queue=2 attempts=0" */
void td_slot_row_print(const struct td_slot_row *row, struct td_text *out);

#endif
