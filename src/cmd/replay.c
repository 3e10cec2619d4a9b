/* cmd/replay.c - a journal's days once more: the same records make the same state, the one the desk told, and what
 * orders.db shows. */
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/option_rows.h"
#include "trade/dbcheck.h"
#include "trade/retrace.h"
#include "trade/snapshot.h"
#include "wire/json.h"

struct args {
    const char *state, *journal;
    bool json;
};

const struct td_opt cmd_replay_options[] = {
    TD_OPTION_STATE("state folder of the desk; its orders.db is compared"),
    {.name = "journal",
     .type = TD_OPT_PATH,
     .into = offsetof(struct args, journal),
     .help = "a folder of journal files instead, by itself"},
    TD_OPTION_JSON_OBJECT,
    {0},
};
_Static_assert(sizeof(struct args) <= TD_CMD_ARGS_MAX, "arguments fit");

struct replayed {
    uint64_t hash[2]; /* of the state at the end, of two runs */
    struct td_retrace last;
    struct td_journal_report report;
    struct td_dbcheck db;
    bool compared; /* with orders.db */
};

static enum td_err run_twice(struct td_run *run, const char *journal, struct replayed *out,
                             struct td_fail *why)
{
    enum td_err err = TD_OK;
    for (int i = 0; i < 2 && !err; i++) {
        td_retrace_close(&out->last);
        out->last = (struct td_retrace){.arg = NULL};
        out->report = (struct td_journal_report){0};
        err = td_retrace_open(&out->last, run->world, journal, why);
        if (!err)
            err = td_retrace_run(&out->last, &out->report, why);
        if (!err)
            out->hash[i] = td_blotter_print(&out->last.b);
    }
    return err;
}

static void print_text(const struct replayed *r)
{
    const struct td_retrace *t = &r->last;
    (void)printf("%llu records in %u files\n", (unsigned long long)r->report.records,
                 r->report.files);
    for (int i = 0; i < 2; i++)
        (void)printf("state, run %d: %016llx\n", i + 1, (unsigned long long)r->hash[i]);
    (void)printf("told by STOP and RECON records: %llu equal, %llu of another layout%s\n",
                 (unsigned long long)t->states_equal, (unsigned long long)t->states_other_layout,
                 t->differs_seq ? ", AND ONE THAT DIFFERS" : "");
    (void)printf("orders %u, executions %u, positions %u, unknown orders %u\n", t->b.order_count,
                 t->b.execution_count, t->b.holding_count, t->b.unknown_orders);
    if (r->compared)
        (void)printf("orders.db: %u orders and %u positions compared, %u differ\n", r->db.orders,
                     r->db.positions, r->db.differ);
    else
        (void)printf("orders.db: not there, not compared\n");
}

static void print_json(const struct replayed *r)
{
    char bytes[2048], hash[20];
    struct td_text t;
    struct td_json j;
    td_text_init(&t, bytes, sizeof bytes);
    td_json_init(&j, &t, false);
    td_json_object(&j);
    td_json_key_i64(&j, "records", (int64_t)r->report.records);
    td_json_key(&j, "states");
    td_json_array(&j);
    for (int i = 0; i < 2; i++) {
        (void)snprintf(hash, sizeof hash, "%016llx", (unsigned long long)r->hash[i]);
        td_json_text(&j, hash);
    }
    td_json_array_end(&j);
    td_json_key_i64(&j, "told_equal", (int64_t)r->last.states_equal);
    td_json_key_i64(&j, "told_of_another_layout", (int64_t)r->last.states_other_layout);
    td_json_key_i64(&j, "told_differs_at", (int64_t)r->last.differs_seq);
    td_json_key_i64(&j, "orders", r->last.b.order_count);
    td_json_key_i64(&j, "executions", r->last.b.execution_count);
    td_json_key(&j, "orders_db_differences");
    if (r->compared)
        td_json_i64(&j, r->db.differ);
    else
        td_json_null(&j);
    td_json_object_end(&j);
    td_text_char(&t, '\n');
    (void)td_cmd_print(&t);
}

/* What is not as it should be, one line each; the exit status. */
static int judge(struct td_run *run, const struct replayed *r)
{
    struct td_fail why = {0};
    int status = 0;
    if (r->hash[0] != r->hash[1])
        (void)td_fail_set(&why, TD_ECORRUPT,
                          "two replays made two states: a defect of the program");
    else if (r->last.differs_seq)
        (void)td_fail_set(&why, TD_ECORRUPT,
                          "record %llu tells another state than the records before it make",
                          (unsigned long long)r->last.differs_seq);
    else if (r->db.differ)
        (void)td_fail_set(&why, TD_ECORRUPT, "%s; tapedeck journal rebuild makes it anew",
                          r->db.first);
    if (why.code)
        status = td_cmd_fail(run, &why);
    return status;
}

int cmd_replay(struct td_run *run, void *arguments)
{
    static struct replayed r;
    const struct args *args = arguments;
    struct td_fail why = {0};
    char journal[900], db[900];
    (void)snprintf(journal, sizeof journal, "%.800s/journal", args->state);
    (void)snprintf(db, sizeof db, "%.800s/orders.db", args->state);
    enum td_err err = run_twice(run, args->journal ? args->journal : journal, &r, &why);
    if (!err && !args->journal) {
        err = td_dbcheck(run->world, db, &r.last.b, &r.db, &why);
        r.compared = !err;
        err = err == TD_ENOENT ? TD_OK : err;
    }
    if (!err && args->json)
        print_json(&r);
    else if (!err)
        print_text(&r);
    const int status = err ? td_cmd_fail(run, &why) : judge(run, &r);
    td_retrace_close(&r.last);
    return status;
}
