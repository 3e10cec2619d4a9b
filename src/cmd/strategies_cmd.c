/* cmd/strategies_cmd.c - the strategies: those built in, and what a shared object holds; also the host that runs one. */
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/option_rows.h"
#include "desk/guest_host.h"
#include "desk/guest_load.h"
#include "wire/json.h"

struct args {
    bool json;
};

const struct td_opt cmd_strategies_options[] = {
    TD_OPTION_JSON("list: an array, check: an object"),
    {0},
};

static char bytes[65536];

static void put_number(struct td_json *j, const char *key, double value)
{
    td_json_key(j, key);
    td_json_double(j, value);
}

static void put_json(const struct td_strat *s, struct td_json *j)
{
    td_json_object(j);
    td_json_key_text(j, "name", s->name);
    td_json_key_text(j, "help", s->help);
    td_json_key_text(j, "scope", s->scope == TD_SCOPE_ALL ? "all" : "each");
    td_json_key_i64(j, "symbols_min", s->scope == TD_SCOPE_ALL ? s->legs_min : 1);
    td_json_key_i64(j, "abi", TD_STRAT_ABI);
    td_json_key(j, "parameters");
    td_json_array(j);
    for (uint32_t i = 0; i < s->param_count; i++) {
        const struct td_strat_param *p = &s->params[i];
        td_json_object(j);
        td_json_key_text(j, "name", p->name);
        put_number(j, "preset", p->preset);
        put_number(j, "low", p->low);
        put_number(j, "high", p->high);
        td_json_key_text(j, "help", p->help);
        td_json_object_end(j);
    }
    td_json_array_end(j);
    td_json_object_end(j);
}

static enum td_err list(const struct args *args)
{
    struct td_text t;
    struct td_json j;
    td_text_init(&t, bytes, sizeof bytes);
    td_json_init(&j, &t, false);
    if (args->json)
        td_json_array(&j);
    for (const struct td_strat *const *s = td_strategies; *s; s++) {
        if (args->json)
            put_json(*s, &j);
        else
            td_text_printf(&t, "%-15s %s\n", (*s)->name, (*s)->help);
    }
    if (args->json) {
        td_json_array_end(&j);
        td_text_char(&t, '\n');
    }
    TD_REQUIRE(!td_text_full(&t));
    return td_cmd_print(&t) ? TD_OK : TD_EIO;
}

static void put_lines(const struct td_strat *s, struct td_text *t)
{
    td_text_printf(t, "%s: %s\nstrategy contract version %d; one instance for %s\n", s->name,
                   s->help, TD_STRAT_ABI,
                   s->scope == TD_SCOPE_ALL ? "all symbols" : "every symbol");
    for (uint32_t i = 0; i < s->param_count; i++) {
        const struct td_strat_param *p = &s->params[i];
        td_text_printf(t, "  %-20s %-10g %g to %g: %s\n", p->name, p->preset, p->low, p->high,
                       p->help);
    }
    if (!s->param_count)
        td_text_put(t, "  no parameters\n");
}

static enum td_err check(struct td_run *run, const struct args *args, const char *object,
                         struct td_fail *why)
{
    static struct td_guest_strat guest;
    struct td_text t;
    struct td_json j;
    if (!td_guest_is_object(object))
        return td_fail_set(why, TD_EINVAL, "\"%s\" is no path of a shared object, like ./mine.so",
                           object);
    const enum td_err err = td_guest_look(run->world, run->program, object, &guest, why);
    if (err)
        return err;
    td_text_init(&t, bytes, sizeof bytes);
    td_json_init(&j, &t, false);
    if (args->json) {
        put_json(&guest.strat, &j);
        td_text_char(&t, '\n');
    } else {
        put_lines(&guest.strat, &t);
    }
    TD_REQUIRE(!td_text_full(&t));
    return td_cmd_print(&t) ? TD_OK : TD_EIO;
}

int cmd_strategies(struct td_run *run, void *arguments)
{
    const struct args *args = arguments;
    const struct td_opt_list *words = run->operands;
    const char *action = words->count ? words->items[0] : "list";
    struct td_fail why = {0};
    enum td_err err;
    if (strcmp(action, "list") == 0 && words->count <= 1)
        err = list(args);
    else if (strcmp(action, "check") == 0 && words->count == 2)
        err = check(run, args, words->items[1], &why);
    else if (strcmp(action, "host") == 0 && words->count == 2)
        err = td_guest_host(words->items[1], &why);
    else
        err = td_fail_set(&why, TD_EINVAL,
                          "expected list, or check FILE with one shared object, like ./mine.so");
    return err ? td_cmd_fail(run, &why) : 0;
}
