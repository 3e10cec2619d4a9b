/* tests/tidy_test.c - reads the tree: include directions, function length, head comments, banned words,
 * unique names. The house style of CONTRIBUTING.md as an ordinary test. */
#include "support/support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILES_MAX 2000

struct source {
    char path[256]; /* below the tree's root */
    char *text;
};

static struct source files[FILES_MAX];
static size_t file_count;
static int complaints;

static void complain(const char *path, int line, const char *what, const char *detail)
{
    complaints++;
    print_error("%s:%d: %s%s%s\n", path, line, what, detail ? ": " : "", detail ? detail : "");
}

static bool ends_with(const char *text, const char *tail)
{
    const size_t n = strlen(text), m = strlen(tail);
    return n >= m && strcmp(text + n - m, tail) == 0;
}

static void walk(const char *folder)
{
    char full[600];
    (void)snprintf(full, sizeof full, "%s/%s", TD_SOURCE_DIR, folder);
    DIR *dir = opendir(full);
    if (!dir)
        return;
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        char path[256];
        struct stat st;
        if (e->d_name[0] == '.' || strcmp(e->d_name, "node_modules") == 0)
            continue;
        if (snprintf(path, sizeof path, "%s/%s", folder, e->d_name) >= (int)sizeof path)
            continue;
        (void)snprintf(full, sizeof full, "%s/%s", TD_SOURCE_DIR, path);
        if (stat(full, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode)) {
            walk(path);
        } else if (ends_with(path, ".c") || ends_with(path, ".h")) {
            size_t len;
            TD_REQUIRE(file_count < FILES_MAX);
            (void)snprintf(files[file_count].path, sizeof files[0].path, "%s", path);
            files[file_count].text = td_test_slurp(full, &len);
            TD_REQUIRE(files[file_count].text != NULL);
            file_count++;
        }
    }
    (void)closedir(dir);
}

static int load(void **state)
{
    (void)state;
    static const char *const roots[] = {"src", "tests", "fuzz", "bench"};
    for (size_t i = 0; i < TD_COUNT(roots); i++)
        walk(roots[i]);
    return file_count > 20 ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    for (size_t i = 0; i < file_count; i++)
        free(files[i].text);
    return 0;
}

/* Folder of a path under src, "" for others. */
static void module_of(const char *path, char *out, size_t cap)
{
    out[0] = '\0';
    if (strncmp(path, "src/", 4) != 0)
        return;
    const char *slash = strchr(path + 4, '/');
    if (slash)
        (void)snprintf(out, cap, "%.*s", (int)(slash - path - 4), path + 4);
}

/* Who may include whom, as docs/architecture.md says. "world" is the one header sys/world.h. */
static const struct {
    const char *module, *may;
} arrows[] = {
    {"base", " base "},
    {"wire", " base wire "},
    {"market", " base market "},
    {"sys", " base sys world "},
    {"signal", " base market signal "},
    {"strat", " base market signal strat "},
    {"store", " base market wire world store "},
    {"trade", " base market signal strat world trade "},
    {"sim", " base wire market world sim "},
    {"learn", " base market signal strat sim world learn "},
    {"dash", " base wire market trade sys world dash "},
    {"desk", " base wire market signal strat store trade sim sys world dash desk "},
    {"history", " base wire market signal store trade sim sys world desk history "},
    {"trial", " base wire market signal strat store trade sim sys world desk trial "},
    {"cmd",
     " base wire market signal strat store trade sim sys world desk history trial learn dash cmd "},
};

static void check_include(const struct source *f, int line, const char *module, const char *target)
{
    char wanted[64];
    const char *slash = strchr(target, '/');
    if (!slash) {
        complain(f->path, line, "include without its folder", target);
        return;
    }
    if (strncmp(target, "sys/world.h", 11) == 0)
        (void)snprintf(wanted, sizeof wanted, " world ");
    else
        (void)snprintf(wanted, sizeof wanted, " %.*s ", (int)(slash - target), target);
    for (size_t i = 0; i < TD_COUNT(arrows); i++)
        if (strcmp(arrows[i].module, module) == 0) {
            if (!strstr(arrows[i].may, wanted))
                complain(f->path, line, "may not include", target);
            return;
        }
    complain(f->path, line, "folder has no row in the arrows table", module);
}

static void include_directions(void **state)
{
    (void)state;
    complaints = 0;
    for (size_t i = 0; i < file_count; i++) {
        char module[32];
        int line = 1;
        module_of(files[i].path, module, sizeof module);
        if (!module[0])
            continue;
        for (const char *p = files[i].text; *p; line++) {
            char target[128];
            if (sscanf(p, "#include \"%127[^\"]\"", target) == 1)
                check_include(&files[i], line, module, target);
            p = strchr(p, '\n') ? strchr(p, '\n') + 1 : p + strlen(p);
        }
    }
    assert_int_equal(complaints, 0);
}

static void head_comments(void **state)
{
    (void)state;
    complaints = 0;
    for (size_t i = 0; i < file_count; i++) {
        const char *path = files[i].path, *text = files[i].text;
        const char *shown = strncmp(path, "src/", 4) == 0 ? path + 4 : path;
        const size_t n = strlen(shown);
        if (strncmp(text, "/* ", 3) != 0 || strncmp(text + 3, shown, n) != 0 ||
            strncmp(text + 3 + n, " - ", 3) != 0)
            complain(path, 1,
                     "the file must begin with a comment that names it and says what it is", NULL);
    }
    assert_int_equal(complaints, 0);
}

static void function_length(void **state)
{
    (void)state;
    complaints = 0;
    for (size_t i = 0; i < file_count; i++) {
        int line = 1, start = 0;
        if (!ends_with(files[i].path, ".c"))
            continue;
        for (const char *p = files[i].text; *p; line++) {
            if (p[0] == '{' && (p[1] == '\n' || p[1] == '\0'))
                start = line;
            if (p[0] == '}' && p[1] == '\n' && start) {
                char detail[64];
                (void)snprintf(detail, sizeof detail, "%d lines, the limit is 70",
                               line - start - 1);
                if (line - start - 1 > 70)
                    complain(files[i].path, start, "function too long", detail);
                start = 0;
            }
            p = strchr(p, '\n') ? strchr(p, '\n') + 1 : p + strlen(p);
        }
    }
    assert_int_equal(complaints, 0);
}

/* Finds `word` as a whole word outside strings and comments; good enough for calls. */
static void find_word(const struct source *f, const char *word, const char *why)
{
    int line = 1;
    bool in_comment = false, in_string = false;
    for (const char *p = f->text; *p; p++) {
        if (*p == '\n')
            line++;
        if (!in_string && !in_comment && p[0] == '/' && p[1] == '*')
            in_comment = true;
        else if (in_comment && p[0] == '*' && p[1] == '/')
            in_comment = false;
        else if (!in_comment && *p == '"' && (p == f->text || p[-1] != '\\') &&
                 !(p[-1] == '\'' && p[1] == '\''))
            in_string = !in_string;
        if (in_comment || in_string || strncmp(p, word, strlen(word)) != 0)
            continue;
        const char before = p > f->text ? p[-1] : ' ', after = p[strlen(word)];
        const bool inside = (before >= 'a' && before <= 'z') || (before >= '0' && before <= '9') ||
                            before == '_' || before == '.' || before == '>';
        if (!inside && after == '(')
            complain(f->path, line, why, word);
    }
}

/* The one audited exception: ending a process that we started (sys/child.h says how). */
static bool may_call(const char *path, const char *word)
{
    return strcmp(path, "src/sys/child.c") == 0 && strcmp(word, "kill") == 0;
}

static void banned_words(void **state)
{
    (void)state;
    static const char *const banned[] = {
        "strcpy", "strcat", "strncpy",   "sprintf", "vsprintf", "strtok", "atoi",  "atof",
        "strtod", "gmtime", "localtime", "rand",    "alloca",   "system", "popen", "kill"};
    complaints = 0;
    for (size_t i = 0; i < file_count; i++) {
        if (strcmp(files[i].path, "tests/tidy_test.c") == 0)
            continue;
        for (size_t w = 0; w < TD_COUNT(banned); w++)
            if (strncmp(files[i].path, "src/", 4) == 0 && !may_call(files[i].path, banned[w]))
                find_word(&files[i], banned[w], "banned call");
    }
    assert_int_equal(complaints, 0);
}

/* cmocka's skip() tells a name and no reason. */
static void a_skip_has_its_reason(void **state)
{
    (void)state;
    complaints = 0;
    for (size_t i = 0; i < file_count; i++)
        if (strncmp(files[i].path, "tests/", 6) == 0 &&
            strncmp(files[i].path, "tests/support/", 14) != 0)
            find_word(&files[i], "skip", "td_skip(reason) instead of");
    assert_int_equal(complaints, 0);
}

static void no_line_comments(void **state)
{
    (void)state;
    complaints = 0;
    for (size_t i = 0; i < file_count; i++) {
        int line = 1;
        for (const char *p = files[i].text; *p; line++) {
            const char *end = strchr(p, '\n');
            size_t blanks = strspn(p, " \t");
            if (p[blanks] == '/' && p[blanks + 1] == '/')
                complain(files[i].path, line, "// comments are for debugging only", NULL);
            for (const char *t = p; end && t < end; t++)
                if (strncmp(t, "TODO", 4) == 0 && strcmp(files[i].path, "tests/tidy_test.c") != 0)
                    complain(files[i].path, line, "TODO without an issue", NULL);
            if (end && end - p > 140)
                complain(files[i].path, line, "line longer than 140 columns", NULL);
            p = end ? end + 1 : p + strlen(p);
        }
    }
    assert_int_equal(complaints, 0);
}

static void unique_names(void **state)
{
    (void)state;
    complaints = 0;
    for (size_t i = 0; i < file_count; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(strrchr(files[i].path, '/'), strrchr(files[k].path, '/')) == 0)
                complain(files[i].path, 1, "the same file name as", files[k].path);
    assert_int_equal(complaints, 0);
}

#define NAMES_MAX 8192

struct definition {
    const char *name, *path;
    size_t len;
};

static int by_name(const void *a, const void *b)
{
    const struct definition *x = a, *y = b;
    const int order = strncmp(x->name, y->name, x->len < y->len ? x->len : y->len);
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

/* A type or macro at the begin of a line of a header; 0: none. */
static size_t defined_at(const char *line, const char **name)
{
    static const char *const words[] = {"struct ", "enum ", "union ", "#define "};
    for (size_t i = 0; i < TD_COUNT(words); i++) {
        const char *at = line + strlen(words[i]);
        if (strncmp(line, words[i], strlen(words[i])) != 0)
            continue;
        const size_t len =
            strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
        const bool type = words[i][0] != '#';
        *name = at;
        return strncmp(at, type ? "td_" : "TD_", 3) == 0 &&
                       (!type || strncmp(at + len, " {", 2) == 0)
                   ? len
                   : 0;
    }
    return 0;
}

/* Two headers that give one name two meanings can never be read together. */
static void a_name_has_one_meaning(void **state)
{
    static struct definition found[NAMES_MAX];
    size_t count = 0;
    (void)state;
    complaints = 0;
    for (size_t i = 0; i < file_count; i++) {
        if (strncmp(files[i].path, "src/", 4) != 0 || !ends_with(files[i].path, ".h"))
            continue;
        for (const char *p = files[i].text; p && *p;
             p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL) {
            const char *name;
            const size_t len = defined_at(p, &name);
            assert_true(count < NAMES_MAX);
            if (len)
                found[count++] = (struct definition){name, files[i].path, len};
        }
    }
    assert_true(count > 500);
    qsort(found, count, sizeof *found, by_name);
    for (size_t i = 1; i < count; i++) {
        const struct definition *a = &found[i - 1], *b = &found[i];
        char what[256];
        if (by_name(a, b) != 0 || strcmp(a->path, b->path) == 0)
            continue;
        snprintf(what, sizeof what, "%.*s has another meaning in", (int)b->len, b->name);
        complain(b->path, 1, what, a->path);
    }
    assert_int_equal(complaints, 0);
}

static void headers_are_guarded(void **state)
{
    (void)state;
    complaints = 0;
    for (size_t i = 0; i < file_count; i++)
        if (ends_with(files[i].path, ".h") && !strstr(files[i].text, "#ifndef TD_"))
            complain(files[i].path, 1, "header without a TD_ guard", NULL);
    assert_int_equal(complaints, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(include_directions),    cmocka_unit_test(head_comments),
        cmocka_unit_test(function_length),       cmocka_unit_test(banned_words),
        cmocka_unit_test(a_skip_has_its_reason), cmocka_unit_test(no_line_comments),
        cmocka_unit_test(unique_names),          cmocka_unit_test(a_name_has_one_meaning),
        cmocka_unit_test(headers_are_guarded),
    };
    return cmocka_run_group_tests_name("tidy", tests, load, unload);
}
