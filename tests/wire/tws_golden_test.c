/* tests/wire/tws_golden_test.c - runs tests/golden/tws.md: wire bytes beside the event they mean.
 *
 * `at V reply|request` sets version and direction; `wire` lines (fields ended by '|') are decoded and must
 * encode back to the same bytes, `read` lines are only decoded (forms other senders use). The `event` line
 * is the printed message; members that are zero or empty, and unset integers, are left out.
 * TD_GOLDEN_PRINT=1 prints what each block gives, to write a new block.
 */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/tws_field.h"

static uint8_t arena_block[1 << 16];

static void print_rows(struct td_text *t, const struct td_tws_field *row, const uint8_t *base,
                       int32_t version);

static void print_list(struct td_text *t, const struct td_tws_field *row, const uint8_t *base,
                       int32_t version)
{
    TD_TWS_LIST(td_tws_text) list;
    memcpy(&list, base + row->off, sizeof list);
    if (!list.n)
        return;
    td_text_printf(t, " %s=[", row->name);
    for (uint32_t i = 0; i < list.n; i++) {
        td_text_put(t, i ? " ;" : "");
        print_rows(t, row->sub, (const uint8_t *)list.p + (size_t)i * row->size, version);
    }
    td_text_put(t, " ]");
}

static void print_number(struct td_text *t, const char *name, int64_t value, int64_t unset)
{
    if (value != 0 && value != unset) {
        td_text_printf(t, " %s=", name);
        td_text_i64(t, value);
    }
}

static void print_fixed(struct td_text *t, const char *name, int64_t e9)
{
    if (e9 == TD_TWS_INFINITY)
        td_text_printf(t, " %s=inf", name);
    else if (e9 == TD_E9_NONE)
        td_text_printf(t, " %s=unset", name);
    else if (e9 != 0) {
        td_text_printf(t, " %s=", name);
        td_text_e9(t, e9);
    }
}

static void print_row(struct td_text *t, const struct td_tws_field *row, const uint8_t *base,
                      int32_t version)
{
    const void *at = base + row->off;
    switch (row->type) {
    case TD_F_LIT:
    case TD_F_UNSET:
        break;
    case TD_F_ID:
    case TD_F_I32:
    case TD_F_I32U:
    case TD_F_I32M:
    case TD_F_ENUM:
        print_number(t, row->name, *(const int32_t *)at, TD_TWS_INT_NONE);
        break;
    case TD_F_I64:
        print_number(t, row->name, *(const int64_t *)at, 0);
        break;
    case TD_F_MASK:
        if (*(const bool *)(const void *)(base + row->second))
            td_text_put(t, " second-bit");
        print_number(t, row->name, *(const bool *)at, 0);
        break;
    case TD_F_BOOL:
    case TD_F_TRUE:
    case TD_F_AND:
        print_number(t, row->name, *(const bool *)at, 0);
        break;
    case TD_F_STR:
    case TD_F_TAIL:
    case TD_F_ESC:
        if (((const struct td_str *)at)->len)
            td_text_printf(t, " %s=%.*s", row->name, TD_STR_ARG(*(const struct td_str *)at));
        break;
    case TD_F_SUB:
        print_rows(t, row->sub, at, version);
        break;
    case TD_F_LIST:
    case TD_F_AGAIN:
        print_list(t, row, base, version);
        break;
    default:
        print_fixed(t, row->name, *(const int64_t *)at);
    }
}

static void print_rows(struct td_text *t, const struct td_tws_field *row, const uint8_t *base,
                       int32_t version)
{
    for (; row->type != TD_F_END; row++)
        if (row->since != TD_TWS_PROTOBUF && td_tws_row_present(row, base, version))
            print_row(t, row, base, version);
}

struct golden {
    int32_t version;
    bool request;
    char title[200];
    char bytes[8192];
    size_t len;
    bool exact;
    int checked;
};

static void check_event(struct golden *g, struct td_str expected)
{
    static struct td_tws_msg msg;
    static char text[8192];
    static uint8_t again[8192];
    struct td_arena arena;
    struct td_tws_decoded info;
    struct td_text t;
    size_t len = 0;
    td_arena_init(&arena, arena_block, sizeof arena_block);
    const struct td_tws_codec codec = {g->version, g->request, &arena};
    const enum td_err err = td_tws_decode(&codec, (struct td_str){g->bytes, g->len}, &msg, &info);
    td_text_init(&t, text, sizeof text);
    if (err) {
        td_text_printf(&t, "%s at %s id=%d", td_err_name(err), info.at ? info.at : "?",
                       (int)info.req_id);
    } else {
        td_text_put(&t, td_tws_kind_name(msg.kind));
        const struct td_tws_layout *layout = td_tws_layout_of(msg.kind);
        if (layout)
            print_rows(&t, layout->rows, (const uint8_t *)&msg + offsetof(struct td_tws_msg, none),
                       g->version);
        if (info.surplus && layout)
            td_text_put(&t, " SURPLUS");
    }
    if (getenv("TD_GOLDEN_PRINT"))
        printf("## %s\nevent  %s\n", g->title, text);
    else if (!td_str_is(expected, text))
        fail_msg("%s:\n expected %.*s\n got      %s", g->title, TD_STR_ARG(expected), text);
    if (g->exact && !err) {
        TD_OK_OR_FAIL(td_tws_encode(&codec, &msg, again, sizeof again, &len));
        if (len != g->len || memcmp(again, g->bytes, len))
            fail_msg("%s: encodes differently", g->title);
    }
    g->checked++;
}

static void take_wire(struct golden *g, struct td_str fields, bool exact)
{
    assert_true(fields.len < sizeof g->bytes);
    for (size_t i = 0; i < fields.len; i++)
        g->bytes[i] = fields.p[i] == '|' ? '\0' : fields.p[i];
    g->len = fields.len;
    g->exact = exact;
}

static void take_line(struct golden *g, struct td_str line)
{
    const struct td_str rest = {line.p + 7, line.len > 7 ? line.len - 7 : 0};
    if (td_str_starts(line, "## "))
        (void)td_str_copy((struct td_str){line.p + 3, line.len - 3}, g->title, sizeof g->title);
    else if (td_str_starts(line, "at ")) {
        g->version = (int32_t)strtol(line.p + 3, NULL, 10);
        g->request = line.p[line.len - 1] == 't';
    } else if (td_str_starts(line, "wire   "))
        take_wire(g, rest, true);
    else if (td_str_starts(line, "read   "))
        take_wire(g, rest, false);
    else if (td_str_starts(line, "event  "))
        check_event(g, rest);
}

static void the_page_is_true(void **state)
{
    (void)state;
    static struct golden g;
    size_t len = 0;
    char *text = td_test_slurp(td_test_golden("tws.md"), &len);
    struct td_str rest = {text, len}, line;
    assert_non_null(text);
    while (td_str_split(&rest, '\n', &line))
        take_line(&g, line);
    free(text);
    assert_true(g.checked >= 25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_page_is_true)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
