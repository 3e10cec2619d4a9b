/* fuzz/jsonl_fuzz.c - any bytes as each of our JSON files: manifests, their coverage, messages, symbol mapping.
 *
 * Strict reading accepts no more than lenient reading, and what is derived can be written.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/simworld.h"
#include "store/coverage_file.h"
#include "store/snapshot_read.h"
#include "store/symbolmap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NAME "fuzz.jsonl"

static enum td_err take_l2(void *arg, const struct td_l2_entry *e)
{
    uint64_t *count = arg;
    TD_REQUIRE(memchr(e->symbol, '\0', sizeof e->symbol) && e->status < TD_TASK_STATUSES);
    ++*count;
    return TD_OK;
}

static enum td_err take_bars(void *arg, const struct td_bars_entry *e)
{
    uint64_t *count = arg;
    TD_REQUIRE(memchr(e->path, '\0', sizeof e->path) &&
               memchr(e->filename, '\0', sizeof e->filename));
    ++*count;
    return TD_OK;
}

static void check_failure(enum td_err err, const struct td_fail *why)
{
    TD_REQUIRE(err == TD_OK || (why->text[0] && !strchr(why->text, '\n')));
}

static void read_manifests(struct td_world *world)
{
    struct td_manifest_counts loose = {0}, strict = {0};
    struct td_fail why = {0};
    uint64_t all = 0, some = 0;
    TD_REQUIRE(td_l2_manifest_each(world, NAME, false, take_l2, &all, &loose, &why) == TD_OK);
    TD_REQUIRE(all == loose.used && loose.used + loose.broken + loose.foreign <= loose.lines);
    check_failure(td_l2_manifest_each(world, NAME, true, take_l2, &some, &strict, &why), &why);
    TD_REQUIRE(some <= all);
    all = some = 0;
    TD_REQUIRE(td_bars_manifest_each(world, NAME, false, take_bars, &all, &loose, &why) == TD_OK);
    why = (struct td_fail){0};
    check_failure(td_bars_manifest_each(world, NAME, true, take_bars, &some, &strict, &why), &why);
    TD_REQUIRE(all == loose.used && some <= all);
}

static void derive_coverage(struct td_world *world)
{
    struct td_coverage c = {0};
    struct td_fail why = {0};
    enum td_err err = td_coverage_read(&c, world, NAME, &why);
    if (!err)
        err = td_coverage_write(&c, world, "coverage.json", &why);
    check_failure(err, &why);
    td_coverage_fini(&c);
}

static void read_messages(struct td_world *world)
{
    static struct td_message m;
    struct td_message_file *f = NULL;
    struct td_fail why = {0};
    enum td_err err = td_message_file_open(&f, world, NAME, &why);
    while (!err)
        err = td_message_file_next(f, &m, &why);
    TD_REQUIRE(err == TD_ENODATA || (why.text[0] && !strchr(why.text, '\n')));
    td_message_file_close(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct td_symbolmap map;
    struct td_simworld *sim = NULL;
    struct td_world world;
    const struct td_simworld_options o = {.seed = 1};
    const struct td_str bytes = {(const char *)data, size};
    if (size > 1 << 16)
        return 0;
    TD_REQUIRE(td_simworld_open(&sim, &o, NULL) == TD_OK);
    uint32_t host;
    TD_REQUIRE(td_simworld_attach(sim, "fuzz", &host, &world, NULL) == TD_OK);
    TD_REQUIRE(td_file_replace(&world, NAME, bytes, NULL) == TD_OK);
    read_manifests(&world);
    derive_coverage(&world);
    read_messages(&world);
    td_symbolmap_parse(&map, bytes, NAME);
    TD_REQUIRE(map.count <= TD_SYMBOLMAP_MAX);
    td_simworld_close(sim);
    return 0;
}
