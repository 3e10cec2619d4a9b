/* fuzz/dbn_fuzz.c - any bytes as a DBN file, packed or not, or as a fragment: whole and cut in two they give the same records and
 * the same end; what a record holds can be shown, upgraded and written again; metadata are read again as they were. */
#include <stdlib.h>

#include "wire/dbn.h"
#include "wire/dbn_symbols.h"
#include "wire/dbn_text.h"
#include "wire/dbn_upgrade.h"
#include "wire/dbn_zstd.h"

#define UNPACKED_MAX ((size_t)1 << 18)
#define SHOWN_MAX    64 /* records that are looked into */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes in a block of exactly their size, so that the sanitizer sees a read past the end. */
static uint8_t *copy_of(const uint8_t *data, size_t size)
{
    uint8_t *out = malloc(size ? size : 1);
    TD_REQUIRE(out != NULL);
    if (size)
        memcpy(out, data, size);
    return out;
}

static void begin(struct td_dbn *d, const uint8_t *data, size_t size)
{
    const uint8_t version = td_dbn_fragment_version(data, size);
    if (version)
        td_dbn_init_fragment(d, version);
    else
        td_dbn_init(d);
}

static enum td_err drain(struct td_dbn *d, const uint8_t *data, size_t size, uint64_t *sum)
{
    struct td_dbn_record r;
    enum td_err err;
    uint8_t *bytes = copy_of(data, size);
    td_dbn_feed(d, bytes, size);
    while ((err = td_dbn_next(d, &r)) == TD_OK) {
        *sum = *sum * 31 + r.rtype + r.ts_event + (uint64_t)r.px.e9 + r.raw.len;
        for (size_t i = 0; i < r.raw.len; i++)
            *sum += (uint8_t)r.raw.p[i];
    }
    TD_REQUIRE(err != TD_EAGAIN || td_dbn_wants(d) > size - td_dbn_used(d));
    free(bytes);
    return err;
}

static void cuts_do_not_matter(const uint8_t *data, size_t size)
{
    struct td_dbn whole, parts;
    uint64_t whole_sum = 0, parts_sum = 0;
    begin(&whole, data, size);
    begin(&parts, data, size);
    const enum td_err end = drain(&whole, data, size, &whole_sum);
    const size_t cut = size ? data[size - 1] % size : 0;
    enum td_err err = drain(&parts, data, cut, &parts_sum);
    if (err == TD_EAGAIN) {
        const size_t used = td_dbn_used(&parts);
        err = drain(&parts, data + used, size - used, &parts_sum);
    }
    TD_REQUIRE(err == end && whole_sum == parts_sum && whole.records == parts.records);
}

/* ---- looking into records ---- */

static void shown(const struct td_dbn_layout *layout, const void *record, struct td_str symbol)
{
    static char text[TD_DBN_LINE_MAX];
    const struct td_dbn_shown s = {layout, record, symbol, true, 5};
    struct td_text t;
    struct td_json j;
    td_text_init(&t, text, sizeof text);
    td_json_init(&j, &t, false);
    td_json_object(&j);
    td_dbn_json(&j, &s);
    td_json_object_end(&j);
    TD_REQUIRE(!td_text_full(&t));
    td_text_reset(&t);
    td_dbn_csv(&t, &s);
    TD_REQUIRE(!td_text_full(&t) && text[t.len - 1] == '\n');
    td_text_reset(&t);
    td_dbn_table_head(&t, layout);
    td_dbn_table(&t, &s);
    TD_REQUIRE(!td_text_full(&t));
}

static bool same_value(const struct td_dbn_value *a, const struct td_dbn_value *b)
{
    return a->none == b->none && a->number == b->number && td_str_eq(a->text, b->text);
}

static void written_again(const struct td_dbn_layout *layout, const void *record, uint8_t rtype)
{
    uint8_t out[TD_DBN_BYTES_MAX];
    td_dbn_blank(out, layout, rtype);
    for (uint16_t i = 0; i < layout->count; i++) {
        const struct td_dbn_field *f = &layout->fields[i];
        struct td_dbn_value v, back;
        td_dbn_get(record, f, &v);
        td_dbn_put(out, f, &v);
        td_dbn_get(out, f, &back);
        const bool cut = f->type == TD_DBN_TEXT && v.text.len == f->bytes; /* no room for its NUL */
        TD_REQUIRE(cut || same_value(&v, &back));
    }
}

static void looked_into(const struct td_dbn_record *r, uint8_t version, struct td_str symbol)
{
    uint8_t new[TD_DBN_BYTES_MAX], again[TD_DBN_BYTES_MAX];
    const struct td_dbn_layout *up = td_dbn_upgrade(r->raw, version, new);
    TD_REQUIRE((up != NULL) == (r->layout != NULL));
    if (!up)
        return;
    shown(r->layout, r->raw.p, symbol);
    shown(up, new, symbol);
    written_again(r->layout, r->raw.p, r->rtype);
    const struct td_str raw = {(const char *)new, up->bytes};
    TD_REQUIRE(td_dbn_upgrade(raw, 3, again) == up && memcmp(again, new, up->bytes) == 0);
}

static void metadata_again(const struct td_dbn_metadata *m)
{
    struct td_dbn_metadata back;
    size_t len = 0;
    for (uint8_t version = 1; version <= 3; version++) {
        const size_t need = td_dbn_metadata_bytes(m, version);
        uint8_t *out = malloc(need);
        TD_REQUIRE(out != NULL);
        const enum td_err err = td_dbn_metadata_write(m, version, out, need, &len);
        TD_REQUIRE(err == TD_OK || err == TD_ERANGE);
        if (err == TD_OK) {
            TD_REQUIRE(len == need && td_dbn_metadata_read(&back, out, len) == TD_OK);
            TD_REQUIRE(back.symbols.count == m->symbols.count && back.mappings == m->mappings &&
                       back.start == m->start && back.stype_in == m->stype_in);
            for (uint32_t i = 0; i < m->symbols.count; i++)
                TD_REQUIRE(
                    td_str_eq(td_dbn_text_at(&back.symbols, i), td_dbn_text_at(&m->symbols, i)));
        }
        free(out);
    }
}

static void records_are_known(const uint8_t *data, size_t size)
{
    struct td_dbn d;
    struct td_dbn_record r;
    struct td_dbn_symbols symbols;
    struct td_arena arena;
    void *block = NULL;
    uint8_t *bytes = copy_of(data, size);
    begin(&d, data, size);
    td_dbn_feed(&d, bytes, size);
    for (int i = 0; i < SHOWN_MAX && td_dbn_next(&d, &r) == TD_OK; i++) {
        if (!block) {
            const size_t need = td_dbn_symbols_bytes(&d.metadata);
            block = malloc(need);
            TD_REQUIRE(block != NULL);
            td_arena_init(&arena, block, need);
            TD_REQUIRE(td_dbn_symbols_open(&symbols, &d.metadata, &arena) == TD_OK);
            metadata_again(&d.metadata);
        }
        looked_into(&r, d.metadata.version, td_dbn_symbol_of(&symbols, r.instrument, r.ts_recv));
    }
    free(block);
    free(bytes);
}

/* ---- packed ---- */

static size_t unpack(const uint8_t *data, size_t size, size_t step, uint8_t *out, enum td_err *end)
{
    static uint8_t *block;
    struct td_unzstd u;
    size_t at = 0, made = 0;
    block = block ? block : malloc(td_unzstd_bytes());
    TD_REQUIRE(td_unzstd_init(&u, block, td_unzstd_bytes()) == TD_OK);
    *end = TD_OK;
    for (bool go = true; go && *end == TD_OK;) {
        size_t in = size - at < step ? size - at : step, room = UNPACKED_MAX - made;
        *end = td_unzstd_run(&u, data + at, &in, out + made, &room);
        at += in;
        made += room;
        go = at < size && made < UNPACKED_MAX;
    }
    if (*end == TD_OK && made < UNPACKED_MAX)
        *end = td_unzstd_finish(&u);
    return made;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t out[2][UNPACKED_MAX];
    if (td_is_zstd(data, size)) {
        enum td_err whole, parts;
        uint8_t *bytes = copy_of(data, size);
        const size_t n = unpack(bytes, size, size, out[0], &whole);
        const size_t m = unpack(bytes, size, 1 + data[size - 1] % 64u, out[1], &parts);
        free(bytes);
        TD_REQUIRE(whole == parts || n == UNPACKED_MAX);
        TD_REQUIRE(whole == TD_EPROTO || (n == m && memcmp(out[0], out[1], n) == 0));
        data = out[0];
        size = n;
    }
    cuts_do_not_matter(data, size);
    records_are_known(data, size);
    return 0;
}
