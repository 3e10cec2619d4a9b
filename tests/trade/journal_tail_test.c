/* tests/trade/journal_tail_test.c - a journal read while it is written: every record once, none before it is durable, over the ends
 * of files and of processes; damage is named. */
#include "trade/journal_tail.h"

#include <stdio.h>
#include <string.h>

#include "support/support.h"
#include "sys/uvworld.h"

static struct td_world world;
static char folder[200];

static int open_world(void **state)
{
    (void)state;
    return td_uvworld_open(&world, false, NULL) == TD_OK ? 0 : -1;
}

static int close_world(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

struct seen {
    uint64_t last;
    bool refuse;
};

static enum td_err see(void *arg, const struct td_record *r)
{
    struct seen *s = arg;
    char want[40];
    assert_int_equal(r->seq, s->last + 1);
    (void)snprintf(want, sizeof want, "record %llu", (unsigned long long)r->seq);
    assert_string_equal(r->text, want);
    s->last = r->seq;
    return s->refuse ? TD_EFULL : TD_OK;
}

static void append(struct td_journal *j, int count)
{
    for (int i = 0; i < count; i++) {
        struct td_record r;
        td_record_init(&r, TD_REC_ERROR, 1000 + i);
        (void)snprintf(r.text, sizeof r.text, "record %llu", (unsigned long long)j->next_seq);
        TD_OK_OR_FAIL(td_journal_append(j, &r));
    }
}

static void open_journal(struct td_journal *j)
{
    struct td_journal_report report;
    TD_OK_OR_FAIL(td_journal_open(j, &world, folder, NULL, NULL, &report, NULL));
}

static void read_up_to(struct td_journal_tail *t, struct seen *s, uint64_t durable)
{
    struct td_fail why = {0};
    while (td_journal_tail_next(t) <= durable)
        if (td_journal_tail_read(t, durable, 7, see, s, &why) != TD_OK)
            fail_msg("%s", why.text);
    assert_int_equal(s->last, durable);
}

static void every_record_once_while_it_is_written(void **state)
{
    (void)state;
    struct td_journal j;
    struct td_journal_tail *t;
    struct seen s = {0};
    (void)snprintf(folder, sizeof folder, "%s/journal", td_test_folder("tail"));
    open_journal(&j);
    TD_OK_OR_FAIL(td_journal_tail_open(&t, &world, folder, NULL, NULL, NULL));
    TD_OK_OR_FAIL(td_journal_tail_read(t, 0, 100, see, &s, NULL));
    for (int round = 0; round < 60; round++) {
        append(&j, 1 + round % 20);
        read_up_to(t, &s, j.durable_seq); /* what was only appended is not seen */
        TD_OK_OR_FAIL(td_journal_commit(&j, NULL));
        if (round % 3)
            read_up_to(t, &s, j.durable_seq);
        if (round % 10 == 9) { /* another process: a new file, perhaps with nothing in the old */
            td_journal_close(&j);
            open_journal(&j);
        }
    }
    read_up_to(t, &s, j.durable_seq);
    assert_int_equal(j.number, 7);
    td_journal_tail_close(t);
    td_journal_close(&j);
}

/* Written, not synced: it is in the file and nobody may act on it. */
static void nothing_behind_what_is_durable(void **state)
{
    (void)state;
    struct td_journal j;
    struct td_journal_tail *t;
    struct seen s = {0};
    (void)snprintf(folder, sizeof folder, "%s/journal", td_test_folder("tail-durable"));
    open_journal(&j);
    append(&j, 10);
    TD_OK_OR_FAIL(td_journal_commit(&j, NULL));
    TD_OK_OR_FAIL(td_journal_tail_open(&t, &world, folder, NULL, NULL, NULL));
    read_up_to(t, &s, 4);
    assert_int_equal(td_journal_tail_next(t), 5);
    s.refuse = true;
    assert_int_equal(td_journal_tail_read(t, 10, 5, see, &s, NULL), TD_EFULL);
    assert_int_equal(td_journal_tail_next(t), 6);
    td_journal_tail_close(t);
    td_journal_close(&j);
    td_journal_tail_close(NULL);
}

static void damage_is_named(void **state)
{
    (void)state;
    struct td_journal j;
    struct td_journal_tail *t;
    struct seen s = {0};
    struct td_fail why = {0};
    char path[300];
    (void)snprintf(folder, sizeof folder, "%s/journal", td_test_folder("tail-damage"));
    assert_int_equal(td_journal_tail_open(&t, &world, folder, NULL, NULL, &why), TD_ENOENT);
    open_journal(&j);
    append(&j, 10);
    TD_OK_OR_FAIL(td_journal_commit(&j, NULL));
    td_journal_close(&j);
    (void)snprintf(path, sizeof path, "%s/0001.tdj", folder);
    FILE *f = fopen(path, "r+");
    assert_non_null(f);
    assert_true(fseek(f, 300, SEEK_SET) == 0 && fputc('X', f) == 'X' && fclose(f) == 0);
    TD_OK_OR_FAIL(td_journal_tail_open(&t, &world, folder, NULL, NULL, NULL));
    assert_int_equal(td_journal_tail_read(t, 10, 100, see, &s, &why), TD_ECORRUPT);
    assert_non_null(strstr(why.text, "0001.tdj at byte"));
    td_journal_tail_close(t);
    TD_OK_OR_FAIL(td_file_remove(&world, path));
    TD_OK_OR_FAIL(td_journal_tail_open(&t, &world, folder, NULL, NULL, NULL));
    assert_int_equal(td_journal_tail_read(t, 10, 100, see, &s, &why), TD_ECORRUPT);
    td_journal_tail_close(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_once_while_it_is_written),
        cmocka_unit_test(nothing_behind_what_is_durable),
        cmocka_unit_test(damage_is_named),
    };
    return cmocka_run_group_tests_name("trade/journal_tail", tests, open_world, close_world);
}
