/* cmd/status.c - what a running desk does, holds and refuses; with --gates, where every gate stands. */
#include <stdio.h>

#include "cmd/control.h"

const struct td_opt cmd_status_options[] = {
    TD_CONTROL_STATE,
    {.name = "gates",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct td_control_args, gates),
     .help = "each gate: open or closed for one more unit now, its limit, and whose setting it is"},
    {.name = "symbol",
     .type = TD_OPT_STR,
     .into = offsetof(struct td_control_args, symbol),
     .help = "with --gates: of this symbol alone"},
    TD_CONTROL_JSON,
    {0},
};

static void put_money(const cJSON *object, const char *key)
{
    if (cJSON_IsNumber(td_control_list(object, key)))
        (void)printf(" %12.2f", td_control_number(object, key));
    else
        (void)printf(" %12s", "-");
}

static int whole(const cJSON *object, const char *key)
{
    return (int)td_control_number(object, key);
}

static void print_alert(const cJSON *a)
{
    const bool seen = cJSON_IsString(td_control_list(a, "acknowledged"));
    (void)printf("ALERT %s (%s) since %s, ", td_control_text(a, "word"),
                 td_control_text(a, "severity"), td_control_text(a, "since"));
    if (strcmp(td_control_text(a, "kind"), "operational") == 0)
        (void)printf("tries %d, next try %s: ", whole(a, "tries"), td_control_text(a, "next_try"));
    (void)printf("%s; %s\n", td_control_text(a, "text"), td_control_text(a, "action"));
    if (seen)
        (void)printf("  seen %s: %s\n", td_control_text(a, "acknowledged"),
                     td_control_text(a, "note"));
}

static void print_session(const cJSON *s)
{
    const cJSON *data = td_control_list(s, "market_data"), *row;
    const char *missing = td_control_text(s, "missing");
    (void)printf("connection: %s\n", td_control_text(td_control_list(s, "connection"), "text"));
    (void)printf("start-up: %s%s\n", *missing ? "missing " : "all confirmed", missing);
    (void)printf("data: %d of %d lines live, %d stale, %d refused, %d waiting for a slot\n",
                 whole(data, "live"), whole(data, "lines"), whole(data, "stale"),
                 whole(data, "refused"), whole(data, "waiting_for_a_slot"));
    cJSON_ArrayForEach(row, td_control_list(data, "not_well"))
    {
        (void)printf("  %s: %s%s, asked again %d times\n", td_control_text(row, "symbol"),
                     td_control_text(row, "state"), td_control_is(row, "stale") ? ", stale" : "",
                     whole(row, "asked_again"));
    }
    cJSON_ArrayForEach(row, td_control_list(s, "alerts"))
    {
        print_alert(row);
    }
    cJSON_ArrayForEach(row, td_control_list(s, "deliveries"))
    {
        const bool trouble = cJSON_IsString(td_control_list(row, "last_error"));
        (void)printf("alerts to %s: %d sent, %d failed, %d held back, %d dropped%s%s\n",
                     td_control_text(row, "sink"), whole(row, "sent"), whole(row, "failed"),
                     whole(row, "held_back"), whole(row, "dropped"),
                     trouble ? "; last trouble: " : "",
                     trouble ? td_control_text(row, "last_error") : "");
    }
}

static void print_positions(const cJSON *s)
{
    static const char *const keys[] = {"quantity", "average",    "mark",
                                       "realized", "unrealized", "fees"};
    const cJSON *row;
    (void)printf("%-10s %12s %12s %12s %12s %12s %12s\n", "symbol", "quantity", "average", "mark",
                 "realized", "unrealized", "fees");
    cJSON_ArrayForEach(row, td_control_list(s, "positions"))
    {
        (void)printf("%-10s", td_control_text(row, "symbol"));
        for (size_t i = 0; i < TD_COUNT(keys); i++)
            put_money(row, keys[i]);
        (void)printf("\n");
    }
}

/* What waits for a person, and what protects. */
static void print_held(const cJSON *s)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, td_control_list(s, "frozen"))
    {
        (void)printf("%s %s: %s; look, then: tapedeck accept %s --reason TEXT\n",
                     td_control_text(row, "symbol"), td_control_text(row, "state"),
                     td_control_text(row, "reason"), td_control_text(row, "symbol"));
    }
    cJSON_ArrayForEach(row, td_control_list(s, "brackets"))
    {
        (void)printf("bracket of order %.0f, %s, %g filled: target %.10g, stop %.10g\n",
                     td_control_number(row, "key"), td_control_text(row, "symbol"),
                     td_control_number(row, "filled"), td_control_number(row, "target"),
                     td_control_number(row, "stop"));
    }
    cJSON_ArrayForEach(row, td_control_list(s, "guards"))
    {
        (void)printf("guard of %s: %s %g at %.10g%s\n", td_control_text(row, "symbol"),
                     td_control_text(row, "action"), td_control_number(row, "quantity"),
                     td_control_number(row, "stop"),
                     td_control_is(row, "triggered") ? ", TRIGGERED" : "");
    }
}

/* Twenty signs, as many full as its part is filled. */
static void print_algo(const cJSON *a)
{
    char bar[21] = "....................";
    const double quantity = td_control_number(a, "quantity"),
                 filled = td_control_number(a, "filled");
    const int full = quantity > 0 && filled > 0 ? (int)(20 * filled / quantity) : 0;
    for (int i = 0; i < full && i < 20; i++)
        bar[i] = '#';
    (void)printf("%s %s %s [%s] %g of %g filled, %g at work, %.0f s left",
                 td_control_text(a, "symbol"), td_control_text(a, "action"),
                 td_control_text(a, "algo"), bar, filled, quantity, td_control_number(a, "working"),
                 td_control_number(a, "seconds_left"));
    if (cJSON_IsNumber(td_control_list(a, "slippage_bps")))
        (void)printf(", slippage %.1f bps", td_control_number(a, "slippage_bps"));
    if (cJSON_IsString(td_control_list(a, "waits_for")))
        (void)printf(", waits for %s", td_control_text(a, "waits_for"));
    (void)printf("\n");
}

static void print_algos(const cJSON *s)
{
    const cJSON *a;
    cJSON_ArrayForEach(a, td_control_list(s, "algos")) print_algo(a);
    if (td_control_number(s, "children_stopped") > 0)
        (void)printf("CHILDREN STOPPED at the socket: %.0f would have exceeded their parent\n",
                     td_control_number(s, "children_stopped"));
}

/* Those that are not simply running. */
static void print_strategies(const cJSON *s)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, td_control_list(s, "strategies"))
    {
        const char *state = td_control_text(row, "state");
        const bool why = cJSON_IsString(td_control_list(row, "reason"));
        if (strcmp(state, "running") != 0)
            (void)printf("strategy %s on %s %s%s%s\n", td_control_text(row, "name"),
                         td_control_text(row, "symbol"), state, why ? ": " : "",
                         why ? td_control_text(row, "reason") : "");
    }
}

/* External signals, where there are any or could be. */
static void print_signals(const cJSON *s)
{
    static const char *const states[] = {"VALIDATED", "EXECUTING", "EXECUTED",
                                         "REJECTED",  "FAILED",    "TIMEOUT"};
    const cJSON *n = td_control_list(s, "signals");
    const char *file = cJSON_IsString(td_control_list(n, "file")) ? td_control_text(n, "file") : "";
    if (!*file && !whole(n, "kept"))
        return;
    (void)printf("signals:");
    for (size_t i = 0; i < TD_COUNT(states); i++)
        (void)printf(" %d %s%s", whole(n, states[i]), states[i],
                     i + 1 < TD_COUNT(states) ? "," : "");
    (void)printf("; %d passed over", whole(n, "passed_over"));
    if (*file)
        (void)printf("; %d lines of %s", whole(n, "lines"), file);
    (void)printf("\n");
}

static void print_status(const cJSON *s)
{
    const bool halted = td_control_is(s, "halted");
    (void)printf("%s account %s, session %s, orders %s%s%s\n", td_control_text(s, "mode"),
                 td_control_text(s, "account"), td_control_text(s, "session"),
                 td_control_is(s, "armed") ? "armed" : "not armed (dry)",
                 halted ? ", HALTED: " : "", halted ? td_control_text(s, "halt_reason") : "");
    if (cJSON_IsString(td_control_list(s, "kill_switch_file")))
        (void)printf("KILL SWITCH: %s is there; remove it before tapedeck resume\n",
                     td_control_text(s, "kill_switch_file"));
    (void)printf("today: %d intents, %d denied, %d orders, %d fills, %d unknown\n",
                 whole(s, "intents_today"), whole(s, "denied_today"), whole(s, "orders_today"),
                 whole(s, "fills_today"), whole(s, "unknown_orders"));
    print_positions(s);
    if (cJSON_GetArraySize(td_control_list(s, "orders")))
        (void)printf("orders that work:\n");
    td_control_print_orders(td_control_list(s, "orders"));
    print_algos(s);
    print_held(s);
    print_strategies(s);
    print_signals(s);
    print_session(s);
}

/* --- gates --- */

static void print_gate(const cJSON *g, int asked)
{
    char now[40];
    const cJSON *closed = td_control_list(g, "closed_for"), *symbol;
    const int count = cJSON_GetArraySize(closed);
    (void)snprintf(now, sizeof now, "%s", asked ? "open" : "no symbol");
    if (count)
        (void)snprintf(now, sizeof now, count == asked ? "closed" : "closed %d/%d", count, asked);
    (void)printf("%-16s %-11s %-16s %-12s %-26s %-8s", td_control_text(g, "gate"), now,
                 td_control_text(g, "limit"), td_control_text(g, "value"),
                 td_control_text(g, "setting"), td_control_text(g, "reducing"));
    if (count)
        (void)printf(" %s", td_control_text(g, "closed_means"));
    if (count && count < asked)
        cJSON_ArrayForEach(symbol, closed)
        {
            (void)printf("%s %s", symbol == closed->child ? ":" : "", symbol->valuestring);
        }
    (void)printf("\n");
}

static void print_gates(const cJSON *answer)
{
    const int asked = whole(answer, "symbols_asked");
    const cJSON *g;
    (void)printf("%-16s %-11s %-16s %-12s %-26s %-8s %s\n", "gate", "now", "limit", "value",
                 "setting", "reducing", "why");
    cJSON_ArrayForEach(g, td_control_list(answer, "gates"))
    {
        print_gate(g, asked);
    }
    if (whole(answer, "symbols") > asked)
        (void)printf("%d of %d symbols were asked for; --symbol asks for one\n", asked,
                     whole(answer, "symbols"));
}

int cmd_status(struct td_run *run, void *arguments)
{
    const struct td_control_args *args = arguments;
    struct td_fail why = {0};
    cJSON *answer = NULL;
    const char *raw = NULL;
    char line[80];
    (void)snprintf(line, sizeof line, "%s %.40s", args->gates ? "gates" : "status",
                   args->gates && args->symbol ? args->symbol : "");
    if (td_control_ask(run, args->state, line, &answer, &raw, &why) != TD_OK)
        return td_cmd_fail(run, &why);
    const bool known = !td_control_list(answer, "error");
    if (args->json)
        (void)printf("%s", raw);
    else if (known && args->gates)
        print_gates(answer);
    else if (known)
        print_status(answer);
    const int status = td_control_verdict(run, answer);
    cJSON_Delete(answer);
    return status;
}
