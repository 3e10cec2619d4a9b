/* bench/bench_report.c - the rows of all benches as an aligned table and as JSON: bench_report ROWS OUT.json
 *
 * The JSON is a list of {"name","value","unit","yardstick","ratio","note"}; what was not measured is null and its
 * note says why. When OUT.json is there from a run before, the table shows that run's values too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/json.h"

enum { ROWS_MAX = 100, LINE = 1024, FIELDS = 6, JSON_BYTES = 1 << 17 };

static const char *const keys[FIELDS] = {"name", "value", "unit", "yardstick", "ratio", "note"};

struct row {
    char line[LINE];
    struct td_str field[FIELDS];
};

static bool read_row(FILE *f, struct row *r)
{
    if (!fgets(r->line, sizeof r->line, f))
        return false;
    struct td_str rest = td_str_trim(td_str_of(r->line));
    for (int i = 0; i < FIELDS; i++)
        if (!td_str_split(&rest, '\t', &r->field[i]))
            r->field[i] = (struct td_str){NULL, 0};
    return true;
}

/* Numbers go through as their own text, so that nothing is rounded twice. */
static void put_field(struct td_json *j, int i, struct td_str s)
{
    const bool number = i == 1 || i == 4;
    td_json_key(j, keys[i]);
    if (s.len == 0 || td_str_is(s, "-"))
        td_json_null(j);
    else if (!number)
        td_json_str(j, s);
    else {
        char text[64];
        double value = 0;
        (void)td_str_copy(s, text, sizeof text);
        if (sscanf(text, "%lf", &value) == 1)
            td_json_double(j, value);
        else
            td_json_null(j);
    }
}

static bool write_json(const char *path, const struct row *rows, int count)
{
    static char bytes[JSON_BYTES];
    struct td_text t;
    struct td_json j;
    td_text_init(&t, bytes, sizeof bytes);
    td_json_init(&j, &t, true);
    td_json_array(&j);
    for (int r = 0; r < count; r++) {
        td_json_object(&j);
        for (int i = 0; i < FIELDS; i++)
            put_field(&j, i, rows[r].field[i]);
        td_json_object_end(&j);
    }
    td_json_array_end(&j);
    td_text_char(&t, '\n');
    FILE *out = td_text_full(&t) ? NULL : fopen(path, "w");
    if (!out)
        return false;
    const bool whole = fwrite(t.buf, 1, t.len, out) == t.len;
    return fclose(out) == 0 && whole;
}

/* The report of the run before, empty when there is none. */
static const char *read_before(const char *path)
{
    static char text[JSON_BYTES + 1];
    FILE *f = fopen(path, "r");
    if (!f)
        return text;
    text[fread(text, 1, JSON_BYTES, f)] = '\0';
    (void)fclose(f);
    return text;
}

/* The value of that figure in the report before, as text; "-" when it was not measured. */
static void value_before(const char *report, struct td_str name, char *out, size_t cap)
{
    char key[LINE];
    double value = 0;
    (void)snprintf(key, sizeof key, "\"name\": \"%.*s\",", TD_STR_ARG(name));
    const char *at = strstr(report, key);
    if (at && sscanf(at + strlen(key), " \"value\": %lf", &value) == 1)
        (void)snprintf(out, cap, "%.6g", value);
    else
        (void)snprintf(out, cap, "-");
}

static void print_table(const struct row *rows, int count, const char *report)
{
    char before[32];
    printf("%-44s %12s %12s %-14s %7s  %s\n", "figure", "value", "before", "unit", "ratio",
           "yardstick; note");
    for (int r = 0; r < count; r++) {
        const struct td_str *f = rows[r].field;
        value_before(report, f[0], before, sizeof before);
        printf("%-44.*s %12.*s %12s %-14.*s %7.*s  %.*s; %.*s\n", TD_STR_ARG(f[0]),
               TD_STR_ARG(f[1]), before, TD_STR_ARG(f[2]), TD_STR_ARG(f[4]), TD_STR_ARG(f[3]),
               TD_STR_ARG(f[5]));
    }
}

int main(int argc, char **argv)
{
    static struct row rows[ROWS_MAX];
    int count = 0;
    FILE *f = argc == 3 ? fopen(argv[1], "r") : NULL;
    if (!f) {
        (void)fprintf(stderr, "bench_report ROWS OUT.json\n");
        return EXIT_FAILURE;
    }
    while (count < ROWS_MAX && read_row(f, &rows[count]))
        count += rows[count].field[0].len > 0;
    (void)fclose(f);
    print_table(rows, count, read_before(argv[2]));
    if (count && write_json(argv[2], rows, count))
        return EXIT_SUCCESS;
    (void)fprintf(stderr, "bench_report: %s was not written\n", argv[2]);
    return EXIT_FAILURE;
}
