/* tests/desk/disk_sweep_test.c - the n-th call to the disk fails, for every n, while a desk trades (P12).
 *
 * One desk with orders resting and more to come; the n-th opening, write, sync or rename of its machine fails, once or from
 * then on, as a full disk, a broken one, a read-only one or one whose quota is reached. After the journal failed nothing new
 * may reach the broker, cancels must, an error line must tell of it, and a life on a good disk must find every order the
 * broker has in the journal. TD_DISK_CALLS is how many calls deep the sweep goes.
 */
#include "desk/desk_ask.h"
#include "desk/desk_wants.h"

#define ERRORS_MAX 100000

static const struct {
    const char *word;
    enum td_sim_op op;
    uint32_t deep; /* calls of the kind that the sweep reaches at most */
} ops[] = {{"open", TD_SIM_OPEN, 2},
           {"write", TD_SIM_WRITE, 1000},
           {"sync", TD_SIM_SYNC, 1000},
           {"rename", TD_SIM_RENAME, 2},
           {"any", TD_SIM_ANY, 1000}};

/* ENOSPC is no room, no inode for a new file, and EDQUOT; EROFS and EACCES are one word in the world. */
static const struct {
    const char *word;
    enum td_err err;
} errors[] = {{"full", TD_ENOSPC}, {"broken", TD_EIO}, {"read-only", TD_EACCES}};

static struct sweep {
    uint32_t runs, closed, untouched, told, lost, leaked;
    uint64_t cancels;
} sweep;

static void count_errors(void *sink, enum td_log_level level, enum td_log_channel channel,
                         struct td_str line)
{
    uint32_t *count = sink;
    (void)channel;
    (void)line;
    *count += level == TD_LOG_ERROR && *count < ERRORS_MAX;
}

static td_ns log_now(void *clock)
{
    return td_world_now(clock);
}

/* --- one fault --- */

/* No order reaches the broker any more, cancels do, and somebody is told. */
static void judge_closed(const uint32_t *told)
{
    desk_turns(200 * TD_MS); /* what was on its way arrives */
    const uint32_t before = received();
    desk_turns(3 * TD_SEC);
    sweep.leaked += received() - before;
    desk_halt(scene.desk, "the disk failed");
    desk_turns(2 * TD_SEC);
    assert_int_equal(working(), 0);
    sweep.told += *told > 0 && scene.desk->conn.alerts.rows[TD_ALERT_DISK].active;
    sweep.closed++;
}

/* A new life: what the broker has is in the journal, once. */
static void judge_journal(void)
{
    td_simworld_fault(scene.sim, scene.desk_host, &(struct td_sim_fault){0});
    desk_crash();
    desk_must_start();
    desk_wait_ready();
    desk_close();
    read_journal();
    const struct td_ledger *l = td_gateway_ledger(scene.gateway.server);
    for (uint32_t i = 0; i < l->order_count; i++)
        sweep.lost +=
            !l->orders[i].is_modify && times_in(scene_journal.refs, sizeof scene_journal.refs[0],
                                                scene_journal.orders, l->orders[i].ref) != 1;
    assert_int_equal(l->duplicate_refs, 0);
    assert_int_equal(l->duplicate_ids, 0);
    assert_false(scene_watch.early);
}

/* True when the fault struck. */
static bool fail_at(const struct td_sim_fault *fault)
{
    static const struct scene_options o = {.world = {.seed = 12}, .speed = 10};
    static struct td_log log;
    uint32_t told = 0;
    log = (struct td_log){.level = TD_LOG_ERROR,
                          .write = count_errors,
                          .sink = &told,
                          .now = log_now,
                          .clock = &scene.desk_world};
    scene_open(&o);
    scene.use.strat = &rest_strategy;
    scene.config.log = &log;
    desk_must_start();
    desk_wait_ready();
    td_simworld_fault(scene.sim, scene.desk_host, fault);
    const uint64_t calls = td_simworld_disk_calls(scene.sim, scene.desk_host);
    desk_turns(3 * TD_SEC);
    const bool struck = td_writer_journal_error(scene.desk->writer) != TD_OK;
    assert_true(td_simworld_disk_calls(scene.sim, scene.desk_host) > calls);
    if (struck)
        judge_closed(&told);
    judge_journal();
    sweep.runs++;
    sweep.untouched += !struck;
    (void)scene_close(NULL);
    return struck;
}

static void a_failing_disk_is_never_silent(void **state)
{
    (void)state;
    const char *text = getenv("TD_DISK_CALLS");
    int64_t deep = 3;
    if (text)
        TD_OK_OR_FAIL(td_i64_parse(text, strlen(text), &deep));
    for (size_t o = 0; o < TD_COUNT(ops); o++)
        for (size_t e = 0; e < TD_COUNT(errors); e++)
            for (int forever = 0; forever < 2; forever++) {
                const uint32_t most = ops[o].deep < deep ? ops[o].deep : (uint32_t)deep;
                bool struck = true;
                for (uint32_t n = 1; n <= most && struck; n++) {
                    const struct td_sim_fault fault = {ops[o].op, n, errors[e].err, forever == 1};
                    struck = fail_at(&fault);
                }
            }
    print_message("[ disk ] %u faults tried, %u closed the gate, %u were told, %u came to nothing; "
                  "%u orders after it, %u orders lost\n",
                  (unsigned)sweep.runs, (unsigned)sweep.closed, (unsigned)sweep.told,
                  (unsigned)sweep.untouched, (unsigned)sweep.leaked, (unsigned)sweep.lost);
    assert_true(sweep.closed > 10);
    assert_int_equal(sweep.told, sweep.closed);
    assert_int_equal(sweep.leaked, 0);
    assert_int_equal(sweep.lost, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_failing_disk_is_never_silent, scene_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
