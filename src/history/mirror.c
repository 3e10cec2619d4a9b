/* history/mirror.c - compares and sends, file by file. */
#include "history/mirror.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECE       ((size_t)1 << 20)
#define REMOTE_MAX  ((uint64_t)1 << 22)
#define RECORD_MAX  8192
#define UPLOAD_MAX  2048
#define RECORD_HEAD "tapedeck sync 1"

/* An object there, by a hash of its key. Two keys of one hash cost a question more, never a wrong answer. */
struct remote {
    uint64_t key;
    int64_t size;
};

/* The upload under way. */
struct record {
    char key[TD_S3_KEY], sha256[TD_S3_HASH], upload[UPLOAD_MAX];
    uint64_t part_bytes;
};

struct mirror {
    const struct td_mirror_options *o;
    struct td_mirror_report *report;
    struct remote *remote; /* sorted by key */
    size_t remote_count, remote_cap;
    bool no_memory;
    size_t part;
    uint8_t *buf; /* [part] */
    char record_path[1024];
    struct td_fail why; /* of the file at work */
};

/* ---- what is there ---- */

static uint64_t hash_of(const char *key)
{
    unsigned char sum[crypto_hash_sha256_BYTES];
    uint64_t v;
    (void)crypto_hash_sha256(sum, (const unsigned char *)key, strlen(key));
    memcpy(&v, sum, sizeof v);
    return v;
}

static bool see_object(void *arg, const char *key, int64_t size)
{
    struct mirror *m = arg;
    if (m->remote_count == m->remote_cap) {
        const size_t cap = m->remote_cap ? m->remote_cap * 2 : 1024;
        struct remote *larger = realloc(m->remote, cap * sizeof *larger);
        m->no_memory = larger == NULL;
        if (!larger)
            return false;
        m->remote = larger;
        m->remote_cap = cap;
    }
    m->remote[m->remote_count++] = (struct remote){hash_of(key), size};
    return true;
}

static int by_key(const void *a, const void *b)
{
    const struct remote *x = a, *y = b;
    return x->key < y->key ? -1 : x->key > y->key;
}

static enum td_err list_remote(struct mirror *m, struct td_fail *why)
{
    char prefix[TD_S3_KEY + 1];
    const char *own = m->o->places.prefix;
    (void)snprintf(prefix, sizeof prefix, "%s%s", own, *own ? "/" : "");
    const enum td_err err = td_s3_list(m->o->s3, prefix, REMOTE_MAX, see_object, m, why);
    if (!err && m->no_memory)
        return td_fail_set(why, TD_ENOMEM, "%zu objects: %s", m->remote_count,
                           td_err_text(TD_ENOMEM));
    if (!err && m->remote_count)
        qsort(m->remote, m->remote_count, sizeof *m->remote, by_key);
    return err;
}

/* ---- local files ---- */

static enum td_err read_part(struct mirror *m, struct td_file file, uint64_t offset, size_t len)
{
    size_t got = 0;
    const enum td_err err = td_file_read(m->o->world, file, offset, m->buf, len, &got);
    return err ? err : got == len ? TD_OK : TD_ECORRUPT; /* shorter than it was */
}

static enum td_err hash_file(struct mirror *m, struct td_file file, uint64_t size,
                             char out[TD_S3_HASH])
{
    crypto_hash_sha256_state state;
    unsigned char sum[crypto_hash_sha256_BYTES];
    (void)crypto_hash_sha256_init(&state);
    for (uint64_t at = 0; at < size;) {
        const size_t most = m->part < PIECE ? m->part : PIECE;
        const size_t len = size - at < most ? (size_t)(size - at) : most;
        const enum td_err err = read_part(m, file, at, len);
        if (err)
            return err;
        (void)crypto_hash_sha256_update(&state, m->buf, len);
        at += len;
    }
    (void)crypto_hash_sha256_final(&state, sum);
    (void)sodium_bin2hex(out, TD_S3_HASH, sum, sizeof sum);
    return TD_OK;
}

/* ---- the upload under way ---- */

static void forget_upload(struct mirror *m)
{
    (void)td_file_remove(m->o->world, m->record_path);
}

static enum td_err keep_upload(struct mirror *m, const struct record *r)
{
    char text[RECORD_MAX];
    struct td_text t;
    td_text_init(&t, text, sizeof text);
    td_text_printf(&t, "%s\n%s\n%s\n%llu\n%s\n", RECORD_HEAD, r->key, r->sha256,
                   (unsigned long long)r->part_bytes, r->upload);
    TD_REQUIRE(!td_text_full(&t));
    return td_file_replace(m->o->world, m->record_path, (struct td_str){text, t.len}, &m->why);
}

/* False: there is none, or none that can be read. */
static bool recall_upload(struct mirror *m, struct record *r)
{
    char text[RECORD_MAX];
    size_t len;
    int64_t part;
    struct td_str rest, head, key, sha, bytes, upload;
    if (td_file_slurp(m->o->world, m->record_path, text, sizeof text, &len, NULL) != TD_OK)
        return false;
    rest = (struct td_str){text, len};
    if (!td_str_split(&rest, '\n', &head) || !td_str_split(&rest, '\n', &key) ||
        !td_str_split(&rest, '\n', &sha) || !td_str_split(&rest, '\n', &bytes) ||
        !td_str_split(&rest, '\n', &upload) || !td_str_is(head, RECORD_HEAD) ||
        td_i64_parse(bytes.p, bytes.len, &part) != TD_OK || part <= 0)
        return false;
    r->part_bytes = (uint64_t)part;
    return td_str_copy(key, r->key, sizeof r->key) &&
           td_str_copy(sha, r->sha256, sizeof r->sha256) &&
           td_str_copy(upload, r->upload, sizeof r->upload);
}

/* The upload that a run before left: goes on when it is of this very content, else it is ended there. */
static enum td_err find_upload(struct mirror *m, const struct td_mirror_file *f, const char *sha256,
                               struct td_s3_part *parts, uint32_t count, struct record *r)
{
    if (recall_upload(m, r)) {
        enum td_err err = TD_ENOENT;
        if (strcmp(r->key, f->key) == 0 && strcmp(r->sha256, sha256) == 0 &&
            r->part_bytes == m->part)
            err = td_s3_list_parts(m->o->s3, r->key, r->upload, parts, count, &m->why);
        if (err != TD_ENOENT && err != TD_EINVAL) /* INVAL: a store that does not list parts */
            return err;
        (void)!td_s3_abort(m->o->s3, r->key, r->upload, NULL); /* else its parts cost money */
        memset(parts, 0, count * sizeof *parts);
        forget_upload(m);
    }
    (void)td_str_copy(td_str_of(f->key), r->key, sizeof r->key);
    (void)td_str_copy(td_str_of(sha256), r->sha256, sizeof r->sha256);
    r->part_bytes = m->part;
    const enum td_err err =
        td_s3_begin(m->o->s3, f->key, sha256, r->upload, sizeof r->upload, &m->why);
    return err ? err : keep_upload(m, r);
}

/* ---- sending ---- */

/* The parts that are missing. Everything is read, so that what was sent is known to be what was hashed. */
static enum td_err send_parts(struct mirror *m, struct td_file file, uint64_t size,
                              const struct record *r, struct td_s3_part *parts, uint32_t count)
{
    crypto_hash_sha256_state state;
    unsigned char sum[crypto_hash_sha256_BYTES];
    char hash[TD_S3_HASH];
    (void)crypto_hash_sha256_init(&state);
    for (uint32_t n = 1; n <= count; n++) {
        const uint64_t at = (uint64_t)(n - 1) * m->part;
        const size_t len = size - at < m->part ? (size_t)(size - at) : m->part;
        enum td_err err = read_part(m, file, at, len);
        if (err)
            return td_fail_set(&m->why, err, "%s", td_err_text(err));
        (void)crypto_hash_sha256_update(&state, m->buf, len);
        if (parts[n - 1].size == (int64_t)len) {
            m->report->parts_kept++;
            continue;
        }
        err = td_s3_send_part(m->o->s3, r->key, r->upload, n, m->buf, len, &parts[n - 1], &m->why);
        if (err)
            return err;
        m->report->bytes_sent += len;
    }
    (void)crypto_hash_sha256_final(&state, sum);
    (void)sodium_bin2hex(hash, sizeof hash, sum, sizeof sum);
    if (strcmp(hash, r->sha256) == 0)
        return TD_OK;
    (void)!td_s3_abort(m->o->s3, r->key, r->upload, NULL);
    forget_upload(m);
    return td_fail_set(&m->why, TD_ECORRUPT, "it changed while it was sent; the next run takes it");
}

static bool is_there(struct mirror *m, const char *key, uint64_t size, const char *sha256)
{
    int64_t remote = -1;
    char hash[TD_S3_HASH];
    return td_s3_head(m->o->s3, key, &remote, hash, NULL) == TD_OK && remote == (int64_t)size &&
           strcmp(hash, sha256) == 0;
}

static enum td_err send_large(struct mirror *m, const struct td_mirror_file *f, struct td_file file,
                              uint64_t size, const char *sha256)
{
    const uint64_t count = (size + m->part - 1) / m->part;
    static struct record r; /* one mirror at a time: the lock */
    struct td_s3_part *parts = count <= TD_S3_PARTS ? calloc(count, sizeof *parts) : NULL;
    if (!parts)
        return td_fail_set(&m->why, count <= TD_S3_PARTS ? TD_ENOMEM : TD_ERANGE,
                           "%llu parts of %zu bytes", (unsigned long long)count, m->part);
    enum td_err err = find_upload(m, f, sha256, parts, (uint32_t)count, &r);
    if (!err)
        err = send_parts(m, file, size, &r, parts, (uint32_t)count);
    if (!err) {
        err = td_s3_complete(m->o->s3, f->key, r.upload, parts, (uint32_t)count, &m->why);
        /* The answer to an earlier try may have been lost: the upload is gone because it was completed. */
        if (err == TD_ENOENT && is_there(m, f->key, size, sha256))
            err = TD_OK;
        if (!err || err == TD_ENOENT)
            forget_upload(m);
    }
    free(parts);
    return err;
}

static enum td_err send_small(struct mirror *m, const struct td_mirror_file *f, struct td_file file,
                              uint64_t size)
{
    enum td_err err = read_part(m, file, 0, (size_t)size);
    if (err)
        return td_fail_set(&m->why, err, "%s", td_err_text(err));
    err = td_s3_put(m->o->s3, f->key, m->buf, (size_t)size, &m->why);
    if (!err)
        m->report->bytes_sent += size;
    return err;
}

static bool same_size_there(const struct mirror *m, const char *key, uint64_t size)
{
    const struct remote wanted = {hash_of(key), 0};
    const struct remote *found =
        m->remote_count ? bsearch(&wanted, m->remote, m->remote_count, sizeof *m->remote, by_key)
                        : NULL;
    return found && found->size == (int64_t)size;
}

static enum td_err compare_and_send(struct mirror *m, const struct td_mirror_file *f,
                                    struct td_file file, uint64_t size, enum td_mirror_word *word)
{
    char sha256[TD_S3_HASH], there[TD_S3_HASH];
    int64_t remote = -1;
    enum td_err err = hash_file(m, file, size, sha256);
    if (err)
        return td_fail_set(&m->why, err, "%s", td_err_text(err));
    if (same_size_there(m, f->key, size)) {
        err = td_s3_head(m->o->s3, f->key, &remote, there, &m->why);
        if (err && err != TD_ENOENT)
            return err;
        if (!err && remote == (int64_t)size && strcmp(there, sha256) == 0) {
            *word = TD_MIRROR_SAME;
            return TD_OK;
        }
    }
    *word = m->o->dry_run ? TD_MIRROR_WOULD_SEND : TD_MIRROR_SENT;
    if (m->o->dry_run) {
        m->report->bytes_sent += size;
        return TD_OK;
    }
    return size <= m->part ? send_small(m, f, file, size) : send_large(m, f, file, size, sha256);
}

static enum td_err one_file(struct mirror *m, const struct td_mirror_file *f)
{
    struct td_mirror_step step = {.word = TD_MIRROR_FAILED, .path = f->path, .key = f->key};
    struct td_file file = {0};
    m->why = (struct td_fail){0};
    enum td_err err = td_file_open(m->o->world, f->path, TD_FILE_READ, &file, &m->why);
    if (!err) {
        err = td_file_size(m->o->world, file, &step.bytes);
        if (!err)
            err = compare_and_send(m, f, file, step.bytes, &step.word);
        td_file_close(m->o->world, file);
    }
    struct td_mirror_report *r = m->report;
    r->bytes += step.bytes;
    r->done++;
    r->same += !err && step.word == TD_MIRROR_SAME;
    r->sent += !err && step.word != TD_MIRROR_SAME;
    r->failed += err != TD_OK;
    if (err) {
        step.word = TD_MIRROR_FAILED;
        step.why = m->why.text;
    }
    if (m->o->tell && err != TD_EAGAIN)
        m->o->tell(m->o->arg, &step, r);
    return err;
}

static enum td_err send_all(struct mirror *m, const struct td_mirror_plan *plan,
                            struct td_fail *why)
{
    int in_a_row = 0;
    m->report->files = m->report->total = plan->count;
    for (size_t i = 0; i < plan->count; i++) {
        const enum td_err err = one_file(m, &plan->files[i]);
        in_a_row = err ? in_a_row + 1 : 0;
        if (err == TD_EAGAIN || err == TD_EACCES || in_a_row == TD_MIRROR_FAILURES) {
            if (why)
                *why = m->why;
            return td_fail_add(why, err, "%s", plan->files[i].path);
        }
    }
    return TD_OK;
}

static enum td_err run_locked(struct mirror *m, struct td_fail *why)
{
    struct td_mirror_plan plan;
    enum td_err err = td_mirror_plan_make(&plan, m->o->world, &m->o->places, why);
    if (!err)
        err = list_remote(m, why);
    if (!err)
        err = send_all(m, &plan, why);
    td_mirror_plan_fini(&plan);
    return err;
}

static enum td_err take_lock(const struct td_mirror_options *o, const char *path,
                             struct td_file *lock, struct td_fail *why)
{
    enum td_err err = td_folder_make(o->world, o->places.state);
    if (err)
        return td_fail_set(why, err, "%s: %s", o->places.state, td_err_text(err));
    err = td_file_open(o->world, path, TD_FILE_LOCK, lock, why);
    return err == TD_ELOCKED ? td_fail_set(why, err, "another sync is running (%s)", path) : err;
}

enum td_err td_mirror_run(const struct td_mirror_options *o, struct td_mirror_report *report,
                          struct td_fail *why)
{
    struct mirror m = {.o = o, .report = report, .part = o->part_bytes};
    struct td_file lock = {0};
    char path[1024];
    *report = (struct td_mirror_report){0};
    if (m.part == 0)
        m.part = TD_MIRROR_PART;
    if (snprintf(path, sizeof path, "%s/sync.lock", o->places.state) >= (int)sizeof path ||
        snprintf(m.record_path, sizeof m.record_path, "%s/sync-upload.txt", o->places.state) >=
            (int)sizeof m.record_path)
        return td_fail_set(why, TD_ERANGE, "%s: the path is too long", o->places.state);
    enum td_err err = o->dry_run ? TD_OK : take_lock(o, path, &lock, why);
    if (err)
        return err;
    m.buf = malloc(m.part);
    err = m.buf ? run_locked(&m, why)
                : td_fail_set(why, TD_ENOMEM, "%zu bytes: %s", m.part, td_err_text(TD_ENOMEM));
    free(m.remote);
    free(m.buf);
    if (lock.id)
        td_file_close(o->world, lock);
    return err;
}
