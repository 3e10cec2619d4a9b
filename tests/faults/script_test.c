/* tests/faults/script_test.c - plays examples/faults/ against a desk in the simulated world, and keeps their table.
 *
 * docs/testing.md carries the table; TD_FAULT_TABLE=write renews it (tools/faults.sh). TD_FAULT=name plays one script
 * and prints the desk's warnings.
 */
#include "faults/play.h"

#include <dirent.h>

#include "desk/ask.h"

#define FOLDER      TD_TESTS_DIR "/../examples/faults"
#define PAGE        TD_TESTS_DIR "/../docs/testing.md"
#define SCRIPTS_MAX 96
#define FAULTS      39 /* F1 to F39 are the gateway's and the world's */

static char table_bytes[65536];
static bool covered[FAULTS + 1];

/* F numbers in the comments of a script. */
static void note_faults(const char *text)
{
    for (const char *line = text; line && *line;) {
        const char *end = strchr(line, '\n');
        for (const char *p = line; *line == '#' && p && (p = strchr(p, 'F')) != NULL && p < end;
             p++) {
            char *after;
            const long n = strtol(p + 1, &after, 10);
            if (after != p + 1 && n >= 1 && n <= FAULTS)
                covered[n] = true;
        }
        line = end ? end + 1 : NULL;
    }
}

static int play_script(const char *name, struct td_text *table)
{
    play_read(FOLDER, name);
    note_faults(play.text);
    open_play();
    run_play();
    play_settle();
    const int wrong = play_check(table);
    play_end();
    (void)scene_close(NULL);
    return wrong;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static char names[SCRIPTS_MAX][64];

static size_t list_scripts(void)
{
    size_t count = 0;
    DIR *folder = opendir(FOLDER);
    assert_non_null(folder);
    for (const struct dirent *e; (e = readdir(folder)) != NULL;) {
        const size_t n = strlen(e->d_name);
        if (n < 7 || n >= sizeof names[0] || strcmp(e->d_name + n - 6, ".fault") != 0)
            continue;
        assert_true(count < SCRIPTS_MAX);
        memcpy(names[count++], e->d_name, n + 1);
    }
    (void)closedir(folder);
    qsort(names, count, sizeof names[0], by_name);
    return count;
}

static void scripts_end_as_expected(void **state)
{
    (void)state;
    const char *only = getenv("TD_FAULT");
    const size_t count = list_scripts();
    struct td_text table;
    int wrong = 0, plays = 0;
    td_text_init(&table, table_bytes, sizeof table_bytes);
    td_text_put(&table, "| script | expected | seen | |\n| --- | --- | --- | --- |\n");
    for (size_t i = 0; i < count; i++) {
        if (only && strncmp(names[i], only, strlen(only)) != 0)
            continue;
        wrong += play_script(names[i], &table);
        plays++;
    }
    print_message("%s%d scripts played, %d expectations not met\n", table.buf, plays, wrong);
    assert_false(td_text_full(&table));
    assert_int_equal(wrong, 0);
}

static void every_fault_has_a_script(void **state)
{
    (void)state;
    int missing = 0;
    if (getenv("TD_FAULT"))
        td_skip("TD_FAULT chooses one script");
    for (int i = 1; i <= FAULTS; i++)
        if (!covered[i]) {
            print_error("F%d is in the comments of no script of examples/faults\n", i);
            missing++;
        }
    assert_int_equal(missing, 0);
}

/* --- actions while it runs --- */

static void a_running_simulator_takes_actions(void **state)
{
    (void)state;
    static const struct {
        const char *line, *says;
    } rows[] = {{"status", "{\"ok\":true,\"clients\":1,"},
                {"explode", "\"error\":\"no action"},
                {"clock-step 3", "\"error\":\"clock-step needs the simulated world"},
                {"mute-hello", "\"ok\":true"},
                {"reset", "\"ok\":true"}};
    const struct scene_options o = {.world = {.seed = 3}, .speed = 10, .control = "sim.sock"};
    static struct td_world operator;
    char answer[1024];
    uint32_t host;
    scene_open(&o);
    desk_must_start();
    desk_wait_ready();
    TD_OK_OR_FAIL(td_simworld_attach(scene.sim, "operator", &host, &operator, NULL));
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        struct td_fail why = {0};
        if (td_ask(&operator, "sim.sock", rows[i].line, answer, sizeof answer, &why) != TD_OK)
            fail_msg("%s: %s", rows[i].line, why.text);
        if (!strstr(answer, rows[i].says))
            fail_msg("%s: %s", rows[i].line, answer);
    }
    desk_turns(15 * TD_SEC);
    assert_int_not_equal(scene.desk->sync, SYNC_DONE);
    TD_OK_OR_FAIL(td_ask(&operator, "sim.sock", "heal", answer, sizeof answer, NULL));
    desk_wait_ready();
    assert_int_equal(td_ask(&operator, "other.sock", "heal", answer, sizeof answer, NULL),
                     TD_ENOENT);
}

/* --- the page --- */

static const char *begins = "<!-- faults: made by tools/faults.sh -->\n";
static const char *ends = "<!-- faults: end -->\n";

static void the_page_has_the_table(void **state)
{
    (void)state;
    size_t len = 0;
    if (getenv("TD_FAULT"))
        td_skip("TD_FAULT chooses one script");
    char *page = td_test_slurp(PAGE, &len);
    assert_non_null(page);
    char *from = strstr(page, begins), *to = strstr(page, ends);
    if (!from || !to || to < from)
        fail_msg("docs/testing.md has no place for the table");
    from += strlen(begins);
    const bool same = (size_t)(to - from) == strlen(table_bytes) &&
                      memcmp(from, table_bytes, strlen(table_bytes)) == 0;
    if (!same && getenv("TD_FAULT_TABLE")) {
        FILE *out = fopen(PAGE, "w");
        assert_non_null(out);
        (void)fwrite(page, 1, (size_t)(from - page), out);
        (void)fputs(table_bytes, out);
        (void)fputs(to, out);
        assert_int_equal(fclose(out), 0);
    } else if (!same) {
        free(page);
        fail_msg("docs/testing.md has another table: run tools/faults.sh BUILD-FOLDER");
    }
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(scripts_end_as_expected, scene_close),
        cmocka_unit_test(every_fault_has_a_script),
        cmocka_unit_test_teardown(a_running_simulator_takes_actions, scene_close),
        cmocka_unit_test(the_page_has_the_table),
    };
    return cmocka_run_group_tests_name("faults/script", tests, NULL, NULL);
}
