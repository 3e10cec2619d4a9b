/* cmd/ready.c - replays the journal, asks whether a desk runs, shows the rows. */
#include "cmd/ready.h"

#include <stdio.h>

#include "trade/retrace.h"
#include "wire/json.h"

static void take(void *arg, const struct td_record *r, const struct td_blotter *after)
{
    (void)after;
    td_readiness_take(arg, r);
}

/* A desk holds the lock of its journal. */
static bool is_running(struct td_run *run, const char *journal)
{
    char path[900];
    struct td_file lock = {0};
    (void)snprintf(path, sizeof path, "%.800s/lock", journal);
    if (td_entry_at(run->world, path) != TD_ENTRY_FILE)
        return false;
    const enum td_err err = td_file_open(run->world, path, TD_FILE_LOCK, &lock, NULL);
    td_file_close(run->world, lock);
    return err == TD_ELOCKED;
}

enum td_err td_ready_look(struct td_run *run, const char *state, struct td_ready_table *out,
                          struct td_fail *why)
{
    char journal[900];
    static struct td_retrace r;
    struct td_readiness facts = {0};
    (void)snprintf(journal, sizeof journal, "%.800s/journal", state);
    if (td_entry_at(run->world, journal) != TD_ENTRY_FOLDER)
        return td_fail_set(why, TD_ENOENT, "there is no journal in %s: no desk has run there",
                           state);
    r = (struct td_retrace){.record = take, .arg = &facts};
    enum td_err err = td_retrace_open(&r, run->world, journal, why);
    if (!err)
        err = td_retrace_run(&r, NULL, why);
    if (!err)
        out->ready = td_readiness_judge(&facts, &r.b, is_running(run, journal),
                                        td_world_now(run->world), out->rows);
    out->count = TD_READY_ITEMS;
    td_retrace_close(&r);
    return err;
}

static void print_json(const struct td_ready_table *table)
{
    static char bytes[4096];
    struct td_text t;
    struct td_json j;
    td_text_init(&t, bytes, sizeof bytes);
    td_json_init(&j, &t, false);
    td_json_object(&j);
    td_json_key_bool(&j, "ready", table->ready);
    td_json_key(&j, "criteria");
    td_json_array(&j);
    for (int i = 0; i < table->count; i++) {
        td_json_object(&j);
        td_json_key_text(&j, "criterion", table->rows[i].word);
        td_json_key_text(&j, "wanted", table->rows[i].wanted);
        td_json_key_text(&j, "found", table->rows[i].found);
        td_json_key_bool(&j, "ok", table->rows[i].ok);
        td_json_object_end(&j);
    }
    td_json_array_end(&j);
    td_json_object_end(&j);
    td_text_char(&t, '\n');
    (void)td_cmd_print(&t);
}

void td_ready_print(const struct td_ready_table *table, bool json)
{
    if (json) {
        print_json(table);
        return;
    }
    (void)printf("%-26s %-14s %-20s %s\n", "criterion", "wanted", "found", "");
    for (int i = 0; i < table->count; i++)
        (void)printf("%-26s %-14s %-20s %s\n", table->rows[i].word, table->rows[i].wanted,
                     table->rows[i].found, table->rows[i].ok ? "ok" : "not yet");
    (void)printf("%s\n", table->ready ? "ready" : "not ready for live trading");
}
