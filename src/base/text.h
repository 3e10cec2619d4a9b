/* base/text.h - borrowed text and bounded text building, without allocation.
 *
 * struct td_str borrows bytes someone else owns. struct td_text writes into the caller's buffer, keeps
 * it NUL-terminated, and remembers when something did not fit: check td_text_full once at the end.
 */
#ifndef TD_BASE_TEXT_H
#define TD_BASE_TEXT_H

#include "base/num.h"
#include "base/time.h"

struct td_str {
    const char *p; /* not NUL-terminated; NULL only with len 0 */
    size_t len;
};

struct td_str td_str_of(const char *c_string); /* NULL gives the empty text */
bool td_str_eq(struct td_str a, struct td_str b);
bool td_str_is(struct td_str a, const char *c_string);
bool td_str_starts(struct td_str a, const char *prefix);
/* Copies into out[cap], cut to fit, NUL-terminated; true when all of it fitted. cap > 0. */
bool td_str_copy(struct td_str from, char *out, size_t cap);
struct td_str td_str_trim(struct td_str s); /* without blanks, tabs and line ends at both sides */
/* Cuts the part before the first `separator` off *rest. False when *rest is used up. */
bool td_str_split(struct td_str *rest, char separator, struct td_str *part);
/* Case-insensitive words of a setting: 1/0 true/false yes/no on/off. TD_EPARSE otherwise. */
TD_MUST_CHECK enum td_err td_bool_parse(struct td_str s, bool *out);

#define TD_STR_ARG(s) (int)(s).len, (s).p ? (s).p : "" /* for "%.*s" */

struct td_text {
    char *buf;
    size_t cap;
    size_t len;
    bool full; /* something was cut */
};

void td_text_init(struct td_text *t, char *buf, size_t cap); /* cap > 0 */
void td_text_reset(struct td_text *t);
bool td_text_full(const struct td_text *t);
void td_text_char(struct td_text *t, char c);
void td_text_str(struct td_text *t, struct td_str s);
void td_text_put(struct td_text *t, const char *c_string);
void td_text_i64(struct td_text *t, int64_t value);
void td_text_e9(struct td_text *t, int64_t e9); /* unset is written as nothing */
void td_text_iso(struct td_text *t, td_ns at);
void td_text_printf(struct td_text *t, const char *format, ...) TD_PRINTF(2, 3);
/* The text; bytes that are not UTF-8 become U+FFFD. */
void td_text_utf8(struct td_text *t, struct td_str s);
/* The text as a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD. */
void td_text_json(struct td_text *t, struct td_str s);

#endif
