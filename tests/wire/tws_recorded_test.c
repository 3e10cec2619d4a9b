/* tests/wire/tws_recorded_test.c - what others recorded fits our tables (outside check).
 *
 * data/tws/wire/rust-ibapi_messages.jsonl holds 193 field lists of another project's tests: captured frames, and lists its
 * authors wrote. Its word for the direction is not always right, so each is tried both ways, at the versions 157..200: it
 * must be read without a field missing or left over (one empty field at the end is that file's way of writing the last
 * NUL). The lists that are no message of the protocol are named below, each with the reason; no other may fail.
 */
#include "support/support.h"

#include <stdio.h>
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

/* Lists of the file that are no message: how they begin ('|' between fields), and what is wrong with them. */
static const struct {
    const char *begins, *why;
} not_messages[] = {
    {"1|9000|20241231 12:00:00|", "a bar under the id of a tick"},
    {"1|1|9000|1|185.50|7|", "a tick price without its size"},
    {"1|1234|AAPL|", "a contract under the id of a tick"},
    {"2|5678|GOOGL|", "a contract under the id of a tick"},
    {"7|0|12345|NASDAQ|", "a commission of another broker under the id of a portfolio value"},
    {"10|9001|TLT|BOND|20420815|0||||", "contract data, shortened"},
    {"10|9001|TLT|BOND|20420815|0||SMART|", "contract data, shortened"},
    {"10|123|13|1|0.25|", "an option computation under the id of contract data"},
    {"11|9000|42|265598|AAPL|STK|", "an execution cut off on purpose"},
    {"13||9000|0|ISLAND|", "a depth row without its last field"},
    {"19|9000|3|125.50|", "a histogram under the id of scanner parameters"},
    {"20|3|9000|50|0|28812380|", "a list whose legs text was cut where it holds a separator"},
    {"21|6|9000|13|", "an option computation with a version field, which 157 dropped"},
    {"50||9000|invalid_timestamp|", "wrong on purpose"},
    {"51|9001|CBOE|", "option parameters under the id of fundamental data"},
    {"54|3|9000|0|AAPL|", "an option calculation without trading class and options"},
    {"61|3|6|DU1234567|", "a position with one field more before the account"},
    {"71|2|ISLAND|STK|", "depth exchanges under the id of a position"},
    {"81|42|2|12345|", "symbol samples under the id of tick parameters"},
    {"87|635|3|0|", "a market rule under the id of the end of news"},
    {"87|239|6|0|", "a market rule under the id of the end of news"},
    {"90|9000|-1|1678890000|", "a bar update with one field more"},
    {"92||AccountCode|", "an account value under the id of a reroute"},
    {"94|1|9000|DU1234567|", "an account value under the id of a P&L"},
};

static const char *known_reason(const char *fields, size_t len)
{
    char line[64];
    const size_t n = len < sizeof line - 1 ? len : sizeof line - 1;
    for (size_t i = 0; i < n; i++)
        line[i] = fields[i] ? fields[i] : '|';
    line[n] = '\0';
    for (size_t i = 0; i < TD_COUNT(not_messages); i++)
        if (!strncmp(line, not_messages[i].begins, strlen(not_messages[i].begins)))
            return not_messages[i].why;
    return NULL;
}

struct tally {
    int lines, read, named, failed;
};

static void check_line(const char *line, const char *end, struct tally *t)
{
    static char bytes[1 << 18];
    static struct td_tws_msg msg;
    const size_t len = read_fields(line, end, bytes);
    if (!len)
        return;
    t->lines++;
    if (fitting_version(bytes, len, false, &msg) || fitting_version(bytes, len, true, &msg)) {
        t->read++;
        if (known_reason(bytes, len))
            fail_msg("named as no message, but read: %.60s", bytes);
    } else if (known_reason(bytes, len)) {
        t->named++;
    } else {
        t->failed++;
        (void)printf("not read: %.*s\n", (int)(end - line < 160 ? end - line : 160), line);
    }
}

static void recorded_frames_fit(void **state)
{
    (void)state;
    const char *path = td_test_data("tws/wire/rust-ibapi_messages.jsonl");
    struct tally t = {0};
    if (!path)
        td_skip_data("tws/wire/rust-ibapi_messages.jsonl");
    size_t len = 0;
    char *text = td_test_slurp(path, &len);
    assert_non_null(text);
    for (const char *line = text; *line;) {
        const char *end = strchr(line, '\n');
        end = end ? end : text + len;
        check_line(line, end, &t);
        line = *end ? end + 1 : end;
    }
    free(text);
    (void)printf("%d lists: %d read, %d no messages\n", t.lines, t.read, t.named);
    assert_int_equal(t.failed, 0);
    assert_int_equal(t.lines, 193);
    assert_true(t.read >= 164);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_frames_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
