/* tests/waits_test.c - what tries again and what waits has its row in docs/retries.md, and every loop tells somebody (P19).
 *
 * Reads src/ but for sys/, the simulator and the trials. A function is looked for in the page when it waits on the world,
 * sets a moment that is to come (a name that ends in _mono, until, deadline or again, given a sum), or counts tries, misses
 * or failures. Nothing else makes a loop that waits: sys/world.h has no other sleep. The page is read too: each row names
 * functions that are there, and each row of the first table an alert of desk/alert.h, a word of the log, or the end of the
 * command. */
#include "support/support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POINTS_MAX 300

static struct point {
    char file[64], function[64];
    bool seen; /* by the page */
} points[POINTS_MAX];
static size_t point_count;
static int complaints, read_files;
static char *alerts, *page;
static char *sources[1000]; /* texts, for the words of the log */

static const char *const waits[] = {"td_world_wait(", "td_manager_wait_until(",
                                    "td_manager_back_off("};
static const char *const counts[] = {"tries++",       "tries + ",   "misses++", "++h->misses",
                                     "sync_misses <", "failures++", "try++"};
static const char *const moments[] = {"_mono", "until", "deadline", "again"};

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool has_any(const char *line, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strstr(line, words[i]))
            return true;
    return false;
}

/* `until = now + SPAN`, `.until = ...`, `place_mono[i] = ...`: the name before a " = ", and a '+' behind it. */
static bool sets_a_moment(const char *line)
{
    for (const char *is = line; (is = strstr(is, " = ")) != NULL; is++) {
        const char *end = is;
        if (end > line && end[-1] == ']')
            while (end > line && *end != '[')
                end--;
        for (size_t i = 0; i < TD_COUNT(moments); i++) {
            const size_t n = strlen(moments[i]);
            if ((size_t)(end - line) >= n && memcmp(end - n, moments[i], n) == 0 && strchr(is, '+'))
                return true;
        }
    }
    return false;
}

/* The function that a line at the left edge begins; else it stays. */
static void note_function(const char *line, char *function, size_t cap)
{
    const char *paren = strchr(line, '('), *from = paren;
    const size_t len = strlen(line);
    if (!paren || !is_word(*line) || line[len - 1] == ';')
        return;
    while (from > line && is_word(from[-1]))
        from--;
    TD_REQUIRE((size_t)snprintf(function, cap, "%.*s", (int)(paren - from), from) < cap);
}

static void add_point(const char *file, const char *function)
{
    for (size_t i = 0; i < point_count; i++)
        if (strcmp(points[i].file, file) == 0 && strcmp(points[i].function, function) == 0)
            return;
    TD_REQUIRE(point_count < POINTS_MAX);
    struct point *p = &points[point_count++];
    TD_REQUIRE((size_t)snprintf(p->file, sizeof p->file, "%s", file) < sizeof p->file);
    TD_REQUIRE((size_t)snprintf(p->function, sizeof p->function, "%s", function) <
               sizeof p->function);
}

/* Comments become blanks; lines stay. */
static void blank_comments(char *text)
{
    for (char *from; (from = strstr(text, "/*")) != NULL; text = from) {
        const char *end = strstr(from, "*/");
        TD_REQUIRE(end != NULL);
        for (end += 2; from < end; from++)
            *from = *from == '\n' ? '\n' : ' ';
    }
}

static void read_source(const char *file, char *text)
{
    char function[64] = "";
    for (char *line = text, *next; *line; line = next) {
        next = line + strcspn(line, "\n");
        const char after = *next;
        *next = '\0';
        if (*line)
            note_function(line, function, sizeof function);
        if (has_any(line, waits, TD_COUNT(waits)) || has_any(line, counts, TD_COUNT(counts)) ||
            sets_a_moment(line))
            add_point(file, function);
        *next = after;
        next += after == '\n';
    }
}

static void read_folder(const char *folder)
{
    char path[600];
    (void)snprintf(path, sizeof path, "%s/src/%s", TD_SOURCE_DIR, folder);
    DIR *dir = opendir(path);
    assert_non_null(dir);
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        const size_t n = strlen(e->d_name);
        char file[300], full[1000];
        size_t len;
        if (n < 3 || strcmp(e->d_name + n - 2, ".c") != 0)
            continue;
        (void)snprintf(file, sizeof file, "%s/%s", folder, e->d_name);
        (void)snprintf(full, sizeof full, "%s/src/%s", TD_SOURCE_DIR, file);
        TD_REQUIRE(read_files < (int)TD_COUNT(sources));
        char *text = sources[read_files++] = td_test_slurp(full, &len);
        assert_non_null(text);
        blank_comments(text);
        read_source(file, text);
    }
    (void)closedir(dir);
}

static int load(void **state)
{
    static const char *const folders[] = {"base",  "cmd",    "desk",  "history", "market",
                                          "store", "signal", "strat", "trade",   "wire"};
    size_t len;
    (void)state;
    for (size_t i = 0; i < TD_COUNT(folders); i++)
        read_folder(folders[i]);
    alerts = td_test_slurp(TD_SOURCE_DIR "/src/desk/alert.h", &len);
    page = td_test_slurp(TD_SOURCE_DIR "/docs/retries.md", &len);
    return alerts && page ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    for (int i = 0; i < read_files; i++)
        free(sources[i]);
    free(alerts);
    free(page);
    return 0;
}

/* --- the page --- */

static void see_function(const char *file, const char *function)
{
    for (size_t i = 0; i < point_count; i++)
        if (strcmp(points[i].file, file) == 0 && strcmp(points[i].function, function) == 0) {
            points[i].seen = true;
            return;
        }
    complaints++;
    print_error("docs/retries.md: %s in %s neither waits nor tries again\n", function, file);
}

/* The words in backticks of the first cell: a file, then functions of it. */
static void read_where(const char *row)
{
    const char *end = strstr(row + 2, " |");
    char file[64] = "", word[64];
    assert_non_null(end);
    for (const char *from = strchr(row, '`'); from && from < end; from = strchr(from, '`')) {
        const size_t len = strcspn(++from, "`");
        TD_REQUIRE(len < sizeof word);
        (void)snprintf(word, sizeof word, "%.*s", (int)len, from);
        if (strchr(word, '/'))
            memcpy(file, word, sizeof file);
        else
            see_function(file, word);
        from += len + 1;
    }
}

/* In a call of the log: nothing ends between the call and the word. */
static bool is_logged(const char *word)
{
    for (int i = 0; i < read_files; i++)
        for (const char *at = sources[i]; (at = strstr(at, word)) != NULL; at++)
            for (const char *from = at; from > sources[i] && *from != ';' && *from != '{'; from--)
                if (memcmp(from, "td_logf(", 8) == 0)
                    return true;
    return false;
}

/* Every word that follows "alert" or "log" is one; how many alerts the row names, and whether anybody is told. */
static bool read_told(const char *row, uint32_t *named)
{
    const char *cell = row, *at;
    bool told;
    for (const char *next = row; (next = strstr(next, " | ")) != NULL; next++)
        cell = next + 3;
    told = strstr(cell, "the command ends") != NULL;
    for (at = cell; (at = strchr(at, '`')) != NULL; at += strcspn(at, "`") + 1) {
        const bool alert = at - cell >= 6 && memcmp(at - 6, "alert ", 6) == 0;
        const bool log = at - cell >= 4 && memcmp(at - 4, "log ", 4) == 0;
        const size_t len = strcspn(++at, "`");
        char word[64];
        TD_REQUIRE((size_t)snprintf(word, sizeof word, "\"%.*s\"", (int)len, at) < sizeof word);
        if ((alert && !strstr(alerts, word)) || (log && !is_logged(word))) {
            complaints++;
            print_error("docs/retries.md: nothing tells %s\n", word);
        }
        told |= alert || log;
        *named += alert;
    }
    return told;
}

static void every_wait_has_its_row(void **state)
{
    (void)state;
    uint32_t loops = 0, with_alert = 0, others = 0;
    bool again = false;
    for (char *line = page, *next; *line; line = next) {
        next = line + strcspn(line, "\n");
        const bool last = *next == '\0';
        *next = '\0';
        again = strncmp(line, "## ", 3) == 0 ? strstr(line, "Tries") != NULL : again;
        if (strncmp(line, "| `", 3) == 0) {
            uint32_t named = 0;
            read_where(line);
            if (again && !read_told(line, &named)) {
                complaints++;
                print_error("docs/retries.md: nobody is told of %s\n", line);
            }
            loops += again;
            with_alert += again && named > 0;
            others += !again;
        }
        next += !last;
    }
    for (size_t i = 0; i < point_count; i++)
        if (!points[i].seen) {
            complaints++;
            print_error("src/%s: %s waits or tries again and has no row in docs/retries.md\n",
                        points[i].file, points[i].function);
        }
    print_message(
        "[ waits ] %d files, %zu functions: %u loops, %u with an alert, the others told by "
        "log or by the command's end; %u waits\n",
        read_files, point_count, (unsigned)loops, (unsigned)with_alert, (unsigned)others);
    assert_true(read_files > 200 && point_count > 60 && loops > 20);
    assert_int_equal(complaints, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_wait_has_its_row)};
    return cmocka_run_group_tests_name("waits", tests, load, unload);
}
