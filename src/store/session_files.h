/* store/session_files.h - the writers of the session files; the inside of store/session.h. */
#ifndef TD_STORE_SESSION_FILES_H
#define TD_STORE_SESSION_FILES_H

#include "store/session.h"
#include "store/session_out.h"
#include "wire/json.h"

/* Columns of snapshots, filled row by row and written as row groups. */
struct td_snapshot_writer {
    struct td_pq_column columns[TD_SESSION_COLUMNS];
    struct td_pq_pair pair;
    struct td_pq_writer *writer;
    struct td_out *out;
    int32_t levels;
    size_t rows_max;
    size_t rows;
    uint64_t total;
    td_ns first_ns, last_ns;
    struct td_str *timestamp;
    char *iso;    /* [rows_max][ISO_CHARS] */
    td_ns iso_at; /* of the last row */
    double *px[2];
    int64_t *qty[2];
    int64_t *recv_ns, *venue_ns, *seq;
    int32_t *quality;
    uint8_t *generated;
    char pandas[2048];
};

/* Memory it takes for a log that can hold at most `snapshots`. */
size_t td_snapshot_writer_need(int32_t levels, uint64_t snapshots);
/* Takes td_snapshot_writer_need from the arena and writes the file's first bytes to `out`. */
TD_MUST_CHECK enum td_err td_snapshot_writer_open(struct td_snapshot_writer *w, int32_t levels,
                                                  uint64_t snapshots, struct td_out *out,
                                                  struct td_arena *arena, struct td_fail *why);
TD_MUST_CHECK enum td_err td_snapshot_writer_add(struct td_snapshot_writer *w,
                                                 const struct td_snap *s, struct td_fail *why);
TD_MUST_CHECK enum td_err td_snapshot_writer_finish(struct td_snapshot_writer *w,
                                                    struct td_fail *why);
void td_snapshot_writer_close(struct td_snapshot_writer *w);

/* Columns of ticks, likewise. */
struct td_tick_writer {
    struct td_pq_pair pair;
    struct td_pq_writer *writer;
    struct td_out *out;
    size_t rows_max, rows;
    uint64_t total;
    struct td_str *timestamp, *exchange;
    char *text; /* [rows_max][TICK_TEXT]: both of them */
    double *numbers[6];
    uint8_t *present[6];
    int64_t *recv_ns, *venue_ns;
    uint8_t *generated;
    char pandas[2048];
};

/* Memory it takes for a log that can hold at most `ticks`. */
size_t td_tick_writer_need(uint64_t ticks);
TD_MUST_CHECK enum td_err td_tick_writer_open(struct td_tick_writer *w, uint64_t ticks,
                                              struct td_out *out, struct td_arena *arena,
                                              struct td_fail *why);
TD_MUST_CHECK enum td_err td_tick_writer_add(struct td_tick_writer *w, const struct td_event *ev,
                                             struct td_fail *why);
TD_MUST_CHECK enum td_err td_tick_writer_finish(struct td_tick_writer *w, struct td_fail *why);
void td_tick_writer_close(struct td_tick_writer *w);

/* The messages array, streamed. */
struct td_message_writer {
    struct td_out *out;
    struct td_text text;
    struct td_json json;
    const char *symbol;
    uint64_t total;
    uint64_t marks; /* gaps and resets */
    char buf[16384];
};

void td_message_writer_open(struct td_message_writer *w, struct td_out *out, const char *symbol);
TD_MUST_CHECK enum td_err td_message_writer_add(struct td_message_writer *w,
                                                const struct td_capture_record *r);
/* Ends the array; td_out_seal tells whether it was written. */
void td_message_writer_finish(struct td_message_writer *w);

#endif
