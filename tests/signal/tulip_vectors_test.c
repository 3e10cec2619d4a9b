/* tests/signal/tulip_vectors_test.c - Tulip Indicators' own vectors (shared data: indicators/tulip), printed to three digits.
 *
 * A block is a line `name options`, a line {..} for each input and one for each output; outputs begin after the indicator's warm-up, so
 * they are compared from the end. Exponential means begin with the first value there (seed = 1). Where TA-Lib has the function too and
 * differs, TA-Lib wins and the row is in signal/deviations.c with its reason. */
#include "signal/deviations.h"
#include "signal/series.h"

#define LINES_MAX 12

static struct result result;

struct list {
    double value[SERIES_MAX];
    size_t n;
};

struct block {
    char name[32];
    double options[8];
    int option_count;
    struct list lists[LINES_MAX];
    int list_count;
};

/* ---- deviations: signal/deviations.c says why ---- */

enum how { HOLDS, DIFFERS, OFFSET, ABSENT, ELSEWHERE };

static enum how how_of(const char *name)
{
    static const struct {
        const char *name;
        enum how how;
    } rows[] = {{"obv", OFFSET}, {"roc", ELSEWHERE}, {"cmo", ELSEWHERE},
                {"ce", ABSENT},  {"rmta", ABSENT},   {"ikhts", ABSENT}};
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        if (strcmp(rows[i].name, name) == 0)
            return rows[i].how;
    return td_deviation_find("Tulip", name) ? DIFFERS : HOLDS;
}

/* ---- reading ---- */

static void read_list(const char *line, struct list *list)
{
    list->n = 0;
    while (*line && *line != '}') {
        const char *end;
        const double v = series_number(line + 1, &end);
        if (end == line + 1) {
            line++;
            continue;
        }
        assert_true(list->n < SERIES_MAX);
        list->value[list->n++] = v;
        line = end + strcspn(end, ",}");
    }
}

static void read_head(const char *line, struct block *b)
{
    const size_t len = strcspn(line, " ");
    *b = (struct block){.option_count = 0};
    (void)snprintf(b->name, sizeof b->name, "%.*s", (int)len, line);
    for (const char *at = line + len, *end; *at; at = end) {
        const double v = series_number(at, &end);
        if (end == at)
            break;
        b->options[b->option_count++] = v;
    }
}

/* ---- calling ---- */

/* Options in Tulip's order into our parameters. */
static void options_of(const struct td_indicator *row, const struct block *b, double *params)
{
    static const struct {
        const char *name;
        int at[4]; /* option i fills params[at[i]] */
    } placed[] = {{"stoch", {0, 1, 3, 0}}};
    td_indicator_presets(row, params);
    for (int i = 0; i < b->option_count; i++) {
        int at = i;
        for (size_t k = 0; k < TD_COUNT(placed); k++)
            if (strcmp(placed[k].name, b->name) == 0)
                at = placed[k].at[i];
        params[at] = b->options[i];
    }
    const int seed = td_indicator_param(row, td_str_of("seed"));
    if (seed >= 0 && strcmp(row->name, "RSI") != 0 && strcmp(row->name, "RMA") != 0)
        params[seed] = 1;
    if (strcmp(b->name, "bbands") == 0)
        params[2] = b->options[1];
    if (strcmp(b->name, "apo") == 0)
        params[2] = 1;
    if (strcmp(b->name, "cvi") == 0)
        params[1] = b->options[0];
    if (strcmp(b->name, "volatility") == 0)
        params[1] = 252;
    TD_OK_OR_FAIL(td_indicator_check(row, params, NULL));
}

/* Where output k of Tulip's stands among ours. */
static int output_of(const char *name, int k)
{
    if (strcmp(name, "bbands") == 0 || strcmp(name, "abands") == 0) {
        static const int lower_upper_middle[] = {2, 0, 1}, lower_middle_upper[] = {2, 1, 0};
        return name[0] == 'b' ? lower_middle_upper[k] : lower_upper_middle[k];
    }
    return k;
}

/* Its directional indices take no close: the true range cancels in their ratio, so the low may stand for it. */
static int tulip_inputs(const char *name, int ours)
{
    return strcmp(name, "adx") == 0 || strcmp(name, "adxr") == 0 || strcmp(name, "dx") == 0 ? 2
                                                                                            : ours;
}

static double check_block(const struct block *b, size_t *compared)
{
    const enum how how = how_of(b->name);
    const struct td_indicator *row = td_indicator_find(
        td_str_of(how == ELSEWHERE ? td_deviation_find("Tulip", b->name)->row : b->name));
    const bool offset = how == OFFSET;
    double params[TD_IND_PARAMS_MAX], worst = 0;
    const double *in[TD_IND_INPUTS_MAX] = {0};
    double *out[TD_IND_OUTPUTS_MAX];
    if (!row)
        fail_msg("no row for %s", b->name);
    const int inputs = td_indicator_inputs(row), outputs = td_indicator_outputs(row);
    const int given = tulip_inputs(b->name, inputs);
    if (b->list_count < given + 1)
        fail_msg("%s: %d lists", b->name, b->list_count);
    options_of(row, b, params);
    const size_t n = b->lists[0].n;
    for (int k = 0; k < inputs; k++)
        in[k] = b->lists[k < given ? k : given - 1].value;
    for (int k = 0; k < TD_IND_OUTPUTS_MAX; k++)
        out[k] = result.out[k];
    void *state = series_state(row, params);
    td_indicator_batch(row, state, in, out, n);
    free(state);
    for (int k = 0; given + k < b->list_count && k < outputs; k++) {
        const struct list *want = &b->lists[given + k];
        const double *got = result.out[output_of(b->name, k)] + n - want->n;
        for (size_t i = 0; i < want->n; i++) {
            if (isnan(got[i]))
                continue;
            const double shift = offset ? b->lists[1].value[0] : 0;
            worst = fmax(worst, fabs(got[i] - shift - want->value[i]) /
                                    (0.0011 + 1e-9 * fabs(want->value[i])));
            (*compared)++;
        }
    }
    return worst;
}

static size_t held, deviated, absent, values;

static void finish(const struct block *b)
{
    size_t compared = 0;
    const enum how how = how_of(b->name);
    if (b->list_count == 0)
        return;
    if (how == ABSENT) {
        absent++;
        return;
    }
    const double worst = check_block(b, &compared);
    if (compared == 0)
        fail_msg("%s: nothing to compare", b->name);
    values += compared;
    if (worst <= 1) {
        held++;
        return;
    }
    if (how != DIFFERS)
        fail_msg("%s %g %g: off by %g tolerances", b->name, b->options[0], b->options[1], worst);
    deviated++;
}

static void read_file(const char *name)
{
    static struct block b;
    char relative[64];
    size_t len;
    (void)snprintf(relative, sizeof relative, "indicators/tulip/%s", name);
    char *text = td_test_slurp(td_test_data(relative), &len);
    assert_non_null(text);
    b.list_count = 0;
    for (char *line = text; line && *line;) {
        char *end = strchr(line, '\n');
        if (end)
            *end = '\0';
        line[strcspn(line, "\r")] = '\0';
        if (*line == '{') {
            assert_true(b.list_count < LINES_MAX);
            read_list(line, &b.lists[b.list_count++]);
        } else if (*line >= 'a' && *line <= 'z') {
            finish(&b);
            read_head(line, &b);
        }
        line = end ? end + 1 : NULL;
    }
    finish(&b);
    free(text);
}

static void tulip_vectors(void **unused)
{
    (void)unused;
    if (!td_test_data("indicators/tulip/untest.txt"))
        td_skip_data("indicators/tulip/untest.txt");
    read_file("untest.txt");
    read_file("extra.txt");
    read_file("atoz.txt");
    print_message("tulip: %zu blocks hold, %zu by deviation, %zu without a row; %zu values\n", held,
                  deviated, absent, values);
    assert_true(held > 90 && values > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tulip_vectors)};
    return cmocka_run_group_tests_name("tulip_vectors", tests, NULL, NULL);
}
