/* tests/sim/powercut_test.c - journal and capture log on the simulated disk: what was synced outlives any
 * power cut, at any call, also a second one during recovery. */
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "sim/simworld.h"
#include "store/recorder.h"
#include "store/recover.h"
#include "store/snapshot_read.h"
#include "support/support.h"
#include "trade/journal.h"

#define CUTS 2000

struct rig {
    struct td_simworld *sim;
    struct td_world world;
    uint32_t host;
    struct td_rng rng;
};

static void rig_open(struct rig *r, uint64_t seed)
{
    const struct td_simworld_options o = {.seed = seed, .start_ns = INT64_C(1763735400000000000)};
    TD_OK_OR_FAIL(td_simworld_open(&r->sim, &o, NULL));
    TD_OK_OR_FAIL(td_simworld_attach(r->sim, "desk", &r->host, &r->world, NULL));
    td_rng_init(&r->rng, seed);
}

/* The power goes at a random one of the next `calls` changing calls, or not before the end of them. */
static void arm(struct rig *r, uint64_t calls)
{
    const struct td_sim_fault cut = {TD_SIM_ANY, 1 + td_rng_below(&r->rng, calls), TD_EIO, true};
    td_simworld_fault(r->sim, r->host, &cut);
}

static void cut_and_restart(struct rig *r)
{
    td_simworld_crash(r->sim, r->host);
    TD_OK_OR_FAIL(td_simworld_attach(r->sim, "desk", &r->host, &r->world, NULL));
}

/* --- journal --- */

static struct td_journal journal;

struct seen {
    uint64_t count;
    bool wrong;
};

static void fill(struct td_record *r, uint64_t seq)
{
    td_record_init(r, TD_REC_HALT, (td_ns)seq * 7);
    (void)snprintf(r->text, sizeof r->text, "record %llu %.*s", (unsigned long long)seq,
                   (int)(seq * 13 % 90),
                   "..............................................................................."
                   "...........");
}

static enum td_err see(void *arg, const struct td_record *record)
{
    struct seen *s = arg;
    struct td_record want;
    fill(&want, ++s->count);
    s->wrong |= record->seq != s->count || record->at_ns != want.at_ns ||
                strcmp(record->text, want.text) != 0;
    return TD_OK;
}

/* Opens, and appends until the power goes. Returns the last record known to be durable; 0: not opened. */
static uint64_t write_journal(struct rig *r, struct seen *seen)
{
    struct td_journal_report report;
    struct td_fail why = {0};
    *seen = (struct seen){0};
    enum td_err err =
        td_journal_open(&journal, &r->world, "state/journal", see, seen, &report, &why);
    uint64_t durable = err ? 0 : seen->count;
    if (err == TD_ECORRUPT || seen->wrong)
        fail_msg("the journal is damaged: %s", why.text);
    for (int batch = 0; batch < 12 && !err; batch++) {
        for (uint64_t n = 1 + td_rng_below(&r->rng, 12); n && !err; n--) {
            struct td_record record;
            fill(&record, journal.next_seq);
            err = td_journal_append(&journal, &record);
        }
        if (!err)
            err = td_journal_commit(&journal, &why);
        if (!err)
            durable = journal.durable_seq;
    }
    if (journal.world)
        td_journal_close(&journal);
    return durable;
}

static void journal_survives_power_cuts(void **state)
{
    (void)state;
    uint64_t lost = 0, more = 0;
    for (uint64_t seed = 1; seed <= CUTS; seed++) {
        struct rig r;
        struct seen seen;
        uint64_t durable = 0;
        rig_open(&r, seed);
        for (int life = 0; life < 3; life++) {
            arm(&r, 30);
            memset(&journal, 0, offsetof(struct td_journal, buf));
            const uint64_t now = write_journal(&r, &seen);
            if (seen.count < durable && now != 0)
                fail_msg("seed %llu: %llu records of %llu", (unsigned long long)seed,
                         (unsigned long long)seen.count, (unsigned long long)durable);
            durable = now > durable ? now : durable;
            cut_and_restart(&r);
        }
        struct td_journal_report report;
        struct td_fail why = {0};
        seen = (struct seen){0};
        memset(&journal, 0, offsetof(struct td_journal, buf));
        if (td_journal_open(&journal, &r.world, "state/journal", see, &seen, &report, &why) !=
            TD_OK)
            fail_msg("seed %llu: %s", (unsigned long long)seed, why.text);
        assert_false(seen.wrong);
        if (seen.count < durable)
            fail_msg("seed %llu: %llu records of %llu", (unsigned long long)seed,
                     (unsigned long long)seen.count, (unsigned long long)durable);
        more += seen.count > durable;
        lost += report.cut_bytes > 0;
        td_journal_close(&journal);
        td_simworld_close(r.sim);
    }
    assert_true(
        more >
        CUTS / 50); /* records that were written and not known to be durable also come through */
    assert_true(lost > CUTS / 50); /* and torn tails really happen */
}

/* --- capture --- */

static struct td_recorder recorder;

struct durable {
    uint64_t messages, snapshots;
};

static enum td_err record_step(struct rig *r, uint64_t i)
{
    struct td_event ev = {.venue_ns = (td_ns)i, .recv_ns = 1000 + (td_ns)i, .kind = TD_EV_DEPTH};
    ev.depth = (struct td_depth){
        .px = {(int64_t)i * TD_E9}, .qty = TD_QTY(i), .op = TD_DEPTH_INSERT, .side = i % 2};
    enum td_err err = td_recorder_message(&recorder, &ev, NULL);
    if (!err && td_rng_chance(&r->rng, 0.3)) {
        struct td_snap s = {.at_ns = (td_ns)i};
        s.px[TD_BID][0].e9 = (int64_t)i;
        err = td_recorder_snapshot(&recorder, &s, NULL);
    }
    return err;
}

/* Records until the power goes, syncing now and then. */
static void record_until_cut(struct rig *r, struct durable *out)
{
    struct td_recorder_options o = {.folder = "data",
                                    .group_bytes = 1 + td_rng_below(&r->rng, 3000)};
    o.facts = (struct td_session_facts){.symbol = "AAPL",
                                        .day = "2026-11-21",
                                        .time = "093000",
                                        .local_iso = "2026-11-21T09:30:00",
                                        .levels = 5,
                                        .interval_ms = 100};
    enum td_err err = td_recorder_open(&recorder, &r->world, &o, NULL);
    for (uint64_t i = 1; i <= 150 && !err; i++) {
        err = record_step(r, i);
        if (!err && td_rng_chance(&r->rng, 0.1)) {
            err = td_recorder_sync(&recorder, NULL);
            if (!err)
                *out = (struct durable){recorder.messages, recorder.snapshots};
        }
    }
    if (!err && td_rng_chance(&r->rng, 0.5))
        (void)td_recorder_close(&recorder, NULL,
                                NULL); /* the cut may fall into the making of the files */
}

/* Reads the published files: numbers without a hole, from 1. */
static struct durable read_files(struct rig *r, uint64_t seed)
{
    struct durable got = {0};
    struct td_session_paths paths;
    struct td_message_file *messages;
    struct td_snapshot_file *snaps;
    struct td_message m;
    const struct td_session_facts facts = {.symbol = "AAPL", .day = "2026-11-21", .time = "093000"};
    TD_OK_OR_FAIL(td_session_paths("data/AAPL", &facts, &paths));
    if (td_entry_at(&r->world, paths.messages) == TD_ENTRY_FILE) {
        TD_OK_OR_FAIL(td_message_file_open(&messages, &r->world, paths.messages, NULL));
        for (; td_message_file_next(messages, &m, NULL) == TD_OK; got.messages++)
            if (m.seq != got.messages + 1 || m.event.depth.px.e9 != (int64_t)m.seq * TD_E9)
                fail_msg("seed %llu: message %llu is wrong", (unsigned long long)seed,
                         (unsigned long long)m.seq);
        td_message_file_close(messages);
    }
    if (td_entry_at(&r->world, paths.snapshots) == TD_ENTRY_FILE) {
        TD_OK_OR_FAIL(td_snapshot_file_open(&snaps, &r->world, paths.snapshots, NULL));
        got.snapshots = td_snapshot_file_rows(snaps);
        td_snapshot_file_close(snaps);
    }
    return got;
}

static void capture_survives_power_cuts(void **state)
{
    (void)state;
    uint64_t more = 0, kept = 0, again = 0;
    for (uint64_t seed = 1; seed <= CUTS; seed++) {
        struct rig r;
        struct durable durable = {0};
        struct td_recover_report report = {0};
        struct td_fail why = {0};
        rig_open(&r, seed);
        arm(&r, 60);
        memset(&recorder, 0, sizeof recorder);
        record_until_cut(&r, &durable);
        cut_and_restart(&r);
        if (seed % 3 == 0) { /* again, while recovering */
            arm(&r, 20);
            again += td_capture_recover(&r.world, "data", &report, NULL) != TD_OK;
            cut_and_restart(&r);
        }
        report = (struct td_recover_report){0};
        if (td_capture_recover(&r.world, "data", &report, &why) != TD_OK)
            fail_msg("seed %llu: %s", (unsigned long long)seed, why.text);
        const struct durable got = read_files(&r, seed);
        if (got.messages < durable.messages || got.snapshots < durable.snapshots)
            fail_msg("seed %llu: %llu messages of %llu, %llu snapshots of %llu",
                     (unsigned long long)seed, (unsigned long long)got.messages,
                     (unsigned long long)durable.messages, (unsigned long long)got.snapshots,
                     (unsigned long long)durable.snapshots);
        more += got.messages > durable.messages;
        kept += durable.messages > 0;
        td_simworld_close(r.sim);
    }
    assert_true(more > CUTS / 50);
    assert_true(kept > CUTS / 2);
    assert_true(again > CUTS / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(journal_survives_power_cuts),
        cmocka_unit_test(capture_survives_power_cuts),
    };
    return cmocka_run_group_tests_name("sim/powercut", tests, NULL, NULL);
}
