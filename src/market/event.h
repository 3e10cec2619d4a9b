/* market/event.h - the tape: everything that happens, in order, with two clocks.
 *
 * Sources (gateway, simulator, DBN, LEAN, Parquet, journal) produce events; the desk consumes them;
 * sinks write them. venue_ns is the venue's stamp (0 when it sends none), recv_ns our own receipt.
 * Plain data, copied by value; texts are cut to their field and NUL-padded.
 */
#ifndef TD_MARKET_EVENT_H
#define TD_MARKET_EVENT_H

#include "base/num.h"
#include "base/time.h"

enum td_side { TD_ASK = 0, TD_BID = 1 }; /* as the TWS wire: 0 ask, 1 bid */
enum td_action { TD_BUY = 0, TD_SELL = 1 };
enum td_depth_op { TD_DEPTH_INSERT = 0, TD_DEPTH_UPDATE = 1, TD_DEPTH_DELETE = 2 };

enum td_event_kind {
    TD_EV_DEPTH,       /* one row of the level-2 book                                      */
    TD_EV_DEPTH_RESET, /* both sides are void; rows follow (TWS 317, resubscription)       */
    TD_EV_MBO,         /* one order of an order-by-order book                              */
    TD_EV_QUOTE,       /* best bid and ask                                                 */
    TD_EV_TRADE,       /* a print                                                          */
    TD_EV_BAR,         /* a finished bar                                                   */
    TD_EV_STATUS,      /* session state of the instrument                                  */
    TD_EV_GAP,         /* events are missing from here                                     */
    TD_EV_KINDS
};

#define TD_MAKER_CHARS 12 /* MPID or exchange, NUL-padded */

struct td_depth {
    td_px px;
    td_qty qty;
    char maker[TD_MAKER_CHARS];
    int32_t row;  /* 0 = best; any value may arrive from the wire */
    uint8_t op;   /* enum td_depth_op, checked by the book */
    uint8_t side; /* enum td_side, checked by the book     */
    bool smart;
};

enum td_mbo_action {
    TD_MBO_ADD,
    TD_MBO_CANCEL,
    TD_MBO_MODIFY,
    TD_MBO_CLEAR,
    TD_MBO_TRADE,
    TD_MBO_FILL
};

struct td_mbo {
    uint64_t order_id;
    td_px px;
    td_qty qty;
    uint8_t action; /* enum td_mbo_action */
    uint8_t side;   /* enum td_side, or 2 when the venue gives none */
    bool last;      /* last record of one venue event */
};

struct td_quote {
    td_px bid, ask;          /* TD_PX_NONE when the side is absent */
    td_qty bid_qty, ask_qty; /* 0 when the side is absent          */
};

struct td_trade {
    td_px px;
    td_qty qty;
    char exchange[TD_MAKER_CHARS];
    uint8_t aggressor; /* enum td_side of the resting order that was hit, or 2 unknown */
    bool unreported;
};

struct td_bar {
    td_px open, high, low, close;
    td_qty volume;
    td_px wap;     /* TD_PX_NONE when unknown */
    td_ns span;    /* length; the event's venue_ns is the start */
    int32_t count; /* trades, -1 unknown */
};

enum td_status { TD_STATUS_OPEN, TD_STATUS_CLOSED, TD_STATUS_HALTED, TD_STATUS_AUCTION };

struct td_event {
    td_ns venue_ns;
    td_ns recv_ns;
    uint32_t inst;  /* index in the instrument table */
    uint8_t kind;   /* enum td_event_kind */
    bool generated; /* made by the simulator's generator, not recorded */
    union {
        struct td_depth depth;
        struct td_mbo mbo;
        struct td_quote quote;
        struct td_trade trade;
        struct td_bar bar;
        uint8_t status; /* enum td_status */
    };
};

#endif
