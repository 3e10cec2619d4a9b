/* wire/dbn.h - Databento Binary Encoding, versions 1 to 3, decoded without I/O.
 *
 * Bytes in (td_dbn_feed), records out (td_dbn_next). The decoder keeps no copy of what it has consumed: the caller owns
 * a buffer, feeds what it has, and passes the unconsumed rest again with more behind it (td_dbn_used says how much
 * was consumed). Numbers are little-endian and nothing is assumed about alignment.
 * Records are read by their tables (wire/dbn_layout.h); the members of struct td_dbn_record are what hot paths want of
 * them, everything else is td_dbn_get's. Unknown record types are passed on raw. Hostile lengths are refused: metadata
 * over TD_DBN_METADATA_MAX, counts that do not fit the metadata, records shorter than their header or their type.
 * Packed files: wire/dbn_zstd.h. Writing: td_dbn_metadata_write, td_dbn_put. Page: docs/wire/dbn.md.
 * Source: Databento's public DBN specification (layouts in reference page ibkr-operations section 4.2).
 */
#ifndef TD_WIRE_DBN_H
#define TD_WIRE_DBN_H

#include "base/num.h"
#include "base/text.h"
#include "wire/dbn_metadata.h"

#define TD_DBN_LEVELS    10
#define TD_DBN_RUNS_MAX  16  /* of the longest plan */
#define TD_DBN_PLANS_MAX 32  /* layouts of one version, and one for none */
#define TD_DBN_HEAD      16u /* record header */

struct td_dbn_layout; /* wire/dbn_layout.h */

enum td_dbn_rtype {
    TD_DBN_TRADE = 0x00,
    TD_DBN_MBP1 = 0x01,
    TD_DBN_MBP10 = 0x0a,
    TD_DBN_OHLCV_OLD = 0x11,
    TD_DBN_STATUS = 0x12,
    TD_DBN_DEFINITION = 0x13,
    TD_DBN_IMBALANCE = 0x14,
    TD_DBN_ERROR = 0x15,
    TD_DBN_MAPPING = 0x16,
    TD_DBN_SYSTEM = 0x17,
    TD_DBN_STATISTICS = 0x18,
    TD_DBN_OHLCV_1S = 0x20,
    TD_DBN_OHLCV_1M = 0x21,
    TD_DBN_OHLCV_1H = 0x22,
    TD_DBN_OHLCV_1D = 0x23,
    TD_DBN_OHLCV_EOD = 0x24,
    TD_DBN_MBO = 0xa0,
    TD_DBN_CMBP1 = 0xb1,
    TD_DBN_CBBO_1S = 0xc0,
    TD_DBN_CBBO_1M = 0xc1,
    TD_DBN_TCBBO = 0xc2,
    TD_DBN_BBO_1S = 0xc3,
    TD_DBN_BBO_1M = 0xc4
};

/* As it lies in the record, at any alignment. */
struct td_dbn_level {
    td_px bid_px, ask_px; /* TD_PX_NONE when undefined */
    uint32_t bid_qty, ask_qty;
    uint32_t bid_orders, ask_orders; /* of consolidated records: the publishers of bid and ask */
} __attribute__((packed, aligned(1)));

/* A decoded record. Members a type does not have are 0, `px` TD_PX_NONE, as far as `own`; those behind it are set by
 * the types they name alone. */
struct td_dbn_record {
    struct td_str raw; /* header included, without ts_out; borrowed from the fed bytes */
    const struct td_dbn_layout *layout; /* NULL: a type unknown */
    uint8_t rtype;
    uint8_t levels; /* in `level`: 0, 1, 10 */
    uint16_t publisher;
    uint32_t instrument;
    uint64_t ts_event;
    uint64_t ts_out;   /* 0 without */
    uint64_t order_id; /* mbo */
    /* The next ones stand as in trade, mbp and bbo records, which are copied in one piece. */
    td_px px; /* mbo, trade, mbp, bbo, statistics, imbalance */
    uint32_t qty;
    char action, side;
    uint8_t flags, depth;
    uint64_t ts_recv; /* ts_event where the type has none */
    int32_t ts_in_delta;
    uint32_t sequence;
    uint8_t channel;
    const struct td_dbn_level
        *level;                   /* [levels], best first; borrowed from the fed bytes as `raw` */
    struct td_dbn_level own;      /* what `level` points to where it is not as in the record */
    td_px open, high, low, close; /* ohlcv */
    uint64_t volume;
    uint16_t status_action, status_reason; /* status */
    td_px min_tick;                        /* definition */
    uint64_t expiration;
    struct td_str symbol, asset; /* definition: raw symbol and product, cut at the NUL */
    char instrument_class;
    uint16_t stat_type; /* statistics */
    int64_t stat_qty;
};

/* How a record of one layout gets into a td_dbn_record: its fields joined to runs. Private to wire/dbn.c. */
struct td_dbn_plan {
    const struct td_dbn_layout *layout;
    uint8_t runs;
    bool others; /* fields that are more than copied */
    bool rest;   /* fields behind `own` */
    struct {
        uint16_t at, into, bytes;
    } run[TD_DBN_RUNS_MAX];
};

/* Flags of a record. */
enum {
    TD_DBN_LAST = 0x80, /* last record of one event of the venue: the book is whole again */
    TD_DBN_TOP_OF_BOOK = 0x40,
    TD_DBN_SNAPSHOT = 0x20,
    TD_DBN_AGGREGATED = 0x10,
    TD_DBN_BAD_RECV = 0x08,
    TD_DBN_MAYBE_BAD = 0x04, /* something was lost before it */
};

enum td_dbn_state { TD_DBN_WANT_METADATA, TD_DBN_WANT_RECORD, TD_DBN_BROKEN };

struct td_dbn {
    struct td_dbn_metadata metadata;
    uint8_t state;
    const uint8_t *bytes; /* fed, not owned */
    size_t len, used;
    uint64_t records;
    uint8_t plan_of[256];                      /* of each type in this version; 0 none */
    struct td_dbn_plan plan[TD_DBN_PLANS_MAX]; /* from 1 on */
};

void td_dbn_init(struct td_dbn *d);
/* A stream of records alone (".frag"), as version `version` 1..3 without ts_out. */
void td_dbn_init_fragment(struct td_dbn *d, uint8_t version);

/* Gives the decoder bytes: what was left over by the last feed, then the new ones. They must stay until the next feed. */
void td_dbn_feed(struct td_dbn *d, const void *bytes, size_t len);
/* Bytes of the last feed that are done with. */
size_t td_dbn_used(const struct td_dbn *d);
/* After TD_EAGAIN: how many bytes the metadata or the record in front need at least, counted from td_dbn_used. */
size_t td_dbn_wants(const struct td_dbn *d);

/* The next record. TD_OK; TD_EAGAIN: feed more; TD_EPROTO: not DBN, or damaged (and stays so);
 * TD_EVERSION: a version this decoder does not know. Metadata are complete once the state is not TD_DBN_WANT_METADATA;
 * they borrow from the bytes they were fed with. */
TD_MUST_CHECK enum td_err td_dbn_next(struct td_dbn *d, struct td_dbn_record *out);
/* The version of a fragment by the length of its first record: the newest that has it. 0: these bytes do not begin like a
 * record of any version. Needs TD_DBN_HEAD bytes. */
uint8_t td_dbn_fragment_version(const void *bytes, size_t len);
/* At the end of the file: TD_OK, or TD_ETORN when it ends inside metadata or a record. */
TD_MUST_CHECK enum td_err td_dbn_finish(const struct td_dbn *d);

#endif
