/* trade/audit.c - writing, chaining and checking the lines of the audit log. */
#include "trade/audit.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "trade/projection.h"

#define TAIL_MARK  ",\"hash\":\""
#define TAIL_BYTES (sizeof TAIL_MARK - 1 + 2 * TD_AUDIT_HASH + 2) /* mark, hex, quote, brace */

static void chain_on(uint8_t *chain, const char *body, size_t len)
{
    crypto_generichash_state state;
    TD_REQUIRE(crypto_generichash_init(&state, NULL, 0, TD_AUDIT_HASH) == 0);
    TD_REQUIRE(crypto_generichash_update(&state, chain, TD_AUDIT_HASH) == 0);
    TD_REQUIRE(crypto_generichash_update(&state, (const uint8_t *)body, len) == 0);
    TD_REQUIRE(crypto_generichash_update(&state, (const uint8_t *)"}", 1) == 0);
    TD_REQUIRE(crypto_generichash_final(&state, chain, TD_AUDIT_HASH) == 0);
}

/* --- writing --- */

static void put_e9(struct td_text *t, const char *key, int64_t e9)
{
    td_text_printf(t, ",\"%s\":", key);
    if (e9 == TD_E9_NONE)
        td_text_put(t, "null");
    else
        td_text_e9(t, e9);
}

static void put_string(struct td_text *t, const char *key, const char *value)
{
    td_text_printf(t, ",\"%s\":", key);
    if (value && value[0])
        td_text_json(t, td_str_of(value));
    else
        td_text_put(t, "null");
}

static void put_body(struct td_text *t, const struct td_audit_line *line)
{
    struct td_civil c;
    td_civil_from_ns(line->at_ns, &c);
    td_text_printf(t, "{\"timestamp\":\"%04d-%02d-%02dT%02d:%02d:%02d.%03dZ\"", c.year, c.month,
                   c.day, c.hour, c.minute, c.second, c.nanos / 1000000);
    put_string(t, "symbol", line->symbol);
    put_string(t, "action", line->action);
    put_e9(t, "quantity", line->qty.e9);
    put_e9(t, "price", line->px.e9);
    put_e9(t, "pnl", line->pnl.e9);
    put_string(t, "reason", line->reason);
    td_text_printf(t, ",\"seq\":%llu,\"key\":%llu,\"order_id\":%lld", (unsigned long long)line->seq,
                   (unsigned long long)line->key, (long long)line->order_id);
    put_string(t, "event", line->event);
}

enum td_err td_audit_add(struct td_audit *a, const struct td_audit_line *line)
{
    char bytes[TD_AUDIT_LINE], hex[2 * TD_AUDIT_HASH + 1];
    struct td_text t;
    if (a->failed)
        return a->failed;
    if (line->seq <= a->seq)
        return TD_OK;
    if (a->pending.cap - a->pending.len < TD_AUDIT_LINE)
        return TD_EFULL;
    td_text_init(&t, bytes, sizeof bytes);
    put_body(&t, line);
    chain_on(a->chain, t.buf, t.len);
    (void)sodium_bin2hex(hex, sizeof hex, a->chain, TD_AUDIT_HASH);
    td_text_printf(&t, TAIL_MARK "%s\"}\n", hex);
    TD_REQUIRE(!td_text_full(&t));
    td_text_str(&a->pending, (struct td_str){t.buf, t.len});
    a->seq = line->seq;
    a->lines++;
    return TD_OK;
}

enum td_err td_audit_flush(struct td_audit *a, bool sync, struct td_fail *why)
{
    enum td_err err = a->failed;
    if (!err && a->pending.len)
        err = td_file_write(a->world, a->file, a->pending.buf, a->pending.len);
    if (!err) {
        a->bytes += a->pending.len;
        td_text_reset(&a->pending);
        if (a->bytes > a->trusted && (sync || a->bytes - a->trusted >= TD_AUDIT_SYNC)) {
            err = td_file_sync(a->world, a->file);
            a->trusted = err ? a->trusted : a->bytes;
        }
    }
    if (err) {
        a->failed = err;
        return td_fail_set(why, err, "writing %s: %s", a->path, td_err_text(err));
    }
    return TD_OK;
}

void td_audit_close(struct td_audit *a)
{
    if (a->world && a->file.id)
        td_file_close(a->world, a->file);
    a->file.id = 0;
    a->failed = TD_ECLOSED;
}

/* --- checking --- */

struct check {
    struct td_world *world;
    struct td_file file;
    uint64_t offset; /* of the first byte behind the good lines */
    uint64_t lines, seq;
    bool torn; /* the last line has no end */
    uint8_t chain[TD_AUDIT_HASH];
};

/* The number after `,"seq":`. Texts are JSON strings, whose quotes are escaped: the mark is never in one. */
static bool line_seq(const char *line, size_t len, uint64_t *out)
{
    static const char mark[] = ",\"seq\":";
    for (size_t i = 0; i + sizeof mark < len; i++) {
        int64_t value;
        size_t digits = 0;
        if (memcmp(line + i, mark, sizeof mark - 1) != 0)
            continue;
        const char *at = line + i + sizeof mark - 1;
        while (at + digits < line + len && at[digits] >= '0' && at[digits] <= '9')
            digits++;
        if (td_i64_parse(at, digits, &value) != TD_OK)
            return false;
        *out = (uint64_t)value;
        return true;
    }
    return false;
}

/* Takes a line (without its end) into the chain; false when it does not belong there. */
static bool check_line(struct check *c, const char *line, size_t len)
{
    char hex[2 * TD_AUDIT_HASH + 1];
    uint8_t chain[TD_AUDIT_HASH];
    uint64_t seq;
    if (len < TAIL_BYTES + 2 || memchr(line, 0, len))
        return false;
    const size_t body = len - TAIL_BYTES;
    memcpy(chain, c->chain, sizeof chain);
    chain_on(chain, line, body);
    (void)sodium_bin2hex(hex, sizeof hex, chain, sizeof chain);
    if (memcmp(line + body, TAIL_MARK, sizeof TAIL_MARK - 1) != 0 ||
        memcmp(line + body + sizeof TAIL_MARK - 1, hex, sizeof hex - 1) != 0 ||
        memcmp(line + len - 2, "\"}", 2) != 0)
        return false;
    if (!line_seq(line, len, &seq) || seq <= c->seq)
        return false;
    memcpy(c->chain, chain, sizeof chain);
    c->seq = seq;
    c->lines++;
    c->offset += len + 1;
    return true;
}

/* Checks line after line up to the end or the first bad one. */
static enum td_err check_all(struct check *c, bool *whole)
{
    char buf[8 * TD_AUDIT_LINE];
    for (*whole = true; *whole;) {
        size_t got = 0, at = 0;
        const uint64_t before = c->offset;
        const enum td_err err = td_file_read(c->world, c->file, c->offset, buf, sizeof buf, &got);
        if (err)
            return err;
        for (const char *end; *whole && (end = memchr(buf + at, '\n', got - at)) != NULL;) {
            const size_t len = (size_t)(end - buf) - at;
            *whole = check_line(c, buf + at, len);
            at += len + 1;
        }
        if (c->offset == before) {
            c->torn = *whole && got > 0 && got < sizeof buf;
            *whole = *whole && got == 0;
            return TD_OK;
        }
    }
    return TD_OK;
}

static enum td_err begin_check(struct check *c, struct td_world *world, const char *path,
                               struct td_fail *why)
{
    *c = (struct check){.world = world};
    return td_file_open(world, path, TD_FILE_READ, &c->file, why);
}

static enum td_err changed(const struct check *c, const char *path, struct td_fail *why)
{
    const unsigned long long line = c->lines + 1;
    if (c->torn)
        return td_fail_set(why, TD_ETORN, "%s: line %llu is incomplete", path, line);
    return td_fail_set(why, TD_ECORRUPT,
                       "%s: line %llu was changed, or lines before it were removed or put in", path,
                       line);
}

enum td_err td_audit_verify(struct td_world *world, const char *path, uint64_t *lines,
                            struct td_fail *why)
{
    struct check c;
    bool whole;
    enum td_err err = begin_check(&c, world, path, why);
    if (err)
        return err;
    err = check_all(&c, &whole);
    td_file_close(world, c.file);
    if (err)
        return td_fail_set(why, err, "reading %s: %s", path, td_err_text(err));
    if (!whole)
        return changed(&c, path, why);
    *lines = c.lines;
    return TD_OK;
}

static enum td_err check_existing(struct td_audit *a, struct td_fail *why)
{
    struct check c;
    bool whole;
    if (td_entry_at(a->world, a->path) != TD_ENTRY_FILE)
        return TD_OK;
    enum td_err err = begin_check(&c, a->world, a->path, why);
    if (err)
        return err;
    err = check_all(&c, &whole);
    td_file_close(a->world, c.file);
    if (err)
        return td_fail_set(why, err, "reading %s: %s", a->path, td_err_text(err));
    if (!whole && !c.torn && c.offset < a->trusted)
        return changed(&c, a->path, why);
    a->bytes = c.offset;
    a->lines = c.lines;
    a->seq = c.seq;
    memcpy(a->chain, c.chain, sizeof a->chain);
    return TD_OK;
}

enum td_err td_audit_open(struct td_audit *a, struct td_world *world, const char *path,
                          uint64_t trusted, struct td_fail *why)
{
    uint64_t size = 0;
    memset(a, 0, offsetof(struct td_audit, buf));
    a->world = world;
    a->trusted = trusted;
    td_text_init(&a->pending, a->buf, sizeof a->buf);
    if (!td_str_copy(td_str_of(path), a->path, sizeof a->path))
        return td_fail_set(why, TD_ERANGE, "%s: path too long", path);
    enum td_err err = check_existing(a, why);
    if (!err)
        err = td_file_open(world, path, TD_FILE_APPEND, &a->file, why);
    if (err)
        return err;
    err = td_file_size(world, a->file, &size);
    if (!err && size > a->bytes) {
        a->cut_bytes = size - a->bytes;
        err = td_file_truncate(world, a->file, a->bytes);
    }
    a->trusted = a->trusted < a->bytes ? a->trusted : a->bytes;
    if (!err)
        return TD_OK;
    td_audit_close(a);
    return td_fail_set(why, err, "opening %s: %s", path, td_err_text(err));
}
