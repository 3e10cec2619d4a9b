/* tests/dash/metrics_test.c - the metrics page is what Prometheus reads: by a reader of our own, and by promtool. */
#include "dash/metrics.h"

#include <ctype.h>
#include <math.h>

#include "api_scene.h"
#include "support/promtool.h"

static char page[200000];

static const char *load(const struct td_api_view *v)
{
    struct td_text t;
    td_text_init(&t, page, sizeof page);
    td_metrics_put(v, &t);
    assert_false(td_text_full(&t));
    return page;
}

static bool good_name(const char *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!(isalpha((unsigned char)p[i]) || p[i] == '_' || (i && isdigit((unsigned char)p[i]))))
            return false;
    return len > 0;
}

/* Length of {label="value"} at p; 0: it is none. */
static size_t labels_of(const char *p)
{
    const char *at = p + 1;
    const size_t name = strcspn(at, "=");
    if (*p != '{' || !good_name(at, name) || at[name + 1] != '"')
        return 0;
    for (at += name + 2; *at && *at != '"' && *at != '\n'; at++)
        if (*at == '\\' && !strchr("\\\"n", *++at))
            return 0;
    return at[0] == '"' && at[1] == '}' ? (size_t)(at + 2 - p) : 0;
}

/* A sample line of the metric `name`. */
static void check_sample(const char *line, const char *name, char (*seen)[200], int *count)
{
    const size_t len = strcspn(line, "{ ");
    if (len != strlen(name) || strncmp(line, name, len) != 0)
        fail_msg("a sample outside its metric %s: %.60s", name, line);
    const size_t labels = line[len] == '{' ? labels_of(line + len) : 0;
    if (line[len] == '{' && !labels)
        fail_msg("labels: %.80s", line);
    char *end;
    assert_int_equal(line[len + labels], ' ');
    const long double value = strtold(line + len + labels + 1, &end);
    assert_true(isfinite(value) && *end == '\n');
    for (int i = 0; i < *count; i++)
        if (strncmp(seen[i], line, len + labels) == 0 && seen[i][len + labels] == '\0')
            fail_msg("twice: %.80s", line);
    assert_true(*count < 600 && len + labels < 200);
    (void)snprintf(seen[(*count)++], 200, "%.*s", (int)(len + labels), line);
}

/* HELP, TYPE, samples; each metric once; counters, and they alone, end with _total. */
static int check_page(const char *text)
{
    static char seen[600][200];
    char name[100] = "", type[20];
    int count = 0, metrics = 0;
    for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
        assert_non_null(strchr(line, '\n'));
        if (strncmp(line, "# HELP ", 7) == 0) {
            const size_t len = strcspn(line + 7, " ");
            (void)snprintf(name, sizeof name, "%.*s", (int)len, line + 7);
            assert_true(good_name(name, strlen(name)) && line[7 + len + 1] != '\n');
            line = strchr(line, '\n') + 1;
            char want[200];
            const int n = snprintf(want, sizeof want, "# TYPE %s ", name);
            assert_memory_equal(line, want, (size_t)n);
            (void)snprintf(type, sizeof type, "%.*s", (int)strcspn(line + n, "\n"), line + n);
            const size_t l = strlen(name);
            const bool total = l > 6 && strcmp(name + l - 6, "_total") == 0;
            assert_true(total == (strcmp(type, "counter") == 0));
            assert_true(total || strcmp(type, "gauge") == 0);
            metrics++;
        } else {
            check_sample(line, name, seen, &count);
        }
    }
    assert_true(metrics > 40);
    return count;
}

static void the_page_is_prometheus(void **state)
{
    (void)state;
    struct td_api_view v = sc.view;
    assert_true(check_page(load(&v)) > 80);
    assert_non_null(strstr(page, "\ndashboard_up 1\n"));
    assert_non_null(strstr(page, "\ndashboard_requests_total 12\n"));
    assert_non_null(strstr(page, "\ntapedeck_desk_up 1\n"));
    assert_non_null(strstr(page, "\ntapedeck_halted 0\n"));
    assert_non_null(strstr(page, "\ntapedeck_position_quantity{symbol=\"IBM\"} 1\n"));
    assert_non_null(strstr(page, "\ntapedeck_gate_open{gate=\"FORM\"} 1\n"));
    assert_non_null(strstr(page, "\ntapedeck_symbol_quote_age_seconds{symbol=\"SPY\"} 1\n"));
    assert_non_null(strstr(page, "\ntapedeck_breaker_open{name=\"orders\"} 0\n"));
    assert_null(strstr(page, "nan"));
}

static void without_a_desk_only_what_is_known(void **state)
{
    (void)state;
    struct td_api_view v;
    scene_fresh(&v);
    (void)check_page(load(&v));
    assert_non_null(strstr(page, "\ntapedeck_desk_up 0\n"));
    assert_null(strstr(page, "\ntapedeck_halted "));
    assert_null(strstr(page, "\ntapedeck_equity_money "));
}

/* A name from outside cannot end a label or a line. */
static void labels_are_escaped(void **state)
{
    (void)state;
    struct td_api_view v = sc.view;
    cJSON *row = cJSON_GetObjectItemCaseSensitive(sc.status, "positions")->child;
    cJSON_ReplaceItemInObjectCaseSensitive(row, "symbol", cJSON_CreateString("a\"} 1\nb\\"));
    (void)check_page(load(&v));
    assert_non_null(strstr(page, "{symbol=\"a\\\"} 1\\nb\\\\\"} 1\n"));
}

static void promtool_agrees(void **state)
{
    (void)state;
    struct td_api_view v = sc.view;
    char path[400];
    (void)snprintf(path, sizeof path, "%s/metrics.txt", sc.folder);
    promtool_check(load(&v), path);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, scene_view, scene_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(the_page_is_prometheus),
        EACH(without_a_desk_only_what_is_known),
        EACH(labels_are_escaped),
        EACH(promtool_agrees),
    };
    return cmocka_run_group_tests_name("dash/metrics", tests, NULL, NULL);
}
