/* store/dbn_file.c - bytes of a file through zstd to the DBN decoder, in one buffer that is moved up when it runs low. */
#include "store/dbn_file.h"

#include <stdlib.h>
#include <string.h>

#define RAW_BYTES ((size_t)256 << 10)
#define OUT_BYTES ((size_t)1 << 20)

/* Told with the place in the unpacked bytes where the last whole record ends. */
static enum td_err fail(const struct td_dbn_file *f, enum td_err err, const char *what,
                        struct td_fail *why)
{
    const uint64_t at = f->unpacked - (f->out_len - f->out_at);
    return td_fail_set(why, err, "%s: %s after byte %llu%s; %llu whole records before it", f->path,
                       what, (unsigned long long)at, f->packed ? " unpacked" : "",
                       (unsigned long long)f->dbn.records);
}

static enum td_err read_raw(struct td_dbn_file *f, struct td_fail *why)
{
    if (f->raw_at < f->raw_len || f->raw_ended)
        return TD_OK;
    f->raw_at = f->raw_len = 0;
    const enum td_err err =
        td_file_read(f->world, f->file, f->read_at, f->raw, RAW_BYTES, &f->raw_len);
    if (err)
        return td_fail_set(why, err, "reading %s: %s", f->path, td_err_text(err));
    f->read_at += f->raw_len;
    f->raw_ended = f->raw_len < RAW_BYTES;
    return TD_OK;
}

/* Moves what is not used yet to the front, then adds at least one byte. *end: there is none any more. */
static enum td_err more(struct td_dbn_file *f, bool *end, struct td_fail *why)
{
    memmove(f->out, f->out + f->out_at, f->out_len - f->out_at);
    f->out_len -= f->out_at;
    f->out_at = 0;
    TD_REQUIRE(f->out_len < f->out_cap);
    *end = false;
    while (!*end) {
        enum td_err err = read_raw(f, why);
        if (err)
            return err;
        size_t in = f->raw_len - f->raw_at;
        size_t got = f->out_cap - f->out_len;
        if (f->packed) {
            err = td_unzstd_run(&f->unzstd, f->raw + f->raw_at, &in, f->out + f->out_len, &got);
        } else {
            in = got = in < got ? in : got;
            memcpy(f->out + f->out_len, f->raw + f->raw_at, got);
        }
        f->raw_at += in;
        if (got > 0 && f->options.bytes)
            f->options.bytes(f->options.arg, f->out + f->out_len, got);
        f->out_len += got;
        f->unpacked += got;
        if (err)
            return fail(f, TD_EPARSE, "damaged zstd frame", why);
        if (got > 0)
            return TD_OK;
        *end = f->raw_ended && f->raw_at == f->raw_len;
    }
    return TD_OK;
}

/* Room for metadata of `bytes`, and all of them in it. *end: the file has fewer. */
static enum td_err fill(struct td_dbn_file *f, size_t bytes, bool *end, struct td_fail *why)
{
    *end = false;
    if (bytes >= f->out_cap) {
        uint8_t *larger = realloc(f->out, bytes + OUT_BYTES);
        if (!larger)
            return td_fail_set(why, TD_ENOMEM, "%s: %zu bytes of metadata", f->path, bytes);
        f->out = larger;
        f->out_cap = bytes + OUT_BYTES;
    }
    while (f->out_len - f->out_at < bytes && !*end) {
        const enum td_err err = more(f, end, why);
        if (err)
            return err;
    }
    return TD_OK;
}

static enum td_err open_fragment(struct td_dbn_file *f, struct td_fail *why)
{
    const uint8_t version = td_dbn_fragment_version(f->out, f->out_len);
    if (version == 0)
        return td_fail_set(why, TD_EPARSE,
                           "%s: not a DBN file: it begins neither with \"DBN\" nor with a record",
                           f->path);
    f->fragment = true;
    td_dbn_init_fragment(&f->dbn, version);
    return TD_OK;
}

/* The metadata are borrowed by the decoder, so they get a place of their own. */
static enum td_err open_metadata(struct td_dbn_file *f, struct td_fail *why)
{
    size_t whole = 0;
    bool end = false;
    struct td_dbn_record none;
    enum td_err err = td_dbn_metadata_len(f->out, f->out_len, &whole);
    if (err == TD_EVERSION)
        return td_fail_set(why, err, "%s: DBN version %u; 1 to 3 can be read", f->path, f->out[3]);
    if (err)
        return td_fail_set(why, TD_EPARSE, "%s: damaged metadata: an impossible length", f->path);
    err = fill(f, whole, &end, why);
    if (err)
        return err;
    if (end)
        return td_fail_set(why, TD_ETORN, "%s: ends inside its metadata, at byte %llu of %zu",
                           f->path, (unsigned long long)f->unpacked, whole);
    f->head = malloc(whole);
    if (!f->head)
        return td_fail_set(why, TD_ENOMEM, "%s: %zu bytes of metadata", f->path, whole);
    memcpy(f->head, f->out, whole);
    f->out_at = whole;
    td_dbn_init(&f->dbn);
    td_dbn_feed(&f->dbn, f->head, whole);
    if (td_dbn_next(&f->dbn, &none) != TD_EAGAIN)
        return td_fail_set(why, TD_EPARSE, "%s: damaged metadata: a count that cannot be", f->path);
    return TD_OK;
}

static enum td_err open_symbols(struct td_dbn_file *f, struct td_fail *why)
{
    struct td_arena arena;
    const size_t need = td_dbn_symbols_bytes(&f->dbn.metadata);
    f->symbols_block = malloc(need);
    if (!f->symbols_block)
        return td_fail_set(why, TD_ENOMEM, "%s: %zu bytes for its symbols", f->path, need);
    td_arena_init(&arena, f->symbols_block, need);
    return td_dbn_symbols_open(&f->symbols, &f->dbn.metadata, &arena);
}

enum td_err td_dbn_file_open(struct td_dbn_file *f, struct td_world *world, const char *path,
                             const struct td_dbn_file_options *options, struct td_fail *why)
{
    bool end = false;
    memset(f, 0, sizeof *f);
    f->world = world;
    f->options = options ? *options : (struct td_dbn_file_options){0};
    if (!td_str_copy(td_str_of(path), f->path, sizeof f->path))
        return td_fail_set(why, TD_ERANGE, "%s: path too long", path);
    enum td_err err = td_file_open(world, path, TD_FILE_READ, &f->file, why);
    if (err)
        return err;
    f->raw = malloc(RAW_BYTES);
    f->out = malloc(OUT_BYTES);
    f->unzstd_block = malloc(td_unzstd_bytes());
    f->out_cap = OUT_BYTES;
    if (!f->raw || !f->out || !f->unzstd_block ||
        td_unzstd_init(&f->unzstd, f->unzstd_block, td_unzstd_bytes()) != TD_OK)
        return td_fail_set(why, TD_ENOMEM, "%s: %s", path, td_err_text(TD_ENOMEM));
    err = read_raw(f, why);
    if (err)
        return err;
    f->packed = td_is_zstd(f->raw, f->raw_len);
    err = fill(f, TD_DBN_HEAD, &end, why);
    if (err)
        return err;
    if (f->out_len < TD_DBN_PREFIX)
        return td_fail_set(why, f->out_len > 0 || f->packed ? TD_ETORN : TD_EPARSE,
                           "%s: %llu bytes are no DBN file", path, (unsigned long long)f->unpacked);
    err = memcmp(f->out, "DBN", 3) == 0 ? open_metadata(f, why) : open_fragment(f, why);
    return err ? err : open_symbols(f, why);
}

enum td_err td_dbn_file_next(struct td_dbn_file *f, struct td_dbn_record *out, struct td_fail *why)
{
    for (bool end = false;;) {
        td_dbn_feed(&f->dbn, f->out + f->out_at, f->out_len - f->out_at);
        enum td_err err = td_dbn_next(&f->dbn, out);
        f->out_at += td_dbn_used(&f->dbn);
        if (err == TD_OK)
            return TD_OK;
        if (err != TD_EAGAIN)
            return fail(f, TD_EPARSE, "damaged record", why);
        if (end && f->out_at < f->out_len)
            return fail(f, TD_ETORN, "ends inside a record", why);
        if (end && f->packed && td_unzstd_finish(&f->unzstd) != TD_OK)
            return fail(f, TD_ETORN, "ends inside a zstd frame", why);
        if (end)
            return TD_ENODATA;
        err = more(f, &end, why);
        if (err)
            return err;
    }
}

struct td_str td_dbn_file_symbol(struct td_dbn_file *f, const struct td_dbn_record *r)
{
    return td_dbn_symbol_of(&f->symbols, r->instrument, r->ts_recv);
}

void td_dbn_file_close(struct td_dbn_file *f)
{
    if (f->file.id)
        td_file_close(f->world, f->file);
    free(f->raw);
    free(f->out);
    free(f->head);
    free(f->unzstd_block);
    free(f->symbols_block);
    memset(f, 0, sizeof *f);
}
