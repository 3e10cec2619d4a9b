/* tests/wire/tws_recorded_test.c - frames recorded elsewhere fit our tables (outside check).
 *
 * data/tws/wire/rust-ibapi_messages.jsonl holds field lists of another project's tests; some are captured
 * frames, some are shortened for its own decoders. A message counts as fitting when one of the versions
 * 157..200 reads it without a field missing or left over (one empty field at the end is that file's way of
 * writing the last NUL). The counts below leave out only the
 * lists that file shortened for its own decoders.
 */
#include "support/support.h"

#include <stdlib.h>
#include <string.h>

#include "wire/tws_field.h"

static uint8_t arena_block[1 << 18];

/* The "fields" array of one JSON line as NUL-ended fields; returns the length, 0 when there is none. */
static size_t read_fields(const char *line, const char *end, char *out)
{
    const char *p = strstr(line, "\"fields\": [");
    size_t n = 0;
    if (!p || p > end)
        return 0;
    for (p += 11; p < end && *p != ']'; p++) {
        if (*p != '"')
            continue;
        for (p++; p < end && *p != '"'; p++) {
            if (*p == '\\' && p[1] != 'u')
                p++;
            out[n++] = *p;
        }
        out[n++] = '\0';
    }
    return n;
}

/* The lowest version at which the payload is read exactly, or 0. */
static int32_t fitting_version(const char *bytes, size_t len, bool request, struct td_tws_msg *msg)
{
    struct td_arena arena;
    td_arena_init(&arena, arena_block, sizeof arena_block);
    for (int32_t version = TD_TWS_VERSION_MIN; version <= TD_TWS_VERSION_MAX; version++) {
        const struct td_tws_codec codec = {version, request, &arena};
        struct td_tws_decoded info;
        if (!td_tws_decode(&codec, (struct td_str){bytes, len}, msg, &info) && info.surplus <= 1)
            return version;
    }
    return 0;
}

static int count_line(const char *line, const char *end, int fits[201], int seen[201])
{
    static char bytes[1 << 18];
    struct td_tws_msg msg;
    const size_t len = read_fields(line, end, bytes);
    const char *kind = strstr(line, "\"response\"");
    if (!len || !kind || kind > end)
        return 0;
    const int id = (int)strtol(bytes, NULL, 10);
    if (id < 1 || id > 200 || td_tws_kind_of(id, false) == TD_TWS_OTHER_REPLY)
        return 0;
    seen[id]++;
    fits[id] += fitting_version(bytes, len, false, &msg) != 0;
    return 1;
}

static void recorded_frames_fit(void **state)
{
    (void)state;
    const char *path = td_test_data("tws/wire/rust-ibapi_messages.jsonl");
    if (!path)
        skip();
    size_t len = 0;
    char *text = td_test_slurp(path, &len);
    int fits[201] = {0}, seen[201] = {0}, lines = 0;
    assert_non_null(text);
    for (const char *line = text; *line;) {
        const char *end = strchr(line, '\n');
        end = end ? end : text + len;
        lines += count_line(line, end, fits, seen);
        line = *end ? end + 1 : end;
    }
    free(text);
    assert_true(lines > 80);
    static const struct {
        int id, least;
    } expected[] = {
        {3, 11}, {4, 3},  {5, 10}, {10, 6}, {11, 5}, {12, 5}, {13, 6}, {17, 2},  {59, 3},  {61, 3},
        {63, 4}, {73, 4}, {75, 5}, {79, 2}, {96, 2}, {97, 4}, {98, 3}, {99, 11}, {101, 3},
    };
    for (size_t i = 0; i < TD_COUNT(expected); i++)
        if (fits[expected[i].id] < expected[i].least)
            fail_msg("message %d: only %d of %d fit", expected[i].id, fits[expected[i].id],
                     seen[expected[i].id]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(recorded_frames_fit)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
