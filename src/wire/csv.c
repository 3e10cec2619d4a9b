/* wire/csv.c - one pass over the bytes of a row. */
#include "wire/csv.h"

#include <string.h>

static bool at_end(const struct td_csv *c)
{
    return c->at >= c->text.len;
}

static char peek(const struct td_csv *c)
{
    return at_end(c) ? '\0' : c->text.p[c->at];
}

static bool is_line_end(char ch)
{
    return ch == '\n' || ch == '\r';
}

/* Past LF, CR or CR LF. */
static void skip_line_end(struct td_csv *c)
{
    const char first = peek(c);
    c->at++;
    if (first == '\r' && peek(c) == '\n')
        c->at++;
    c->next_line++;
}

/* The separator the first line has most of; a comma when there is none. */
static char guess_separator(struct td_str text)
{
    static const char choices[] = {',', ';', '\t'};
    size_t counts[TD_COUNT(choices)] = {0}, best = 0;
    bool quoted = false;
    for (size_t i = 0; i < text.len && (quoted || !is_line_end(text.p[i])); i++) {
        quoted ^= text.p[i] == '"';
        for (size_t k = 0; k < TD_COUNT(choices); k++)
            counts[k] += !quoted && text.p[i] == choices[k];
    }
    for (size_t k = 1; k < TD_COUNT(choices); k++)
        if (counts[k] > counts[best])
            best = k;
    return choices[best];
}

void td_csv_open(struct td_csv *c, struct td_str text, char *room, size_t room_cap)
{
    *c = (struct td_csv){.text = text, .room = room, .room_cap = room_cap, .next_line = 1};
    if (td_str_starts(text, "\xef\xbb\xbf"))
        c->at = 3;
    const struct td_str body = {text.p + c->at, text.len - c->at};
    c->separator = guess_separator(body);
    if (td_str_starts(body, "sep=") && body.len > 5 && is_line_end(body.p[5]) &&
        strchr(",;|\t:", body.p[4])) {
        c->separator = body.p[4];
        c->at += 5;
        skip_line_end(c);
    }
}

static enum td_err refuse(struct td_csv *c, enum td_err err, struct td_fail *why, const char *what)
{
    const size_t column = c->at;
    c->at = c->text.len;
    return td_fail_set(why, err, "line %lld (byte %zu): %s", (long long)c->line, column, what);
}

/* A copy without doubled quotes in the caller's room. */
static bool unquote(struct td_csv *c, struct td_str *field)
{
    if (field->len > c->room_cap - c->room_used)
        return false;
    char *out = c->room + c->room_used;
    size_t n = 0;
    for (size_t i = 0; i < field->len; i++) {
        out[n++] = field->p[i];
        i += field->p[i] == '"';
    }
    c->room_used += n;
    *field = (struct td_str){out, n};
    return true;
}

static enum td_err read_quoted(struct td_csv *c, struct td_str *field, struct td_fail *why)
{
    const size_t start = ++c->at;
    bool doubled = false;
    for (;; c->at++) {
        if (at_end(c))
            return refuse(c, TD_EPARSE, why, "a quote is not closed");
        const char ch = peek(c);
        if (ch == '\0')
            return refuse(c, TD_EPARSE, why, "a NUL byte; this is no text");
        c->next_line += ch == '\n';
        if (ch != '"')
            continue;
        if (c->at + 1 >= c->text.len || c->text.p[c->at + 1] != '"')
            break;
        doubled = true;
        c->at++;
    }
    *field = (struct td_str){c->text.p + start, c->at - start};
    c->at++;
    if (!at_end(c) && peek(c) != c->separator && !is_line_end(peek(c)))
        return refuse(c, TD_EPARSE, why, "text behind a closing quote");
    if (doubled && !unquote(c, field))
        return refuse(c, TD_ERANGE, why, "the row is too long");
    return TD_OK;
}

static enum td_err read_plain(struct td_csv *c, struct td_str *field, struct td_fail *why)
{
    const size_t start = c->at;
    while (!at_end(c) && peek(c) != c->separator && !is_line_end(peek(c))) {
        if (peek(c) == '\0')
            return refuse(c, TD_EPARSE, why, "a NUL byte; this is no text, or it is UTF-16");
        c->at++;
    }
    *field = (struct td_str){c->text.p + start, c->at - start};
    return TD_OK;
}

enum td_err td_csv_next(struct td_csv *c, struct td_str *fields, size_t cap, size_t *count,
                        struct td_fail *why)
{
    size_t n = 0;
    while (!at_end(c) && is_line_end(peek(c)))
        skip_line_end(c);
    if (at_end(c))
        return TD_ENODATA;
    c->line = c->next_line;
    c->room_used = 0;
    if (c->at == 0 && c->text.len > 1 && (uint8_t)c->text.p[0] >= 0xfe)
        return refuse(c, TD_EPARSE, why, "this is UTF-16; save it as UTF-8");
    for (;;) {
        if (n == cap)
            return refuse(c, TD_ERANGE, why, "more fields than are possible");
        const enum td_err err =
            peek(c) == '"' ? read_quoted(c, &fields[n], why) : read_plain(c, &fields[n], why);
        if (err)
            return err;
        n++;
        if (at_end(c))
            break;
        if (is_line_end(peek(c))) {
            skip_line_end(c);
            break;
        }
        c->at++; /* the separator */
    }
    *count = n;
    return TD_OK;
}

void td_csv_put(struct td_text *out, struct td_str field)
{
    bool quotes = false;
    for (size_t i = 0; i < field.len; i++)
        quotes |= strchr(",;\t\"\r\n", field.p[i]) != NULL;
    if (!quotes) {
        td_text_str(out, field);
        return;
    }
    td_text_char(out, '"');
    for (size_t i = 0; i < field.len; i++) {
        if (field.p[i] == '"')
            td_text_char(out, '"');
        td_text_char(out, field.p[i]);
    }
    td_text_char(out, '"');
}
