/* desk/codes.h - what the broker's error and notice codes mean, and what to do.
 *
 * One table for `tapedeck explain`, docs/errors.md and messages. The words are ours; the facts are those of
 * tws-protocol section 5. A row may stand for a range of codes.
 */
#ifndef TD_DESK_CODES_H
#define TD_DESK_CODES_H

#include "base/text.h"

enum td_code_kind {
    TD_CODE_NOTICE,     /* information: nothing ends                        */
    TD_CODE_WARNING,    /* the request or order lives on                    */
    TD_CODE_ERROR,      /* the request or order it names has failed         */
    TD_CODE_CONNECTION, /* the connection, or the one behind the gateway    */
    TD_CODE_LOCAL,      /* made by client libraries, never sent by a gateway */
};

struct td_code {
    int32_t first, last;
    enum td_code_kind kind;
    const char *meaning, *action;
};

/* NULL: not in the table. */
const struct td_code *td_code_find(int32_t code);
/* Whether an error with this code ends the request or order it names. Notices and warnings do not, nor does what
 * concerns the connection; 2100 to 2169 never do, whether they have a row or not. */
bool td_code_ends(int32_t code);
/* All rows in order of their codes. */
const struct td_code *td_code_table(size_t *count);
/* "notice", "warning", "error", "connection", "local". */
const char *td_code_kind_name(enum td_code_kind kind);
/* "200", or "510 to 593": the codes of a row. */
void td_code_print(const struct td_code *row, struct td_text *out);

/* A numbered fault of gateway or machine ("F7"), and the rule that tapedeck follows. In order from 1. */
struct td_fault_page {
    int32_t number;
    const char *fault, *rule;
};
const struct td_fault_page *td_fault_pages(size_t *count);

#endif
