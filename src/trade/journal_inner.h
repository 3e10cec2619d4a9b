/* trade/journal_inner.h - private to the journal's sources: the layout's constants and the reading of one file after another. */
#ifndef TD_TRADE_JOURNAL_INNER_H
#define TD_TRADE_JOURNAL_INNER_H

#include "base/crc.h"
#include "trade/journal.h"

#define JOURNAL_MAGIC      "TDJRNL\0\1"
#define JOURNAL_HEADER     64u
#define JOURNAL_FRAME_HEAD 12u
#define JOURNAL_FRAME_MAX  (JOURNAL_FRAME_HEAD + TD_RECORD_BYTES_MAX + TD_JOURNAL_HASH)

static inline void journal_put_u32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

static inline uint32_t journal_get_u32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

struct journal_scan {
    struct td_world *world;
    struct td_file file;
    const char *path;
    uint64_t size, offset;
    uint8_t chain[TD_JOURNAL_HASH];
    uint32_t version; /* of the file being read */
    uint64_t next_seq;
    bool newest; /* a torn tail is allowed here */
    bool ended;  /* the last record is the orderly end of a process */
    struct td_journal_reader reader;
    struct td_journal_report *report;
    uint8_t buf[TD_JOURNAL_BUFFER + JOURNAL_FRAME_MAX];
    size_t have, at;
};

void journal_file_path(const char *folder, uint32_t number, char *out, size_t cap);
void journal_chain_on(uint8_t *chain, const uint8_t *body, size_t len);
/* A td_list_fn: the highest number among the files of a folder into a uint32_t. */
bool journal_note_number(void *arg, const char *name, enum td_entry_kind kind);
/* The newest file up to `newest` that the reader has a state for, with next_seq and chain set; 1: all are read. */
uint32_t journal_find_base(struct journal_scan *s, const char *folder, uint32_t newest);
/* The head of the file that is open; s->at and offset stand behind it. */
TD_MUST_CHECK enum td_err journal_read_header(struct journal_scan *s, uint32_t number, bool *torn,
                                              struct td_fail *why);
/* One frame. *done at the end of the file; *torn when the tail is incomplete. */
TD_MUST_CHECK enum td_err journal_read_frame(struct journal_scan *s, bool *done, bool *torn,
                                             struct td_fail *why);
/* Reads all files in order, or those from a base on. The newest one is settled when `cut` and it did not end in order. */
TD_MUST_CHECK enum td_err journal_read_all(struct journal_scan *s, const char *folder, bool cut,
                                           uint32_t *newest, struct td_fail *why);

#endif
