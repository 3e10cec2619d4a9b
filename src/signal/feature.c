/* signal/feature.c - sets of features put together: names resolved, equal computations shared, places in the state. */
#include "signal/feature.h"

#include <math.h>
#include <string.h>

#include "signal/feature_state.h"

#define WAITING_MAX 8 /* features that wait for the ones they need */

const struct td_indicator *td_feature_op(struct td_str name)
{
    for (const struct td_indicator *op = td_rows_feature; op->name; op++)
        if (td_str_is(name, op->name))
            return op;
    return td_indicator_find(name);
}

void td_feature_set_init(struct td_feature_set *set, struct td_str name, int32_t version)
{
    memset(set, 0, sizeof *set);
    (void)td_str_copy(name, set->name, sizeof set->name);
    set->version = version;
    set->bytes = td_feature_runs_at();
}

const struct td_feature_node *td_feature_at(const struct td_feature_set *set, int32_t place)
{
    TD_REQUIRE(place >= 0 && place < set->count);
    return &set->nodes[set->vector[place]];
}

int32_t td_feature_place(const struct td_feature_set *set, struct td_str name)
{
    for (int32_t i = 0; i < set->count; i++)
        if (td_str_is(name, td_feature_at(set, i)->name))
            return i;
    return -1;
}

static int16_t find_node(const struct td_feature_set *set, struct td_str name)
{
    for (int32_t i = 0; i < set->nodes_used; i++)
        if (td_str_is(name, set->nodes[i].name))
            return (int16_t)i;
    return -1;
}

/* ---- one row into one node ---- */

static enum td_err find_frame(struct td_feature_set *set, int32_t minutes, int16_t *out,
                              struct td_fail *why)
{
    *out = 0;
    if (minutes == 0)
        return TD_OK;
    if (minutes < 1 || minutes > TD_FEATURE_DAY || TD_FEATURE_DAY % minutes != 0)
        return td_fail_set(why, TD_EINVAL,
                           "a frame of %d minutes; expected a number that divides a day of %d",
                           minutes, TD_FEATURE_DAY);
    for (int32_t f = 0; f < set->frames_used; f++)
        if (set->frames[f] == minutes)
            *out = (int16_t)(f + 1);
    if (*out > 0)
        return TD_OK;
    if (set->frames_used == TD_FEATURE_FRAMES_MAX)
        return td_fail_set(why, TD_EFULL, "more than %d slower frames", TD_FEATURE_FRAMES_MAX);
    set->frames[set->frames_used++] = minutes;
    *out = (int16_t)set->frames_used;
    return TD_OK;
}

/* An input of a feature of `frame`: "rsi_14" is first the one of the same frame. */
static enum td_err find_input(const struct td_feature_set *set, const struct td_feature_node *node,
                              struct td_str name, int16_t *out, struct td_fail *why)
{
    char framed[TD_FEATURE_NAME + 8];
    struct td_text t;
    const int column = td_bar_input_find(name);
    if (column >= 0 && node->frame > 0 && column >= TD_BAR_SLOW)
        return td_fail_set(why, TD_EINVAL, "slower bars have no %.*s", TD_STR_ARG(name));
    if (column >= 0) {
        *out = (int16_t)column;
        return TD_OK;
    }
    td_text_init(&t, framed, sizeof framed);
    td_text_str(&t, name);
    if (node->frame > 0)
        td_text_printf(&t, "@%d", set->frames[node->frame - 1]);
    int16_t other = find_node(set, (struct td_str){framed, t.len});
    if (other < 0)
        other = find_node(set, name);
    if (other < 0)
        return td_fail_set(why, TD_EINVAL, "no input and no feature above it is called %.*s",
                           TD_STR_ARG(name));
    if (node->frame > 0 && set->nodes[other].frame != node->frame)
        return td_fail_set(why, TD_EINVAL, "%s is not of the same frame", set->nodes[other].name);
    *out = (int16_t)(TD_BAR_COUNT + other);
    return TD_OK;
}

/* The column that an operation's input is when the row does not say. */
static const char *usual_input(const char *input)
{
    static const struct {
        const char *input, *column;
    } rows[] = {{"real", "close"}, {"real0", "high"}, {"real1", "low"}, {"minute", "from_open"}};
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        if (strcmp(rows[i].input, input) == 0)
            return rows[i].column;
    return input;
}

static enum td_err set_inputs(const struct td_feature_set *set, const struct td_feature_row *row,
                              struct td_feature_node *node, struct td_fail *why)
{
    struct td_str rest = td_str_of(row->inputs), word;
    const int32_t needs = td_indicator_inputs(node->op);
    int32_t given = 0;
    for (; !row->inputs && given < needs; given++) {
        const struct td_str usual = td_str_of(usual_input(node->op->inputs[given]));
        const enum td_err err = find_input(set, node, usual, &node->inputs[given], why);
        if (err)
            return err;
    }
    while (row->inputs && given <= needs && td_str_split(&rest, ' ', &word)) {
        enum td_err err = TD_OK;
        if (given < needs)
            err = find_input(set, node, word, &node->inputs[given], why);
        if (err)
            return err;
        given++;
    }
    return given == needs ? TD_OK
                          : td_fail_set(why, TD_EINVAL, "%s takes %d inputs, not \"%s\"",
                                        node->op->name, needs, row->inputs);
}

static enum td_err set_params(const struct td_feature_row *row, struct td_feature_node *node,
                              struct td_fail *why)
{
    struct td_str rest = td_str_of(row->params), word, name;
    td_indicator_presets(node->op, node->params);
    while (rest.len > 0 && td_str_split(&rest, ' ', &word)) {
        int64_t e9;
        struct td_str value = word;
        if (word.len == 0)
            continue;
        (void)td_str_split(&value, '=', &name);
        const int32_t at = td_indicator_param(node->op, name);
        if (at < 0)
            return td_fail_set(why, TD_EINVAL, "%s has no parameter \"%.*s\"", node->op->name,
                               TD_STR_ARG(name));
        if (td_e9_parse(value.p, value.len, &e9) != TD_OK)
            return td_fail_set(why, TD_EINVAL, "\"%.*s\" is no number with at most 9 decimals",
                               TD_STR_ARG(word));
        node->params[at] = td_e9_to_double(e9);
    }
    return td_indicator_check(node->op, node->params, why);
}

static enum td_err set_output(const struct td_feature_row *row, struct td_feature_node *node,
                              struct td_fail *why)
{
    node->output = row->output ? -1 : 0;
    for (int32_t k = 0; row->output && k < td_indicator_outputs(node->op); k++)
        if (strcmp(node->op->outputs[k], row->output) == 0)
            node->output = (int16_t)k;
    return node->output >= 0 ? TD_OK
                             : td_fail_set(why, TD_EINVAL, "%s has no output \"%s\"",
                                           node->op->name, row->output);
}

static bool same_run(const struct td_feature_node *a, const struct td_feature_node *b)
{
    return a->op == b->op && a->frame == b->frame &&
           memcmp(a->params, b->params, sizeof a->params) == 0 &&
           memcmp(a->inputs, b->inputs, sizeof a->inputs) == 0;
}

/* Shares the computation of an equal node, or takes room for its own. */
static void set_room(struct td_feature_set *set, struct td_feature_node *node, int16_t self)
{
    int32_t before = 0;
    for (int32_t k = 0; k < td_indicator_inputs(node->op); k++) {
        if (node->inputs[k] < TD_BAR_COUNT)
            continue;
        const struct td_feature_node *in = &set->nodes[node->inputs[k] - TD_BAR_COUNT];
        if (in->frame == node->frame && in->lookback > before)
            before = in->lookback;
    }
    node->lookback =
        before + td_indicator_lookback(node->op, node->params) + node->op->late[node->output];
    node->runs = self;
    for (int16_t i = 0; i < self && node->runs == self; i++)
        if (set->nodes[i].runs == i && same_run(&set->nodes[i], node))
            node->runs = i;
    if (node->runs != self) {
        node->at = set->nodes[node->runs].at;
        return;
    }
    const size_t need = sizeof(struct td_feature_run) +
                        ((td_indicator_state_size(node->op, node->params) + 7) & ~(size_t)7);
    node->at = set->bytes;
    set->bytes += (uint32_t)need;
}

/* Words of the catalogue hold for a line of text that computes what its row does: same operation, inputs and output, and
 * parameters where the row has any of its own. */
static bool is_row(const struct td_feature_set *set, const struct td_feature_row *row,
                   const struct td_feature_node *node)
{
    struct td_feature_node other = *node;
    if (strcmp(row->group, node->group) != 0 || strcmp(row->op, node->op->name) != 0)
        return false;
    return set_params(row, &other, NULL) == TD_OK && set_inputs(set, row, &other, NULL) == TD_OK &&
           set_output(row, &other, NULL) == TD_OK && other.output == node->output &&
           memcmp(other.inputs, node->inputs, sizeof other.inputs) == 0 &&
           (!row->params || memcmp(other.params, node->params, sizeof other.params) == 0);
}

static const char *words_of(const struct td_feature_set *set, const struct td_feature_row *row,
                            const struct td_feature_node *node)
{
    for (size_t i = 0; !row->words && i < td_feature_row_count(); i++) {
        const struct td_feature_row c = td_feature_row_at(i);
        if (strcmp(c.name, row->name) == 0 && c.words && is_row(set, &c, node))
            return c.words;
    }
    return row->words ? row->words : node->op->formula;
}

static enum td_err put_node(struct td_feature_set *set, const struct td_feature_row *row,
                            int32_t frame, struct td_fail *why)
{
    struct td_feature_node *node = &set->nodes[set->nodes_used];
    if (set->nodes_used == TD_FEATURE_NODES_MAX)
        return td_fail_set(why, TD_EFULL, "more than %d features", TD_FEATURE_NODES_MAX);
    memset(node, 0, sizeof *node);
    for (int k = 0; k < TD_IND_INPUTS_MAX; k++)
        node->inputs[k] = -1;
    struct td_text t;
    td_text_init(&t, node->name, sizeof node->name);
    td_text_put(&t, row->name);
    if (frame > 0)
        td_text_printf(&t, "@%d", frame);
    if (td_text_full(&t) || t.len == 0)
        return td_fail_set(why, TD_EINVAL, "a name has 1 to %d characters", TD_FEATURE_NAME - 1);
    (void)td_str_copy(td_str_of(row->group), node->group, sizeof node->group);
    node->op = td_feature_op(td_str_of(row->op));
    if (!node->op)
        return td_fail_set(why, TD_EINVAL, "no own step and no indicator is called %s", row->op);
    enum td_err err = find_frame(set, frame, &node->frame, why);
    if (!err)
        err = set_params(row, node, why);
    if (!err)
        err = set_inputs(set, row, node, why);
    if (!err)
        err = set_output(row, node, why);
    if (err)
        return err;
    node->words = words_of(set, row, node);
    set_room(set, node, (int16_t)set->nodes_used);
    set->nodes_used++;
    return TD_OK;
}

static enum td_err show(struct td_feature_set *set, int16_t node, struct td_fail *why)
{
    if (set->count == TD_FEATURE_VECTOR_MAX)
        return td_fail_set(why, TD_EFULL, "a vector has at most %d features",
                           TD_FEATURE_VECTOR_MAX);
    set->centre[set->count] = 0;
    set->width[set->count] = 1;
    set->vector[set->count++] = node;
    return TD_OK;
}

enum td_err td_feature_set_put(struct td_feature_set *set, const struct td_feature_row *row,
                               int32_t frame, bool shown, struct td_fail *why)
{
    char name[TD_FEATURE_NAME + 16];
    struct td_text t;
    td_text_init(&t, name, sizeof name);
    td_text_put(&t, row->name);
    if (frame > 0)
        td_text_printf(&t, "@%d", frame);
    enum td_err err = TD_OK;
    if (td_bar_input_find(td_str_of(name)) >= 0 && strcmp(row->op, "VALUE") != 0)
        err = td_fail_set(why, TD_EINVAL, "a bar has an input of that name");
    if (!err && find_node(set, td_str_of(name)) >= 0)
        err = td_fail_set(why, TD_EINVAL, "it is there already");
    if (!err)
        err = put_node(set, row, frame, why);
    if (!err && shown)
        err = show(set, (int16_t)(set->nodes_used - 1), why);
    return err ? td_fail_add(why, err, "feature %s", name) : TD_OK;
}

enum td_err td_feature_set_add_row(struct td_feature_set *set, const struct td_feature_row *row,
                                   int32_t frame, struct td_fail *why)
{
    return td_feature_set_put(set, row, frame, true, why);
}

/* ---- by name ---- */

/* The row of a catalogue's name, or an indicator's "MACD.macdhist". */
static bool find_row(struct td_str name, struct td_feature_row *row, char *of_op, size_t cap)
{
    struct td_str rest = name, op;
    for (size_t i = 0; i < td_feature_row_count(); i++) {
        *row = td_feature_row_at(i);
        if (td_str_is(name, row->name))
            return true;
    }
    (void)td_str_split(&rest, '.', &op);
    const struct td_indicator *ind = td_indicator_find(op);
    if (!ind || !td_str_copy(name, of_op, cap))
        return false;
    *row = (struct td_feature_row){.name = of_op, .group = ind->group, .op = ind->name};
    for (int32_t k = 0; rest.len > 0 && k < td_indicator_outputs(ind); k++)
        if (td_str_is(rest, ind->outputs[k]))
            row->output = ind->outputs[k];
    return rest.len == 0 || row->output;
}

/* The first input of a row that is neither there nor a bar's; empty: all are. */
static struct td_str missing_input(const struct td_feature_set *set, const char *inputs,
                                   int32_t frame)
{
    struct td_str rest = td_str_of(inputs), word;
    while (rest.len > 0 && td_str_split(&rest, ' ', &word)) {
        char name[TD_FEATURE_NAME + 16];
        struct td_text t;
        if (td_bar_input_find(word) >= 0)
            continue;
        td_text_init(&t, name, sizeof name);
        td_text_str(&t, word);
        if (frame > 0)
            td_text_printf(&t, "@%d", frame);
        if (find_node(set, td_str_of(name)) < 0)
            return word;
    }
    return (struct td_str){NULL, 0};
}

/* Adds what the feature needs before it, hidden, then the feature. */
static enum td_err add_needed(struct td_feature_set *set, struct td_str name, int32_t frame,
                              struct td_fail *why)
{
    struct td_str waiting[WAITING_MAX] = {name};
    char of_op[WAITING_MAX][TD_FEATURE_NAME];
    int count = 1;
    while (count > 0) {
        struct td_feature_row row;
        const struct td_str now = waiting[count - 1];
        if (!find_row(now, &row, of_op[count - 1], sizeof of_op[0]))
            return td_fail_set(why, TD_EINVAL,
                               "no feature \"%.*s\"; `tapedeck features list` has them",
                               TD_STR_ARG(now));
        const struct td_str need = missing_input(set, row.inputs, frame);
        if (need.len > 0 && count == WAITING_MAX)
            return td_fail_set(why, TD_EFULL, "feature %.*s needs too many others",
                               TD_STR_ARG(name));
        if (need.len > 0) {
            waiting[count++] = need;
            continue;
        }
        const enum td_err err = td_feature_set_put(set, &row, frame, false, why);
        if (err)
            return err;
        count--;
    }
    return TD_OK;
}

static enum td_err split_frame(struct td_str *name, int32_t *frame, struct td_fail *why)
{
    struct td_str rest = *name, base;
    int64_t minutes = 0;
    *frame = 0;
    (void)td_str_split(&rest, '@', &base);
    if (base.len == name->len)
        return TD_OK;
    if (td_i64_parse(rest.p, rest.len, &minutes) != TD_OK || minutes < 1 ||
        minutes > TD_FEATURE_DAY)
        return td_fail_set(why, TD_EINVAL, "feature %.*s: expected minutes behind the @",
                           TD_STR_ARG(*name));
    *name = base;
    *frame = (int32_t)minutes;
    return TD_OK;
}

enum td_err td_feature_set_add(struct td_feature_set *set, struct td_str name, struct td_fail *why)
{
    const struct td_str full = name;
    int32_t frame;
    enum td_err err = split_frame(&name, &frame, why);
    if (err)
        return err;
    if (td_feature_place(set, full) >= 0)
        return td_fail_set(why, TD_EINVAL, "feature %.*s: it is there already", TD_STR_ARG(full));
    int16_t node = find_node(set, full);
    if (node < 0) {
        err = add_needed(set, name, frame, why);
        node = (int16_t)(set->nodes_used - 1);
    }
    return err ? err : show(set, node, why);
}

enum td_err td_feature_set_builtin(struct td_feature_set *set, struct td_str name,
                                   struct td_fail *why)
{
    for (const struct td_feature_builtin *b = td_feature_builtins; b->name; b++) {
        struct td_str rest = td_str_of(b->features), word;
        enum td_err err = TD_OK;
        if (!td_str_is(name, b->name))
            continue;
        td_feature_set_init(set, name, b->version);
        for (int i = 0; !b->features && i < TD_MICRO_COUNT && !err; i++)
            err = td_feature_set_add(set, td_str_of(td_micro_rows[i].name), why);
        while (!err && rest.len > 0 && td_str_split(&rest, ' ', &word))
            err = td_feature_set_add(set, word, why);
        return err;
    }
    return td_fail_set(why, TD_ENOENT, "no set \"%.*s\" is built in", TD_STR_ARG(name));
}

/* ---- what a set needs ---- */

void td_feature_set_uses(const struct td_feature_set *set, bool *uses)
{
    memset(uses, 0, TD_BAR_COUNT * sizeof *uses);
    for (int32_t i = 0; i < set->nodes_used; i++)
        for (int k = 0; k < TD_IND_INPUTS_MAX; k++) {
            const int16_t input = set->nodes[i].inputs[k];
            if (input >= 0 && input < TD_BAR_COUNT)
                uses[input] = true;
        }
    for (int k = 0; set->frames_used > 0 && k <= TD_BAR_CLOSE; k++)
        uses[k] = true;
}

int64_t td_feature_set_lookback(const struct td_feature_set *set, td_ns span)
{
    int64_t most = 0;
    TD_REQUIRE(span > 0);
    for (int32_t i = 0; i < set->nodes_used; i++) {
        const struct td_feature_node *node = &set->nodes[i];
        int64_t bars = node->lookback;
        if (node->frame > 0) {
            const td_ns frame = set->frames[node->frame - 1] * TD_MIN;
            bars = (bars + 1) * (frame > span ? frame / span : 1) - 1;
        }
        most = bars > most ? bars : most;
    }
    return most;
}
