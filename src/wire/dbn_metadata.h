/* wire/dbn_metadata.h - the head of a DBN file: read, walked and written, versions 1 to 3.
 *
 * Reading borrows: texts, lists and mappings point into the bytes that were read, in the fixed width of the file. A
 * list of our own is an array of such fields (td_dbn_texts over char[n][chars]).
 * Hostile lengths are refused: every count is checked against the bytes that hold it before it is used.
 * Source: Databento's public DBN specification (reference page ibkr-operations, section 4.2).
 */
#ifndef TD_WIRE_DBN_METADATA_H
#define TD_WIRE_DBN_METADATA_H

#include "base/text.h"

#define TD_DBN_METADATA_MAX     (64u * 1024 * 1024)
#define TD_DBN_SYMBOL_CHARS_MAX 255u /* widest symbol field read; the vendor writes 22 or 71 */
#define TD_DBN_PREFIX           8u   /* "DBN", version, length */
#define TD_DBN_UNDEF_TIME       UINT64_MAX
#define TD_DBN_NO_STYPE         0xffu

/* A list of NUL-padded fields, all `chars` wide. */
struct td_dbn_texts {
    const char *p;
    uint32_t count;
    uint16_t chars;
};

struct td_dbn_metadata {
    uint8_t version; /* 1..3; a fragment has the version it was told, and nothing else */
    uint16_t schema; /* 0xffff: mixed */
    uint8_t stype_in, stype_out; /* TD_DBN_NO_STYPE: mixed */
    bool ts_out;                 /* each record ends with 8 more bytes */
    uint16_t symbol_chars;       /* length of a symbol field, with its NUL */
    uint64_t start, end;         /* ns; TD_DBN_UNDEF_TIME: none */
    uint64_t limit;              /* 0: none */
    uint64_t old_records;        /* version 1 only; the vendor no longer fills it */
    char dataset[17];
    struct td_dbn_texts symbols, partial, not_found;
    uint32_t mappings;
    struct td_str mapping_bytes; /* walked by td_dbn_mapping_next */
};

/* How many bytes the metadata take with their prefix, once TD_DBN_PREFIX bytes are there. TD_EAGAIN: fewer.
 * TD_EPROTO: not DBN, or a length out of bounds. TD_EVERSION: a version this decoder does not know. */
TD_MUST_CHECK enum td_err td_dbn_metadata_len(const void *bytes, size_t len, size_t *out);
/* Reads metadata of exactly that length. TD_EPROTO: a count or length does not fit. */
TD_MUST_CHECK enum td_err td_dbn_metadata_read(struct td_dbn_metadata *m, const void *bytes,
                                               size_t len);

/* Text `i` of a list, up to its NUL; empty past the end. */
struct td_str td_dbn_text_at(const struct td_dbn_texts *texts, uint32_t i);

struct td_dbn_mapping {
    struct td_str symbol; /* as asked for, of stype_in */
    uint32_t intervals;
    /* private */
    size_t at, next;
};

struct td_dbn_interval {
    uint32_t start, end;  /* yyyymmdd; end is exclusive */
    struct td_str symbol; /* what it was then, of stype_out */
};

/* The next mapping; `at` is zeroed before the first. False: that was the last. */
bool td_dbn_mapping_next(const struct td_dbn_metadata *m, struct td_dbn_mapping *at);
/* Interval `i` < intervals of a mapping. */
void td_dbn_interval_at(const struct td_dbn_metadata *m, const struct td_dbn_mapping *mapping,
                        uint32_t i, struct td_dbn_interval *out);

/* Bytes that td_dbn_metadata_write takes for `m` as `version`. */
size_t td_dbn_metadata_bytes(const struct td_dbn_metadata *m, uint8_t version);
/* Writes metadata in the form of `version` 1..3, whatever the form they came in. TD_EFULL: out is too small.
 * TD_ERANGE: a symbol does not fit the form (22 characters with the NUL in version 1), or all of it the format. */
TD_MUST_CHECK enum td_err td_dbn_metadata_write(const struct td_dbn_metadata *m, uint8_t version,
                                                void *out, size_t cap, size_t *len);

#endif
