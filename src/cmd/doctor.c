/* cmd/doctor.c - prints what desk/checkup.h finds. */
#include <stdio.h>
#include <stdlib.h>

#include "cmd/cmd.h"
#include "cmd/option_rows.h"
#include "desk/checkup.h"
#include "wire/json.h"

struct args {
    int64_t port;
    const char *symbol;
    bool live, json;
};

const struct td_opt cmd_doctor_options[] = {
    TD_OPTION_PORT("look at this port only"),
    {.name = "symbol",
     .preset = "SPY",
     .type = TD_OPT_STR,
     .into = offsetof(struct args, symbol),
     .help = "US stock to ask quotes for, to see what is subscribed"},
    TD_OPTION_LIVE("the live gateway: its port must be named in IB_PORT"),
    TD_OPTION_JSON_OBJECT,
    {0},
};
_Static_assert(sizeof(struct args) <= TD_CMD_ARGS_MAX, "arguments fit");

static void put_json(const struct td_doctor_report *r, struct td_text *t)
{
    struct td_json j;
    td_json_init(&j, t, true);
    td_json_object(&j);
    td_json_key_bool(&j, "ok", r->worst != TD_FINDING_BAD);
    td_json_key(&j, "checks");
    td_json_array(&j);
    for (int i = 0; i < r->count; i++) {
        const struct td_finding *f = &r->findings[i];
        td_json_object(&j);
        td_json_key_text(&j, "name", r->names[i]);
        td_json_key_text(&j, "level", td_finding_word(f->level));
        td_json_key_text(&j, "value", f->value[0] ? f->value : NULL);
        td_json_key_text(&j, "text", f->text);
        td_json_key_text(&j, "action", f->action[0] ? f->action : NULL);
        td_json_object_end(&j);
    }
    td_json_array_end(&j);
    td_json_object_end(&j);
    td_text_char(t, '\n');
}

static void put_table(const struct td_doctor_report *r, struct td_text *t)
{
    for (int i = 0; i < r->count; i++) {
        const struct td_finding *f = &r->findings[i];
        td_text_printf(t, "%-5s %-17s %s%s%s\n", td_finding_word(f->level), r->names[i], f->value,
                       f->value[0] ? ": " : "", f->text);
        if (f->action[0])
            td_text_printf(t, "%24s%s\n", "", f->action);
    }
}

int cmd_doctor(struct td_run *run, void *arguments)
{
    static char text[32768];
    static struct td_doctor_report report;
    const struct args *args = arguments;
    struct td_plan plan;
    struct td_fail why = {0};
    struct td_text t;
    if (td_plan_make(run->settings, args->port, args->live, &plan, &why) != TD_OK)
        return td_cmd_fail(run, &why);
    if (plan.warnings[0])
        (void)fprintf(stderr, "%s\n", plan.warnings);
    const struct td_doctor_config config = {.world = run->world,
                                            .settings = run->settings,
                                            .plan = &plan,
                                            .home = getenv("HOME"),
                                            .symbol = args->symbol,
                                            .log = run->log};
    td_doctor_run(&config, &report);
    td_cmd_let_go(run->world);
    td_text_init(&t, text, sizeof text);
    if (args->json)
        put_json(&report, &t);
    else
        put_table(&report, &t);
    TD_REQUIRE(!td_text_full(&t));
    return td_cmd_print(&t) && report.worst != TD_FINDING_BAD ? 0 : 1;
}
