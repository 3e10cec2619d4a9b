/* trade/journal.c - opening and writing; the frames are those of journal_read.c. */
#include "trade/journal.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "trade/journal_inner.h"

#define NUMBERS_MAX 9999u

static enum td_err latch(struct td_journal *j, enum td_err err)
{
    if (!j->failed)
        j->failed = err;
    return err;
}

static enum td_err begin_file(struct td_journal *j, struct td_fail *why)
{
    char path[800];
    uint8_t head[JOURNAL_HEADER] = {0};
    if (j->number >= NUMBERS_MAX)
        return td_fail_set(why, TD_EFULL, "journal folder %s has %u files: archive it", j->folder,
                           j->number);
    td_file_close(j->world, j->file);
    j->file = (struct td_file){0};
    journal_file_path(j->folder, j->number + 1, path, sizeof path);
    enum td_err err = td_file_open(j->world, path, TD_FILE_NEW, &j->file, why);
    if (err)
        return err;
    memcpy(head, JOURNAL_MAGIC, 8);
    journal_put_u32(head + 8, TD_RECORD_VERSION);
    journal_put_u32(head + 12, j->number + 1);
    const uint64_t created = (uint64_t)td_world_now(j->world);
    journal_put_u32(head + 16, (uint32_t)created);
    journal_put_u32(head + 20, (uint32_t)(created >> 32));
    memcpy(head + 24, j->chain, TD_JOURNAL_HASH);
    journal_put_u32(head + JOURNAL_HEADER - 4, td_crc32c(0, head, JOURNAL_HEADER - 4));
    err = td_file_write(j->world, j->file, head, sizeof head);
    if (!err)
        err = td_file_sync(j->world, j->file);
    if (!err)
        err = td_folder_sync(j->world, j->folder);
    if (err)
        return td_fail_set(why, err, "starting journal %s: %s", path, td_err_text(err));
    j->number++;
    j->file_size = JOURNAL_HEADER;
    return TD_OK;
}

static enum td_err take_lock(struct td_journal *j, struct td_fail *why)
{
    char path[800];
    enum td_err err = td_folder_make(j->world, j->folder);
    if (err)
        return td_fail_set(why, err, "journal folder %s: %s", j->folder, td_err_text(err));
    (void)snprintf(path, sizeof path, "%s/lock", j->folder);
    err = td_file_open(j->world, path, TD_FILE_LOCK, &j->lock, why);
    return err ? td_fail_add(why, err, "journal %s", j->folder) : TD_OK;
}

enum td_err td_journal_open(struct td_journal *j, struct td_world *world, const char *folder,
                            td_journal_fn *each, void *arg, struct td_journal_report *report,
                            struct td_fail *why)
{
    const struct td_journal_reader reader = {.each = each, .arg = arg};
    return td_journal_open_with(j, world, folder, &reader, report, why);
}

enum td_err td_journal_open_with(struct td_journal *j, struct td_world *world, const char *folder,
                                 const struct td_journal_reader *reader,
                                 struct td_journal_report *report, struct td_fail *why)
{
    memset(j, 0, sizeof *j);
    memset(report, 0, sizeof *report);
    j->world = world;
    if (sodium_init() < 0)
        return td_fail_set(why, TD_EUNSUP, "libsodium cannot start");
    if (!td_str_copy(td_str_of(folder), j->folder, sizeof j->folder))
        return td_fail_set(why, TD_ERANGE, "journal folder name too long");
    struct journal_scan *s = calloc(1, sizeof *s);
    if (!s)
        return td_fail_set(why, TD_ENOMEM, "no memory to read the journal");
    s->world = world;
    s->reader = *reader;
    s->report = report;
    enum td_err err = take_lock(j, why);
    if (!err)
        err = journal_read_all(s, folder, true, &j->number, why);
    j->next_seq = s->next_seq;
    j->durable_seq = s->next_seq - 1;
    memcpy(j->chain, s->chain, sizeof j->chain);
    /* A newest file torn inside its header is empty now and is written again under its number. */
    if (!err && j->number && s->offset < JOURNAL_HEADER)
        j->number--;
    free(s);
    if (!err)
        err = begin_file(j, why);
    if (err)
        td_journal_close(j);
    return err;
}

enum td_err td_journal_append(struct td_journal *j, struct td_record *record)
{
    if (j->failed)
        return j->failed;
    if (sizeof j->buf - j->used < JOURNAL_FRAME_MAX)
        return TD_EFULL;
    uint8_t *frame = j->buf + j->used, *body = frame + JOURNAL_FRAME_HEAD;
    record->seq = j->next_seq;
    const size_t len = td_record_encode(record, body);
    journal_chain_on(j->chain, body, len);
    memcpy(body + len, j->chain, TD_JOURNAL_HASH);
    journal_put_u32(frame, (uint32_t)len);
    journal_put_u32(frame + 8, (uint32_t)j->file_size);
    journal_put_u32(frame + 4,
                    td_crc32c(0, frame + 8, JOURNAL_FRAME_HEAD - 8 + len + TD_JOURNAL_HASH));
    j->used += JOURNAL_FRAME_HEAD + len + TD_JOURNAL_HASH;
    j->next_seq++;
    return TD_OK;
}

enum td_err td_journal_commit(struct td_journal *j, struct td_fail *why)
{
    if (j->failed)
        return td_fail_set(why, j->failed, "the journal failed before: %s", td_err_text(j->failed));
    if (!j->used)
        return TD_OK;
    enum td_err err = td_file_write(j->world, j->file, j->buf, j->used);
    if (!err)
        err = td_file_sync(j->world, j->file);
    if (err)
        return td_fail_set(why, latch(j, err), "writing the journal in %s: %s", j->folder,
                           td_err_text(err));
    j->file_size += j->used;
    j->used = 0;
    j->durable_seq = j->next_seq - 1;
    if (j->file_size > TD_JOURNAL_FILE_MAX) {
        err = begin_file(j, why);
        if (err)
            return latch(j, err);
    }
    return TD_OK;
}

void td_journal_close(struct td_journal *j)
{
    if (!j->world)
        return;
    td_file_close(j->world, j->file);
    td_file_close(j->world, j->lock);
    memset(j, 0, sizeof *j);
}
