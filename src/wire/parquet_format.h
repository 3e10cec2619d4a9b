/* wire/parquet_format.h - the numbers of the Parquet format, shared by its writer and its reader.
 *
 * Not for users of wire/parquet.h. Source: parquet.thrift of github.com/apache/parquet-format.
 */
#ifndef TD_WIRE_PARQUET_FORMAT_H
#define TD_WIRE_PARQUET_FORMAT_H

#include "base/defs.h"

enum {
    TD_PQF_BOOLEAN = 0,
    TD_PQF_INT32 = 1,
    TD_PQF_INT64 = 2,
    TD_PQF_DOUBLE = 5,
    TD_PQF_BYTE_ARRAY = 6
};
enum { TD_PQF_REQUIRED = 0, TD_PQF_OPTIONAL = 1, TD_PQF_REPEATED = 2 };
enum {
    TD_PQF_UTF8 = 0,
    TD_PQF_LIST = 3,
    TD_PQF_UINT_64 = 14,
    TD_PQF_INT_16 = 16
};     /* converted types */
enum { /* members of the union LogicalType */
       TD_PQF_LOGICAL_STRING = 1,
       TD_PQF_LOGICAL_LIST = 3,
       TD_PQF_LOGICAL_TIMESTAMP = 8,
       TD_PQF_LOGICAL_INTEGER = 10,
       TD_PQF_UNIT_NANOS = 3
};
enum {
    TD_PQF_ENC_PLAIN = 0,
    TD_PQF_ENC_PLAIN_DICTIONARY = 2,
    TD_PQF_ENC_RLE = 3,
    TD_PQF_ENC_DELTA_BINARY_PACKED = 5,
    TD_PQF_ENC_DELTA_LENGTH_BYTE_ARRAY = 6,
    TD_PQF_ENC_DELTA_BYTE_ARRAY = 7,
    TD_PQF_ENC_RLE_DICTIONARY = 8
};
enum {
    TD_PQF_CODEC_NONE = 0,
    TD_PQF_CODEC_SNAPPY = 1,
    TD_PQF_CODEC_GZIP = 2,
    TD_PQF_CODEC_ZSTD = 6
};
enum {
    TD_PQF_PAGE_DATA = 0,
    TD_PQF_PAGE_INDEX = 1,
    TD_PQF_PAGE_DICTIONARY = 2,
    TD_PQF_PAGE_DATA_V2 = 3
};

/* Bits a level or index of this largest value needs. */
static inline unsigned td_pqf_bits(uint32_t largest)
{
    return largest ? 32u - (unsigned)__builtin_clz(largest) : 0;
}

#endif
