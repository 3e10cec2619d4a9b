/* sim/script.c - the parser of fault scripts and their tables. */
#include "sim/script.h"

#include <string.h>

#include "base/num.h"

#define EVENT_ROW(id, word, kind, help) {word, kind, help},
const struct td_script_event_row td_script_events[TD_SCRIPT_ON_COUNT] = {
    TD_SCRIPT_EVENTS(EVENT_ROW)};
#undef EVENT_ROW

#define INT(low, high)                                                                             \
    {                                                                                              \
        {                                                                                          \
            "N", TD_FA_INT, low, high, NULL, NULL                                                  \
        }                                                                                          \
    }
#define NUM(low, high)                                                                             \
    {                                                                                              \
        {                                                                                          \
            "N", TD_FA_NUM, low, high, NULL, NULL                                                  \
        }                                                                                          \
    }
#define WORD(choices)                                                                              \
    {                                                                                              \
        {                                                                                          \
            "WORD", TD_FA_WORD, 0, 0, choices, NULL                                                \
        }                                                                                          \
    }
#define TEXT(name)                                                                                 \
    {                                                                                              \
        {                                                                                          \
            name, TD_FA_WORD, 0, 0, NULL, NULL                                                     \
        }                                                                                          \
    }

const struct td_fault_row td_script_settings[TD_SET_COUNT] = {
    [TD_SET_DAY] = {"day", false, "day that plays, YYYY-MM-DD", TEXT("DATE")},
    [TD_SET_START] = {"start", false, "market clock at the start, HH:MM New York", TEXT("HH:MM")},
    [TD_SET_SPEED] = {"speed", false, "market seconds per second", NUM(0, 100000)},
    [TD_SET_LINES] = {"lines", false, "market data lines of the account", INT(1, 1000)},
    [TD_SET_DEPTH_LINES] = {"depth-lines", false, "depth subscriptions of a client", INT(1, 200)},
    [TD_SET_PACE] = {"pace", false, "above 50 requests a second", WORD("reject|hold|off")},
    [TD_SET_READ_ONLY] = {"read-only", false, "Read-Only API is ticked", WORD("yes|no")},
    [TD_SET_DATA] = {"data", false, "what the account is subscribed to", WORD("live|delayed|none")},
    [TD_SET_ACCOUNTS] = {"accounts", false, "account names, with commas", TEXT("NAMES")},
    [TD_SET_LATENCY] = {"latency", false, "ms of market time to the venue, and back",
                        INT(0, 60000)},
    [TD_SET_SYMBOLS] = {"symbols", false, "what is open from the start, with commas",
                        TEXT("NAMES")},
    [TD_SET_NIGHTS] =
        {"nights", false,
         "silence of all symbols for half an hour: the market clock jumps over it, or "
         "goes on",
         WORD("skip|play")},
    [TD_SET_DURATION] = {"duration", false, "test bench: seconds the script is played for",
                         INT(1, 90000)},
    [TD_SET_DESK] = {"desk", false,
                     "test bench: what its desk does: trade at the market, rest orders far below "
                     "it, or watch",
                     WORD("trade|rest|watch")},
    [TD_SET_SIZE] = {"size", false, "test bench: shares in an order", INT(1, 100)},
    [TD_SET_DEPTH] = {"depth", false, "test bench: rows of depth the desk asks for", INT(1, 10)},
    [TD_SET_CLOCK] = {"clock", false, "test bench: the clock the desk tells market hours by",
                      WORD("gateway|wall")},
    [TD_SET_BARS] = {"bars", false, "test bench: seconds in a bar of the desk's strategy",
                     INT(5, 60)},
    [TD_SET_RESTART] = {"restart-at", false,
                        "test bench: when the desk expects the gateway's restart, HH:MM New York",
                        TEXT("HH:MM")},
};

const struct td_fault_row td_script_expects[TD_EXPECT_COUNT] = {
    [TD_EXPECT_SESSION] = {"session", false,
                           "the desk's session at the end: ready, not ready, or its start was "
                           "refused",
                           WORD("ready|down|refused")},
    [TD_EXPECT_TWICE] = {"orders-twice", false, "orders that the broker received twice",
                         INT(0, 1000)},
    [TD_EXPECT_POSITIONS] = {"positions", false, "the desk's positions against the broker's books",
                             WORD("equal|differ")},
    [TD_EXPECT_FRESH] = {"fresh",
                         false,
                         "the newest quote of a symbol is at most so old, or older",
                         {{"SYMBOL", TD_FA_SYMBOL, 0, 0, NULL, NULL},
                          {"SECONDS", TD_FA_NUM, 0, 7200, NULL, NULL},
                          {"WORD", TD_FA_WORD, 0, 0, "yes|no", "yes"}}},
    [TD_EXPECT_TRADING] = {"trading",
                           false,
                           "orders reached the broker within the last seconds of the script, or "
                           "none did",
                           {{"SECONDS", TD_FA_NUM, 0, 7200, NULL, NULL},
                            {"WORD", TD_FA_WORD, 0, 0, "yes|no", "yes"}}},
    [TD_EXPECT_DENIED] = {"denied", false, "the gate that refused the latest intent", TEXT("GATE")},
    [TD_EXPECT_FOREIGN] = {"foreign", false, "executions that the desk knows it did not order",
                           INT(0, 1000)},
    [TD_EXPECT_UNKNOWN] = {"unknown", false, "orders whose fate is not known", INT(0, 1000)},
    [TD_EXPECT_FROZEN] = {"frozen", false, "contracts that wait for a person", INT(0, 1000)},
    [TD_EXPECT_HALTED] = {"halted", false, "the desk is halted", WORD("yes|no")},
    [TD_EXPECT_CONNECTS] = {"connects",
                            false,
                            "connections the gateway saw, at least and at most",
                            {{"LOW", TD_FA_INT, 0, 100000, NULL, NULL},
                             {"HIGH", TD_FA_INT, 0, 100000, NULL, NULL}}},
    [TD_EXPECT_ALERT] = {"alert", false, "the desk logged this event as a warning or an error",
                         TEXT("EVENT")},
    [TD_EXPECT_QUIET] = {"quiet",
                         false,
                         "the desk logged this event at most so often",
                         {{"EVENT", TD_FA_WORD, 0, 0, NULL, NULL},
                          {"N", TD_FA_INT, 0, 100000, NULL, NULL}}},
};

#undef INT
#undef NUM
#undef WORD
#undef TEXT

void td_script_init(struct td_script *s)
{
    memset(s, 0, sizeof *s);
    s->seed = 7;
}

const struct td_fault_value *td_script_setting(const struct td_script *s, enum td_script_set key)
{
    for (uint32_t i = s->set_count; i-- > 0;)
        if (s->sets[i].id == key)
            return &s->sets[i].args[0];
    return NULL;
}

/* --- words and times --- */

static struct td_str next_word(struct td_str *rest)
{
    struct td_str word = {"", 0};
    *rest = td_str_trim(*rest);
    if (rest->len)
        (void)td_str_split(rest, ' ', &word);
    if (!rest->p)
        *rest = (struct td_str){"", 0}; /* the last word: nothing is left, and it is a text */
    return word;
}

/* "MM:SS" or "MM:SS.mmm", minutes up to 9999. */
static bool read_time(struct td_str text, td_ns *out)
{
    struct td_str rest = text, minutes;
    int64_t m = 0, s = 0;
    if (!td_str_split(&rest, ':', &minutes) || !rest.len ||
        td_i64_parse(minutes.p, minutes.len, &m) != TD_OK ||
        td_e9_parse(rest.p, rest.len, &s) != TD_OK || m < 0 || m > 9999 || s < 0 || s >= 60 * TD_E9)
        return false;
    *out = m * TD_MIN + s / TD_MS * TD_MS; /* 1e-9 of a second is a nanosecond */
    return true;
}

static enum td_err bad(struct td_fail *why, const char *what, struct td_str text,
                       const char *allowed)
{
    return td_fail_set(why, TD_EINVAL, "%s \"%.*s\": %s", what,
                       (int)(text.len < 60 ? text.len : 60), text.p ? text.p : "", allowed);
}

static enum td_err take_time(struct td_str *rest, td_ns *out, struct td_fail *why)
{
    const struct td_str word = next_word(rest);
    return read_time(word, out) ? TD_OK
                                : bad(why, "time", word, "MM:SS or MM:SS.mmm, up to 9999:59");
}

/* --- lines --- */

static enum td_err line_title(struct td_script *s, struct td_str rest, struct td_fail *why)
{
    if (rest.len && td_str_copy(rest, s->title, sizeof s->title))
        return TD_OK;
    return bad(why, "title", rest, "a text of at most 95 characters");
}

static enum td_err line_seed(struct td_script *s, struct td_str rest, struct td_fail *why)
{
    int64_t seed;
    if (td_i64_parse(rest.p, rest.len, &seed) != TD_OK || seed < 0)
        return bad(why, "seed", rest, "a whole number, 0 or more");
    s->seed = (uint64_t)seed;
    return TD_OK;
}

static enum td_err line_set(struct td_script *s, struct td_str rest, struct td_fail *why)
{
    if (s->set_count == TD_SCRIPT_SETS)
        return td_fail_set(why, TD_EFULL, "more than %d settings", TD_SCRIPT_SETS);
    const enum td_err err = td_fault_words(td_script_settings, TD_SET_COUNT, "setting", rest,
                                           &s->sets[s->set_count], why);
    s->set_count += err == TD_OK;
    return err;
}

static enum td_err line_expect(struct td_script *s, struct td_str rest, struct td_fail *why)
{
    if (s->expect_count == TD_SCRIPT_EXPECTS)
        return td_fail_set(why, TD_EFULL, "more than %d expectations", TD_SCRIPT_EXPECTS);
    const enum td_err err = td_fault_words(td_script_expects, TD_EXPECT_COUNT, "expectation", rest,
                                           &s->expects[s->expect_count], why);
    s->expect_count += err == TD_OK;
    return err;
}

/* Reads the action of a step and keeps the step. */
static enum td_err add_step(struct td_script *s, struct td_script_step *step, struct td_str rest,
                            struct td_fail *why)
{
    if (s->step_count == TD_SCRIPT_STEPS)
        return td_fail_set(why, TD_EFULL, "more than %d steps", TD_SCRIPT_STEPS);
    const enum td_err err = td_fault_parse(rest, &step->action, why);
    if (!err)
        s->steps[s->step_count++] = *step;
    return err;
}

static enum td_err line_at(struct td_script *s, struct td_str rest, struct td_fail *why)
{
    struct td_script_step step = {.when = TD_WHEN_AT, .count = 1};
    const enum td_err err = take_time(&rest, &step.at, why);
    return err ? err : add_step(s, &step, rest, why);
}

static enum td_err line_between(struct td_script *s, struct td_str rest, struct td_fail *why)
{
    struct td_script_step step = {.when = TD_WHEN_BETWEEN, .count = 1};
    enum td_err err = take_time(&rest, &step.at, why);
    if (!err)
        err = take_time(&rest, &step.to, why);
    if (!err && step.to < step.at)
        err = td_fail_set(why, TD_EINVAL, "between: the second time is before the first");
    return err ? err : add_step(s, &step, rest, why);
}

static enum td_err line_every(struct td_script *s, struct td_str rest, struct td_fail *why)
{
    struct td_script_step step = {.when = TD_WHEN_EVERY};
    const struct td_str pause = next_word(&rest);
    int64_t count = 0;
    if (td_e9_parse(pause.p, pause.len, &step.to) != TD_OK || step.to < TD_MS ||
        step.to > 3600 * TD_SEC)
        return bad(why, "every", pause, "seconds, 0.001 to 3600");
    const struct td_str word = next_word(&rest), times = next_word(&rest);
    if (!td_str_is(word, "for") || td_i64_parse(times.p, times.len, &count) != TD_OK || count < 1 ||
        count > 100000)
        return bad(why, "every", times, "every SECONDS for COUNT ACTION, COUNT 1 to 100000");
    step.count = (uint32_t)count;
    step.at = step.to;
    struct td_str ahead = rest;
    if (td_str_is(next_word(&ahead), "from")) {
        const enum td_err err = take_time(&ahead, &step.at, why);
        if (err)
            return err;
        rest = ahead;
    }
    return add_step(s, &step, rest, why);
}

/* "name:N" into both; N is 1 when it is not there. */
static bool cut_count(struct td_str word, struct td_str *name, uint32_t *count)
{
    struct td_str rest = word;
    int64_t n = 1;
    (void)td_str_split(&rest, ':', name);
    if (rest.p && rest.p > name->p + name->len &&
        (td_i64_parse(rest.p, rest.len, &n) != TD_OK || n < 1 || n > 1000000))
        return false;
    *count = (uint32_t)n;
    return name->len > 0;
}

static enum td_err line_on(struct td_script *s, struct td_str rest, struct td_fail *why)
{
    struct td_script_step step = {.when = TD_WHEN_EVENT};
    struct td_str word = next_word(&rest), name = {"", 0};
    size_t i = 0;
    bool fine = cut_count(word, &name, &step.count);
    while (fine && i < TD_SCRIPT_ON_COUNT && !td_str_is(name, td_script_events[i].word))
        i++;
    if (!fine || i == TD_SCRIPT_ON_COUNT)
        return bad(why, "event", word,
                   "hello, start-api, request KIND, place-order, cancel-order or fill, each with "
                   ":N for the N-th");
    step.event = (uint8_t)i;
    if (td_script_events[i].has_kind) {
        word = next_word(&rest);
        fine = cut_count(word, &name, &step.count);
        step.kind = fine ? td_fault_kind_of(name) : 0;
        if (!step.kind)
            return bad(why, "message kind", word, "one like req-executions or req-executions:2");
    }
    return add_step(s, &step, rest, why);
}

enum td_err td_script_line(struct td_script *s, struct td_str line, struct td_fail *why)
{
    static const struct {
        const char *word;
        enum td_err (*read)(struct td_script *s, struct td_str rest, struct td_fail *why);
    } rows[] = {{"title", line_title}, {"seed", line_seed},       {"set", line_set},
                {"at", line_at},       {"between", line_between}, {"every", line_every},
                {"on", line_on},       {"expect", line_expect}};
    struct td_str rest = td_str_trim(line);
    if (!rest.len || rest.p[0] == '#')
        return TD_OK;
    for (size_t i = 0; i < rest.len; i++)
        if ((unsigned char)rest.p[i] < ' ' && rest.p[i] != '\t')
            return td_fail_set(why, TD_EINVAL, "a control byte (%d) in the line",
                               (int)(unsigned char)rest.p[i]);
    const struct td_str word = next_word(&rest);
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        if (td_str_is(word, rows[i].word))
            return rows[i].read(s, td_str_trim(rest), why);
    return bad(why, "line", word, "title, seed, set, at, between, every, on or expect");
}

enum td_err td_script_parse(struct td_script *s, const char *file, struct td_str text,
                            struct td_fail *why)
{
    struct td_str rest = text, line;
    if (text.len > TD_SCRIPT_BYTES)
        return td_fail_set(why, TD_EFULL, "%s: longer than %d bytes", file, TD_SCRIPT_BYTES);
    for (int number = 1; td_str_split(&rest, '\n', &line); number++) {
        struct td_fail own = {0};
        const enum td_err err = td_script_line(s, line, &own);
        if (err)
            return td_fail_set(why, err, "%s:%d: %s", file, number, own.text);
    }
    return TD_OK;
}

enum td_err td_script_fault(struct td_script *s, const char *text, struct td_fail *why)
{
    static const struct {
        const char *name, *action;
    } short_names[] = {{"no-next-id", "drop next-valid-id"},
                       {"dup-status", "repeat order-status"},
                       {"no-exec-end", "drop execution-data-end"}};
    char line[160];
    struct td_text t;
    td_text_init(&t, line, sizeof line);
    for (size_t i = 0; i < TD_COUNT(short_names); i++)
        if (strcmp(text, short_names[i].name) == 0)
            text = short_names[i].action;
    td_text_put(&t, "at 0:00 ");
    if (strcmp(text, "garbage") == 0 || strncmp(text, "garbage:", 8) == 0)
        td_text_printf(&t, "garbage-after %s", text[7] ? text + 8 : "1");
    else
        for (const char *p = text; *p; p++)
            td_text_char(&t, *p == ':' ? ' ' : *p);
    if (td_text_full(&t))
        return td_fail_set(why, TD_EINVAL, "\"%.40s...\" is too long", text);
    return td_script_line(s, (struct td_str){t.buf, t.len}, why);
}

/* --- the page --- */

static void put_rows(struct td_text *out, const struct td_fault_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char form[200];
        struct td_text t;
        td_text_init(&t, form, sizeof form);
        td_fault_form(&rows[i], &t);
        for (char *p = form; *p; p++)
            if (*p == '|')
                *p = '/'; /* a bar would end the cell */
        td_text_printf(out, "| `%s` | %s%s |\n", form, rows[i].help,
                       rows[i].world ? " (test bench only)" : "");
    }
}

void td_script_describe(struct td_text *out)
{
    td_text_put(
        out,
        "# Fault scripts\n\nMade from the tables by `make docs`. A fault script tells the gateway "
        "simulator what goes wrong, and when:\n`tapedeck sim --script FILE`. `examples/faults/` "
        "holds one for each complaint tapedeck handles; the test `faults/script` plays\nthem "
        "against a desk in the simulated world and checks their `expect` lines.\n\n"
        "```text\ntitle TEXT                          what a user sees\n"
        "seed N                              of everything drawn by chance\n"
        "set KEY VALUE                       settings below\n"
        "at MM:SS[.mmm] ACTION               since the script began\n"
        "between MM:SS MM:SS ACTION          once, at a moment drawn from the seed\n"
        "every SECONDS for COUNT ACTION      `from MM:SS` behind COUNT sets the first moment\n"
        "on EVENT[:N] ACTION                 the N-th such event, the first when there is no N\n"
        "expect WORD ...                     the end state; read by the test bench alone\n```\n\n"
        "A COUNT says how often a fault happens; 0 is from now on, until `heal`. `tapedeck sim "
        "--fault` takes an action too, with colons for\nits blanks, and `tapedeck fault` sends one "
        "to a running simulator.\n\n## Events\n\n| event | when |\n| --- | --- |\n");
    for (size_t i = 0; i < TD_SCRIPT_ON_COUNT; i++)
        td_text_printf(out, "| `%s%s` | %s |\n", td_script_events[i].word,
                       td_script_events[i].has_kind ? " KIND" : "", td_script_events[i].help);
    td_text_put(out, "\n## Actions\n\n| action | what happens |\n| --- | --- |\n");
    put_rows(out, td_fault_row_of((enum td_fault)0), TD_FAULT_COUNT);
    td_text_put(out, "\n## Settings\n\n| setting | meaning |\n| --- | --- |\n");
    put_rows(out, td_script_settings, TD_SET_COUNT);
    td_text_put(out, "\n## Expectations\n\n| expectation | meaning |\n| --- | --- |\n");
    put_rows(out, td_script_expects, TD_EXPECT_COUNT);
}
