/* tests/wire/tws_roundtrip_test.c - decode(encode(x)) = x for every message at every gate (conformance 3, 7). */
#include "support/support.h"

#include <stdlib.h>
#include <string.h>

#include "tws_fill.h"

static const int32_t versions[] = {157, 158, 159, 160, 162, 163, 164, 166, 169, 170, 174,
                                   176, 177, 178, 179, 182, 183, 184, 185, 186, 187, 189,
                                   190, 192, 193, 194, 195, 196, 198, 199, 200, 213, 225};

#define BYTES (1 << 20)

struct bench {
    struct td_rng rng;
    struct td_arena made, read;
    uint8_t *first, *second;
};

static struct bench b;

static int set_up(void **state)
{
    (void)state;
    td_rng_init(&b.rng, 2026);
    td_arena_init(&b.made, malloc(BYTES), BYTES);
    td_arena_init(&b.read, malloc(BYTES), BYTES);
    b.first = malloc(BYTES);
    b.second = malloc(BYTES);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(b.made.base);
    free(b.read.base);
    free(b.first);
    free(b.second);
    return 0;
}

static void check_round_trip(uint16_t kind, int32_t version)
{
    const struct td_tws_layout *layout = td_tws_layout_of(kind);
    const struct td_tws_codec codec = {version, td_tws_is_request(kind), &b.read};
    struct filler f = {&b.rng, &b.made, version, 3};
    struct td_tws_msg made, read;
    struct td_tws_decoded info;
    size_t len = 0, again = 0;
    td_arena_reset(&b.made);
    fill_message(&f, &made, kind);
    enum td_err err = td_tws_encode(&codec, &made, b.first, BYTES, &len);
    if (version < layout->since) {
        assert_int_equal(err, TD_EUNSUP);
        return;
    }
    assert_int_equal(err, TD_OK);
    err = td_tws_decode(&codec, (struct td_str){(char *)b.first, len}, &read, &info);
    if (err)
        fail_msg("%s at %d: %s at %s", layout->name, version, td_err_name(err),
                 info.at ? info.at : "?");
    assert_int_equal(info.wire_id, layout->wire_id);
    if (info.surplus)
        fail_msg("%s at %d: %zu bytes left over", layout->name, version, info.surplus);
    const char *differs = differing_row(layout->rows, msg_body(&made), msg_body(&read), version);
    if (differs)
        fail_msg("%s at %d: %s differs", layout->name, version, differs);
    TD_OK_OR_FAIL(td_tws_encode(&codec, &read, b.second, BYTES, &again));
    assert_int_equal(again, len);
    assert_memory_equal(b.first, b.second, len);
    /* Every shorter output buffer is refused, and a payload that lost its last field is not accepted. */
    assert_int_equal(td_tws_encode(&codec, &made, b.second, td_rng_below(&b.rng, len), &again),
                     TD_EFULL);
    size_t cut = len - 1;
    while (cut && b.first[cut - 1])
        cut--;
    if (cut && version <= TD_TWS_VERSION_MAX)
        assert_int_not_equal(
            td_tws_decode(&codec, (struct td_str){(char *)b.first, cut}, &read, &info), TD_OK);
}

static void every_message_survives_at_every_gate(void **state)
{
    (void)state;
    for (uint16_t kind = 0; kind < TD_TWS_KINDS; kind++)
        for (size_t v = 0; td_tws_layout_of(kind) && v < TD_COUNT(versions); v++)
            for (int i = 0; i < 12; i++)
                check_round_trip(kind, versions[v]);
}

/* Those the protocol reference asks for are among them. */
static void the_listed_versions_are_tried(void **state)
{
    (void)state;
    static const int32_t listed[] = {157, 158, 160, 163, 164, 166, 169, 170, 174, 176, 177, 178,
                                     182, 187, 189, 190, 192, 193, 194, 195, 196, 198, 199, 200};
    assert_int_equal(TD_COUNT(listed), 24);
    for (size_t i = 0, v = 0; i < TD_COUNT(listed); i++) {
        while (v < TD_COUNT(versions) && versions[v] < listed[i])
            v++;
        assert_true(v < TD_COUNT(versions) && versions[v] == listed[i]);
    }
}

static void orders_survive_with_every_block(void **state)
{
    (void)state;
    static const uint16_t kinds[] = {TD_TWS_PLACE_ORDER, TD_TWS_OPEN_ORDER, TD_TWS_COMPLETED_ORDER};
    for (int i = 0; i < 900; i++)
        check_round_trip(kinds[i % 3], versions[td_rng_below(&b.rng, TD_COUNT(versions))]);
}

/* A payload that ends in the middle of anything is an error or, where a table ends there, fine: never a crash. */
static void cut_payloads_are_refused(void **state)
{
    (void)state;
    for (uint16_t kind = 0; kind < TD_TWS_KINDS; kind++) {
        if (!td_tws_layout_of(kind) || td_tws_layout_of(kind)->since > 200)
            continue;
        const struct td_tws_codec codec = {200, td_tws_is_request(kind), &b.read};
        struct filler f = {&b.rng, &b.made, 200, 2};
        struct td_tws_msg msg;
        struct td_tws_decoded info;
        size_t len = 0;
        td_arena_reset(&b.made);
        fill_message(&f, &msg, kind);
        TD_OK_OR_FAIL(td_tws_encode(&codec, &msg, b.first, BYTES, &len));
        for (size_t cut = 0; cut < len; cut++) {
            uint8_t *guarded = td_guard_copy(b.first, cut);
            const enum td_err err =
                td_tws_decode(&codec, (struct td_str){(char *)guarded, cut}, &msg, &info);
            td_guard_free(guarded, cut);
            if (cut && b.first[cut - 1])
                assert_int_equal(err, TD_EPROTO); /* no NUL at the end */
        }
    }
}

/* In protobuf a cut between two fields is a shorter message; anywhere else it is refused. */
static void cut_protobuf_is_refused_or_shorter(void **state)
{
    (void)state;
    size_t shorter = 0, refused = 0;
    for (uint16_t kind = 0; kind < TD_TWS_KINDS; kind++) {
        if (!td_tws_layout_of(kind) || td_tws_text_only(kind))
            continue;
        const struct td_tws_codec codec = {225, td_tws_is_request(kind), &b.read};
        struct filler f = {&b.rng, &b.made, 225, 2};
        struct td_tws_msg msg;
        struct td_tws_decoded info;
        size_t len = 0;
        td_arena_reset(&b.made);
        fill_message(&f, &msg, kind);
        TD_OK_OR_FAIL(td_tws_encode(&codec, &msg, b.first, BYTES, &len));
        for (size_t cut = 0; cut < len; cut++) {
            uint8_t *guarded = td_guard_copy(b.first, cut);
            const enum td_err err =
                td_tws_decode(&codec, (struct td_str){(char *)guarded, cut}, &msg, &info);
            td_guard_free(guarded, cut);
            shorter += err == TD_OK;
            refused += err == TD_EPROTO;
            if (err && err != TD_EPROTO)
                fail_msg("%s cut at %zu: %s", td_tws_kind_name(kind), cut, td_err_name(err));
        }
    }
    assert_true(refused > 10 * shorter);
}

static bool is_unsettable(const struct td_tws_field *row)
{
    return (row->type >= TD_F_E9 && row->type <= TD_F_QTY) || row->type == TD_F_I32U ||
           row->type == TD_F_I32M;
}

static bool is_gated(const struct td_tws_field *row)
{
    return row->since != TD_TWS_PROTOBUF && (row->when || row->since || row->until);
}

/* An absent row makes its member unset, so such a member must not have another row in the same table. */
static void absent_rows_undo_nothing(void **state)
{
    (void)state;
    for (uint16_t kind = 0; kind < TD_TWS_KINDS; kind++) {
        const struct td_tws_layout *layout = td_tws_layout_of(kind);
        if (!layout)
            continue;
        for (const struct td_tws_field *a = layout->rows; a->type != TD_F_END; a++)
            for (const struct td_tws_field *c = a + 1; c->type != TD_F_END; c++)
                if (is_unsettable(a) && is_unsettable(c) && a->off == c->off &&
                    (is_gated(a) || is_gated(c)))
                    fail_msg("%s: %s has two rows", layout->name, a->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_survives_at_every_gate),
        cmocka_unit_test(the_listed_versions_are_tried),
        cmocka_unit_test(orders_survive_with_every_block),
        cmocka_unit_test(cut_payloads_are_refused),
        cmocka_unit_test(cut_protobuf_is_refused_or_shorter),
        cmocka_unit_test(absent_rows_undo_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
