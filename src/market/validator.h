/* market/validator.h - may a decision stand on these data? Quotes, trades and bars, checked in one fixed order.
 *
 * Pure; one per line; times are of one clock, given. A value is accepted or refused with the first reason of this order:
 *
 *   EMPTY   no price at all                                          failed_price
 *   STALE   older than `stale_after`, or from after now              failed_stale
 *   PRICE   a price at or below 0, or below `least`                  failed_price
 *   ORDER   not bid <= last <= ask, by more than `slack`             failed_price
 *   SPREAD  (ask - bid) / bid above `spread_max`                     failed_spread
 *   VOLUME  volume below `volume_min`                                failed_volume
 *   JUMP    more than `jump_max` from the last accepted price        failed_anomaly
 *
 * What is not there (a side, the volume) is not looked at. EMPTY, PRICE and JUMP say that the numbers themselves are
 * absurd, and so does a refused one whose spread or change is above `jump_max`: such an event must reach nobody. The others are honest data
 * one should not trade on now.
 *
 * The reference for jumps is the last accepted price: the trade, else the middle. After a jump was refused, the price may
 * really be there: when three refused ones in a row agree within `jump_max` of the first of them, the last becomes the
 * reference and is accepted. Without that one real jump would refuse everything for ever.
 *
 * A trade and the quote beside it are two messages, so `slack` (a part of the price, 0: exactly) is what a trade may lie
 * outside the quote.
 * Source: contracts 10.6, with its corrections.
 */
#ifndef TD_MARKET_VALIDATOR_H
#define TD_MARKET_VALIDATOR_H

#include "market/event.h"

#define TD_DATA_AGREE 3 /* refused prices that make a new reference */

enum td_data_fault {
    TD_DATA_OK,
    TD_DATA_EMPTY,
    TD_DATA_STALE,
    TD_DATA_PRICE,
    TD_DATA_ORDER,
    TD_DATA_SPREAD,
    TD_DATA_VOLUME,
    TD_DATA_JUMP,
    TD_DATA_FAULTS
};

enum td_data_warning {
    TD_DATA_WARN_DROPPED = 1, /* a bar without open, high or low: dropped                     */
    TD_DATA_WARN_OUTSIDE = 2, /* open or close outside the bar's range                        */
    TD_DATA_WARN_THIN = 4,    /* more than half of the bars have a low volume                 */
    TD_DATA_WARN_CHANGE = 8,  /* a change above jump_max between two bars                     */
};

struct td_data_rules {
    td_ns stale_after; /* [60 s] */
    td_px least;       /* [0.01]; a smaller tick is the least by itself */
    int64_t spread_e9; /* [0.01] */
    int64_t jump_e9;   /* [0.2] */
    int64_t slack_e9;  /* [0] */
    td_qty volume_min; /* [100] */
};

struct td_data_counts { /* keys as contracts 10.6 */
    uint64_t total_validations, passed, failed_stale, failed_spread, failed_price, failed_volume,
        failed_anomaly;
};

struct td_validator {
    struct td_data_rules rules;
    struct td_data_counts counts;
    td_px reference; /* last accepted price; unset at first */
    /* private */
    td_px jumped; /* first of the refused ones */
    uint32_t agree;
};

/* Unset prices and volume are not looked at. */
struct td_data_view {
    td_px bid, ask, last;
    td_qty volume;
    td_ns at;
};

struct td_data_answer {
    bool is_valid, absurd;
    enum td_data_fault reason;
    uint32_t warnings; /* enum td_data_warning, of bars */
    int64_t spread_e9; /* unset without two sides */
    int64_t change_e9; /* from the reference, signed; unset at first */
    td_ns age;
};

/* The presets above. */
struct td_data_rules td_data_presets(void);
void td_validator_init(struct td_validator *v, const struct td_data_rules *rules);
void td_validate_quote(struct td_validator *v, const struct td_data_view *view, td_ns now,
                       struct td_data_answer *out);
/* One bar that ended at `end`. A bar without a close is EMPTY, one whose high is below its low is PRICE. A jump is a warning
 * only: the bar is over, and the reference moves. */
void td_validate_bar(struct td_validator *v, const struct td_bar *bar, td_ns end, td_ns now,
                     struct td_data_answer *out);
/* A series, oldest first; starts[i] ascending. Bars that are dropped are not counted as low. STALE when the last one's end is
 * too long ago. The first refusal is the answer. */
void td_validate_bars(struct td_validator *v, const struct td_bar *bars, const td_ns *starts,
                      uint32_t count, td_ns now, struct td_data_answer *out);

const char *td_data_fault_word(enum td_data_fault fault); /* "spread" */

#endif
