/* cmd/explain.c - what a broker error code means and what to do about it; also exit statuses of the login controller
 * ("ibc-87") and the numbered faults ("F7"). */
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/option_rows.h"
#include "desk/codes.h"
#include "desk/ibc.h"
#include "wire/json.h"

struct args {
    bool json;
};

const struct td_opt cmd_explain_options[] = {
    TD_OPTION_JSON("print a JSON array"),
    {0},
};
const size_t cmd_explain_args = sizeof(struct args);

static void put_row(const struct td_code *row, int32_t code, bool as_json, struct td_json *j,
                    struct td_text *t)
{
    if (!as_json) {
        td_code_print(row, t);
        td_text_printf(t, " (%s): %s\n    %s\n", td_code_kind_name(row->kind), row->meaning,
                       row->action);
        return;
    }
    td_json_object(j);
    td_json_key_i64(j, "code", code);
    td_json_key_text(j, "kind", td_code_kind_name(row->kind));
    td_json_key_text(j, "meaning", row->meaning);
    td_json_key_text(j, "action", row->action);
    td_json_object_end(j);
}

/* One of the other tables: a word, what it is, what follows. */
static void put_other(const char *word, const char *kind, const char *meaning, const char *action,
                      bool as_json, struct td_json *j, struct td_text *t)
{
    if (!as_json) {
        td_text_printf(t, "%s (%s): %s\n    %s\n", word, kind, meaning, action);
        return;
    }
    td_json_object(j);
    td_json_key_text(j, "code", word);
    td_json_key_text(j, "kind", kind);
    td_json_key_text(j, "meaning", meaning);
    td_json_key_text(j, "action", action);
    td_json_object_end(j);
}

/* "ibc-87" or "ibc": rows of the login controller's table. False: none. */
static bool put_statuses(const char *word, bool as_json, struct td_json *j, struct td_text *t)
{
    size_t count;
    bool any = false;
    const struct td_ibc_status *rows = td_ibc_status_table(&count);
    for (size_t i = 0; i < count; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "ibc-%d", rows[i].status);
        if (strcmp(word, "ibc") != 0 && strcmp(word, name) != 0)
            continue;
        any = true;
        put_other(name, "exit status", rows[i].meaning, rows[i].action, as_json, j, t);
    }
    return any;
}

/* "F7" or "faults". */
static bool put_faults(const char *word, bool as_json, struct td_json *j, struct td_text *t)
{
    size_t count;
    bool any = false;
    const struct td_fault_page *rows = td_fault_pages(&count);
    for (size_t i = 0; i < count; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "F%d", (int)rows[i].number);
        if (strcmp(word, "faults") != 0 && strcmp(word, name) != 0)
            continue;
        any = true;
        put_other(name, "fault", rows[i].fault, rows[i].rule, as_json, j, t);
    }
    return any;
}

static enum td_err put_code(const char *word, bool as_json, struct td_json *j, struct td_text *t,
                            struct td_fail *why)
{
    int64_t code;
    if (put_statuses(word, as_json, j, t) || put_faults(word, as_json, j, t))
        return TD_OK;
    if (td_i64_parse(word, strlen(word), &code) != TD_OK || code < -1 || code > 999999)
        return td_fail_set(why, TD_EINVAL,
                           "\"%.40s\" is no error code; write a number, e.g. 354, or ibc-87, or F7",
                           word);
    const struct td_code *row = td_code_find((int32_t)code);
    if (!row)
        return td_fail_set(why, TD_ENOENT, "code %lld is not in the table; read its text",
                           (long long)code);
    put_row(row, (int32_t)code, as_json, j, t);
    return TD_OK;
}

int cmd_explain(struct td_run *run, void *arguments)
{
    static char text[65536];
    const struct args *args = arguments;
    struct td_fail why = {0};
    struct td_text t;
    struct td_json j;
    size_t count;
    int status = 0;
    const struct td_code *rows = td_code_table(&count);
    td_text_init(&t, text, sizeof text);
    td_json_init(&j, &t, true);
    if (args->json)
        td_json_array(&j);
    if (run->operands->count == 0)
        for (size_t i = 0; i < count; i++)
            put_row(&rows[i], rows[i].first, args->json, &j, &t);
    /* What is unknown keeps nobody from reading the others; the worst status stays. */
    for (int32_t i = 0; i < run->operands->count; i++)
        if (put_code(run->operands->items[i], args->json, &j, &t, &why) != TD_OK) {
            const int failed = td_cmd_fail(run, &why);
            status = failed > status ? failed : status;
        }
    if (args->json) {
        td_json_array_end(&j);
        td_text_char(&t, '\n');
    }
    TD_REQUIRE(!td_text_full(&t));
    return td_cmd_print(&t) ? status : 1;
}
