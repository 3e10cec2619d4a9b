/* base/flatjson.c - the reader of flat JSON objects. */
#include "base/flatjson.h"

void td_flatjson_init(struct td_flatjson *f, struct td_str line)
{
    *f = (struct td_flatjson){.rest = line};
}

static void skip_blanks(struct td_str *s)
{
    while (s->len && strchr(" \t\r\n", *s->p) && *s->p) {
        s->p++;
        s->len--;
    }
}

static bool take_char(struct td_str *s, char c)
{
    skip_blanks(s);
    if (!s->len || *s->p != c)
        return false;
    s->p++;
    s->len--;
    return true;
}

/* What stands between two quotes. */
static bool take_text(struct td_str *s, struct td_str *out, bool *escaped)
{
    if (!take_char(s, '"'))
        return false;
    size_t n = 0;
    while (n < s->len && s->p[n] != '"') {
        const bool escape = s->p[n] == '\\';
        *escaped |= escape;
        n += escape ? 2 : 1;
    }
    if (n >= s->len)
        return false;
    *out = (struct td_str){s->p, n};
    s->p += n + 1;
    s->len -= n + 1;
    return true;
}

static bool is_word_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' ||
           c == '-' || c == '.';
}

/* A number, or one of the three words. */
static bool take_bare(struct td_str *s, struct td_flatjson_pair *p)
{
    static const struct {
        const char *word;
        uint8_t kind;
    } words[] = {
        {"true", TD_FLATJSON_BOOL}, {"false", TD_FLATJSON_BOOL}, {"null", TD_FLATJSON_NULL}};
    size_t n = 0;
    while (n < s->len && is_word_char(s->p[n]))
        n++;
    p->value = (struct td_str){s->p, n};
    p->kind = TD_FLATJSON_NUMBER;
    for (size_t i = 0; i < TD_COUNT(words); i++)
        if (td_str_is(p->value, words[i].word))
            p->kind = words[i].kind;
    const bool digits = n && (*s->p == '-' || (*s->p >= '0' && *s->p <= '9'));
    s->p += n;
    s->len -= n;
    return p->kind != TD_FLATJSON_NUMBER || digits;
}

static bool take_value(struct td_str *s, struct td_flatjson_pair *p)
{
    skip_blanks(s);
    p->kind = TD_FLATJSON_TEXT;
    return s->len && *s->p == '"' ? take_text(s, &p->value, &p->escaped) : take_bare(s, p);
}

enum td_err td_flatjson_next(struct td_flatjson *f, struct td_flatjson_pair *out)
{
    struct td_flatjson_pair p = {.escaped = false};
    struct td_str s = f->rest;
    if (f->done)
        return TD_ENODATA;
    if (f->pairs == 0 && !take_char(&s, '{'))
        return TD_EPARSE;
    const bool end = take_char(&s, '}');
    if (end) {
        skip_blanks(&s);
        f->done = s.len == 0;
        return f->done ? TD_ENODATA : TD_EPARSE;
    }
    if ((f->pairs && !take_char(&s, ',')) || !take_text(&s, &p.key, &p.escaped) ||
        !take_char(&s, ':') || !take_value(&s, &p))
        return TD_EPARSE;
    f->rest = s;
    f->pairs++;
    *out = p;
    return TD_OK;
}
