/* tests/signal/sentiment_test.c - sentences with the reference program's scores, each rule alone, and hostile texts. */
#include "signal/sentiment.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "support/support.h"

static struct td_lexicon lexicon, emoji;
static struct td_sentiment_work work;
static struct td_sentiment got;

/* A lexicon of our own: the words of this test. */
static const char ours[] =
    "good\t1.9\t0.9\t[2, 1]\nbad\t-2.5\ngreat\t3.1\nhappy\t2.7\nsad\t-2.1\nno\t-1.2\n"
    "kind\t2.4\ndoubt\t-1.5\nlost\t-1.3\n:)\t2.0\nlol\t1.8\nhorrible\t-2.5\n";

static void *read_into(struct td_lexicon *l, struct td_str file, bool ratings)
{
    struct td_arena arena;
    struct td_fail why = {0};
    size_t lines = 1;
    for (size_t i = 0; i < file.len; i++)
        lines += file.p[i] == '\n';
    void *block = malloc(td_lexicon_bytes(lines));
    assert_non_null(block);
    td_arena_init(&arena, block, td_lexicon_bytes(lines));
    if (td_lexicon_read(l, file, ratings, &arena, &why) != TD_OK)
        fail_msg("%s", why.text);
    return block;
}

static double compound(const char *text)
{
    td_sentiment_score(&lexicon, NULL, td_str_of(text), &work, &got);
    return got.compound;
}

static double of_sum(double sum)
{
    return sum / sqrt(sum * sum + 15);
}

static void expect(const char *text, double sum)
{
    if (fabs(compound(text) - of_sum(sum)) > 1e-12)
        fail_msg("%s: %.6f, wanted %.6f", text, got.compound, of_sum(sum));
}

static void each_rule_does_what_it_says(void **state)
{
    (void)state;
    void *block = read_into(&lexicon, td_str_of(ours), true);
    expect("a good day", 1.9);
    expect("A good day.", 1.9);
    expect("a very good day", 1.9 + 0.293);
    expect("a slightly good day", 1.9 - 0.293);
    expect("very much good", 1.9 + 0.293 * 0.95);
    expect("very much a good day", 1.9 + 0.293 * 0.9);
    expect("very bad", -2.5 - 0.293);
    expect("not good", 1.9 * -0.74);
    expect("it isn't a good day", 1.9 * -0.74);
    expect("never so good", (1.9 + 0.293) * 1.25);
    expect("without a good day", 1.9 * -0.74);
    expect("a GOOD day", 1.9 + 0.733);
    expect("A GOOD DAY", 1.9); /* all in capitals: no word stands out */
    expect("a good day!!!", 1.9 + 3 * 0.292);
    expect("a good day!!!!!!!", 1.9 + 4 * 0.292);
    expect("a sad day!", -2.1 - 0.292);
    expect("a good day??", 1.9 + 2 * 0.18);
    expect("a good day?????", 1.9 + 0.96);
    expect("a good day, but a sad end", 1.9 * 0.5 + -2.1 * 1.5);
    expect("no good", 1.9 * -0.74);
    expect("the least good day", 1.9 * -0.74);
    expect("at least a good day", 1.9);
    expect("at least good", 1.9);
    expect("he is kind of good", 1.9 - 0.293);
    expect("he is kind", 2.4);
    expect("that one got the kiss of death lol", -1.5); /* the idiom, not the word behind it */
    expect("(good)", 1.9);
    expect("well :) then", 2.0);
    expect("nothing rated here", 0);
    assert_true(got.neu == 1 && got.pos == 0 && got.rated == 0 && got.words == 3);
    expect("good good", 3.8);
    assert_true(fabs(got.pos + got.neg + got.neu - 1) < 1e-15);
    expect("", 0);
    assert_true(got.neu == 0 && got.words == 0);
    free(block);
}

static char *slurp(const char *name, size_t *len)
{
    const char *path = td_test_data(name);
    return path ? td_test_slurp(path, len) : NULL;
}

/* {"text": "...", "neg": 0.0, ...}: the texts have no escapes. */
static double number_of(const char *line, const char *key)
{
    char name[32];
    int64_t e9 = 0;
    (void)snprintf(name, sizeof name, "\"%s\": ", key);
    const char *at = strstr(line, name);
    assert_non_null(at);
    at += strlen(name);
    TD_OK_OR_FAIL(td_e9_parse(at, strspn(at, "-0123456789."), &e9));
    return td_e9_to_double(e9);
}

static void the_reference_says_the_same(void **state)
{
    (void)state;
    size_t len = 0, emoji_len = 0, examples_len = 0, checked = 0;
    char *file = slurp("sentiment/vader_lexicon.txt", &len);
    if (!file)
        td_skip_data("sentiment/vader_lexicon.txt");
    char *faces = slurp("sentiment/emoji_utf8_lexicon.txt", &emoji_len);
    char *examples = slurp("sentiment/vader_examples.jsonl", &examples_len);
    assert_true(faces && examples);
    void *block = read_into(&lexicon, (struct td_str){file, len}, true);
    void *face_block = read_into(&emoji, (struct td_str){faces, emoji_len}, false);
    for (char *line = examples, *next; *line; line = next) {
        next = strchr(line, '\n');
        assert_non_null(next);
        *next++ = '\0';
        const char *text = strstr(line, "\"text\": \"") + 9;
        const char *end = strstr(text, "\", \"neg\"");
        assert_non_null(end);
        td_sentiment_score(&lexicon, &emoji, (struct td_str){text, (size_t)(end - text)}, &work,
                           &got);
        if (fabs(got.compound - number_of(line, "compound")) > 0.5000001e-4 ||
            fabs(got.neg - number_of(line, "neg")) > 0.5000001e-3 ||
            fabs(got.neu - number_of(line, "neu")) > 0.5000001e-3 ||
            fabs(got.pos - number_of(line, "pos")) > 0.5000001e-3)
            fail_msg("%s\n got neg %.4f neu %.4f pos %.4f compound %.5f", line, got.neg, got.neu,
                     got.pos, got.compound);
        checked++;
    }
    assert_int_equal(checked, 16);
    free(block);
    free(face_block);
    free(file);
    free(faces);
    free(examples);
}

static void files_that_are_no_lexicon_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *file, *says;
    } rows[] = {{"good 1.9\n", "line 1: no word"},
                {"good\t1.9\n\nbad\tvery\n", "line 3: no word"},
                {"\t1.9\n", "line 1: no word"},
                {"good\tnan\n", "line 1: no word"}};
    uint8_t block[4096];
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        struct td_arena arena;
        struct td_lexicon l;
        struct td_fail why = {0};
        td_arena_init(&arena, block, sizeof block);
        assert_int_equal(td_lexicon_read(&l, td_str_of(rows[i].file), true, &arena, &why),
                         TD_EPARSE);
        assert_non_null(strstr(why.text, rows[i].says));
    }
    struct td_arena arena;
    struct td_lexicon l;
    td_arena_init(&arena, block, 64);
    assert_int_equal(td_lexicon_read(&l, td_str_of(ours), true, &arena, NULL), TD_ENOMEM);
}

/* Any bytes: shares of one, a bounded compound, nothing read outside the text (which is guarded). */
static void any_bytes_have_a_score(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "good", "BAD", "not",   "but", "!",     "?",  " ",  "\xf0\x9f\x98\x81",
        "\xff", "n't", "never", "so",  "least", "at", "\t", "kind of "};
    static char text[3 * TD_SENTIMENT_BYTES];
    struct td_rng rng;
    void *block = read_into(&lexicon, td_str_of(ours), true);
    void *face_block = read_into(&emoji, td_str_of("\xf0\x9f\x98\x81\tgood face\n"), false);
    td_rng_init(&rng, 3);
    for (int round = 0; round < 3000; round++) {
        const size_t cap = round % 100 == 99 ? sizeof text - 16 : 200;
        size_t len = 0;
        while (len < cap) {
            const char *part = parts[td_rng_below(&rng, TD_COUNT(parts))];
            memcpy(text + len, part, strlen(part));
            len += strlen(part);
        }
        uint8_t *guarded = td_guard_copy(text, len);
        td_sentiment_score(&lexicon, &emoji, (struct td_str){(char *)guarded, len}, &work, &got);
        td_guard_free(guarded, len);
        assert_true(got.compound >= -1 && got.compound <= 1);
        assert_true(got.words == 0 || fabs(got.pos + got.neg + got.neu - 1) < 1e-9);
        assert_true(got.words <= TD_SENTIMENT_WORDS &&
                    got.cut == (len > TD_SENTIMENT_BYTES || got.cut));
    }
    free(block);
    free(face_block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_does_what_it_says),
        cmocka_unit_test(the_reference_says_the_same),
        cmocka_unit_test(files_that_are_no_lexicon_are_refused),
        cmocka_unit_test(any_bytes_have_a_score),
    };
    return cmocka_run_group_tests_name("signal/sentiment", tests, NULL, NULL);
}
