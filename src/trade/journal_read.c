/* trade/journal_read.c - files, frames, chain: reading.
 *
 * A frame is u32 length of the body, u32 CRC-32C of all that follows, u32 offset of its batch (the first
 * frame written by the same commit), body, 16-byte chain hash. The hash covers the hash before it and the
 * body. A power cut may write any subset of the last batch's sectors, so a bad frame is a tear when no
 * whole frame of a later batch stands behind it, and damage otherwise. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "trade/journal_inner.h"

#define READ_BYTES (TD_JOURNAL_BUFFER + JOURNAL_FRAME_MAX)

void journal_file_path(const char *folder, uint32_t number, char *out, size_t cap)
{
    (void)snprintf(out, cap, "%s/%04u.tdj", folder, number);
}

void journal_chain_on(uint8_t *chain, const uint8_t *body, size_t len)
{
    crypto_generichash_state state;
    TD_REQUIRE(crypto_generichash_init(&state, NULL, 0, TD_JOURNAL_HASH) == 0);
    TD_REQUIRE(crypto_generichash_update(&state, chain, TD_JOURNAL_HASH) == 0);
    TD_REQUIRE(crypto_generichash_update(&state, body, len) == 0);
    TD_REQUIRE(crypto_generichash_final(&state, chain, TD_JOURNAL_HASH) == 0);
}

/* Makes `need` bytes visible at s->buf + s->at; false at the end of the file. */
static enum td_err want(struct journal_scan *s, size_t need, bool *there)
{
    if (s->have - s->at < need) {
        size_t got = 0;
        memmove(s->buf, s->buf + s->at, s->have - s->at);
        s->have -= s->at;
        s->at = 0;
        const uint64_t from = s->offset + s->have;
        const enum td_err err =
            td_file_read(s->world, s->file, from, s->buf + s->have, READ_BYTES - s->have, &got);
        if (err)
            return err;
        s->have += got;
    }
    *there = s->have - s->at >= need;
    return TD_OK;
}

static enum td_err damaged(const struct journal_scan *s, const char *what, struct td_fail *why)
{
    return td_fail_set(why, TD_ECORRUPT, "journal %s at byte %llu: %s", s->path,
                       (unsigned long long)s->offset, what);
}

static bool is_zero(const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (p[i])
            return false;
    return true;
}

enum td_err journal_read_header(struct journal_scan *s, uint32_t number, bool *torn,
                                struct td_fail *why)
{
    bool there = false;
    enum td_err err = want(s, JOURNAL_HEADER, &there);
    if (err)
        return td_fail_set(why, err, "reading journal %s: %s", s->path, td_err_text(err));
    if (!there) {
        *torn = true;
        return s->newest ? TD_OK : damaged(s, "the file header is incomplete", why);
    }
    if (s->newest && s->size == JOURNAL_HEADER && is_zero(s->buf, JOURNAL_HEADER)) {
        *torn = true; /* the file grew before its header was written; nothing was ever behind it */
        return TD_OK;
    }
    if (memcmp(s->buf, JOURNAL_MAGIC, 8) != 0 ||
        journal_get_u32(s->buf + JOURNAL_HEADER - 4) != td_crc32c(0, s->buf, JOURNAL_HEADER - 4))
        return damaged(s, "not a journal header", why);
    s->version = journal_get_u32(s->buf + 8);
    if (s->version < 1 || s->version > TD_RECORD_VERSION)
        return td_fail_set(why, TD_EVERSION, "journal %s: %s", s->path, td_err_text(TD_EVERSION));
    if (journal_get_u32(s->buf + 12) != number ||
        memcmp(s->buf + 24, s->chain, TD_JOURNAL_HASH) != 0)
        return damaged(s, "it does not continue the file before it", why);
    s->at = JOURNAL_HEADER;
    s->offset = JOURNAL_HEADER;
    return TD_OK;
}

/* The body of the whole, unharmed frame at p[0..left), or NULL. */
static const uint8_t *check_frame(const uint8_t *p, size_t left, uint32_t *len, uint32_t *batch)
{
    if (left < JOURNAL_FRAME_HEAD + TD_JOURNAL_HASH)
        return NULL;
    *len = journal_get_u32(p);
    if (*len > TD_RECORD_BYTES_MAX || left < JOURNAL_FRAME_HEAD + *len + TD_JOURNAL_HASH)
        return NULL;
    *batch = journal_get_u32(p + 8);
    return td_crc32c(0, p + 8, JOURNAL_FRAME_HEAD - 8 + *len + TD_JOURNAL_HASH) ==
                   journal_get_u32(p + 4)
               ? p + JOURNAL_FRAME_HEAD
               : NULL;
}

/* Is the bad frame at s->offset the torn end of the newest file? */
static enum td_err is_tear(struct journal_scan *s, bool *tear)
{
    const uint64_t rest = s->size - s->offset;
    bool there = false;
    *tear = false;
    if (!s->newest || rest > TD_JOURNAL_BUFFER)
        return TD_OK;
    const enum td_err err = want(s, (size_t)rest, &there);
    if (err || !there)
        return err ? err : TD_EIO;
    for (size_t i = 1; i < rest; i++) {
        uint32_t len, batch;
        if (check_frame(s->buf + s->at + i, (size_t)rest - i, &len, &batch) && batch > s->offset)
            return TD_OK;
    }
    *tear = true;
    return TD_OK;
}

/* One frame. *done at the end of the file; *torn when the tail is incomplete. */
enum td_err journal_read_frame(struct journal_scan *s, bool *done, bool *torn, struct td_fail *why)
{
    bool there = false;
    uint32_t len = 0, batch = 0;
    const uint64_t rest = s->size - s->offset;
    const size_t most = rest < JOURNAL_FRAME_MAX ? (size_t)rest : JOURNAL_FRAME_MAX;
    *done = rest == 0;
    if (*done)
        return TD_OK;
    enum td_err err = want(s, most, &there);
    if (err || !there)
        return td_fail_set(why, err ? err : TD_EIO, "reading journal %s: short read", s->path);
    const uint8_t *body = check_frame(s->buf + s->at, most, &len, &batch);
    if (!body) {
        err = is_tear(s, torn);
        return err || *torn ? err : damaged(s, "a record does not match its checksum", why);
    }
    struct td_record record;
    err = td_record_decode(body, len, s->version, &record);
    if (err)
        return td_fail_set(why, err, "journal %s at byte %llu: %s", s->path,
                           (unsigned long long)s->offset, td_err_text(err));
    journal_chain_on(s->chain, body, len);
    if (memcmp(s->chain, body + len, TD_JOURNAL_HASH) != 0 || record.seq != s->next_seq)
        return damaged(s, "the hash chain is broken", why);
    s->next_seq++;
    s->ended = record.type == TD_REC_STOP;
    s->report->records++;
    s->at += JOURNAL_FRAME_HEAD + len + TD_JOURNAL_HASH;
    s->offset += JOURNAL_FRAME_HEAD + len + TD_JOURNAL_HASH;
    err = s->reader.each ? s->reader.each(s->reader.arg, &record) : TD_OK;
    if (err && why && !why->text[0])
        (void)td_fail_set(why, err, "journal %s: record %llu (%s) was not taken: %s", s->path,
                          (unsigned long long)record.seq,
                          td_record_name((enum td_record_type)record.type), td_err_text(err));
    return err;
}

static void tell_file(const struct journal_scan *s, uint32_t number, uint64_t first_seq, bool torn,
                      enum td_err err)
{
    struct td_journal_file f = {.number = number,
                                .version = s->version,
                                .bytes = s->size,
                                .records = s->next_seq - first_seq,
                                .first_seq = first_seq,
                                .torn_bytes = torn ? s->size - s->offset : 0,
                                .err = err};
    memcpy(f.chain, s->chain, sizeof f.chain);
    if (s->reader.file)
        s->reader.file(s->reader.arg, &f);
}

static enum td_err read_file(struct journal_scan *s, uint32_t number, bool *torn,
                             struct td_fail *why)
{
    bool done = false;
    const uint64_t first_seq = s->next_seq;
    enum td_err err = td_file_size(s->world, s->file, &s->size);
    *torn = false;
    s->offset = 0;
    s->have = s->at = 0;
    if (!err)
        err = journal_read_header(s, number, torn, why);
    while (!err && !done && !*torn)
        err = journal_read_frame(s, &done, torn, why);
    if (!err && *torn && !s->newest)
        err = damaged(s, "the last record is incomplete, yet a newer file exists", why);
    if (!err && *torn)
        s->report->cut_bytes += s->size - s->offset;
    s->report->files++;
    tell_file(s, number, first_seq, *torn, err);
    return err;
}

bool journal_note_number(void *arg, const char *name, enum td_entry_kind kind)
{
    uint32_t *newest = arg;
    int64_t number;
    if (kind == TD_ENTRY_FILE && strlen(name) == 8 && strcmp(name + 4, ".tdj") == 0 &&
        td_i64_parse(name, 4, &number) == TD_OK && number > *newest)
        *newest = (uint32_t)number;
    return true;
}

/* The process before did not end in order: what was read of its file may stand in the page cache alone, and after a
 * failed sync no later one makes it durable. So it is written anew, up to where it is good, and put in its place. */
static enum td_err settle(struct journal_scan *s)
{
    char path[820];
    struct td_file fresh = {0};
    (void)snprintf(path, sizeof path, "%s.tmp", s->path);
    enum td_err err = td_file_open(s->world, path, TD_FILE_NEW, &fresh, NULL);
    for (uint64_t at = 0; !err && at < s->offset;) {
        const uint64_t left = s->offset - at;
        size_t got = 0;
        err = td_file_read(s->world, s->file, at, s->buf,
                           left < READ_BYTES ? (size_t)left : READ_BYTES, &got);
        if (!err && !got)
            err = TD_EIO;
        if (!err)
            err = td_file_write(s->world, fresh, s->buf, got);
        at += got;
    }
    if (!err)
        err = td_file_sync(s->world, fresh);
    td_file_close(s->world, fresh);
    return err ? err : td_file_publish(s->world, path, s->path, NULL);
}

/* The newest file that the caller has a state for; 1: all are read. What cannot be read is not decided here. */
uint32_t journal_find_base(struct journal_scan *s, const char *folder, uint32_t newest)
{
    for (uint32_t n = newest; n > 1 && s->reader.base; n--) {
        char path[800];
        uint8_t head[JOURNAL_HEADER];
        size_t got = 0;
        struct td_file f;
        journal_file_path(folder, n, path, sizeof path);
        if (td_file_open(s->world, path, TD_FILE_READ, &f, NULL) != TD_OK)
            continue;
        const enum td_err err = td_file_read(s->world, f, 0, head, sizeof head, &got);
        td_file_close(s->world, f);
        if (err || got < JOURNAL_HEADER || memcmp(head, JOURNAL_MAGIC, 8) != 0 ||
            journal_get_u32(head + 12) != n ||
            journal_get_u32(head + JOURNAL_HEADER - 4) != td_crc32c(0, head, JOURNAL_HEADER - 4))
            continue;
        if (s->reader.base(s->reader.arg, n, head + 24, &s->next_seq)) {
            memcpy(s->chain, head + 24, TD_JOURNAL_HASH);
            return n;
        }
    }
    s->next_seq = 1;
    return 1;
}

/* Reads all files in order, or those from a base on. The newest one is settled when `cut` and it did not end in order. */
enum td_err journal_read_all(struct journal_scan *s, const char *folder, bool cut, uint32_t *newest,
                             struct td_fail *why)
{
    char path[800];
    enum td_err err = td_folder_list(s->world, folder, journal_note_number, newest);
    if (err)
        return td_fail_set(why, err, "listing %s: %s", folder, td_err_text(err));
    s->path = path;
    const uint32_t first = journal_find_base(s, folder, *newest);
    s->report->skipped = first - 1;
    for (uint32_t n = first; n <= *newest && !err; n++) {
        bool torn = false;
        journal_file_path(folder, n, path, sizeof path);
        s->newest = n == *newest;
        err = td_file_open(s->world, path, cut ? TD_FILE_APPEND : TD_FILE_READ, &s->file, why);
        if (err)
            return td_fail_add(why, err == TD_ENOENT ? TD_ECORRUPT : err,
                               "journal file %04u is missing", n);
        err = read_file(s, n, &torn, why);
        if (!err && cut && s->newest && (torn || !s->ended)) {
            err = s->offset < JOURNAL_HEADER ? td_file_truncate(s->world, s->file, 0) : settle(s);
            if (err)
                (void)td_fail_set(why, err, "settling the end of %s: %s", path, td_err_text(err));
        }
        td_file_close(s->world, s->file);
    }
    return err;
}

enum td_err td_journal_read_with(struct td_world *world, const char *folder,
                                 const struct td_journal_reader *reader,
                                 struct td_journal_report *report, struct td_fail *why)
{
    uint32_t newest = 0;
    struct td_journal_report local = {0};
    struct journal_scan *s = calloc(1, sizeof *s);
    if (!s)
        return td_fail_set(why, TD_ENOMEM, "no memory to read the journal");
    s->world = world;
    s->reader = *reader;
    s->report = report ? report : &local;
    const enum td_err err = journal_read_all(s, folder, false, &newest, why);
    free(s);
    return err;
}

enum td_err td_journal_read(struct td_world *world, const char *folder, td_journal_fn *each,
                            void *arg, struct td_journal_report *report, struct td_fail *why)
{
    const struct td_journal_reader reader = {.each = each, .arg = arg};
    return td_journal_read_with(world, folder, &reader, report, why);
}
