/* store/recover.c - finds capture logs and finishes them. */
#include "store/recover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Logs found, as paths; folders still to look into, as paths with their depth. */
struct list {
    char (*paths)[TD_SESSION_PATH];
    uint8_t *depth;
    size_t count;
    size_t max;
};

struct search {
    struct td_world *world;
    const char *folder; /* being listed */
    uint8_t depth;
    struct list logs;
    struct list folders;
};

static bool add(struct list *l, const char *folder, const char *name, uint8_t depth)
{
    if (l->count == l->max)
        return false;
    const int n =
        snprintf(l->paths[l->count], TD_SESSION_PATH, "%s%s%s", folder, *name ? "/" : "", name);
    if (n > 0 && n < TD_SESSION_PATH) {
        l->depth[l->count] = depth;
        l->count++;
    }
    return true;
}

static bool on_entry(void *arg, const char *name, enum td_entry_kind kind)
{
    struct search *s = arg;
    const size_t len = strlen(name), suffix = strlen(TD_CAPTURE_SUFFIX);
    if (kind == TD_ENTRY_FILE && len > suffix &&
        strcmp(name + len - suffix, TD_CAPTURE_SUFFIX) == 0)
        return add(&s->logs, s->folder, name, 0);
    if (kind == TD_ENTRY_FOLDER && name[0] != '.' && s->depth < TD_RECOVER_DEPTH)
        return add(&s->folders, s->folder, name, (uint8_t)(s->depth + 1));
    return true;
}

static enum td_err find_logs(struct search *s, struct td_fail *why)
{
    for (size_t i = 0; i < s->folders.count; i++) {
        s->folder = s->folders.paths[i];
        s->depth = s->folders.depth[i];
        const enum td_err err = td_folder_list(s->world, s->folder, on_entry, s);
        if (err)
            return td_fail_set(why, err, "listing %s: %s", s->folder, td_err_text(err));
    }
    return TD_OK;
}

static void count(struct td_recover_report *report, enum td_err err,
                  const struct td_session_result *r)
{
    if (err == TD_OK) {
        report->recovered++;
        report->torn += r->end == TD_CAPTURE_TORN;
        report->damaged += r->end == TD_CAPTURE_DAMAGED;
        report->messages += r->messages;
        report->snapshots += r->snapshots;
        report->cut_bytes += r->cut_bytes;
    } else if (err == TD_ENODATA) {
        report->empty++;
    } else if (err == TD_ELOCKED) {
        report->busy++;
    } else {
        report->failed++;
    }
}

static enum td_err finish_all(struct search *s, struct td_recover_report *report,
                              struct td_fail *why)
{
    struct td_session_result *result = calloc(1, sizeof *result);
    enum td_err first = TD_OK;
    if (!result)
        return td_fail_set(why, TD_ENOMEM, "recovering: %s", td_err_text(TD_ENOMEM));
    for (size_t i = 0; i < s->logs.count; i++) {
        const enum td_err err =
            td_session_finish(s->world, s->logs.paths[i], result, first ? NULL : why);
        count(report, err, result);
        if (report->each)
            report->each(report->arg, s->logs.paths[i], err, result);
        if (err && err != TD_ENODATA && err != TD_ELOCKED && !first)
            first = err;
    }
    report->found += (uint32_t)s->logs.count;
    free(result);
    return first;
}

static bool take(struct list *l)
{
    l->max = TD_RECOVER_LOGS;
    l->paths = malloc(l->max * sizeof *l->paths);
    l->depth = malloc(l->max);
    return l->paths && l->depth;
}

enum td_err td_capture_recover(struct td_world *world, const char *folder,
                               struct td_recover_report *report, struct td_fail *why)
{
    struct search s = {.world = world};
    enum td_err err = TD_OK;
    if (td_entry_at(world, folder) != TD_ENTRY_FOLDER)
        return TD_OK;
    if (!take(&s.logs) || !take(&s.folders))
        err = td_fail_set(why, TD_ENOMEM, "recovering %s: %s", folder, td_err_text(TD_ENOMEM));
    if (!err) {
        (void)add(&s.folders, folder, "", 0);
        err = find_logs(&s, why);
    }
    if (!err)
        err = finish_all(&s, report, why);
    free(s.logs.paths);
    free(s.logs.depth);
    free(s.folders.paths);
    free(s.folders.depth);
    return err;
}
