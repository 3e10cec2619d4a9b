/* wire/feather_format.h - the numbers of the Arrow IPC format, shared by its writer and its reader.
 *
 * Not for users of wire/feather.h. Source: Schema.fbs, Message.fbs and File.fbs of github.com/apache/arrow/format.
 */
#ifndef TD_WIRE_FEATHER_FORMAT_H
#define TD_WIRE_FEATHER_FORMAT_H

#define TD_FTR_MAGIC    "ARROW1"
#define TD_FTR_CONTINUE 0xffffffffu /* in front of a message's length */

enum { TD_FTR_HEAD_BYTES = 8, TD_FTR_TAIL_BYTES = 10, TD_FTR_BLOCK_BYTES = 24 };
enum { TD_FTR_VERSION_5 = 4 };
enum { TD_FTR_SCHEMA = 1, TD_FTR_DICTIONARY = 2, TD_FTR_RECORDS = 3 }; /* kinds of message */
enum { TD_FTR_LZ4_FRAME = 0, TD_FTR_ZSTD = 1 };                        /* codecs of a body */

enum td_ftr_type {
    TD_FTR_NULL = 1,
    TD_FTR_INT,
    TD_FTR_FLOAT,
    TD_FTR_BINARY,
    TD_FTR_UTF8,
    TD_FTR_BOOL,
    TD_FTR_DECIMAL,
    TD_FTR_DATE,
    TD_FTR_TIME,
    TD_FTR_TIMESTAMP,
    TD_FTR_INTERVAL,
    TD_FTR_LIST,
    TD_FTR_STRUCT,
    TD_FTR_UNION,
    TD_FTR_FIXED_BINARY,
    TD_FTR_FIXED_LIST,
    TD_FTR_MAP,
    TD_FTR_DURATION,
    TD_FTR_LARGE_BINARY,
    TD_FTR_LARGE_UTF8,
    TD_FTR_LARGE_LIST,
    TD_FTR_RUN_ENDS,
    TD_FTR_BINARY_VIEW,
    TD_FTR_UTF8_VIEW,
    TD_FTR_LIST_VIEW,
    TD_FTR_LARGE_LIST_VIEW,
    TD_FTR_TYPES,
};

/* Slots of the tables. */
enum { TD_FTR_MESSAGE_VERSION, TD_FTR_MESSAGE_KIND, TD_FTR_MESSAGE_HEADER, TD_FTR_MESSAGE_BODY };
enum { TD_FTR_SCHEMA_ENDIAN, TD_FTR_SCHEMA_FIELDS, TD_FTR_SCHEMA_PAIRS };
enum {
    TD_FTR_FIELD_NAME,
    TD_FTR_FIELD_NULLABLE,
    TD_FTR_FIELD_KIND,
    TD_FTR_FIELD_TYPE,
    TD_FTR_FIELD_DICTIONARY,
    TD_FTR_FIELD_CHILDREN,
};
enum { TD_FTR_DICT_ID, TD_FTR_DICT_INDEX };
enum { TD_FTR_BATCH_ROWS, TD_FTR_BATCH_NODES, TD_FTR_BATCH_BUFFERS, TD_FTR_BATCH_PRESS };
enum { TD_FTR_DBATCH_ID, TD_FTR_DBATCH_DATA, TD_FTR_DBATCH_DELTA };
enum { TD_FTR_FOOTER_VERSION, TD_FTR_FOOTER_SCHEMA, TD_FTR_FOOTER_DICTS, TD_FTR_FOOTER_BATCHES };

#endif
