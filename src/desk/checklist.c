/* desk/checklist.c - the rows and their states. */
#include "desk/checklist.h"

#include <string.h>

#define CHECK_ROW(name, word_, how_, limit_, waivable_)                                            \
    {.word = (word_), .how = (how_), .limit = (limit_)*TD_SEC, .waivable = (waivable_)},
static const struct td_check_row rows[] = {TD_CHECKS(CHECK_ROW)};
#undef CHECK_ROW

const struct td_check_row *td_checklist_row(enum td_check item)
{
    return &rows[item];
}

const char *td_check_state_word(enum td_check_state state)
{
    static const char *const words[] = {"missing", "asked", "ok", "failed"};
    return words[state];
}

void td_checklist_begin(struct td_checklist *c)
{
    memset(c->state, 0, sizeof c->state);
    memset(c->asked, 0, sizeof c->asked);
}

enum td_err td_checklist_waive(struct td_checklist *c, struct td_str words, struct td_fail *why)
{
    struct td_str rest = words, one;
    while (td_str_split(&rest, ',', &one)) {
        const struct td_str word = td_str_trim(one);
        uint32_t bit = 0;
        for (uint32_t i = 0; i < TD_COUNT(rows); i++)
            if (rows[i].waivable && td_str_is(word, rows[i].word))
                bit = 1u << i;
        if (word.len && !bit)
            return td_fail_set(why, TD_EINVAL,
                               "TAPEDECK_WAIVE: \"%.*s\" cannot be waived; completed-orders and "
                               "quotes can",
                               (int)(word.len < 40 ? word.len : 40), word.p);
        c->waived |= bit;
    }
    return TD_OK;
}

void td_checklist_ask(struct td_checklist *c, enum td_check item, td_ns now)
{
    c->state[item] = TD_CHECK_ASKED;
    c->asked[item] = now;
}

void td_checklist_set(struct td_checklist *c, enum td_check item, bool ok)
{
    c->state[item] = ok ? TD_CHECK_OK : TD_CHECK_FAILED;
}

bool td_checklist_ok(const struct td_checklist *c, enum td_check item)
{
    return c->state[item] == TD_CHECK_OK || (c->waived & 1u << item);
}

bool td_checklist_open(const struct td_checklist *c)
{
    for (int i = 0; i < TD_CHECK_COUNT; i++)
        if (!td_checklist_ok(c, (enum td_check)i))
            return false;
    return true;
}

bool td_checklist_late(const struct td_checklist *c, enum td_check item, td_ns now)
{
    return c->state[item] == TD_CHECK_ASKED && rows[item].limit &&
           now - c->asked[item] >= rows[item].limit;
}

void td_checklist_missing(const struct td_checklist *c, struct td_text *out)
{
    bool any = false;
    for (int i = 0; i < TD_CHECK_COUNT; i++) {
        if (td_checklist_ok(c, (enum td_check)i))
            continue;
        td_text_put(out, any ? ", " : "");
        td_text_put(out, rows[i].word);
        any = true;
    }
}
