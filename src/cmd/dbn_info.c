/* cmd/dbn_info.c - counts of a DBN file: types, instruments, times, the digest of its unpacked bytes. */
#include "cmd/dbn_info.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "cmd/cmd.h"
#include "sys/terminal.h"
#include "wire/dbn_text.h"

#define SLOTS_MIN ((size_t)1 << 12)
#define SLOTS_MAX                                                                                  \
    ((size_t)1 << 23) /* 7.3 million instruments in 128 MiB; a day of all options has 1.5 */
#define PROGRESS_MASK 0x3ffffu
#define FLUSH_AT      8192u /* free bytes below which a text is printed */

/* A set of instrument numbers that grows. */
struct set {
    struct td_map map;
    struct td_map_slot *slots;
    size_t cap;
    bool lost; /* no memory, or more than fit */
};

struct digest {
    crypto_hash_sha256_state state;
};

static void take_bytes(void *arg, const void *bytes, size_t len)
{
    struct digest *d = arg;
    (void)crypto_hash_sha256_update(&d->state, bytes, len);
}

static void grow(struct set *s)
{
    const size_t cap = s->cap ? s->cap * 2 : SLOTS_MIN;
    struct td_map_slot *slots = cap <= SLOTS_MAX ? malloc(cap * sizeof *slots) : NULL;
    struct td_map larger;
    s->lost = slots == NULL;
    if (s->lost)
        return;
    td_map_init(&larger, slots, cap);
    for (size_t i = 0; i < s->cap; i++)
        if (s->slots[i].used)
            (void)!td_map_put(&larger, s->slots[i].key, 0);
    free(s->slots);
    s->slots = slots;
    s->cap = cap;
    s->map = larger;
}

static void set_add(struct set *s, uint32_t number)
{
    uint32_t value;
    if (s->lost || (s->cap && td_map_get(&s->map, number, &value)))
        return;
    if (s->map.count * 2 >= s->cap)
        grow(s);
    if (!s->lost && td_map_put(&s->map, number, 0) != TD_OK)
        s->lost = true;
}

static int by_type(const void *a, const void *b)
{
    const struct td_dbn_kind *x = a, *y = b;
    return x->rtype != y->rtype ? x->rtype - y->rtype : x->words - y->words;
}

static bool count_kind(struct td_dbn_info *info, const struct td_dbn_record *r)
{
    const uint8_t words = (uint8_t)(r->raw.len / 4);
    size_t i = 0;
    while (i < info->kind_count &&
           (info->kinds[i].rtype != r->rtype || info->kinds[i].words != words))
        i++;
    if (i == TD_COUNT(info->kinds))
        return false;
    if (i == info->kind_count)
        info->kinds[info->kind_count++] = (struct td_dbn_kind){r->rtype, words, 0};
    info->kinds[i].records++;
    return true;
}

static enum td_err count_records(struct td_dbn_info *info, struct set *instruments,
                                 struct td_fail *why)
{
    struct td_dbn_record r;
    enum td_err err;
    while ((err = td_dbn_file_next(&info->file, &r, why)) == TD_OK) {
        info->first_event = info->records == 0 ? r.ts_event : info->first_event;
        info->last_event = r.ts_event;
        info->records++;
        set_add(instruments, r.instrument);
        if (!count_kind(info, &r))
            return td_fail_set(why, TD_EPARSE,
                               "%s: records of more than %zu types and lengths; not a DBN file?",
                               info->path, TD_COUNT(info->kinds));
        if ((info->records & PROGRESS_MASK) == 0)
            td_progress("%s: %llu records", info->path, (unsigned long long)info->records);
    }
    td_progress("%s", "");
    return err == TD_ENODATA ? TD_OK : err;
}

enum td_err td_dbn_info_read(struct td_dbn_info *info, struct td_world *world, const char *path,
                             struct td_fail *why)
{
    struct digest digest;
    struct set instruments = {0};
    unsigned char sum[crypto_hash_sha256_BYTES];
    memset(info, 0, sizeof *info);
    info->path = path;
    (void)crypto_hash_sha256_init(&digest.state);
    const struct td_dbn_file_options options = {take_bytes, &digest};
    enum td_err err = td_dbn_file_open(&info->file, world, path, &options, why);
    if (err)
        return err;
    err = td_file_size(world, info->file.file, &info->file_bytes);
    if (!err)
        err = count_records(info, &instruments, &info->why);
    info->whole = err == TD_OK;
    info->instruments = instruments.lost ? UINT64_MAX : instruments.map.count;
    free(instruments.slots);
    (void)crypto_hash_sha256_final(&digest.state, sum);
    (void)sodium_bin2hex(info->sha256, sizeof info->sha256, sum, sizeof sum);
    qsort(info->kinds, info->kind_count, sizeof info->kinds[0], by_type);
    return TD_OK;
}

void td_dbn_info_close(struct td_dbn_info *info)
{
    td_dbn_file_close(&info->file);
}

/* ---- words ---- */

static void put_kinds(const struct td_dbn_info *info, struct td_text *t)
{
    for (size_t i = 0; i < info->kind_count; i++)
        td_text_printf(t, "%s0x%02x/%d:%llu", i ? "," : "", info->kinds[i].rtype,
                       info->kinds[i].words * 4, (unsigned long long)info->kinds[i].records);
}

static void key_u64(struct td_json *j, const char *name, uint64_t value, bool known)
{
    td_json_key(j, name);
    if (known)
        td_json_u64(j, value);
    else
        td_json_null(j);
}

static void make_room(struct td_text *t)
{
    if (t->cap - t->len < FLUSH_AT) {
        (void)td_cmd_print(t);
        td_text_reset(t);
    }
}

static void put_texts(struct td_json *j, const char *name, const struct td_dbn_texts *texts,
                      struct td_text *t)
{
    td_json_key(j, name);
    td_json_array(j);
    for (uint32_t i = 0; i < texts->count; i++) {
        td_json_str(j, td_dbn_text_at(texts, i));
        make_room(t);
    }
    td_json_array_end(j);
}

static void put_mappings(struct td_json *j, const struct td_dbn_metadata *m, struct td_text *t)
{
    struct td_dbn_mapping mapping = {0};
    struct td_dbn_interval interval;
    td_json_key(j, "mappings");
    td_json_array(j);
    while (td_dbn_mapping_next(m, &mapping)) {
        td_json_object(j);
        td_json_key(j, "raw_symbol");
        td_json_str(j, mapping.symbol);
        td_json_key(j, "intervals");
        td_json_array(j);
        for (uint32_t i = 0; i < mapping.intervals; i++) {
            td_dbn_interval_at(m, &mapping, i, &interval);
            td_json_object(j);
            td_json_key_i64(j, "start_date", interval.start);
            td_json_key_i64(j, "end_date", interval.end);
            td_json_key(j, "symbol");
            td_json_str(j, interval.symbol);
            td_json_object_end(j);
            make_room(t);
        }
        td_json_array_end(j);
        td_json_object_end(j);
        make_room(t);
    }
    td_json_array_end(j);
}

static void put_types(const struct td_dbn_info *info, struct td_json *j)
{
    td_json_key(j, "types");
    td_json_array(j);
    for (size_t i = 0; i < info->kind_count; i++) {
        const struct td_dbn_layout *l =
            td_dbn_layout_of(info->kinds[i].rtype, info->file.dbn.metadata.version);
        td_json_object(j);
        td_json_key_i64(j, "rtype", info->kinds[i].rtype);
        td_json_key_text(j, "name", l ? l->name : NULL);
        td_json_key_i64(j, "length", info->kinds[i].words * 4);
        td_json_key_i64(j, "records", (int64_t)info->kinds[i].records);
        td_json_object_end(j);
    }
    td_json_array_end(j);
}

void td_dbn_info_json(const struct td_dbn_info *info, bool mappings, struct td_json *j,
                      struct td_text *t)
{
    const struct td_dbn_metadata *m = &info->file.dbn.metadata;
    const bool head = !info->file.fragment;
    char kinds[64 * 40];
    struct td_text k;
    td_text_init(&k, kinds, sizeof kinds);
    put_kinds(info, &k);
    td_json_key_text(j, "file", info->path);
    td_json_key(j, "version");
    if (head)
        td_json_i64(j, m->version);
    else
        td_json_text(j, "fragment");
    td_json_key_text(j, "dataset", head ? m->dataset : NULL);
    td_json_key_text(j, "schema", head ? td_dbn_schema_name(m->schema) : NULL);
    key_u64(j, "records", info->records, true);
    td_json_key_text(j, "rtypes", kinds);
    key_u64(j, "instruments", info->instruments, info->instruments != UINT64_MAX);
    key_u64(j, "first_ts_event", info->first_event, info->records > 0);
    key_u64(j, "last_ts_event", info->last_event, info->records > 0);
    key_u64(j, "start", m->start, head);
    key_u64(j, "end", m->end, head);
    key_u64(j, "limit", m->limit, head);
    key_u64(j, "ts_out", m->ts_out, head);
    key_u64(j, "n_metadata_symbols", m->symbols.count, head);
    key_u64(j, "bytes", info->file.unpacked, true);
    td_json_key_text(j, "sha256_decompressed", info->sha256);
    td_json_key_bool(j, "whole", info->whole);
    td_json_key_text(j, "error", info->whole ? NULL : info->why.text);
    key_u64(j, "file_bytes", info->file_bytes, true);
    td_json_key_bool(j, "zstd", info->file.packed);
    td_json_key_text(j, "stype_in", td_dbn_stype_name(m->stype_in));
    td_json_key_text(j, "stype_out", td_dbn_stype_name(m->stype_out));
    put_types(info, j);
    make_room(t);
    put_texts(j, "symbols", &m->symbols, t);
    put_texts(j, "partial", &m->partial, t);
    put_texts(j, "not_found", &m->not_found, t);
    if (mappings)
        put_mappings(j, m, t);
    else
        td_json_key_i64(j, "mappings", m->mappings);
}

/* ---- the table ---- */

static void row_time(struct td_text *t, const char *name, uint64_t at)
{
    td_text_printf(t, "  %-12s ", name);
    if (at == TD_DBN_UNDEF_TIME)
        td_text_put(t, "none");
    else
        td_dbn_time_text(t, at);
    td_text_char(t, '\n');
}

static void row_texts(struct td_text *t, const char *name, const struct td_dbn_texts *texts)
{
    enum { SHOWN = 8 };
    if (texts->count == 0)
        return;
    td_text_printf(t, "  %-12s ", name);
    for (uint32_t i = 0; i < texts->count && i < SHOWN; i++) {
        const struct td_str s = td_dbn_text_at(texts, i);
        td_text_printf(t, "%s%.*s", i ? ", " : "", (int)s.len, s.p);
    }
    if (texts->count > SHOWN)
        td_text_printf(t, " and %u more", (unsigned)(texts->count - SHOWN));
    td_text_char(t, '\n');
}

static void rows_of_metadata(const struct td_dbn_metadata *m, struct td_text *t)
{
    const char *schema = td_dbn_schema_name(m->schema);
    const char *in = td_dbn_stype_name(m->stype_in), *out = td_dbn_stype_name(m->stype_out);
    td_text_printf(t, "  %-12s %s\n", "dataset", m->dataset);
    td_text_printf(t, "  %-12s %s\n", "schema", schema ? schema : "unknown");
    td_text_printf(t, "  %-12s %s to %s\n", "symbology", in ? in : "mixed", out ? out : "unknown");
    row_time(t, "start", m->start);
    row_time(t, "end", m->end);
    if (m->limit > 0)
        td_text_printf(t, "  %-12s %llu\n", "limit", (unsigned long long)m->limit);
    row_texts(t, "symbols", &m->symbols);
    row_texts(t, "partial", &m->partial);
    row_texts(t, "not found", &m->not_found);
}

void td_dbn_info_table(const struct td_dbn_info *info, struct td_text *t)
{
    const struct td_dbn_metadata *m = &info->file.dbn.metadata;
    td_text_printf(t, "%s\n  %-12s %d%s%s\n", info->path, "version", m->version,
                   info->file.fragment ? ", a fragment without metadata" : "",
                   info->file.packed ? ", zstd" : "");
    if (!info->file.fragment)
        rows_of_metadata(m, t);
    td_text_printf(t, "  %-12s %llu\n", "records", (unsigned long long)info->records);
    for (size_t i = 0; i < info->kind_count; i++) {
        const struct td_dbn_layout *l = td_dbn_layout_of(info->kinds[i].rtype, m->version);
        td_text_printf(t, "    0x%02x %-12s %3d bytes %12llu\n", info->kinds[i].rtype,
                       l ? l->name : "unknown", info->kinds[i].words * 4,
                       (unsigned long long)info->kinds[i].records);
    }
    if (info->records > 0) {
        row_time(t, "first event", info->first_event);
        row_time(t, "last event", info->last_event);
        td_text_printf(t, "  %-12s ", "instruments");
        if (info->instruments == UINT64_MAX)
            td_text_put(t, "more than can be counted\n");
        else
            td_text_printf(t, "%llu\n", (unsigned long long)info->instruments);
    }
    td_text_printf(t, "  %-12s %llu, unpacked %llu\n", "bytes",
                   (unsigned long long)info->file_bytes, (unsigned long long)info->file.unpacked);
    td_text_printf(t, "  %-12s %s (of the unpacked bytes)\n", "sha256", info->sha256);
}
