/* sim/faultrow.c - reads and describes fault actions by their table. */
#include "sim/faultrow.h"

#include "base/num.h"
#include "wire/tws_msg.h"

#define ROW(id, handler, word, world, help, ...) {word, world, help, {__VA_ARGS__}},
static const struct td_fault_row rows[TD_FAULT_COUNT] = {TD_FAULTS(ROW)};
#undef ROW

const struct td_fault_row *td_fault_row_of(enum td_fault id)
{
    TD_REQUIRE((unsigned)id < TD_FAULT_COUNT);
    return &rows[id];
}

void td_fault_form(const struct td_fault_row *row, struct td_text *out)
{
    td_text_put(out, row->word);
    for (size_t i = 0; i < TD_FAULT_ARGS && row->args[i].type; i++) {
        const struct td_fault_arg *a = &row->args[i];
        td_text_put(out, a->preset ? " [" : " ");
        td_text_put(out, a->choices ? a->choices : a->name);
        td_text_put(out, a->preset ? "]" : "");
    }
}

/* ORDER_STATUS is written order-status. */
static bool is_kind_name(struct td_str text, const char *name)
{
    size_t i = 0;
    for (; i < text.len && name[i]; i++) {
        const char c = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] - 'A' + 'a')
                       : name[i] == '_'                 ? '-'
                                                        : name[i];
        if (text.p[i] != c)
            return false;
    }
    return i == text.len && !name[i];
}

uint16_t td_fault_kind_of(struct td_str name)
{
    for (uint16_t kind = TD_TWS_NONE + 1; kind < TD_TWS_KINDS && name.len; kind++)
        if (is_kind_name(name, td_tws_kind_name(kind)))
            return kind;
    return 0;
}

bool td_fault_is_symbol(struct td_str text)
{
    if (td_str_is(text, "*"))
        return true;
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.p[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              (i && (c == '.' || c == '-'))))
            return false;
    }
    return text.len > 0 && text.len < 24;
}

static bool is_choice(const char *choices, struct td_str text)
{
    struct td_str rest = td_str_of(choices), one;
    while (td_str_split(&rest, '|', &one))
        if (td_str_eq(one, text))
            return true;
    return false;
}

static bool read_number(const struct td_fault_arg *a, struct td_str text, int64_t *out)
{
    if (a->type == TD_FA_INT)
        return td_i64_parse(text.p, text.len, out) == TD_OK && *out >= a->low && *out <= a->high;
    return td_e9_parse(text.p, text.len, out) == TD_OK && *out >= a->low * TD_E9 &&
           *out <= a->high * TD_E9;
}

static bool read_value(const struct td_fault_arg *a, struct td_str text, struct td_fault_value *out)
{
    if (!td_str_copy(text, out->text, sizeof out->text))
        return false;
    switch (a->type) {
    case TD_FA_INT:
    case TD_FA_NUM:
        return read_number(a, text, &out->number);
    case TD_FA_WORD:
        return text.len && (!a->choices || is_choice(a->choices, text));
    case TD_FA_SYMBOL:
        return td_fault_is_symbol(text);
    case TD_FA_KIND:
        out->number = td_fault_kind_of(text);
        return out->number != 0;
    case TD_FA_REST:
        return true;
    case TD_FA_NONE:
        break;
    }
    return false;
}

static void put_allowed(const struct td_fault_arg *a, struct td_text *t)
{
    if (a->type == TD_FA_INT || a->type == TD_FA_NUM)
        td_text_printf(t, "%lld to %lld", (long long)a->low, (long long)a->high);
    else if (a->type == TD_FA_KIND)
        td_text_put(t, "a message kind like order-status");
    else if (a->type == TD_FA_SYMBOL)
        td_text_put(t, "a symbol or *");
    else
        td_text_put(t, a->choices ? a->choices : "a text of at most 71 characters");
}

static enum td_err bad_value(const struct td_fault_row *row, const struct td_fault_arg *a,
                             struct td_str text, struct td_fail *why)
{
    char buf[200];
    struct td_text t;
    td_text_init(&t, buf, sizeof buf);
    put_allowed(a, &t);
    return td_fail_set(why, TD_EINVAL, "%s: %s \"%.*s\": %s", row->word, a->name,
                       (int)(text.len < 60 ? text.len : 60), text.p ? text.p : "", buf);
}

struct words {
    const struct td_fault_row *rows;
    size_t count;
    const char *what;
};

static enum td_err unknown_word(const struct words *w, struct td_str word, struct td_fail *why)
{
    char buf[300];
    struct td_text t;
    size_t i = 0;
    td_text_init(&t, buf, sizeof buf);
    for (; i < w->count && t.len < 250; i++)
        td_text_printf(&t, "%s%s", i ? ", " : "", w->rows[i].word);
    return td_fail_set(why, TD_EINVAL, "no %s \"%.*s\": %s%s", w->what,
                       (int)(word.len < 40 ? word.len : 40), word.p ? word.p : "", buf,
                       i < w->count ? " and more (docs/fault-scripts.md)" : "");
}

static bool next_word(struct td_str *rest, struct td_str *word)
{
    *rest = td_str_trim(*rest);
    const bool any = rest->len && td_str_split(rest, ' ', word);
    if (!rest->p)
        *rest = (struct td_str){"", 0};
    return any;
}

static enum td_err read_args(const struct td_fault_row *row, struct td_str rest,
                             struct td_fault_action *out, struct td_fail *why)
{
    for (size_t i = 0; i < TD_FAULT_ARGS && row->args[i].type; i++) {
        const struct td_fault_arg *a = &row->args[i];
        struct td_str text = {"", 0};
        if (a->type == TD_FA_REST) {
            text = td_str_trim(rest);
            rest = (struct td_str){"", 0};
        } else if (!next_word(&rest, &text)) {
            text = td_str_of(a->preset ? a->preset : "");
        }
        if (!read_value(a, text, &out->args[i]))
            return bad_value(row, a, text, why);
    }
    rest = td_str_trim(rest);
    if (!rest.len)
        return TD_OK;
    return td_fail_set(why, TD_EINVAL, "%s: \"%.*s\" is too much", row->word,
                       (int)(rest.len < 60 ? rest.len : 60), rest.p);
}

enum td_err td_fault_words(const struct td_fault_row *table, size_t count, const char *what,
                           struct td_str text, struct td_fault_action *out, struct td_fail *why)
{
    const struct words w = {table, count, what};
    struct td_str rest = text, word = {"", 0};
    struct td_fault_action action = {0};
    (void)next_word(&rest, &word);
    for (size_t i = 0; i < count; i++) {
        if (!td_str_is(word, table[i].word))
            continue;
        action.id = (uint32_t)i;
        const enum td_err err = read_args(&table[i], rest, &action, why);
        if (!err)
            *out = action;
        return err;
    }
    return unknown_word(&w, word, why);
}

enum td_err td_fault_parse(struct td_str text, struct td_fault_action *out, struct td_fail *why)
{
    return td_fault_words(rows, TD_FAULT_COUNT, "action", text, out, why);
}
