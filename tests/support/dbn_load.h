/* tests/support/dbn_load.h - recorded DBN files for tests: unpacked whole into memory. Needs td_wire. */
#ifndef TD_TESTS_DBN_LOAD_H
#define TD_TESTS_DBN_LOAD_H

#include <stdlib.h>
#include <string.h>

#include "support/support.h"
#include "wire/dbn.h"
#include "wire/dbn_zstd.h"

#define DBN_LOAD_MAX ((size_t)8 << 20)

/* The unpacked bytes, malloc'd; the file must be whole. NULL when it is not there. */
static inline uint8_t *dbn_load(const char *relative, size_t *len)
{
    const char *path = td_test_data(relative);
    if (!path)
        return NULL;
    char *raw = td_test_slurp(path, len);
    assert_non_null(raw);
    if (!td_is_zstd(raw, *len))
        return (uint8_t *)raw;
    struct td_unzstd u;
    void *block = malloc(td_unzstd_bytes());
    uint8_t *out = malloc(DBN_LOAD_MAX);
    size_t in = *len, got = DBN_LOAD_MAX;
    TD_OK_OR_FAIL(td_unzstd_init(&u, block, td_unzstd_bytes()));
    TD_OK_OR_FAIL(td_unzstd_run(&u, raw, &in, out, &got));
    TD_OK_OR_FAIL(td_unzstd_finish(&u));
    assert_int_equal(in, *len);
    assert_true(got < DBN_LOAD_MAX);
    free(block);
    free(raw);
    *len = got;
    return out;
}

/* Ready to give the records of a file or, by its name, of a fragment. */
static inline void dbn_begin(struct td_dbn *d, const char *name, const uint8_t *bytes, size_t len)
{
    if (strstr(name, ".frag"))
        td_dbn_init_fragment(d, td_dbn_fragment_version(bytes, len));
    else
        td_dbn_init(d);
    td_dbn_feed(d, bytes, len);
}

/* Calls `fn` with the name of every file of golden/facts.tsv; 0 when the data is not there. */
static inline int dbn_each_fact(void (*fn)(const char *name, struct td_str line))
{
    const char *path = td_test_data("dbn/golden/facts.tsv");
    size_t len = 0;
    int files = 0;
    if (!path)
        return 0;
    char *text = td_test_slurp(path, &len);
    struct td_str rest = {text, len}, line;
    (void)td_str_split(&rest, '\n', &line);
    while (td_str_split(&rest, '\n', &line) && line.len) {
        char name[256];
        struct td_str first, columns = line;
        (void)td_str_split(&columns, '\t', &first);
        assert_true(td_str_copy(first, name, sizeof name));
        fn(name, line);
        files++;
    }
    free(text);
    return files;
}

#endif
