/* wire/dbn_layout.h - every DBN record as a table: one row per field, one table per record type and version.
 *
 * The rows drive everything that knows a field: the decoder (wire/dbn.h), reading and writing single values,
 * JSON and CSV (dbn_text.h), the upgrade to version 3 (dbn_upgrade.h), Parquet columns (store/dbn_columns.h) and
 * docs/wire/dbn.md. A table covers every byte of its record exactly once, reserved ones included.
 * Numbers are little-endian at any alignment; nothing here allocates, and nothing is read past layout->bytes.
 * Source: Databento's public DBN specification, the field lists of the package databento_dbn 0.72.
 */
#ifndef TD_WIRE_DBN_LAYOUT_H
#define TD_WIRE_DBN_LAYOUT_H

#include "wire/dbn.h"

#define TD_DBN_FIELDS_MAX 80  /* rows of the longest table      */
#define TD_DBN_BYTES_MAX  520 /* of the longest record known    */

enum td_dbn_type {
    TD_DBN_U8,
    TD_DBN_U16,
    TD_DBN_U32,
    TD_DBN_U64,
    TD_DBN_I8,
    TD_DBN_I16,
    TD_DBN_I32,
    TD_DBN_I64,
    TD_DBN_QTY32, /* i32 that is an i64 in version 3            */
    TD_DBN_PX,    /* i64, 1e-9 of a unit; INT64_MAX: undefined  */
    TD_DBN_TIME,  /* u64, ns since 1970 UTC; UINT64_MAX: none   */
    TD_DBN_CHAR,  /* one letter; 0: none                        */
    TD_DBN_TEXT,  /* NUL-padded ASCII                           */
    TD_DBN_PAD,   /* reserved bytes; never shown, carried along */
};

/* What a field holds when nothing is known (the upgrade of a record that had no such field); a letter
 * otherwise. TD_DBN_NONE is the type's largest value, and reads as "none". */
#define TD_DBN_ZERO 0
#define TD_DBN_NONE 1

struct td_dbn_field {
    const char *name; /* as the vendor's, and as our column, key and CSV head */
    uint16_t at;      /* offset in the record                                 */
    uint16_t bytes;
    uint8_t type;        /* enum td_dbn_type                                        */
    uint8_t fill;        /* TD_DBN_ZERO, TD_DBN_NONE or a letter                    */
    uint8_t level;       /* 1 + the level of the book it belongs to; 0: none        */
    uint16_t into;       /* offset of its member in struct td_dbn_record; 0: none   */
    const char *meaning; /* NULL in an older version of a documented field    */
};

struct td_dbn_layout {
    const char *name;
    uint8_t rtypes[6];    /* that have this form; the rest is the first again */
    uint8_t since, until; /* versions of DBN */
    uint8_t levels;       /* 0, 1, 10 */
    bool consolidated;    /* levels name a publisher instead of a number of orders */
    uint16_t bytes;       /* without ts_out */
    uint16_t count;
    const struct td_dbn_field *fields; /* [count], in the order of the bytes */
};

/* All tables. */
const struct td_dbn_layout *td_dbn_layouts(size_t *count);
/* The table of a record type in a version of DBN; NULL: unknown. */
const struct td_dbn_layout *td_dbn_layout_of(uint8_t rtype, uint8_t version);
/* A row by name; NULL: none. */
const struct td_dbn_field *td_dbn_field_of(const struct td_dbn_layout *layout, struct td_str name);
/* The field by which the record is found in time: ts_recv where there is one, else ts_event. */
const struct td_dbn_field *td_dbn_index_field(const struct td_dbn_layout *layout);

/* A field's value. Numbers of every type are in `number`, unsigned ones as their bits. */
struct td_dbn_value {
    bool none;      /* the type's "not given" */
    int64_t number; /* numbers, prices (1e-9), times (ns), a letter's code */
    struct td_str
        text; /* TEXT (up to the first NUL) and PAD (all bytes), borrowed from the record */
};

/* Reads a field of a record that is at least layout->bytes long. */
void td_dbn_get(const void *record, const struct td_dbn_field *field, struct td_dbn_value *out);
/* Writes it; `none` writes the type's "not given". Texts longer than the field less its NUL are cut. */
void td_dbn_put(void *record, const struct td_dbn_field *field, const struct td_dbn_value *value);
/* Every field as if nothing were known, and the record header's length and type. record has layout->bytes. */
void td_dbn_blank(void *record, const struct td_dbn_layout *layout, uint8_t rtype);

/* ---- names of numbers ---- */

#define TD_DBN_SCHEMA_MIXED 0xffffu

/* "mbo", "ohlcv-1s", ...; "mixed" for TD_DBN_SCHEMA_MIXED; NULL for numbers unknown. */
const char *td_dbn_schema_name(uint16_t schema);
/* The number of a schema's name and the type of its records. False: no such schema. */
bool td_dbn_schema_find(struct td_str name, uint16_t *schema, uint8_t *rtype);
/* "raw_symbol", "instrument_id", ...; NULL for numbers unknown. */
const char *td_dbn_stype_name(uint8_t stype);

#endif
