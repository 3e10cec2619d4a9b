/* signal/feature_text.c - sets as text, their hash, their scaling. */
#include <math.h>
#include <string.h>

#include "signal/feature_state.h"

static const char *const scales[] = {"none", "zscore", "minmax"};

const char *td_feature_scale_name(enum td_feature_scale scale)
{
    return scales[scale];
}

/* ---- written ---- */

static void put_name(const struct td_feature_set *set, int16_t input, char separator,
                     struct td_text *t)
{
    td_text_char(t, separator);
    td_text_put(t, input < TD_BAR_COUNT ? td_bar_input_name(input)
                                        : set->nodes[input - TD_BAR_COUNT].name);
}

static int32_t place_of(const struct td_feature_set *set, int16_t node)
{
    for (int32_t i = 0; i < set->count; i++)
        if (set->vector[i] == node)
            return i;
    return -1;
}

static void put_bits(struct td_text *t, const char *key, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    td_text_printf(t, " %s=%016llx", key, (unsigned long long)bits);
}

/* As it is read again: without exponent, where 9 decimals hold it. */
static void put_param(struct td_text *t, const char *name, double value)
{
    int64_t e9;
    td_text_printf(t, " %s=", name);
    if (td_e9_from_double(value, &e9) == TD_OK && td_e9_to_double(e9) == value)
        td_text_e9(t, e9);
    else
        td_text_printf(t, "%.15g", value);
}

static void put_node(const struct td_feature_set *set, int16_t i, struct td_text *t)
{
    const struct td_feature_node *node = &set->nodes[i];
    const int32_t place = place_of(set, i);
    const char *at = node->frame > 0 ? strchr(node->name, '@') : NULL;
    td_text_printf(t, "%.*s %s %s inputs", at ? (int)(at - node->name) : (int)strlen(node->name),
                   node->name, node->group, node->op->name);
    for (int k = 0; k < TD_IND_INPUTS_MAX && node->inputs[k] >= 0; k++)
        put_name(set, node->inputs[k], k ? ',' : '=', t);
    for (int32_t k = 0; k < td_indicator_params(node->op); k++)
        put_param(t, node->op->params[k].name, node->params[k]);
    td_text_printf(t, " output=%s", node->op->outputs[node->output]);
    if (node->frame > 0)
        td_text_printf(t, " frame=%d", set->frames[node->frame - 1]);
    if (place < 0)
        td_text_put(t, " hidden");
    if (place >= 0 && set->scale != TD_SCALE_NONE) {
        put_bits(t, "centre", set->centre[place]);
        put_bits(t, "width", set->width[place]);
    }
}

/* The vector's order where it is not the order of the nodes. */
static bool in_order(const struct td_feature_set *set)
{
    for (int32_t i = 1; i < set->count; i++)
        if (set->vector[i] < set->vector[i - 1])
            return false;
    return true;
}

static void put_head(const struct td_feature_set *set, struct td_text *t)
{
    td_text_printf(t, "set %s %d\nscale %s\n", set->name, set->version, scales[set->scale]);
    td_micro_config_write(&set->micro, t);
}

static void put_order(const struct td_feature_set *set, struct td_text *t)
{
    td_text_put(t, "order");
    for (int32_t i = 0; i < set->count; i++)
        td_text_printf(t, " %s", td_feature_at(set, i)->name);
    td_text_char(t, '\n');
}

void td_feature_set_write(const struct td_feature_set *set, struct td_text *out)
{
    put_head(set, out);
    for (int16_t i = 0; i < set->nodes_used; i++) {
        put_node(set, i, out);
        td_text_char(out, '\n');
    }
    if (!in_order(set))
        put_order(set, out);
}

static uint64_t mix(uint64_t h, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        h = (h ^ (uint8_t)text[i]) * 1099511628211u;
    return h;
}

uint64_t td_feature_set_hash(const struct td_feature_set *set)
{
    char line[TD_FEATURE_VECTOR_MAX * TD_FEATURE_NAME + 16];
    struct td_text t;
    uint64_t h = 14695981039346656037u;
    td_text_init(&t, line, sizeof line);
    put_head(set, &t);
    h = mix(h, line, t.len);
    for (int16_t i = 0; i < set->nodes_used; i++) {
        td_text_reset(&t);
        put_node(set, i, &t);
        td_text_printf(&t, " = %s; %s\n", set->nodes[i].op->formula, set->nodes[i].words);
        h = mix(h, line, t.len);
    }
    td_text_reset(&t);
    put_order(set, &t);
    TD_REQUIRE(!td_text_full(&t));
    return mix(h, line, t.len);
}

/* ---- read ---- */

struct feature_line {
    char name[TD_FEATURE_NAME], group[16], op[32], inputs[160], params[200], output[32];
    int64_t frame;
    bool hidden, scaled;
    double centre, width;
};

static bool read_bits(struct td_str s, double *out)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < s.len; i++) {
        const char c = s.p[i];
        const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (digit < 0)
            return false;
        bits = bits << 4 | (uint64_t)digit;
    }
    memcpy(out, &bits, sizeof bits);
    return s.len == 16;
}

static bool take_inputs(struct td_str value, struct feature_line *l)
{
    if (!td_str_copy(value, l->inputs, sizeof l->inputs))
        return false;
    for (char *p = l->inputs; *p; p++)
        *p = *p == ',' ? ' ' : *p;
    return true;
}

/* One word behind the operation. */
static bool take_word(struct td_str word, struct feature_line *l)
{
    struct td_str value = word, key;
    const size_t used = strlen(l->params);
    (void)td_str_split(&value, '=', &key);
    if (td_str_is(word, "hidden"))
        return l->hidden = true;
    if (td_str_is(key, "inputs"))
        return take_inputs(value, l);
    if (td_str_is(key, "output"))
        return td_str_copy(value, l->output, sizeof l->output);
    if (td_str_is(key, "frame"))
        return td_i64_parse(value.p, value.len, &l->frame) == TD_OK && l->frame > 0 &&
               l->frame <= TD_FEATURE_DAY;
    if (td_str_is(key, "centre"))
        return read_bits(value, &l->centre);
    if (td_str_is(key, "width"))
        return l->scaled = read_bits(value, &l->width);
    if (used + word.len + 2 > sizeof l->params)
        return false;
    l->params[used] = used ? ' ' : '\0';
    return td_str_copy(word, l->params + used + (used > 0), sizeof l->params - used - 1);
}

static enum td_err read_feature(struct td_feature_set *set, struct td_str line, struct td_fail *why)
{
    struct feature_line l = {0};
    struct td_str rest = line, word;
    const struct {
        char *out;
        size_t cap;
    } heads[] = {{l.name, sizeof l.name}, {l.group, sizeof l.group}, {l.op, sizeof l.op}};
    for (size_t i = 0; i < TD_COUNT(heads);) {
        if (!td_str_split(&rest, ' ', &word))
            return td_fail_set(why, TD_EPARSE, "expected NAME, or NAME GROUP OPERATION");
        if (word.len == 0)
            continue;
        if (i == 0 && rest.len == 0)
            return td_feature_set_add(set, word, why);
        if (!td_str_copy(word, heads[i].out, heads[i].cap))
            return td_fail_set(why, TD_EPARSE, "\"%.*s\" is too long", TD_STR_ARG(word));
        i++;
    }
    while (rest.len > 0 && td_str_split(&rest, ' ', &word))
        if (word.len > 0 && !take_word(word, &l))
            return td_fail_set(why, TD_EPARSE, "\"%.*s\" is not understood", TD_STR_ARG(word));
    const struct td_feature_row row = {.name = l.name,
                                       .group = l.group,
                                       .op = l.op,
                                       .inputs = l.inputs[0] ? l.inputs : NULL,
                                       .params = l.params,
                                       .output = l.output[0] ? l.output : NULL};
    enum td_err err = td_feature_set_put(set, &row, (int32_t)l.frame, !l.hidden, why);
    if (!err && l.scaled && !l.hidden) {
        set->centre[set->count - 1] = l.centre;
        set->width[set->count - 1] = l.width;
    }
    return err;
}

static enum td_err read_order(struct td_feature_set *set, struct td_str rest, struct td_fail *why)
{
    struct td_feature_set *s = set;
    int16_t vector[TD_FEATURE_VECTOR_MAX];
    double centre[TD_FEATURE_VECTOR_MAX], width[TD_FEATURE_VECTOR_MAX];
    bool seen[TD_FEATURE_VECTOR_MAX] = {false};
    int32_t n = 0;
    struct td_str word;
    while (rest.len > 0 && td_str_split(&rest, ' ', &word)) {
        const int32_t place = td_feature_place(s, word);
        if (word.len == 0)
            continue;
        if (place < 0 || seen[place])
            return td_fail_set(why, TD_EPARSE, "order: no feature, or twice: %.*s",
                               TD_STR_ARG(word));
        seen[place] = true;
        vector[n] = s->vector[place];
        centre[n] = s->centre[place];
        width[n++] = s->width[place];
    }
    if (n != s->count)
        return td_fail_set(why, TD_EPARSE, "order names %d of %d features", n, s->count);
    memcpy(s->vector, vector, (size_t)n * sizeof *vector);
    memcpy(s->centre, centre, (size_t)n * sizeof *centre);
    memcpy(s->width, width, (size_t)n * sizeof *width);
    return TD_OK;
}

static enum td_err read_set_line(struct td_feature_set *set, struct td_str rest,
                                 struct td_fail *why)
{
    struct td_str name;
    int64_t version;
    (void)td_str_split(&rest, ' ', &name);
    rest = td_str_trim(rest);
    if (set->nodes_used > 0 || name.len == 0 || name.len >= TD_FEATURE_NAME ||
        memchr(name.p, '/', name.len) || name.p[0] == '.' ||
        td_i64_parse(rest.p, rest.len, &version) != TD_OK || version < 1 || version > INT32_MAX)
        return td_fail_set(why, TD_EPARSE, "expected \"set NAME VERSION\" before the features");
    td_feature_set_init(set, name, (int32_t)version);
    return TD_OK;
}

static enum td_err read_micro(struct td_feature_set *set, struct td_str rest, struct td_fail *why)
{
    struct td_str word;
    while (rest.len > 0 && td_str_split(&rest, ' ', &word))
        if (word.len > 0 && !td_micro_config_read(&set->micro, word))
            return td_fail_set(why, TD_EPARSE, "\"%.*s\" is no setting of book features",
                               TD_STR_ARG(word));
    return TD_OK;
}

static enum td_err read_line(struct td_feature_set *set, struct td_str line, struct td_fail *why)
{
    struct td_str rest = line, word;
    (void)td_str_split(&rest, ' ', &word);
    if (td_str_is(word, "set"))
        return read_set_line(set, rest, why);
    if (set->version == 0)
        return td_fail_set(why, TD_EPARSE, "expected \"set NAME VERSION\" first");
    if (td_str_is(word, "micro"))
        return read_micro(set, rest, why);
    if (td_str_is(word, "order"))
        return read_order(set, rest, why);
    if (!td_str_is(word, "scale"))
        return read_feature(set, line, why);
    for (size_t i = 0; i < TD_COUNT(scales); i++)
        if (td_str_is(td_str_trim(rest), scales[i])) {
            set->scale = (enum td_feature_scale)i;
            return TD_OK;
        }
    return td_fail_set(why, TD_EPARSE, "expected scale none, zscore or minmax");
}

enum td_err td_feature_set_read(struct td_feature_set *set, struct td_str text, struct td_fail *why)
{
    struct td_str rest = text, line, code;
    int number = 0;
    td_feature_set_init(set, (struct td_str){NULL, 0}, 0);
    while (rest.len > 0 && td_str_split(&rest, '\n', &line)) {
        number++;
        (void)td_str_split(&line, '#', &code);
        code = td_str_trim(code);
        if (code.len == 0)
            continue;
        if (read_line(set, code, why) != TD_OK) {
            if (why)
                why->code = TD_EPARSE;
            return td_fail_add(why, TD_EPARSE, "line %d", number);
        }
    }
    if (set->count == 0)
        return td_fail_set(why, TD_EPARSE, "no features");
    if (set->scale == TD_SCALE_NONE)
        return TD_OK;
    return td_feature_set_scaling(set, set->scale, set->centre, set->width, why);
}

/* ---- scaling ---- */

enum td_err td_feature_set_scaling(struct td_feature_set *set, enum td_feature_scale scale,
                                   const double *centre, const double *width, struct td_fail *why)
{
    for (int32_t i = 0; i < set->count && scale != TD_SCALE_NONE; i++)
        if (!isfinite(centre[i]) || !isfinite(width[i]) || !(width[i] > 0))
            return td_fail_set(why, TD_ERANGE, "scaling of %s: centre %g, width %g",
                               td_feature_at(set, i)->name, centre[i], width[i]);
    set->scale = scale;
    for (int32_t i = 0; i < set->count; i++) {
        set->centre[i] = scale == TD_SCALE_NONE ? 0 : centre[i];
        set->width[i] = scale == TD_SCALE_NONE ? 1 : width[i];
    }
    return TD_OK;
}

static void fit_column(enum td_feature_scale scale, const double *x, size_t rows, double *centre,
                       double *width)
{
    double mean = 0, squares = 0, least = 0, most = 0;
    size_t n = 0;
    for (size_t i = 0; i < rows; i++) {
        if (!isfinite(x[i]))
            continue;
        const double away = x[i] - mean;
        n++;
        mean += away / (double)n;
        squares += away * (x[i] - mean);
        least = n == 1 ? x[i] : fmin(least, x[i]);
        most = n == 1 ? x[i] : fmax(most, x[i]);
    }
    *centre = scale == TD_SCALE_ZSCORE ? mean : least;
    *width = scale == TD_SCALE_ZSCORE && n > 0 ? sqrt(squares / (double)n) : most - least;
    if (!(*width > 1e-14 * fabs(*centre)))
        *width = 1;
}

enum td_err td_feature_set_fit(struct td_feature_set *set, enum td_feature_scale scale,
                               const double *const *columns, size_t rows, struct td_fail *why)
{
    double centre[TD_FEATURE_VECTOR_MAX], width[TD_FEATURE_VECTOR_MAX];
    for (int32_t i = 0; i < set->count; i++)
        fit_column(scale, columns[i], rows, &centre[i], &width[i]);
    return td_feature_set_scaling(set, scale, centre, width, why);
}
