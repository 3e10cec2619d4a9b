/* cmd/config.c - prints every setting with its value and where it came from; secrets masked. */
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/option_rows.h"
#include "wire/json.h"

struct args {
    bool json;
};

const struct td_opt cmd_config_options[] = {
    TD_OPTION_JSON("one JSON object instead of a table"),
    {0},
};
_Static_assert(sizeof(struct args) <= TD_CMD_ARGS_MAX, "arguments fit");

/* First four characters, then stars: enough to recognise, not enough to use. */
static void mask(const char *value, char *out, size_t cap)
{
    const size_t n = strlen(value);
    if (n == 0)
        (void)snprintf(out, cap, "%s", "");
    else
        (void)snprintf(out, cap, "%.*s********", n > 8 ? 4 : 0, value);
}

static const char *shown_value(const struct td_run *run, const struct td_opt *row,
                               enum td_origin *source, char *buf, size_t cap)
{
    const char *value = td_environ_get(run->environ, row->env, source);
    if (!value || !*value) {
        *source = TD_FROM_DEFAULT;
        value = row->preset ? row->preset : "";
    }
    if (!row->secret)
        return value;
    mask(value, buf, cap);
    return buf;
}

void td_cmd_settings_json(const struct td_run *run, struct td_text *out)
{
    struct td_json j;
    char masked[64];
    td_json_init(&j, out, true);
    td_json_object(&j);
    for (const struct td_opt *row = td_settings_table; row->name; row++) {
        enum td_origin source;
        td_json_key(&j, row->name);
        td_json_object(&j);
        td_json_key_text(&j, "value", shown_value(run, row, &source, masked, sizeof masked));
        td_json_key_text(&j, "from", td_origin_name(source));
        td_json_key_text(&j, "meaning", row->help);
        td_json_object_end(&j);
    }
    td_json_object_end(&j);
    td_text_char(out, '\n');
}

static void put_table(const struct td_run *run, struct td_text *out)
{
    char masked[64];
    td_text_printf(out, "%-26s %-34s %-12s %s\n", "setting", "value", "from", "meaning");
    for (const struct td_opt *row = td_settings_table; row->name; row++) {
        enum td_origin source;
        const char *value = shown_value(run, row, &source, masked, sizeof masked);
        td_text_printf(out, "%-26s %-34s %-12s %s\n", row->name, *value ? value : "-",
                       td_origin_name(source), row->help);
    }
}

int cmd_config(struct td_run *run, void *arguments)
{
    const struct args *args = arguments;
    static char text[65536];
    struct td_text t;
    td_text_init(&t, text, sizeof text);
    if (args->json)
        td_cmd_settings_json(run, &t);
    else
        put_table(run, &t);
    return td_cmd_print(&t) ? 0 : 1;
}
