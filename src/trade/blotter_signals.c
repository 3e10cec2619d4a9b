/* trade/blotter_signals.c - signals of models outside: the rows, and the record that is a row. */
#include "trade/blotter_inner.h"

#define URGENCY 16 /* of `group`: kind + URGENCY x urgency */

uint32_t td_blotter_signals(const struct td_blotter *b)
{
    return b->signal_total < TD_MLSIGNALS_KEPT ? b->signal_total : TD_MLSIGNALS_KEPT;
}

const struct td_mlsignal_row *td_blotter_signal(const struct td_blotter *b, uint32_t number)
{
    const struct td_mlsignal_row *row = &b->signals[(number - 1) % TD_MLSIGNALS_KEPT];
    return number && row->number == number ? row : NULL;
}

const struct td_mlsignal_row *td_blotter_signal_of(const struct td_blotter *b, const char *id)
{
    const uint32_t count = td_blotter_signals(b);
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(b->signals[i].told.id, id) == 0)
            return &b->signals[i];
    return NULL;
}

void td_mlsignal_record(const struct td_mlsignal_row *row, struct td_record *out)
{
    const struct td_mlsignal *t = &row->told;
    td_record_init(out, TD_REC_SIGNAL, row->changed);
    blotter_text(out->ref, sizeof out->ref, t->id);
    blotter_text(out->symbol, sizeof out->symbol, t->symbol);
    blotter_text(out->strategy, sizeof out->strategy, t->strategy);
    blotter_text(out->exec_id, sizeof out->exec_id, t->model);
    blotter_text(out->status, sizeof out->status,
                 td_mlsignal_state_word((enum td_mlsignal_state)row->state));
    blotter_text(out->text, sizeof out->text, row->reason);
    out->group = t->type + URGENCY * t->urgency;
    out->cash.e9 = t->confidence_e9;
    out->pnl.e9 = t->score_e9;
    out->qty = t->quantity;
    out->limit = t->price;
    out->stop.e9 = t->tolerance_e9;
    out->number = t->at;
    out->until = t->until;
    out->tag = row->number;
    out->code = row->rule;
    out->key = row->key;
    out->display = row->wanted;
    out->multiplier = row->filled;
    out->px = row->reference;
    out->target = row->average;
    out->parent = row->received;
}

/* What a record makes of a row. False: no desk writes that. */
static bool read_row(const struct td_record *r, struct td_mlsignal_row *row)
{
    enum td_mlsignal_state state;
    struct td_mlsignal *t = &row->told;
    if (r->tag <= 0 || r->tag > UINT32_MAX || r->group < 0 || r->code < 0 || r->code > UINT8_MAX ||
        r->group % URGENCY >= TD_MLSIGNAL_TYPE_COUNT ||
        r->group / URGENCY >= TD_MLSIGNAL_URGENCIES || !r->ref[0] ||
        !td_mlsignal_state_find(r->status, &state))
        return false;
    *row = (struct td_mlsignal_row){.number = (uint32_t)r->tag,
                                    .state = (uint8_t)state,
                                    .rule = (uint8_t)r->code,
                                    .key = r->key,
                                    .wanted = r->display,
                                    .filled = r->multiplier,
                                    .reference = r->px,
                                    .average = r->target,
                                    .received = r->parent,
                                    .changed = r->at_ns};
    blotter_text(t->id, sizeof t->id, r->ref);
    blotter_text(t->symbol, sizeof t->symbol, r->symbol);
    blotter_text(t->strategy, sizeof t->strategy, r->strategy);
    blotter_text(t->model, sizeof t->model, r->exec_id);
    blotter_text(row->reason, sizeof row->reason, r->text);
    t->type = (uint8_t)(r->group % URGENCY);
    t->urgency = (uint8_t)(r->group / URGENCY);
    t->confidence_e9 = r->cash.e9;
    t->score_e9 = r->pnl.e9;
    t->quantity = r->qty;
    t->price = r->limit;
    t->tolerance_e9 = r->stop.e9;
    t->at = r->number;
    t->until = r->until;
    return true;
}

/* A new one is validated or rejected, under a new id; it takes the place of the oldest, which must be over. */
static enum td_err add_row(struct td_blotter *b, const struct td_mlsignal_row *row)
{
    struct td_mlsignal_row *place = &b->signals[(row->number - 1) % TD_MLSIGNALS_KEPT];
    if (!td_mlsignal_may_follow(TD_MLS_RECEIVED, (enum td_mlsignal_state)row->state))
        return TD_ECORRUPT;
    if (place->number && !td_mlsignal_is_over((enum td_mlsignal_state)place->state))
        return TD_EFULL;
    if (td_blotter_signal_of(b, row->told.id))
        return TD_EEXIST;
    *place = *row;
    b->signal_total = row->number;
    return TD_OK;
}

enum td_err blotter_apply_signal(struct td_blotter *b, const struct td_record *r)
{
    struct td_mlsignal_row row;
    if (!read_row(r, &row))
        return TD_ECORRUPT;
    if (b->signal_total < UINT32_MAX && row.number == b->signal_total + 1)
        return add_row(b, &row);
    struct td_mlsignal_row *known = &b->signals[(row.number - 1) % TD_MLSIGNALS_KEPT];
    if (known->number != row.number || strcmp(known->told.id, row.told.id) != 0)
        return TD_ECORRUPT;
    if (known->state == row.state)
        return TD_EEXIST;
    if (!td_mlsignal_may_follow((enum td_mlsignal_state)known->state,
                                (enum td_mlsignal_state)row.state))
        return TD_ECORRUPT;
    *known = row;
    return TD_OK;
}
