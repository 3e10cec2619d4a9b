/* tests/history/export_manifest_test.c - every rule of export manifests and promotion, and the figures on known series. */
#include "history/export_manifest.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"
#include "sys/uvworld.h"

static struct td_world world;
static const char *folder;

static int set_up(void **state)
{
    (void)state;
    folder = td_test_folder("export-manifest");
    return td_uvworld_open(&world, false, NULL) == TD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

static const char *put(const char *name, const char *text)
{
    static char path[4][600];
    static int turn;
    char *p = path[turn = (turn + 1) % 4], parent[600];
    (void)snprintf(p, sizeof path[0], "%s/%s", folder, name);
    td_path_folder(p, parent, sizeof parent);
    TD_OK_OR_FAIL(td_folder_make(&world, parent));
    TD_OK_OR_FAIL(td_file_replace(&world, p, td_str_of(text), NULL));
    return p;
}

#define MODEL                                                                                      \
    "\"model\":{\"id\":\"m\",\"version\":\"1\",\"metadata\":{\"production\":{\"alias\":\"a\"}}}"
#define FILES "\"artifacts\":[{\"type\":\"onnx\",\"path\":\"m.onnx\"}]"
#define GOOD  "\"metrics\":{\"sharpe\":\"1.6\",\"f1\":0.5,\"max_drawdown\":-0.1}"

/* The errors and warnings of a manifest, one a line, with a rule of the presets. */
static const char *judge(const char *json, const struct td_export_options *more)
{
    static char out[4096];
    static struct td_export_verdict v;
    struct td_text t;
    struct td_export_options o = *more;
    o.json = td_str_of(json);
    td_text_init(&t, out, sizeof out);
    TD_OK_OR_FAIL(td_export_validate(&world, &o, &v, NULL));
    for (size_t i = 0; i < v.errors.count && i < TD_EXPORT_NOTES; i++)
        td_text_printf(&t, "%s\n", v.errors.text[i]);
    for (size_t i = 0; i < v.warnings.count && i < TD_EXPORT_NOTES; i++)
        td_text_printf(&t, "warning: %s\n", v.warnings.text[i]);
    assert_int_equal(v.ok, v.errors.count == 0);
    td_export_verdict_fini(&v);
    return out;
}

static void rules(void **state)
{
    (void)state;
    const struct td_export_options o = {.rule = put("rule.json", "{}")}, none = {.rule = NULL};
    assert_string_equal(
        judge("{\"schema_version\":\"1.0\"," MODEL "," FILES "," GOOD ",\"more\":1}", &o), "");
    assert_string_equal(judge("{\"schema_version\":\"v1\"," MODEL "," FILES "," GOOD "}", &o), "");
    assert_string_equal(judge("{\"schema_version\":\"2.0\"," MODEL "," FILES "," GOOD "}", &o),
                        "schema_version \"2.0\" is not known; allowed are \"1.0\" and \"v1\"\n");
    assert_string_equal(judge("{\"schema_version\":\"1.0\"," MODEL "," FILES "," GOOD "}", &none),
                        "warning: no promotion.rule.json; no threshold was checked\n");
    assert_string_equal(
        judge("{\"model\":{\"id\":\"\",\"version\":3},\"artifacts\":[{\"type\":\"x\"}],\"metrics\":"
              "{\"sharpe\":\"high\",\"f1\":0.39}}",
              &o),
        "schema_version is missing; allowed are \"1.0\" and \"v1\"\n"
        "model.id must be a text that is not empty\nmodel.version must be a text that is not "
        "empty\n"
        "model.metadata.production.alias must be a text that is not empty\n"
        "artifacts[0] needs type and path\nmetrics.sharpe is no number\n"
        "metrics.sharpe is missing; the rule needs at least 1.5\n"
        "metrics.f1 0.39 is below the rule's 0.4\n"
        "metrics.max_drawdown is missing; the rule needs at least -0.15\n");
    assert_string_equal(judge("[]", &o), "the manifest is no JSON object\n");
    assert_string_equal(judge("{\"schema_version\":\"1.0\"}", &none),
                        "model is missing\nartifacts must be a list of at least one\nmetrics is "
                        "missing\nwarning: no promotion.rule.json; no threshold was checked\n");
}

static void thresholds_come_from_the_rule(void **state)
{
    (void)state;
    static const char json[] = "{\"schema_version\":\"1.0\"," MODEL "," FILES "," GOOD "}";
    (void)put("contracts/rules/promotion.rule.json",
              "{\"min_sharpe\":1.7,\"min_max_drawdown\":-0.05}");
    char contracts[600];
    (void)snprintf(contracts, sizeof contracts, "%s/contracts", folder);
    const struct td_export_options o = {.contracts = contracts};
    assert_string_equal(judge(json, &o), "metrics.sharpe 1.6 is below the rule's 1.7\n"
                                         "metrics.max_drawdown -0.1 is below the rule's -0.05\n");
    const struct td_export_options bad = {.rule = put("bad.json", "{")};
    assert_non_null(strstr(judge(json, &bad), "cannot be read"));
    struct td_export_verdict v;
    const struct td_export_options missing = {.manifest = "/nowhere/m.json"};
    assert_int_equal(td_export_validate(&world, &missing, &v, NULL), TD_ENOENT);
}

static void alias_file(void **state)
{
    (void)state;
    static const char json[] = "{\"schema_version\":\"1.0\"," MODEL "," FILES "," GOOD "}";
    char dir[600];
    (void)snprintf(dir, sizeof dir, "%s/model", folder);
    struct td_export_options o = {.rule = put("rule.json", "{}"), .model_dir = dir};
    (void)put("model/production.alias", " a\n");
    assert_string_equal(judge(json, &o), "");
    (void)put("model/production.alias", "b\n");
    assert_string_equal(judge(json, &o),
                        "production.alias holds another alias than the manifest's \"a\"\n");
    o.legacy = true;
    assert_string_equal(
        judge(json, &o),
        "warning: production.alias holds another alias than the manifest's \"a\"\n");
    o.model_dir = "/nowhere";
    assert_string_equal(judge(json, &o),
                        "/nowhere/production.alias is missing or cannot be read\n");
}

static void figures(void **state)
{
    (void)state;
    static const double returns[] = {0.01, -0.02, 0.03, 0.00};
    struct td_export_metrics m = td_export_of_returns(returns, 4);
    assert_true(fabs(m.sharpe - 0.005 / sqrt(0.0013 / 3) * sqrt(252)) < 1e-9);
    assert_true(fabs(m.max_drawdown + 0.02) < 1e-12);
    assert_true(fabs(m.total - (1.01 * 0.98 * 1.03 - 1)) < 1e-12);
    static const double pnl[] = {100, -300, 50};
    m = td_export_of_pnl(pnl, 3, 1000);
    assert_true(fabs(m.max_drawdown + 300.0 / 1100) < 1e-12);
    assert_true(fabs(m.total + 0.15) < 1e-12);
    static const double flat[] = {0.1, 0.1, 0.1};
    assert_true(td_export_of_returns(flat, 3).sharpe == 0);
    assert_true(td_export_of_returns(flat, 1).sharpe == 0);
    assert_true(td_export_of_returns(flat, 0).max_drawdown == 0);
}

static void numbers(void **state)
{
    (void)state;
    double *v = NULL;
    size_t n = 0;
    struct td_fail why = {0};
    TD_OK_OR_FAIL(td_export_numbers(&world, "0.01, -2e-2,3", &v, &n, NULL));
    assert_int_equal(n, 3);
    assert_true(v[1] == -0.02);
    free(v);
    TD_OK_OR_FAIL(td_export_numbers(&world, put("r.csv", "day,r\n2025-01-02,0.5\n2025-01-03,-1\n"),
                                    &v, &n, NULL));
    assert_true(n == 2 && v[0] == 0.5 && v[1] == -1);
    free(v);
    assert_int_equal(td_export_numbers(&world, put("r.csv", "r\n1\nx\n"), &v, &n, &why), TD_EPARSE);
    assert_non_null(strstr(why.text, "row 3 column 1 is no number"));
    assert_int_equal(td_export_numbers(&world, "1,,2", &v, &n, &why), TD_EPARSE);
}

static void built_manifests_pass(void **state)
{
    (void)state;
    char text[2048];
    struct td_text t;
    const struct td_export_build b = {"m", "1", "onnx", "m.onnx", "a", 1.5, 0.4, -0.15};
    const struct td_export_options o = {.rule = put("rule.json", "{}")};
    td_text_init(&t, text, sizeof text);
    td_export_make(&b, &t);
    assert_string_equal(judge(text, &o), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules),      cmocka_unit_test(thresholds_come_from_the_rule),
        cmocka_unit_test(alias_file), cmocka_unit_test(figures),
        cmocka_unit_test(numbers),    cmocka_unit_test(built_manifests_pass),
    };
    return cmocka_run_group_tests_name("history/export_manifest", tests, set_up, tear_down);
}
