/* strat/guest.h - what a desk and the host of a foreign strategy say to each other, without I/O.
 *
 * Frames: a head of 12 bytes, then a body of the kind's own size. Both ends are the same program on the same machine, so
 * bodies are plain structs in its own byte order, without pointers and booleans. The desk trusts nothing that comes back: the
 * length of each kind is known before a byte of its body is looked at, texts are ended and cleaned, and an intent has to make
 * sense field by field (td_guest_next). The host believes the desk, which made it.
 *
 *   host -> desk   ABOUT once: what the object is, or REFUSED: why not
 *   desk -> host   BEGIN for an instance; BEGUN answers: an error, or none
 *   desk -> host   LINE when an instrument is new or changed; no answer
 *   desk -> host   EVENT with the view of that moment; INTENTS answers, in order
 *
 * The view holds all legs of the instance, its working orders, and of each book that changed the best TD_GUEST_ROWS rows a
 * side; a host keeps books and instruments by line. A book's counters and its `disorder` are those of the whole book.
 *
 * Nothing here allocates. One owner for each struct.
 */
#ifndef TD_STRAT_GUEST_H
#define TD_STRAT_GUEST_H

#include "strat/plugin.h"

#define TD_GUEST_ROWS  20   /* of a side of a book */
#define TD_GUEST_LINES 1024 /* a desk's, at most */
#define TD_GUEST_IN    16384
#define TD_GUEST_OUT   131072 /* the largest event with all its lines fits */

enum td_guest_kind {
    TD_GUEST_ABOUT = 1,
    TD_GUEST_REFUSED,
    TD_GUEST_BEGIN,
    TD_GUEST_BEGUN,
    TD_GUEST_LINE,
    TD_GUEST_EVENT,
    TD_GUEST_INTENTS
};

struct td_guest_head {
    uint32_t magic, kind, len; /* len: of the body */
};

struct td_guest_param {
    char name[32], help[96];
    double preset, low, high;
};

struct td_guest_about {
    char name[16], help[160];
    uint32_t scope, legs_min, state_size, param_count;
    struct td_guest_param params[TD_STRAT_PARAMS];
};

/* REFUSED and BEGUN: err 0 is "yes". */
struct td_guest_word {
    uint32_t instance;
    int32_t err; /* enum td_err */
    char text[240];
};

struct td_guest_begin {
    uint32_t instance, first, legs, allow_short; /* first: line of its leg 0 */
    td_qty size;
    td_ns bar_span;
    double params[TD_STRAT_PARAMS];
};

struct td_guest_line {
    uint32_t line, unused;
    struct td_instrument inst;
};

struct td_guest_leg {
    struct td_quote quote;
    td_px last;
    td_qty position;
    td_px average;
    td_ns since;
    td_qty pending;
    double up; /* of the forecast */
    uint32_t tradable, has_book, has_forecast, unused;
};

struct td_guest_book {
    uint32_t line;
    int32_t rows[2], rows_max;
    uint64_t updates;
    uint32_t gaps, resets, disorder[2], broken, generated;
    td_ns recv_ns, venue_ns;
    struct td_level side[2][TD_GUEST_ROWS];
    char maker[2][TD_GUEST_ROWS][TD_MAKER_CHARS];
};

/* Followed by legs, working orders and books, as many as it says. */
struct td_guest_event {
    uint64_t seq;
    uint32_t instance, leg, legs, working, books, unused;
    td_cash equity;
    td_ns now;
    struct td_event event;
};

/* INTENTS: followed by so many; a count past TD_INTENTS_MAX comes without any. */
struct td_guest_answer {
    uint64_t seq;
    uint32_t instance, count;
};

struct td_guest_intent {
    uint32_t leg, tag, group, kind, action, type, tif, algo, exit, unused;
    td_qty qty, display;
    td_px limit, stop, trail, target, protect, reference, risk;
    double strength;
    td_ns good_until, algo_span;
    char reason[64];
};

/* --- writing: into out[cap], the frame's bytes; 0 when it does not fit --- */

size_t td_guest_put(uint8_t *out, size_t cap, enum td_guest_kind kind, const void *body,
                    size_t len);
size_t td_guest_put_about(uint8_t *out, size_t cap, const struct td_strat *strat);
size_t td_guest_put_word(uint8_t *out, size_t cap, enum td_guest_kind kind,
                         const struct td_guest_word *word);
/* The intents as the strategy wrote them. */
size_t td_guest_put_intents(uint8_t *out, size_t cap, const struct td_guest_answer *answer,
                            const struct td_intent *intents);

void td_guest_pack_leg(const struct td_leg *leg, struct td_guest_leg *out);
void td_guest_pack_book(uint32_t line, const struct td_book *book, struct td_guest_book *out);
void td_guest_unpack_book(const struct td_guest_book *from, struct td_book *out);

/* --- reading what a host says --- */

struct td_guest_in {
    uint8_t bytes[TD_GUEST_IN];
    size_t used;
};

struct td_guest_frame {
    enum td_guest_kind kind;
    union {
        struct td_guest_about about;
        struct td_guest_word word;
        struct {
            struct td_guest_answer answer;
            struct td_intent
                intents[TD_INTENTS_MAX]; /* strategy and decided_ns are the desk's to fill in */
        };
    };
};

/* Bytes taken of in[len]; all of it once the frames are drained. */
size_t td_guest_feed(struct td_guest_in *g, const void *in, size_t len);
/* The next frame. TD_EAGAIN: none yet. TD_EPROTO: these bytes are none, and nothing after them can be; `why` says what. */
TD_MUST_CHECK enum td_err td_guest_next(struct td_guest_in *g, struct td_guest_frame *out,
                                        struct td_fail *why);

/* --- reading what a desk says --- */

/* Is this head one that a desk sends, and its body at most TD_GUEST_OUT bytes? */
bool td_guest_from_desk(const struct td_guest_head *head);
/* Cuts an EVENT's body; TD_EPROTO when its counts do not make its length. The arrays are unaligned bytes. */
struct td_guest_parts {
    struct td_guest_event head;
    const uint8_t *legs, *working, *books;
};
TD_MUST_CHECK enum td_err td_guest_cut(const uint8_t *body, size_t len, struct td_guest_parts *out);

#endif
