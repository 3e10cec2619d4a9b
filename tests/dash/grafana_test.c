/* tests/dash/grafana_test.c - docs/grafana/tapedeck.json asks for metrics that there are, in a form that Grafana 10 imports: keys and types
 * by a table, a place, a title, words and a unit for each panel, and its expressions by Prometheus' own parser. */
#include <cjson/cJSON.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dash/metrics.h"
#include "support/support.h"

#define COLUMNS 24
#define ROWS    200

static cJSON *board;
static const char *folder;

static int load(void **state)
{
    (void)state;
    size_t len;
    char *text = td_test_slurp(TD_TESTS_DIR "/../docs/grafana/tapedeck.json", &len);
    board = text ? cJSON_ParseWithOpts(text, NULL, true) : NULL;
    free(text);
    folder = td_test_folder("grafana");
    return board ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    cJSON_Delete(board);
    return 0;
}

static const cJSON *at(const cJSON *from, const char *path)
{
    char name[60];
    while (from && *path) {
        const size_t n = strcspn(path, ".");
        (void)snprintf(name, sizeof name, "%.*s", (int)n, path);
        from = cJSON_GetObjectItemCaseSensitive(from, name);
        path += n + (path[n] == '.');
    }
    return from;
}

static const char *text_at(const cJSON *from, const char *path)
{
    const cJSON *item = at(from, path);
    return cJSON_IsString(item) ? item->valuestring : "";
}

static int number_at(const cJSON *from, const char *path)
{
    const cJSON *item = at(from, path);
    return cJSON_IsNumber(item) ? item->valueint : -1;
}

struct wanted {
    const char *path;
    int type; /* of cJSON */
};

static void check(const cJSON *from, const struct wanted *rows, const char *what)
{
    for (; rows->path; rows++) {
        const cJSON *item = at(from, rows->path);
        if (!item || !(item->type & rows->type))
            fail_msg("%s: %s is not there, or of another type", what, rows->path);
    }
}

static void it_is_a_dashboard_of_grafana_10(void **state)
{
    (void)state;
    static const struct wanted rows[] = {{"__inputs", cJSON_Array},
                                         {"__requires", cJSON_Array},
                                         {"annotations.list", cJSON_Array},
                                         {"editable", cJSON_True},
                                         {"graphTooltip", cJSON_Number},
                                         {"id", cJSON_NULL},
                                         {"links", cJSON_Array},
                                         {"panels", cJSON_Array},
                                         {"refresh", cJSON_String},
                                         {"schemaVersion", cJSON_Number},
                                         {"tags", cJSON_Array},
                                         {"templating.list", cJSON_Array},
                                         {"time.from", cJSON_String},
                                         {"time.to", cJSON_String},
                                         {"timepicker", cJSON_Object},
                                         {"timezone", cJSON_String},
                                         {"title", cJSON_String},
                                         {"uid", cJSON_String},
                                         {"version", cJSON_Number},
                                         {NULL, 0}};
    static const struct wanted variable[] = {{"name", cJSON_String},
                                             {"type", cJSON_String},
                                             {"datasource.uid", cJSON_String},
                                             {"query.query", cJSON_String},
                                             {"refresh", cJSON_Number},
                                             {"current", cJSON_Object},
                                             {NULL, 0}};
    const cJSON *item;
    check(board, rows, "dashboard");
    assert_int_equal(number_at(board, "schemaVersion"),
                     38); /* of 10.0; later ones bring it up to theirs */
    assert_string_equal(text_at(at(board, "__inputs")->child, "name"), "DS_PROMETHEUS");
    assert_string_equal(text_at(at(board, "__inputs")->child, "pluginId"), "prometheus");
    cJSON_ArrayForEach(item, at(board, "templating.list")) check(item, variable, "variable");
}

static void every_panel_has_its_place_and_words(void **state)
{
    (void)state;
    static const struct wanted shown[] = {{"title", cJSON_String},
                                          {"description", cJSON_String},
                                          {"datasource.uid", cJSON_String},
                                          {"targets", cJSON_Array},
                                          {"options", cJSON_Object},
                                          {"fieldConfig.defaults", cJSON_Object},
                                          {"fieldConfig.overrides", cJSON_Array},
                                          {NULL, 0}};
    static const char *const units[] = {"none",        "s",           "cps",         "reqps",
                                        "percentunit", "bool_yes_no", "bool_on_off", "string"};
    static bool taken[ROWS][COLUMNS];
    int last_id = 0, count = 0;
    const cJSON *p;
    memset(taken, 0, sizeof taken);
    cJSON_ArrayForEach(p, at(board, "panels"))
    {
        const char *title = text_at(p, "title"), *type = text_at(p, "type"), *unit;
        const int x = number_at(p, "gridPos.x"), y = number_at(p, "gridPos.y");
        const int w = number_at(p, "gridPos.w"), h = number_at(p, "gridPos.h");
        bool known = false;
        assert_true(title[0] && x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= COLUMNS &&
                    y + h <= ROWS);
        for (int i = y; i < y + h; i++)
            for (int k = x; k < x + w; k++) {
                if (taken[i][k])
                    fail_msg("%s: on top of another panel", title);
                taken[i][k] = true;
            }
        assert_true(number_at(p, "id") > last_id);
        last_id = number_at(p, "id");
        if (strcmp(type, "row") == 0)
            continue;
        assert_true(strcmp(type, "stat") == 0 || strcmp(type, "timeseries") == 0);
        check(p, shown, title);
        assert_true(text_at(p, "description")[0]);
        unit = text_at(p, "fieldConfig.defaults.unit");
        for (size_t i = 0; i < TD_COUNT(units); i++)
            known |= strcmp(unit, units[i]) == 0;
        if (!known)
            fail_msg("%s: the unit \"%s\"", title, unit);
        count++;
    }
    assert_true(count > 30);
}

static const struct td_metric_row *metric(const char *name, size_t len)
{
    for (const struct td_metric_row *m = td_metrics; m->name; m++)
        if (strlen(m->name) == len && strncmp(m->name, name, len) == 0)
            return m;
    return NULL;
}

/* Its metrics are there, counters are asked for how fast they grow, and labels that are shown or chosen by are theirs. */
static void check_expression(const char *title, const char *expr, const char *legend)
{
    int names = 0;
    for (const char *p = expr; *p;) {
        const size_t len = strspn(p, "abcdefghijklmnopqrstuvwxyz_0123456789");
        const bool begins = strncmp(p, "tapedeck_", 9) == 0 || strncmp(p, "dashboard_", 10) == 0;
        if (len && begins) {
            const struct td_metric_row *m = metric(p, len);
            if (!m)
                fail_msg("%s: there is no metric %.*s", title, (int)len, p);
            const bool grows = (p - expr >= 5 && strncmp(p - 5, "rate(", 5) == 0) ||
                               (p - expr >= 9 && strncmp(p - 9, "increase(", 9) == 0);
            if (grows != (m->kind == TD_METRIC_COUNTER))
                fail_msg("%s: %s is a %s", title, m->name,
                         m->kind == TD_METRIC_COUNTER ? "counter" : "gauge");
            char label[60];
            (void)snprintf(label, sizeof label, "{{%s}}", m->label ? m->label : "instance");
            if (strstr(legend, "{{") && !strstr(legend, label))
                fail_msg("%s: the legend %s of %s", title, legend, m->name);
            names++;
        }
        p += len ? len : 1;
    }
    if (names == 0)
        fail_msg("%s: no metric in %s", title, expr);
}

static void every_metric_is_there(void **state)
{
    (void)state;
    const cJSON *p, *t;
    cJSON_ArrayForEach(p, at(board, "panels"))
    {
        char last = 'A' - 1;
        cJSON_ArrayForEach(t, at(p, "targets"))
        {
            check_expression(text_at(p, "title"), text_at(t, "expr"), text_at(t, "legendFormat"));
            assert_string_equal(text_at(t, "datasource.uid"), "${DS_PROMETHEUS}");
            assert_int_equal(text_at(t, "refId")[0], ++last);
        }
        assert_true(last >= 'A' || strcmp(text_at(p, "type"), "row") == 0);
    }
    cJSON_ArrayForEach(t, at(board, "templating.list"))
        assert_non_null(strstr(text_at(t, "query.query"), "dashboard_up"));
}

/* With what Grafana puts in place of its variables; a quote is doubled in YAML's 'text'. */
static void put_expression(FILE *f, const char *expr)
{
    static const struct {
        const char *name, *value;
    } variables[] = {{"$__rate_interval", "1m"}, {"$job", ".*"}, {"$instance", ".*"}};
    while (*expr) {
        size_t skip = 0;
        for (size_t i = 0; i < TD_COUNT(variables) && !skip; i++)
            if (strncmp(expr, variables[i].name, strlen(variables[i].name)) == 0) {
                (void)fputs(variables[i].value, f);
                skip = strlen(variables[i].name);
            }
        assert_true(skip || *expr != '$');
        if (!skip && *expr == '\'')
            (void)fputc('\'', f);
        if (!skip)
            (void)fputc(*expr, f);
        expr += skip ? skip : 1;
    }
}

static void prometheus_reads_the_expressions(void **state)
{
    (void)state;
    char rules[300], command[2000];
    const cJSON *p, *t;
    int count = 0;
    const char *tool = td_test_tool("promtool", "promtool/usr/bin/promtool");
    if (!tool)
        td_skip("no promtool: it is in Debian's package prometheus, and tools/deps.sh unpacks it");
    (void)snprintf(rules, sizeof rules, "%s/rules.yml", folder);
    FILE *f = fopen(rules, "w");
    assert_non_null(f);
    (void)fputs("groups:\n- name: dashboard\n  rules:\n", f);
    cJSON_ArrayForEach(p, at(board, "panels")) cJSON_ArrayForEach(t, at(p, "targets"))
    {
        (void)fprintf(f, "  - record: panel_%d\n    expr: '", count++);
        put_expression(f, text_at(t, "expr"));
        (void)fputs("'\n", f);
    }
    assert_int_equal(fclose(f), 0);
    (void)snprintf(command, sizeof command, "'%s' check rules '%s' > '%s/said' 2>&1", tool, rules,
                   folder);
    if (system(command) != 0)
        fail_msg("promtool: see %s/said", folder);
    assert_true(count > 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_a_dashboard_of_grafana_10),
        cmocka_unit_test(every_panel_has_its_place_and_words),
        cmocka_unit_test(every_metric_is_there),
        cmocka_unit_test(prometheus_reads_the_expressions),
    };
    return cmocka_run_group_tests_name("dash/grafana", tests, load, unload);
}
