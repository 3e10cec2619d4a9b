/* wire/dbn_rows.h - how the rows of the DBN tables are written; for dbn_layout*.c alone. */
#ifndef TD_WIRE_DBN_ROWS_H
#define TD_WIRE_DBN_ROWS_H

#include "wire/dbn_layout.h"

#define NONE TD_DBN_NONE

/* A field; a field that struct td_dbn_record has a member for; reserved bytes. */
#define F(name, at, bytes, type, fill, meaning)                                                    \
    {                                                                                              \
        name, at, bytes, TD_DBN_##type, fill, 0, 0, meaning                                        \
    }
#define M(member, name, at, bytes, type, fill, meaning)                                            \
    {                                                                                              \
        name, at, bytes, TD_DBN_##type, fill, 0, offsetof(struct td_dbn_record, member), meaning   \
    }
#define R(at, bytes) F("reserved", at, bytes, PAD, 0, NULL)

/* The record header; its length is the table's, so it is nobody's column. */
#define HEAD                                                                                       \
    F("length", 0, 1, PAD, 0, NULL), F("rtype", 1, 1, U8, 0, "type of the record"),                \
        F("publisher_id", 2, 2, U16, 0, "dataset and venue, numbered by the vendor"),              \
        F("instrument_id", 4, 4, U32, 0, "the vendor's number of the instrument"),                 \
        F("ts_event", 8, 8, TIME, NONE, "the venue's time; of a bar its start")

enum { TD_DBN_DEFINITION_V1 = 70, TD_DBN_DEFINITION_V2 = 66, TD_DBN_DEFINITION_V3 = 75 };

extern const struct td_dbn_field td_dbn_definition_v1[TD_DBN_DEFINITION_V1];
extern const struct td_dbn_field td_dbn_definition_v2[TD_DBN_DEFINITION_V2];
extern const struct td_dbn_field td_dbn_definition_v3[TD_DBN_DEFINITION_V3];

#endif
