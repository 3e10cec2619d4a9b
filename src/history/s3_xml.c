/* history/s3_xml.c - elements of an object store's answers. */
#include "history/s3_xml.h"

#include <stdio.h>
#include <string.h>

/* Where `what` begins in s, or s.len. */
static size_t find(struct td_str s, const char *what)
{
    const size_t n = strlen(what);
    for (size_t i = 0; i + n <= s.len; i++)
        if (memcmp(s.p + i, what, n) == 0)
            return i;
    return s.len;
}

bool td_s3_xml_next(struct td_str *rest, const char *name, struct td_str *inside)
{
    char open[64], close[64];
    (void)snprintf(open, sizeof open, "<%s>", name);
    (void)snprintf(close, sizeof close, "</%s>", name);
    const size_t at = find(*rest, open);
    if (at == rest->len)
        return false;
    const size_t skip = at + strlen(open);
    const struct td_str tail = {rest->p + skip, rest->len - skip};
    const size_t end = find(tail, close);
    if (end == tail.len)
        return false;
    *inside = (struct td_str){tail.p, end};
    *rest = (struct td_str){tail.p + end + strlen(close), tail.len - end - strlen(close)};
    return true;
}

bool td_s3_xml_get(struct td_str document, const char *name, struct td_str *inside)
{
    return td_s3_xml_next(&document, name, inside);
}

/* One character that stands for another: &amp; &#39; &#x2F;. Gives how many bytes of `raw` it takes, 0 none. */
static size_t entity(struct td_str raw, char *out)
{
    static const struct {
        const char *text;
        char c;
    } rows[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
    char number[12];
    unsigned code = 0;
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        if (td_str_starts(raw, rows[i].text)) {
            *out = rows[i].c;
            return strlen(rows[i].text);
        }
    const size_t end = find(raw, ";");
    if (!td_str_starts(raw, "&#") || end >= sizeof number)
        return 0;
    (void)td_str_copy((struct td_str){raw.p, end}, number, sizeof number);
    if ((sscanf(number, "&#x%x", &code) == 1 || sscanf(number, "&#%u", &code) == 1) && code > 0 &&
        code < 128) {
        *out = (char)code;
        return end + 1;
    }
    return 0;
}

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

bool td_s3_xml_text(struct td_str raw, bool percent, char *out, size_t cap)
{
    size_t len = 0;
    for (size_t i = 0; i < raw.len;) {
        const struct td_str rest = {raw.p + i, raw.len - i};
        char c = raw.p[i];
        size_t took = c == '&' ? entity(rest, &c) : 0;
        if (percent && c == '%' && rest.len > 2 && hex(rest.p[1]) >= 0 && hex(rest.p[2]) >= 0) {
            c = (char)(hex(rest.p[1]) * 16 + hex(rest.p[2]));
            took = 3;
        } else if (percent && c == '+') {
            c = ' ';
        }
        if (len + 1 >= cap)
            return false;
        out[len++] = c;
        i += took ? took : 1;
    }
    out[len] = '\0';
    return true;
}
