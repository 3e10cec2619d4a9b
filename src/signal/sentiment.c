/* signal/sentiment.c - words, their ratings, what stands around them, and the sum. */
#include "signal/sentiment.h"

#include <math.h>
#include <string.h>

#include "signal/sentiment_words.h"

#define CAPITALS 0.733
#define NEGATION (-0.74)
#define ALPHA    15.0

/* --- the lexicon --- */

static size_t slots_for(size_t lines)
{
    size_t slots = 16;
    while (slots < 2 * (lines + 8))
        slots *= 2;
    return slots;
}

static size_t count_lines(struct td_str file)
{
    size_t lines = 1;
    for (size_t i = 0; i < file.len; i++)
        lines += file.p[i] == '\n';
    return lines;
}

size_t td_lexicon_bytes(size_t lines)
{
    return slots_for(lines) * sizeof(struct td_map_slot) +
           (lines + 1) * sizeof(struct td_lexicon_row) + 64;
}

static uint64_t key_of(struct td_str word)
{
    return td_hash_bytes(word.p, word.len);
}

const struct td_lexicon_row *td_lexicon_find(const struct td_lexicon *l, struct td_str word)
{
    uint32_t at;
    if (!td_map_get(&l->map, key_of(word), &at) || !td_str_eq(l->rows[at].word, word))
        return NULL;
    return &l->rows[at];
}

static enum td_err read_line(struct td_lexicon *l, struct td_str line, bool ratings)
{
    struct td_lexicon_row row = {0};
    struct td_str number;
    int64_t e9;
    if (!td_str_split(&line, '\t', &row.word) || !row.word.len || !line.len)
        return TD_EPARSE;
    row.words = td_str_trim(line);
    (void)td_str_split(&line, '\t', &number);
    number = td_str_trim(number);
    if (ratings && td_e9_parse(number.p, number.len, &e9) != TD_OK)
        return TD_EPARSE;
    row.rating = ratings ? td_e9_to_double(e9) : 0;
    l->rows[l->count] = row;
    return td_map_put(&l->map, key_of(row.word), (uint32_t)l->count++);
}

enum td_err td_lexicon_read(struct td_lexicon *l, struct td_str file, bool ratings,
                            struct td_arena *arena, struct td_fail *why)
{
    const size_t lines = count_lines(file), slots = slots_for(lines);
    struct td_map_slot *memory = td_arena_take(arena, slots, sizeof *memory);
    *l = (struct td_lexicon){.rows = td_arena_take(arena, lines + 1, sizeof *l->rows)};
    if (!memory || !l->rows)
        return td_fail_set(why, TD_ENOMEM, "a lexicon of %zu lines does not fit", lines);
    td_map_init(&l->map, memory, slots);
    struct td_str line;
    for (size_t n = 1; td_str_split(&file, '\n', &line); n++) {
        if (!td_str_trim(line).len)
            continue;
        const enum td_err err = read_line(l, line, ratings);
        if (err)
            return td_fail_set(why, err, "line %zu: no %s", n,
                               ratings ? "word, tab, rating" : "character, tab, words");
    }
    return TD_OK;
}

/* --- words --- */

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_punct(char c)
{
    return c > ' ' && c < 0x7f &&
           !((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'));
}

/* Bytes of the character at p: 1 for what is no UTF-8. */
static size_t character(const char *p, const char *end)
{
    const unsigned char lead = (unsigned char)*p;
    const size_t n = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    return n <= (size_t)(end - p) ? n : 1;
}

static bool put(struct td_sentiment_work *w, size_t *len, const char *bytes, size_t n)
{
    if (n > sizeof w->text - *len)
        return false;
    memcpy(w->text + *len, bytes, n);
    *len += n;
    return true;
}

/* The text with the words of each emoji in its place, a blank before them. Its length; *cut when not all of it. */
static size_t spell_out(struct td_sentiment_work *w, const struct td_lexicon *emoji,
                        struct td_str text, bool *cut)
{
    const char *end = text.p + text.len;
    size_t len = 0;
    bool fits = true, blank = true;
    for (const char *p = text.p; p < end && fits;) {
        const size_t n = character(p, end);
        const struct td_lexicon_row *row =
            emoji && n > 1 ? td_lexicon_find(emoji, (struct td_str){p, n}) : NULL;
        if (row && !blank)
            fits = put(w, &len, " ", 1);
        fits = fits && (row ? put(w, &len, row->words.p, row->words.len) : put(w, &len, p, n));
        blank = !row && *p == ' ';
        p += n;
    }
    *cut = !fits;
    return len;
}

static size_t characters(struct td_str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
    return n;
}

/* Without punctuation at both sides, unless so little is left that it may be an emoticon. */
static struct td_str strip(struct td_str token)
{
    struct td_str s = token;
    while (s.len && is_punct(s.p[0]))
        s = (struct td_str){s.p + 1, s.len - 1};
    while (s.len && is_punct(s.p[s.len - 1]))
        s.len--;
    return characters(s) <= 2 ? token : s;
}

/* All letters that have a case are capitals, and there is one. */
static bool is_upper(struct td_str s)
{
    bool some = false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.p[i] >= 'a' && s.p[i] <= 'z')
            return false;
        some |= s.p[i] >= 'A' && s.p[i] <= 'Z';
    }
    return some;
}

static void find_words(struct td_sentiment_work *w, size_t len, bool *cut)
{
    uint32_t upper = 0;
    w->count = 0;
    for (size_t i = 0; i < len; i++)
        w->lower[i] = w->text[i] >= 'A' && w->text[i] <= 'Z' ? (char)(w->text[i] + 32) : w->text[i];
    for (size_t at = 0; at < len;) {
        size_t end = at;
        while (end < len && !is_space(w->text[end]))
            end++;
        if (end > at && w->count == TD_SENTIMENT_WORDS) {
            *cut = true;
            break;
        }
        if (end > at) {
            const struct td_str word = strip((struct td_str){w->text + at, end - at});
            w->word[w->count] = word;
            w->low[w->count++] = (struct td_str){w->lower + (word.p - w->text), word.len};
            upper += is_upper(word);
        }
        at = end + 1;
    }
    w->mixed = upper > 0 && upper < w->count;
}

/* --- one word among its neighbours --- */

static bool is(const struct td_sentiment_work *w, uint32_t i, const char *word)
{
    return td_str_is(w->low[i], word);
}

static bool so_or_this(const struct td_sentiment_work *w, uint32_t i)
{
    return is(w, i, "so") || is(w, i, "this");
}

/* What a word before adds to a value of this sign. */
static double push_of(const struct td_sentiment_work *w, uint32_t i, double value)
{
    double push = td_sentiment_boost(w->low[i]);
    if (push == 0)
        return 0;
    push = value < 0 ? -push : push;
    if (w->mixed && is_upper(w->word[i]))
        push += value > 0 ? CAPITALS : -CAPITALS;
    return push;
}

/* Negation by the word `back` places before: "never so" and "never this" raise, "without doubt" does nothing. */
static double negate(const struct td_sentiment_work *w, uint32_t i, uint32_t back, double value)
{
    const uint32_t at = i - back;
    if (back == 2 && is(w, at, "never") && so_or_this(w, i - 1))
        return value * 1.25;
    if (back == 3 && is(w, at, "never") && (so_or_this(w, i - 2) || so_or_this(w, i - 1)))
        return value * 1.25;
    if (back > 1 && is(w, at, "without") &&
        (is(w, i - 1, "doubt") || (back == 3 && is(w, i - 2, "doubt"))))
        return value;
    return td_sentiment_negates(w->low[at]) ? value * NEGATION : value;
}

/* `count` words from `first` on with one blank between, in small letters; empty when they do not fit. */
static struct td_str phrase(const struct td_sentiment_work *w, uint32_t first, uint32_t count,
                            char *buf, size_t cap)
{
    struct td_text t;
    td_text_init(&t, buf, cap);
    for (uint32_t i = 0; i < count; i++) {
        if (i)
            td_text_char(&t, ' ');
        td_text_str(&t, w->low[first + i]);
    }
    return td_text_full(&t) ? (struct td_str){buf, 0} : (struct td_str){buf, t.len};
}

/* Idioms that hold this word replace its value; dampening phrases before it add to it. At least three words stand before. */
static double idioms(const struct td_sentiment_work *w, uint32_t i, double value)
{
    static const struct {
        uint32_t back, count;
        bool dampens;
    } rows[] = {{1, 2, false}, {2, 3, false}, {2, 2, true}, {3, 3, true}, {3, 2, true}};
    char buf[96];
    for (size_t k = 0; k < TD_COUNT(rows); k++)
        if (td_sentiment_idiom(phrase(w, i - rows[k].back, rows[k].count, buf, sizeof buf), &value))
            break;
    for (uint32_t count = 2; count <= 3 && i + count <= w->count; count++)
        (void)td_sentiment_idiom(phrase(w, i, count, buf, sizeof buf), &value);
    for (size_t k = 0; k < TD_COUNT(rows); k++)
        if (rows[k].dampens)
            value +=
                td_sentiment_boost(phrase(w, i - rows[k].back, rows[k].count, buf, sizeof buf));
    return value;
}

static double least(const struct td_lexicon *l, const struct td_sentiment_work *w, uint32_t i,
                    double value)
{
    if (i == 0 || !is(w, i - 1, "least") || td_lexicon_find(l, w->low[i - 1]))
        return value;
    return i > 1 && (is(w, i - 2, "at") || is(w, i - 2, "very")) ? value : value * NEGATION;
}

/* "no" before a rated word is a negation and has no rating itself. */
static double begin_value(const struct td_lexicon *l, const struct td_sentiment_work *w, uint32_t i,
                          double rating)
{
    double value = rating;
    if (is(w, i, "no") && i + 1 < w->count && td_lexicon_find(l, w->low[i + 1]))
        value = 0;
    if ((i > 0 && is(w, i - 1, "no")) || (i > 1 && is(w, i - 2, "no")) ||
        (i > 2 && is(w, i - 3, "no") && (is(w, i - 1, "or") || is(w, i - 1, "nor"))))
        value = rating * NEGATION;
    if (w->mixed && is_upper(w->word[i]))
        value += value > 0 ? CAPITALS : -CAPITALS;
    return value;
}

static double value_of(const struct td_lexicon *l, const struct td_sentiment_work *w, uint32_t i,
                       double rating)
{
    static const double fades[] = {0, 1, 0.95, 0.9};
    double value = begin_value(l, w, i, rating);
    for (uint32_t back = 1; back <= 3 && back <= i; back++) {
        if (td_lexicon_find(l, w->low[i - back]))
            continue;
        value += push_of(w, i - back, value) * fades[back];
        value = negate(w, i, back, value);
        if (back == 3)
            value = idioms(w, i, value);
    }
    return least(l, w, i, value);
}

/* --- the whole --- */

/* Before "but" half, behind it half as much again. The reference looks a value up by its first equal: so do we. */
static void weigh_but(struct td_sentiment_work *w)
{
    uint32_t but = 0;
    while (but < w->count && !is(w, but, "but"))
        but++;
    if (but == w->count)
        return;
    for (uint32_t i = 0; i < w->count; i++) {
        uint32_t first = 0;
        while (w->value[first] != w->value[i])
            first++;
        if (first != but)
            w->value[first] *= first < but ? 0.5 : 1.5;
    }
}

static double emphasis(struct td_str text)
{
    uint32_t bangs = 0, questions = 0;
    for (size_t i = 0; i < text.len; i++) {
        bangs += text.p[i] == '!';
        questions += text.p[i] == '?';
    }
    const double from_questions = questions < 2 ? 0 : questions <= 3 ? questions * 0.18 : 0.96;
    return (bangs < 4 ? bangs : 4) * 0.292 + from_questions;
}

static void sum_up(const struct td_sentiment_work *w, double push, struct td_sentiment *out)
{
    double sum = 0, pos = 0, neg = 0, neu = 0;
    for (uint32_t i = 0; i < w->count; i++) {
        const double v = w->value[i];
        sum += v;
        pos += v > 0 ? v + 1 : 0;
        neg += v < 0 ? v - 1 : 0;
        neu += v == 0;
    }
    sum += sum > 0 ? push : sum < 0 ? -push : 0;
    out->compound = sum / sqrt(sum * sum + ALPHA);
    pos += pos > -neg ? push : 0;
    neg -= pos < -neg ? push : 0;
    const double total = pos - neg + neu;
    out->pos = pos / total;
    out->neg = fabs(neg) / total;
    out->neu = neu / total;
}

static bool is_marked(const struct td_sentiment_work *w, uint32_t i)
{
    return td_sentiment_boost(w->low[i]) != 0 ||
           (is(w, i, "kind") && i + 1 < w->count && is(w, i + 1, "of"));
}

void td_sentiment_score(const struct td_lexicon *lexicon, const struct td_lexicon *emoji,
                        struct td_str text, struct td_sentiment_work *w, struct td_sentiment *out)
{
    *out = (struct td_sentiment){0};
    const size_t len = spell_out(w, emoji, text, &out->cut);
    find_words(w, len, &out->cut);
    out->words = w->count;
    if (!w->count)
        return;
    for (uint32_t i = 0; i < w->count; i++) {
        const struct td_lexicon_row *row =
            is_marked(w, i) ? NULL : td_lexicon_find(lexicon, w->low[i]);
        w->value[i] = row ? value_of(lexicon, w, i, row->rating) : 0;
        out->rated += row != NULL;
    }
    weigh_but(w);
    sum_up(w, emphasis((struct td_str){w->text, len}), out);
}
