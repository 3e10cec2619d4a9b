/* bench/journal_bench.c - a restart on a journal of 1,000,000 records: journal_bench EMPTY-FOLDER
 *
 * The journal, orders.db and the audit log are written by the desk's writer: days of orders that are sent, confirmed,
 * filled and paid for. Then the writer is opened again as a desk does at its start, with its snapshot, without one
 * (everything is replayed into the desk's tables and checked against the files), and the journal alone.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_row.h"
#include "desk/writer.h"
#include "sys/uvworld.h"
#include "trade/blotter.h"
#include "trade/snapshot.h"

enum { RECORDS = 1000000, OF_AN_ORDER = 5, ORDERS_A_DAY = 800 };

static const struct td_blotter_limits limits = {16384, 32768, 1024, TD_BLOTTER_ORDERS_KEPT,
                                                TD_BLOTTER_EXECUTIONS_KEPT};

struct owner {
    struct td_blotter b;
    void *memory;
    uint64_t seen;
};

static enum td_err see(void *arg, const struct td_record *r)
{
    struct owner *o = arg;
    o->seen++;
    return td_blotter_replay(&o->b, r);
}

static bool begin(void *arg, const struct td_blotter *state)
{
    struct owner *o = arg;
    return td_blotter_copy(&o->b, state) == TD_OK;
}

static void make_owner(struct owner *o)
{
    struct td_arena arena;
    const size_t bytes = td_blotter_bytes(&limits);
    *o = (struct owner){.memory = malloc(bytes)};
    TD_REQUIRE(o->memory != NULL);
    td_arena_init(&arena, o->memory, bytes);
    TD_REQUIRE(td_blotter_open(&o->b, &limits, &arena) == TD_OK);
}

/* The k-th record: five of each order, and a DAY every so often. */
static struct td_record record(uint64_t k, td_ns at)
{
    static const uint16_t types[OF_AN_ORDER] = {TD_REC_ORDER, TD_REC_SENT, TD_REC_STATUS,
                                                TD_REC_EXEC, TD_REC_FEE};
    const uint64_t order = k / OF_AN_ORDER + 1;
    struct td_record r;
    td_record_init(&r, (enum td_record_type)types[k % OF_AN_ORDER], at);
    r.key = order;
    r.order_id = (int64_t)order;
    r.action = (uint8_t)(order % 2);
    r.qty = TD_QTY(1);
    r.px = r.limit = TD_PX(100 + (int64_t)(order % 7));
    r.multiplier = TD_QTY(1);
    r.cash = TD_CASH(1);
    (void)snprintf(r.symbol, sizeof r.symbol, "SYM%02d", (int)(order / 2 % 20));
    (void)snprintf(r.status, sizeof r.status, "Submitted");
    (void)snprintf(r.exec_id, sizeof r.exec_id, "0000e0d5.%08llx.01", (unsigned long long)order);
    (void)snprintf(r.ref, sizeof r.ref, "td-000001-%llu", (unsigned long long)order);
    (void)snprintf(r.account, sizeof r.account, "DU1234567");
    (void)snprintf(r.strategy, sizeof r.strategy, "sma_cross");
    (void)snprintf(r.text, sizeof r.text, "USD");
    return r;
}

static struct td_writer *open_writer(struct td_world *world, const char *folder, const char *state,
                                     bool snapshots, struct owner *o,
                                     struct td_journal_report *report)
{
    struct td_writer *w = NULL;
    struct td_fail why = {0};
    char journal[700];
    (void)snprintf(journal, sizeof journal, "%s/journal", folder);
    const struct td_writer_config config = {.desk = world,
                                            .inline_mode = true,
                                            .journal = journal,
                                            .state = state,
                                            .each = see,
                                            .begin = snapshots ? begin : NULL,
                                            .arg = o};
    if (td_writer_open(&w, &config, report, &why) != TD_OK) {
        (void)fprintf(stderr, "journal_bench: %s\n", why.text);
        exit(1);
    }
    return w;
}

static void write_journal(struct td_world *world, const char *folder)
{
    struct owner o;
    struct td_journal_report report;
    td_ns at = INT64_C(1763735400000000000);
    make_owner(&o);
    struct td_writer *w = open_writer(world, folder, folder, true, &o, &report);
    bool day_begun = false;
    for (uint64_t k = 0, n = 0; n < RECORDS; n++) {
        struct td_record r;
        day_begun &= k % ((uint64_t)OF_AN_ORDER * ORDERS_A_DAY) == 0;
        if (k % ((uint64_t)OF_AN_ORDER * ORDERS_A_DAY) == 0 && !day_begun) {
            day_begun = true;
            td_record_init(&r, TD_REC_DAY, at);
            r.number = at / TD_DAY;
            r.cash = TD_CASH(0);
            at += TD_DAY;
        } else {
            r = record(k++, at);
        }
        TD_REQUIRE(td_writer_journal(w, &r) == TD_OK);
        if (n % 1000 == 0)
            td_writer_kick(w);
    }
    td_writer_drain(w);
    for (struct td_writer_report r; td_writer_next(w, &r);)
        (void)fprintf(stderr, "journal_bench: %s\n", r.text);
    td_writer_close(w);
    free(o.memory);
}

/* Seconds from opening to ready. */
static double restart(struct td_world *world, const char *folder, const char *state, bool snapshots,
                      uint64_t *replayed)
{
    struct owner o;
    struct td_journal_report report;
    make_owner(&o);
    const double start = bench_seconds();
    struct td_writer *w = open_writer(world, folder, state, snapshots, &o, &report);
    const double took = bench_seconds() - start;
    *replayed = o.seen;
    td_writer_close(w);
    free(o.memory);
    return took;
}

int main(int argc, char **argv)
{
    struct td_world world;
    uint64_t replayed = 0;
    char note[120];
    if (argc != 2 || td_uvworld_open(&world, false, NULL) != TD_OK)
        return 2;
    write_journal(&world, argv[1]);
    const double with = restart(&world, argv[1], argv[1], true, &replayed);
    (void)snprintf(note, sizeof note,
                   "%llu records behind the snapshot; the audit log's chain is checked",
                   (unsigned long long)replayed);
    const double again = restart(&world, argv[1], argv[1], true, &replayed);
    const double without = restart(&world, argv[1], argv[1], false, &replayed);
    const double alone = restart(&world, argv[1], NULL, false, &replayed);
    (void)printf("restart on %d records: %.3f s with a snapshot (%s), %.3f s with one of the last "
                 "start, %.3f s without, %.3f s the journal alone\n",
                 RECORDS, with, note, again, without, alone);
    const struct bench_row rows[] = {
        {"restart on 1,000,000 records, snapshot", with, "s", "aim 1 s", 1 / with, note},
        {"restart on 1,000,000 records, snapshot of the last start", again, "s", "aim 1 s",
         1 / again, "no record behind it"},
        {"restart on 1,000,000 records, all replayed", without, "s", "the same with a snapshot",
         with / without, "into the desk's tables and against orders.db"},
        {"restart on 1,000,000 records, journal alone", alone, "s", "aim 1 s", 1 / alone,
         "no projections; every record checked, hashed, applied"},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        bench_row(&rows[i]);
    td_uvworld_close(&world);
    return 0;
}
