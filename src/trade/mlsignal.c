/* trade/mlsignal.c - the tables of kinds, states and fields, and the one reader of a line. */
#include "trade/mlsignal.h"

#include "base/flatjson.h"

#define TYPE_ROW(name, opens, side) {#name, opens, side},
static const struct {
    const char *word;
    bool opens;
    int side;
} types[] = {TD_MLSIGNAL_TYPES(TYPE_ROW)};
#undef TYPE_ROW

#define STATE_ROW(name, over) {#name, over},
static const struct {
    const char *word;
    bool over;
} states[] = {TD_MLSIGNAL_STATES(STATE_ROW)};
#undef STATE_ROW

static const char *const urgencies[TD_MLSIGNAL_URGENCIES] = {"NORMAL", "HIGH", "CRITICAL"};

/* Which states may follow, as bits. */
#define TO(state) (1u << TD_MLS_##state)
static const uint8_t follows[TD_MLS_COUNT] = {
    [TD_MLS_RECEIVED] = TO(VALIDATED) | TO(REJECTED),
    [TD_MLS_VALIDATED] = TO(EXECUTING) | TO(EXECUTED) | TO(FAILED) | TO(TIMEOUT),
    [TD_MLS_EXECUTING] = TO(EXECUTED) | TO(FAILED) | TO(TIMEOUT),
};

const char *td_mlsignal_type_word(enum td_mlsignal_type type)
{
    return (unsigned)type < TD_MLSIGNAL_TYPE_COUNT ? types[type].word : "?";
}

const char *td_mlsignal_urgency_word(enum td_mlsignal_urgency urgency)
{
    return (unsigned)urgency < TD_MLSIGNAL_URGENCIES ? urgencies[urgency] : "?";
}

const char *td_mlsignal_state_word(enum td_mlsignal_state state)
{
    return (unsigned)state < TD_MLS_COUNT ? states[state].word : "?";
}

bool td_mlsignal_state_find(const char *word, enum td_mlsignal_state *out)
{
    for (int i = 0; i < TD_MLS_COUNT; i++)
        if (strcmp(word, states[i].word) == 0) {
            *out = (enum td_mlsignal_state)i;
            return true;
        }
    return false;
}

bool td_mlsignal_is_over(enum td_mlsignal_state state)
{
    return (unsigned)state < TD_MLS_COUNT && states[state].over;
}

bool td_mlsignal_may_follow(enum td_mlsignal_state from, enum td_mlsignal_state to)
{
    return (unsigned)from < TD_MLS_COUNT && (unsigned)to < TD_MLS_COUNT &&
           (follows[from] & 1u << to) != 0;
}

bool td_mlsignal_opens(enum td_mlsignal_type type)
{
    return (unsigned)type < TD_MLSIGNAL_TYPE_COUNT && types[type].opens;
}

int td_mlsignal_side(enum td_mlsignal_type type)
{
    return (unsigned)type < TD_MLSIGNAL_TYPE_COUNT ? types[type].side : 0;
}

/* --- fields --- */

enum form {
    NAME,     /* text of letters, digits and a few signs, into a char array */
    KIND,     /* a word of signal_type                                      */
    URGENCY,  /* a word of urgency                                          */
    DECIMAL,  /* a number within low and high, in 1e-9                      */
    TIME,     /* ISO 8601 or seconds since 1970                             */
    DURATION, /* seconds, within low and high                               */
};

struct field {
    const char *name;
    enum form form;
    bool needed;
    size_t at, size;
    int64_t low, high; /* in 1e-9 */
    const char *allowed, *meaning;
};

#define AT(member) offsetof(struct td_mlsignal, member), sizeof(((struct td_mlsignal *)0)->member)
#define NAMED(n)   "1 to " #n " letters, digits and . _ : - / !"
#define UNITS_MAX  (INT64_C(1000000) * TD_E9)
#define PRICE_MAX  (INT64_C(9000000) * TD_E9)

static const struct field fields[] = {
    {"signal_id", NAME, true, AT(id), 0, 0, NAMED(39), "its name: the same one again is refused"},
    {"symbol", NAME, true, AT(symbol), 0, 0, NAMED(23), "a symbol the desk trades"},
    {"signal_type", KIND, true, AT(type), 0, 0, "BUY, SELL, HOLD, CLOSE_LONG or CLOSE_SHORT",
     "what is wanted"},
    {"confidence", DECIMAL, true, AT(confidence_e9), 0, TD_E9, "a number from 0 to 1",
     "of the model in this signal"},
    {"target_quantity", DECIMAL, false, AT(quantity), -UNITS_MAX, UNITS_MAX,
     "a number from -1000000 to 1000000",
     "of the order: above 0 buys, below 0 sells; absent or 0: sized by the desk, or all that is "
     "held"},
    {"signal_timestamp", TIME, true, AT(at), 0, 0,
     "a time as 2025-11-21T14:30:00.5Z, or seconds since 1970", "when it was made"},
    {"model_version", NAME, true, AT(model), 0, 0, NAMED(47), "which model"},
    {"strategy_name", NAME, true, AT(strategy), 0, 0, NAMED(15), "whose orders these are"},
    {"max_execution_time", DURATION, false, AT(until), TD_E9, 86400 * TD_E9,
     "seconds from 1 to 86400", "from signal_timestamp on; then the rest is cancelled; 300"},
    {"price_tolerance", DECIMAL, false, AT(tolerance_e9), 0, TD_E9 / 20,
     "a fraction from 0 to 0.05", "how far the price may have gone; 0.001, ML_PRICE_TOLERANCE"},
    {"urgency", URGENCY, false, AT(urgency), 0, 0, "NORMAL, HIGH or CRITICAL",
     "how it is sent; NORMAL"},
    {"price", DECIMAL, false, AT(price), 1, PRICE_MAX, "a number above 0 and to 9000000",
     "it was made at; absent: the mark when it came"},
    {"model_score", DECIMAL, false, AT(score_e9), 0, TD_E9, "a number from 0 to 1",
     "of the model as a whole; absent: ML_MODEL_SCORE"},
};
_Static_assert(TD_COUNT(fields) <= 32, "a bit each");

static bool take_name(const struct field *f, struct td_str text, char *into)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.p[i];
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                           (c >= 'A' && c <= 'Z') || (c && strchr("._:-/!", c));
        if (!plain)
            return false;
    }
    return text.len > 0 && td_str_copy(text, into, f->size);
}

static bool take_word(struct td_str text, const struct field *f, uint8_t *into)
{
    const int count = f->form == KIND ? TD_MLSIGNAL_TYPE_COUNT : TD_MLSIGNAL_URGENCIES;
    for (int i = 0; i < count; i++)
        if (td_str_is(text, f->form == KIND ? types[i].word : urgencies[i])) {
            *into = (uint8_t)i;
            return true;
        }
    return false;
}

/* A time has a zone or is seconds; both as ns. */
static bool take_time(const struct td_flatjson_pair *p, td_ns *into)
{
    return p->kind == TD_FLATJSON_TEXT
               ? p->value.len > 10 && td_iso_parse(p->value.p, p->value.len, into) == TD_OK
               : td_e9_parse(p->value.p, p->value.len, into) == TD_OK && *into > 0;
}

static bool take_number(const struct field *f, struct td_str text, void *into)
{
    int64_t e9;
    if (td_e9_parse(text.p, text.len, &e9) != TD_OK || e9 < f->low || e9 > f->high)
        return false;
    memcpy(into, &e9, sizeof e9);
    return true;
}

static bool take_value(const struct field *f, const struct td_flatjson_pair *p,
                       struct td_mlsignal *out)
{
    char *into = (char *)out + f->at;
    td_ns at;
    if (p->escaped)
        return false;
    switch (f->form) {
    case NAME:
        return p->kind == TD_FLATJSON_TEXT && take_name(f, p->value, into);
    case KIND:
    case URGENCY:
        return p->kind == TD_FLATJSON_TEXT && take_word(p->value, f, (uint8_t *)into);
    case DECIMAL:
    case DURATION:
        return p->kind == TD_FLATJSON_NUMBER && take_number(f, p->value, into);
    case TIME:
        if (p->kind > TD_FLATJSON_NUMBER || !take_time(p, &at))
            return false;
        memcpy(into, &at, sizeof at);
        return true;
    }
    return false;
}

static enum td_err refuse(struct td_fail *why, const char *name, struct td_str value,
                          const char *allowed)
{
    const int shown = value.len > 40 ? 40 : (int)value.len;
    return td_fail_set(why, TD_ERANGE, "signal: %s: \"%.*s\" is not allowed; expected %s", name,
                       shown, value.len ? value.p : "", allowed);
}

/* One pair into its field; `seen` has a bit per field. */
static enum td_err take_pair(const struct td_flatjson_pair *p, uint32_t *seen,
                             struct td_mlsignal *out, struct td_fail *why)
{
    for (size_t i = 0; i < TD_COUNT(fields); i++) {
        const struct field *f = &fields[i];
        if (!td_str_is(p->key, f->name))
            continue;
        if (*seen & 1u << i)
            return td_fail_set(why, TD_EPARSE, "signal: %s stands there twice", f->name);
        *seen |= 1u << i;
        if (p->kind == TD_FLATJSON_NULL && !f->needed)
            return TD_OK;
        return take_value(f, p, out) ? TD_OK : refuse(why, f->name, p->value, f->allowed);
    }
    return td_fail_set(why, TD_EPARSE, "signal: \"%.*s\" is no field of a signal",
                       p->key.len > 40 ? 40 : (int)p->key.len, p->key.len ? p->key.p : "");
}

/* What the fields say together. */
static enum td_err check_whole(struct td_mlsignal *s, struct td_fail *why)
{
    const int side = types[s->type].side;
    const bool fits = side == 0  ? s->quantity.e9 == 0
                      : side > 0 ? s->quantity.e9 >= 0
                                 : s->quantity.e9 <= 0;
    if (!fits)
        return td_fail_set(why, TD_ERANGE, "signal: target_quantity: its sign is not that of %s",
                           types[s->type].word);
    return td_e9_add(s->at, s->until, &s->until) == TD_OK
               ? TD_OK
               : td_fail_set(why, TD_ERANGE, "signal: signal_timestamp: no such time");
}

enum td_err td_mlsignal_parse(struct td_str line, const struct td_mlsignal_presets *presets,
                              struct td_mlsignal *out, struct td_fail *why)
{
    struct td_mlsignal s = {.score_e9 = TD_E9_NONE,
                            .price = TD_PX_NONE,
                            .tolerance_e9 = presets->tolerance_e9,
                            .until = presets->span};
    struct td_flatjson f;
    struct td_flatjson_pair pair;
    uint32_t seen = 0;
    enum td_err err;
    if (line.len > TD_MLSIGNAL_LINE_MAX)
        return td_fail_set(why, TD_ERANGE, "signal: a line of %d bytes at most",
                           TD_MLSIGNAL_LINE_MAX);
    td_flatjson_init(&f, line);
    while ((err = td_flatjson_next(&f, &pair)) == TD_OK) {
        err = take_pair(&pair, &seen, &s, why);
        if (err)
            return err;
    }
    if (err != TD_ENODATA)
        return td_fail_set(why, TD_EPARSE, "signal: no JSON object of plain values");
    for (size_t i = 0; i < TD_COUNT(fields); i++)
        if (fields[i].needed && !(seen & 1u << i))
            return td_fail_set(why, TD_EPARSE, "signal: %s is missing; expected %s", fields[i].name,
                               fields[i].allowed);
    err = check_whole(&s, why);
    if (!err)
        *out = s;
    return err;
}

void td_mlsignal_describe(struct td_text *out)
{
    td_text_put(out, "| field | needed | form | meaning; preset |\n| --- | --- | --- | --- |\n");
    for (size_t i = 0; i < TD_COUNT(fields); i++)
        td_text_printf(out, "| %s | %s | %s | %s |\n", fields[i].name,
                       fields[i].needed ? "yes" : "", fields[i].allowed, fields[i].meaning);
}
