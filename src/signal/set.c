/* signal/set.c - who shares a step with whom, and the two drivers of a set.
 *
 * Values of a bar stand in slots: first its columns, then inputs that had to be put side by side, then what the steps give. */
#include "signal/set.h"

#include <math.h>
#include <string.h>

#include "signal/rows.h"

enum { ANY = 0xff, NOBODY = 0xffff };

typedef enum td_ind_said step_of(void *fixed, double *mem, const double *in, double *out);

/* What a bar needs of one step; places are bytes from the set. */
struct step {
    step_of *run;
    uint32_t fixed, mem, in, out;
    uint32_t first, outputs; /* slots */
};

/* The same step while sharing is decided, and for batch. A parameter that is NaN and a column ANY suit everybody. */
struct node {
    const struct td_indicator *row;
    const struct td_ind_family *family; /* NULL: the row itself */
    double params[TD_IND_PARAMS_MAX];
    uint8_t column[TD_IND_INPUTS_MAX];
};

struct seat {
    uint16_t node, first; /* first: of its columns among all outputs */
    uint16_t slot[TD_IND_OUTPUTS_MAX];
};

struct copy {
    uint16_t from, to;
};

struct td_ind_set {
    uint32_t asks, nodes, copies, columns, outputs, slots;
    uint32_t results; /* the first slot of an output */
    uint32_t used;    /* bit k: column k is read */
    uint32_t at_steps, at_nodes, at_seats, at_copies, at_slots, at_wanted, at_spare, at_states;
    uint32_t bytes;
};

static const struct td_ind_family *const families[] = {
    &td_family_average,    &td_family_directional, &td_family_regression, &td_family_momentum,
    &td_family_stochastic, &td_family_oscillator,  &td_family_range,      &td_family_volatility,
    &td_family_volume,     &td_family_math,        &td_family_rates,
};

static void *at(const struct td_ind_set *set, uint32_t place)
{
    return (char *)(uintptr_t)set + place;
}

/* ---- sharing ---- */

static const struct td_ind_member *member_of(const struct td_ind_family *family,
                                             const struct td_indicator *row)
{
    for (int i = 0; i < TD_IND_MEMBERS_MAX && family->members[i].name; i++)
        if (strcmp(family->members[i].name, row->name) == 0)
            return &family->members[i];
    return NULL;
}

static const struct td_ind_family *family_of(const struct td_indicator *row)
{
    for (size_t f = 0; f < TD_COUNT(families); f++)
        if (member_of(families[f], row))
            return families[f];
    return NULL;
}

/* True when `ask` can take its values from the node, which then has its parameters and columns. */
static bool join(struct node *node, const struct td_ind_ask *ask)
{
    const struct td_ind_member *m = node->family ? member_of(node->family, ask->row) : NULL;
    struct node joined = *node;
    if (!m && node->row != ask->row)
        return false;
    const int32_t params = m ? m->params : td_indicator_params(ask->row);
    double *own = joined.params + (m ? m->skip : 0);
    for (int32_t k = 0; k < params; k++) {
        if (isfinite(own[k]) && own[k] != ask->params[k])
            return false;
        own[k] = ask->params[k];
    }
    for (int32_t k = 0; k < td_indicator_inputs(ask->row); k++) {
        if (joined.column[k] != ANY && joined.column[k] != ask->column[k])
            return false;
        joined.column[k] = ask->column[k];
    }
    *node = joined;
    return true;
}

static struct node fresh(const struct td_indicator *row, const struct td_ind_family *family)
{
    struct node node = {.row = family ? &family->row : row, .family = family};
    for (int k = 0; k < TD_IND_PARAMS_MAX; k++)
        node.params[k] = (double)NAN;
    memset(node.column, ANY, sizeof node.column);
    return node;
}

/* A node for asks[0], of its family when one of the others will share it. */
static struct node begin(const struct td_ind_ask *asks, size_t n)
{
    const struct td_ind_family *family = family_of(asks[0].row);
    struct node alone = fresh(asks[0].row, NULL);
    TD_REQUIRE(join(&alone, &asks[0]));
    for (size_t i = 1; family && i < n; i++) {
        struct node shared = fresh(asks[0].row, family), both;
        TD_REQUIRE(join(&shared, &asks[0]));
        both = shared;
        if (asks[i].row != asks[0].row && join(&both, &asks[i]))
            return shared;
    }
    return alone;
}

/* What nobody asked for otherwise. */
static void settle(struct node *node)
{
    double presets[TD_IND_PARAMS_MAX];
    td_indicator_presets(node->row, presets);
    for (int k = 0; k < TD_IND_PARAMS_MAX; k++)
        if (!isfinite(node->params[k]))
            node->params[k] = presets[k];
}

/* ---- size ---- */

static size_t state_bytes(const struct td_ind_ask *ask)
{
    const struct td_ind_family *family = family_of(ask->row);
    const size_t alone = td_indicator_state_size(ask->row, ask->params);
    if (!family)
        return alone;
    struct node shared = fresh(ask->row, family);
    TD_REQUIRE(join(&shared, ask));
    settle(&shared);
    const size_t together = td_indicator_state_size(shared.row, shared.params);
    return alone > together ? alone : together;
}

/* Doubles first, so that all of them are aligned. */
static struct td_ind_set lay_out(const struct td_ind_ask *asks, size_t n)
{
    struct td_ind_set s = {.asks = (uint32_t)n};
    size_t outputs = 0, inputs = 0, states = 0;
    for (size_t i = 0; i < n; i++) {
        const int32_t in = td_indicator_inputs(asks[i].row);
        for (int32_t k = 0; k < in; k++) {
            s.used |= 1u << asks[i].column[k];
            s.columns = asks[i].column[k] >= s.columns ? asks[i].column[k] + 1u : s.columns;
        }
        inputs += TD_IND_INPUTS_MAX;
        outputs += TD_IND_OUTPUTS_MAX;
        states += state_bytes(&asks[i]);
    }
    const size_t slots = s.columns + inputs + outputs;
    s.at_slots = (uint32_t)((sizeof s + 7) & ~(size_t)7);
    s.at_spare = s.at_slots + (uint32_t)(slots * sizeof(double));
    s.at_nodes = s.at_spare + TD_IND_SET_BLOCK * (uint32_t)sizeof(double);
    s.at_steps = s.at_nodes + (uint32_t)(n * sizeof(struct node));
    s.at_wanted = s.at_steps + (uint32_t)(n * sizeof(struct step));
    s.at_seats = s.at_wanted + (uint32_t)(slots * sizeof(uint16_t));
    s.at_copies = s.at_seats + (uint32_t)(n * sizeof(struct seat));
    s.bytes = s.at_copies + (uint32_t)(inputs * sizeof(struct copy));
    s.bytes = (s.bytes + 63u) & ~63u; /* the states begin here, on a cache line when the set does */
    s.at_states = s.bytes;
    s.bytes += (uint32_t)states;
    return s;
}

enum td_err td_ind_set_size(const struct td_ind_ask *asks, size_t n, size_t *size_bytes,
                            struct td_fail *why)
{
    if (n == 0 || n > TD_IND_SET_ASKS_MAX)
        return td_fail_set(why, TD_ERANGE, "a set of %zu indicators; expected 1 to %d", n,
                           TD_IND_SET_ASKS_MAX);
    for (size_t i = 0; i < n; i++)
        for (int32_t k = 0; k < td_indicator_inputs(asks[i].row); k++)
            if (asks[i].column[k] >= TD_IND_SET_COLUMNS_MAX)
                return td_fail_set(why, TD_ERANGE, "%s reads column %d; a bar has %d at most",
                                   asks[i].row->name, asks[i].column[k], TD_IND_SET_COLUMNS_MAX);
    const size_t bytes = lay_out(asks, n).bytes;
    *size_bytes = bytes;
    return TD_OK;
}

/* ---- preparing ---- */

/* Each ask has its node in seat->node. */
static void share(struct td_ind_set *set, const struct td_ind_ask *asks)
{
    struct node *nodes = at(set, set->at_nodes);
    struct seat *seats = at(set, set->at_seats);
    for (uint32_t i = 0; i < set->asks; i++) {
        uint32_t k = 0;
        while (k < set->nodes && !join(&nodes[k], &asks[i]))
            k++;
        if (k == set->nodes)
            nodes[set->nodes++] = begin(asks + i, set->asks - i);
        seats[i].node = (uint16_t)k;
    }
    for (uint32_t k = 0; k < set->nodes; k++)
        settle(&nodes[k]);
}

/* The slot where the node's inputs begin; columns that are not neighbours are put side by side. */
static uint16_t input_slot(struct td_ind_set *set, const struct node *node)
{
    struct copy *copies = at(set, set->at_copies);
    const uint32_t n = (uint32_t)td_indicator_inputs(node->row);
    bool neighbours = true;
    for (uint32_t k = 0; k < n; k++)
        neighbours = neighbours && node->column[k] == node->column[0] + k;
    if (neighbours)
        return node->column[0];
    const uint16_t first = (uint16_t)set->slots;
    for (uint32_t k = 0; k < n; k++)
        copies[set->copies++] =
            (struct copy){.from = node->column[k], .to = (uint16_t)set->slots++};
    return first;
}

static void prepare_steps(struct td_ind_set *set)
{
    uint32_t states = set->at_states;
    const struct node *nodes = at(set, set->at_nodes);
    struct step *steps = at(set, set->at_steps);
    for (uint32_t k = 0; k < set->nodes; k++) {
        char *state = at(set, states);
        td_indicator_init(nodes[k].row, nodes[k].params, state);
        steps[k].run = nodes[k].row->step;
        steps[k].fixed = (uint32_t)((char *)td_indicator_fixed(state) - (char *)set);
        steps[k].mem = (uint32_t)((char *)td_indicator_windows(state) - (char *)set);
        steps[k].in = set->at_slots + 8u * input_slot(set, &nodes[k]);
        states += (uint32_t)td_indicator_state_size(nodes[k].row, nodes[k].params);
        TD_REQUIRE(states <= set->bytes);
    }
    set->results = set->slots;
    for (uint32_t k = 0; k < set->nodes; k++) {
        steps[k].first = set->slots;
        steps[k].out = set->at_slots + 8u * set->slots;
        steps[k].outputs = (uint32_t)td_indicator_outputs(nodes[k].row);
        set->slots += steps[k].outputs;
    }
}

/* Where each ask finds its values, and for batch the first column that wants each slot. */
static void seat_asks(struct td_ind_set *set, const struct td_ind_ask *asks)
{
    const struct node *nodes = at(set, set->at_nodes);
    const struct step *steps = at(set, set->at_steps);
    struct seat *seats = at(set, set->at_seats);
    uint16_t *wanted = at(set, set->at_wanted), column = 0;
    memset(wanted, ANY, set->slots * sizeof *wanted);
    for (uint32_t i = 0; i < set->asks; i++) {
        const struct node *node = &nodes[seats[i].node];
        const struct td_ind_member *m = node->family ? member_of(node->family, asks[i].row) : NULL;
        seats[i].first = column;
        for (int32_t k = 0; k < td_indicator_outputs(asks[i].row); k++, column++) {
            const uint16_t slot =
                (uint16_t)(steps[seats[i].node].first + (m ? m->output[k] : (uint8_t)k));
            seats[i].slot[k] = slot;
            if (wanted[slot] == NOBODY)
                wanted[slot] = column;
        }
    }
    set->outputs = column;
}

static void forget(struct td_ind_set *set)
{
    double *slots = at(set, set->at_slots);
    for (uint32_t k = set->results; k < set->slots; k++)
        slots[k] = (double)NAN;
}

struct td_ind_set *td_ind_set_init(const struct td_ind_ask *asks, size_t n, void *memory)
{
    struct td_ind_set *set = memory;
    const struct td_ind_set plan = lay_out(asks, n);
    memset(memory, 0, plan.bytes);
    *set = plan;
    set->slots = set->columns;
    share(set, asks);
    prepare_steps(set);
    seat_asks(set, asks);
    forget(set);
    return set;
}

size_t td_ind_set_steps(const struct td_ind_set *set)
{
    return set->nodes;
}

/* ---- one bar ---- */

static inline double *doubles(char *base, uint32_t place)
{
    return (double *)(void *)(base + place);
}

/* Of a step without values. Out of the loop over the steps, which has few registers to lose. */
static void __attribute__((noinline, cold)) forget_step(double *slots, const struct step *s)
{
    for (uint32_t i = 0; i < s->outputs; i++)
        slots[s->first + i] = (double)NAN;
}

enum td_err td_ind_set_step(struct td_ind_set *set, const double *bar)
{
    char *base = (char *)set;
    double *slots = at(set, set->at_slots), probe = 0;
    const struct step *steps = at(set, set->at_steps);
    const struct copy *copies = at(set, set->at_copies);
    for (uint32_t k = 0, used = set->used; used; k++, used >>= 1) {
        slots[k] = bar[k];
        if (TD_LIKELY(used & 1u))
            probe += bar[k] * 0.0; /* a NaN when it is not finite */
    }
    if (TD_UNLIKELY(probe != 0)) {
        forget(set);
        return TD_EINVAL;
    }
    for (uint32_t k = 0; k < set->copies; k++)
        slots[copies[k].to] = slots[copies[k].from];
    for (const struct step *s = steps, *end = steps + set->nodes; s < end; s++)
        if (TD_UNLIKELY(s->run(base + s->fixed, doubles(base, s->mem), doubles(base, s->in),
                               doubles(base, s->out)) != TD_IND_VALUE))
            forget_step(slots, s);
    return TD_OK;
}

double td_ind_set_value(const struct td_ind_set *set, size_t ask, int output)
{
    const struct seat *seats = at(set, set->at_seats);
    const double *slots = at(set, set->at_slots);
    return slots[seats[ask].slot[output]];
}

/* ---- columns ---- */

/* Where output slots [out, out + outputs) go for bars from `from` on; the spare column when nobody wants it. */
static void destinations(const struct td_ind_set *set, const struct step *s, double *const *out,
                         size_t from, double **to)
{
    const uint16_t *wanted = at(set, set->at_wanted);
    for (uint32_t i = 0; i < s->outputs; i++) {
        const uint16_t column = wanted[s->first + i];
        to[i] = column != NOBODY ? out[column] + from : (double *)at(set, set->at_spare);
    }
}

/* Bars [from, from + n), all of them finite, n <= TD_IND_SET_BLOCK. */
static void run_finite(struct td_ind_set *set, const double *const *columns, double *const *out,
                       size_t from, size_t n)
{
    const struct node *nodes = at(set, set->at_nodes);
    const struct step *steps = at(set, set->at_steps);
    char *base = (char *)set;
    for (uint32_t k = 0; k < set->nodes; k++) {
        const double *in[TD_IND_INPUTS_MAX] = {0};
        double *to[TD_IND_OUTPUTS_MAX];
        for (int i = 0; i < TD_IND_INPUTS_MAX; i++)
            if (nodes[k].column[i] != ANY)
                in[i] = columns[nodes[k].column[i]] + from;
        destinations(set, &steps[k], out, from, to);
        nodes[k].row->batch(base + steps[k].fixed, (double *)(void *)(base + steps[k].mem), in, to,
                            n, true);
    }
}

/* What several asks share goes to the columns of the others too. */
static void repeat(const struct td_ind_set *set, double *const *out, size_t from, size_t n)
{
    const uint16_t *wanted = at(set, set->at_wanted);
    const struct seat *seats = at(set, set->at_seats);
    for (uint32_t i = 0; i < set->asks; i++) {
        const uint32_t end = i + 1 < set->asks ? seats[i + 1].first : set->outputs;
        for (uint32_t column = seats[i].first; column < end; column++) {
            const uint16_t first = wanted[seats[i].slot[column - seats[i].first]];
            if (first != column)
                memcpy(out[column] + from, out[first] + from, n * sizeof **out);
        }
    }
}

/* The end of the bars from `from` on that are all refused, or all taken; at most `end`. */
static size_t stretch(const struct td_ind_set *set, const double *const *columns, size_t from,
                      size_t end, bool *taken)
{
    size_t i = from;
    for (; i < end; i++) {
        bool fine = true;
        for (uint32_t k = 0; k < set->columns; k++)
            fine = fine && (!(set->used >> k & 1u) || isfinite(columns[k][i]));
        if (i > from && fine != *taken)
            break;
        *taken = fine;
    }
    return i;
}

static void run_block(struct td_ind_set *set, const double *const *columns, double *const *out,
                      size_t from, size_t n)
{
    const size_t end = from + n;
    bool finite = true;
    for (uint32_t k = 0; k < set->columns; k++)
        finite = finite && (!(set->used >> k & 1u) || td_indicator_finite(columns[k] + from, n));
    if (finite) {
        run_finite(set, columns, out, from, n);
        repeat(set, out, from, n);
        return;
    }
    while (from < end) {
        bool taken = false;
        const size_t next = stretch(set, columns, from, end, &taken);
        if (taken) {
            run_finite(set, columns, out, from, next - from);
            repeat(set, out, from, next - from);
        }
        for (uint32_t c = 0; c < set->outputs && !taken; c++)
            for (size_t i = from; i < next; i++)
                out[c][i] = (double)NAN;
        from = next;
    }
}

void td_ind_set_batch(struct td_ind_set *set, const double *const *columns, double *const *out,
                      size_t n)
{
    for (size_t from = 0; from < n; from += TD_IND_SET_BLOCK)
        run_block(set, columns, out, from,
                  n - from < TD_IND_SET_BLOCK ? n - from : TD_IND_SET_BLOCK);
}
