/* wire/dbn.h - Databento Binary Encoding, versions 1 to 3, decoded without I/O.
 *
 * Bytes in (td_dbn_feed), records out (td_dbn_next). The decoder keeps no copy of what it has consumed: the caller owns
 * a buffer, feeds what it has, and passes the unconsumed rest again with more behind it (td_dbn_used says how much
 * was consumed). Numbers are little-endian and read byte by byte; nothing is assumed about alignment.
 * Unknown record types are passed on raw. Hostile lengths are refused: metadata over TD_DBN_METADATA_MAX, counts
 * that do not fit the metadata, records shorter than their header or their type.
 * Source: Databento's public DBN specification (layouts in reference page ibkr-operations section 4.2).
 */
#ifndef TD_WIRE_DBN_H
#define TD_WIRE_DBN_H

#include "base/num.h"
#include "base/text.h"

#define TD_DBN_METADATA_MAX (64u * 1024 * 1024)
#define TD_DBN_LEVELS       10
#define TD_DBN_UNDEF_TIME   UINT64_MAX

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

struct td_dbn_metadata {
    uint8_t version; /* 1..3 */
    uint16_t schema; /* 0xffff: mixed */
    uint8_t stype_in, stype_out;
    bool ts_out;                                    /* each record ends with 8 more bytes */
    uint16_t symbol_chars;                          /* length of a symbol field, with its NUL */
    uint64_t start, end;                            /* ns; TD_DBN_UNDEF_TIME: none */
    uint64_t limit;                                 /* 0: none */
    uint32_t symbols, partial, not_found, mappings; /* counts */
    char dataset[17];
    struct td_str symbol_texts;  /* the symbols' fixed-width fields, borrowed from the fed bytes */
    struct td_str mapping_bytes; /* the mapping block, borrowed likewise */
};

struct td_dbn_level {
    td_px bid_px, ask_px; /* TD_PX_NONE when undefined */
    uint32_t bid_qty, ask_qty, bid_orders, ask_orders;
};

/* A decoded record. Which members are set depends on rtype; `raw` always is (header included, without
 * ts_out), borrowed from the fed bytes. */
struct td_dbn_record {
    struct td_str raw;
    uint8_t rtype;
    uint16_t publisher;
    uint32_t instrument;
    uint64_t ts_event, ts_recv; /* ts_recv = ts_event where the type has none */
    uint64_t ts_out;            /* 0 without */
    uint64_t order_id;          /* mbo */
    td_px px;                   /* mbo, trade, mbp, bbo */
    uint32_t qty;
    uint32_t sequence;
    int32_t ts_in_delta;
    char action, side;
    uint8_t flags, depth, channel;
    uint8_t levels; /* how many of level[] are set: 0, 1, 10 */
    struct td_dbn_level level[TD_DBN_LEVELS];
    td_px open, high, low, close; /* ohlcv */
    uint64_t volume;
    uint16_t status_action, status_reason; /* status */
    td_px min_tick;                        /* definition */
    uint64_t expiration;                   /* definition */
    struct td_str symbol, asset;           /* definition: raw symbol and product, cut at the NUL */
    char instrument_class;                 /* definition */
    uint16_t stat_type;                    /* statistics */
    int64_t stat_qty;
};

enum td_dbn_state { TD_DBN_WANT_METADATA, TD_DBN_WANT_RECORD, TD_DBN_BROKEN };

struct td_dbn {
    struct td_dbn_metadata metadata;
    uint8_t state;
    const uint8_t *bytes; /* fed, not owned */
    size_t len, used;
    uint64_t records;
};

void td_dbn_init(struct td_dbn *d);
/* A stream of records alone (".frag"), as version `version` without ts_out. */
void td_dbn_init_fragment(struct td_dbn *d, uint8_t version);

/* Gives the decoder bytes: what was left over by the last feed, then the new ones. They must stay until the next feed. */
void td_dbn_feed(struct td_dbn *d, const void *bytes, size_t len);
/* Bytes of the last feed that are done with. */
size_t td_dbn_used(const struct td_dbn *d);

/* The next record. TD_OK; TD_EAGAIN: feed more; TD_EPROTO: not DBN, or damaged (and stays so);
 * TD_EVERSION: a version this decoder does not know. Metadata is complete once it is not TD_DBN_WANT_METADATA. */
TD_MUST_CHECK enum td_err td_dbn_next(struct td_dbn *d, struct td_dbn_record *out);
/* At the end of the file: TD_OK, or TD_ETORN when it ends inside metadata or a record. */
TD_MUST_CHECK enum td_err td_dbn_finish(const struct td_dbn *d);

#endif
