/* base/flatjson.h - reads one flat JSON object, a pair at a time: texts, numbers, true, false and null.
 *
 * For a line of outside input that is a list of named values. Nothing is copied or allocated: keys and values borrow
 * the caller's bytes. What is nested is refused, and so is anything behind the object. The text of a string is what
 * stands between its quotes, escapes and all: `escaped` tells of them, and whoever wants plain words refuses those.
 * Numbers are checked by whoever reads them. Control characters within a string and bytes that are not UTF-8 are not looked at
 * here. Pure; one owner. Source: RFC 8259.
 */
#ifndef TD_BASE_FLATJSON_H
#define TD_BASE_FLATJSON_H

#include "base/text.h"

enum td_flatjson_kind { TD_FLATJSON_TEXT, TD_FLATJSON_NUMBER, TD_FLATJSON_BOOL, TD_FLATJSON_NULL };

struct td_flatjson_pair {
    struct td_str key, value;
    uint8_t kind; /* enum td_flatjson_kind, of the value */
    bool escaped; /* key or value holds an escape */
};

struct td_flatjson {
    struct td_str rest;
    /* private */
    uint32_t pairs;
    bool done;
};

/* `line` stays the caller's and outlives the reader. */
void td_flatjson_init(struct td_flatjson *f, struct td_str line);
/* The next pair. TD_ENODATA: the object is over, and nothing stands behind it. TD_EPARSE: it is no flat object; *out is
 * untouched, and so it stays. */
TD_MUST_CHECK enum td_err td_flatjson_next(struct td_flatjson *f, struct td_flatjson_pair *out);

#endif
