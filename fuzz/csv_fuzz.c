/* fuzz/csv_fuzz.c - any bytes as CSV: every field lies in the text or the room, and fields written again read back equal. */
#include <stdlib.h>
#include <string.h>

#include "wire/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FIELDS 64

/* A row of one empty field is an empty line, which readers skip. */
static void write_and_read(const struct td_str *fields, size_t count)
{
    static char buf[1 << 17], room[1 << 17];
    struct td_str back[FIELDS];
    struct td_text t;
    struct td_csv c;
    size_t n = 0;
    td_text_init(&t, buf, sizeof buf);
    td_text_put(&t, "sep=,\n");
    for (size_t i = 0; i < count; i++) {
        if (i)
            td_text_char(&t, ',');
        td_csv_put(&t, fields[i]);
    }
    if (td_text_full(&t) || (count == 1 && fields[0].len == 0))
        return;
    td_csv_open(&c, (struct td_str){buf, t.len}, room, sizeof room);
    TD_REQUIRE(td_csv_next(&c, back, FIELDS, &n, NULL) == TD_OK && n == count);
    for (size_t i = 0; i < n; i++)
        TD_REQUIRE(td_str_eq(back[i], fields[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char room[4096];
    struct td_str fields[FIELDS];
    struct td_csv c;
    struct td_fail why = {0};
    size_t count = 0, rows = 0;
    enum td_err err;
    char *text = malloc(size ? size : 1);
    TD_REQUIRE(text != NULL);
    if (size)
        memcpy(text, data, size);
    td_csv_open(&c, (struct td_str){text, size}, room, sizeof room);
    while ((err = td_csv_next(&c, fields, FIELDS, &count, &why)) == TD_OK) {
        TD_REQUIRE(++rows <= size && count >= 1);
        write_and_read(fields, count);
    }
    TD_REQUIRE(err == TD_ENODATA || (why.text[0] && !strchr(why.text, '\n')));
    free(text);
    return 0;
}
