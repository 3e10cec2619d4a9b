/* wire/feather_schema.h - the schema table of a written Feather file; for feather_write.c alone. */
#ifndef TD_WIRE_FEATHER_SCHEMA_H
#define TD_WIRE_FEATHER_SCHEMA_H

#include "wire/feather_flat.h"
#include "wire/parquet.h"

/* Columns and pairs into the message; gives the table's place. */
size_t td_ftr_put_schema(struct td_fb_out *m, const struct td_pq_write_options *o);

#endif
