/* cmd/report_html.c - the evening report: which days, which limits, where the page goes. */
#include "cmd/report_html.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/zone.h"
#include "history/day_page.h"

struct making {
    struct td_day_report report;
    struct td_day_extras extras;
    struct td_tz zone;
    struct td_limits limits;
    char bytes[TD_DAY_PAGE_BYTES];
};

/* One day, or from one day to the present one. */
static void choose_days(struct td_run *run, const struct td_report_html *ask, struct making *m,
                        struct td_day_page *page)
{
    const int64_t today = td_tz_day(&m->zone, td_world_now(run->world));
    page->first_day = ask->day != INT64_MIN     ? ask->day
                      : ask->since != INT64_MIN ? ask->since
                                                : today;
    page->last_day = ask->day != INT64_MIN ? ask->day : today;
    if (page->last_day < page->first_day)
        page->last_day = page->first_day;
}

static enum td_err gather(struct td_run *run, const struct td_report_html *ask, struct making *m,
                          struct td_day_page *page, struct td_fail *why)
{
    enum td_err err = td_zone_load(run->world, TD_ZONE_NEW_YORK, &m->zone, why);
    if (err)
        return err;
    choose_days(run, ask, m, page);
    td_settings_limits(run->settings, TD_CASH_NONE, &m->limits);
    const struct td_day_ask facts = {.world = run->world,
                                     .state = ask->state,
                                     .zone = &m->zone,
                                     .from = td_tz_at(&m->zone, page->first_day, 0, 0, 0),
                                     .before = td_tz_at(&m->zone, page->last_day + 1, 0, 0, 0),
                                     .limits = &m->limits};
    const struct td_day_extras_ask extras = {.world = run->world,
                                             .data = ask->data,
                                             .state = ask->state,
                                             .first_day = page->first_day,
                                             .last_day = page->last_day,
                                             .from = facts.from,
                                             .before = facts.before};
    err = td_day_report_make(&m->report, &facts, why);
    return err ? err : td_day_extras_read(&m->extras, &extras, why);
}

static enum td_err write_page(struct td_run *run, const struct td_report_html *ask,
                              const struct td_text *text, const struct td_day_page *page,
                              struct td_fail *why)
{
    char day[16], path[64];
    (void)td_date_print(page->first_day, day);
    (void)snprintf(path, sizeof path, "report-%s.html", day);
    if (td_text_full(text))
        return td_fail_set(why, TD_EFULL, "the page is longer than %u bytes", TD_DAY_PAGE_BYTES);
    if (ask->file && strcmp(ask->file, "-") == 0)
        return td_cmd_print(text) ? TD_OK : td_fail_set(why, TD_EIO, "nobody reads the report");
    const char *file = ask->file ? ask->file : path;
    const enum td_err err =
        td_file_replace(run->world, file, (struct td_str){text->buf, text->len}, why);
    if (!err)
        (void)printf("made: %s\n", file);
    return err;
}

int td_report_html(struct td_run *run, const struct td_report_html *ask)
{
    struct td_fail why = {0};
    struct td_text text;
    struct making *m = calloc(1, sizeof *m);
    enum td_err err = m ? TD_OK : td_fail_set(&why, TD_ENOMEM, "no memory for the report");
    struct td_day_page page = {.version = run->version, .state = ask->state};
    if (!err)
        err = gather(run, ask, m, &page, &why);
    if (!err) {
        page.report = &m->report;
        page.extras = &m->extras;
        page.zone = &m->zone;
        page.zone_name = "New York";
        page.made_ns = td_world_now(run->world);
        td_text_init(&text, m->bytes, sizeof m->bytes);
        td_day_page(&page, &text);
        err = write_page(run, ask, &text, &page, &why);
    }
    if (m)
        td_day_report_fini(&m->report);
    free(m);
    return err ? td_cmd_fail(run, &why) : 0;
}
