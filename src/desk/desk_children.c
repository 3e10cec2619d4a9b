/* desk/desk_children.c - what the children of a parent are, from their own rows: for the next child, and at the socket.
 *
 * A child that ended unfilled gives its rest back only when that is proven: the broker's own word that it is cancelled, with
 * what it filled; a refusal of what it never had; bytes that never left; or a complete look-up since. Until then the
 * rest may have filled unseen, and nothing takes its place.
 */
#include "desk/desk_inner.h"

#define AT_ONCE (2 * TD_SEC) /* a child that ends within was ended by the broker */

static bool is_end_told(const struct td_order *o)
{
    static const char *const words[] = {"Cancelled", "ApiCancelled", "Inactive"};
    for (size_t i = 0; i < TD_COUNT(words); i++)
        if (strcmp(o->status, words[i]) == 0)
            return true;
    return false;
}

static bool was_looked_up(const struct td_desk *d, uint64_t key)
{
    for (int i = 0; i < DESK_ALGOS_MAX; i++)
        if (d->algos.proven[i] == key)
            return true;
    return false;
}

/* What an ended child may still turn out to have filled. */
static int64_t doubt_of(const struct td_desk *d, const struct td_order *o)
{
    const int64_t rest = o->now.qty.e9 - o->filled.e9, short_of = o->told.e9 - o->filled.e9;
    const bool proven = !o->sent_ns || o->state == TD_OS_ABANDONED || is_end_told(o) ||
                        (o->state == TD_OS_REJECTED && !o->perm_id) || was_looked_up(d, o->key);
    if (proven)
        return short_of > 0 ? short_of : 0;
    return rest > 0 ? rest : 0;
}

/* Refused, or ended by somebody else: our own cancels come later than this. What we did not send counts as nothing. */
static bool is_failure(const struct td_order *o)
{
    return o->sent_ns && o->filled.e9 == 0 &&
           (o->state == TD_OS_REJECTED || o->done_ns - o->sent_ns < AT_ONCE);
}

static void add_child(const struct td_desk *d, const struct td_order *o, struct desk_children *out)
{
    const int64_t qty =
        o->changing && o->asked.qty.e9 > o->now.qty.e9 ? o->asked.qty.e9 : o->now.qty.e9;
    out->count++;
    out->filled += o->filled.e9;
    if (!td_order_state_terminal((enum td_order_state)o->state)) {
        out->live++;
        out->out += qty > o->filled.e9 ? qty - o->filled.e9 : 0;
        return;
    }
    out->doubt += doubt_of(d, o);
    out->unfilled += o->filled.e9 < o->now.qty.e9;
    if (is_failure(o))
        out->failed_in_row++;
    else if (o->sent_ns)
        out->failed_in_row = 0;
}

void desk_count_children(const struct td_desk *d, const struct td_order *parent,
                         struct desk_children *out)
{
    *out = (struct desk_children){0};
    for (uint32_t i = (uint32_t)(parent - d->blotter.orders) + 1; i < d->blotter.order_count; i++)
        if (d->blotter.orders[i].parent == parent->key &&
            d->blotter.orders[i].role == TD_ROLE_SLICE)
            add_child(d, &d->blotter.orders[i], out); /* children stand behind their parent */
}

void desk_prove_children(struct td_desk *d)
{
    for (uint32_t i = 0; i < d->blotter.order_count && d->algos.count; i++) {
        const struct td_order *o = &d->blotter.orders[i];
        if (o->role == TD_ROLE_SLICE && td_order_state_terminal((enum td_order_state)o->state) &&
            doubt_of(d, o) > 0)
            d->algos.proven[d->algos.proven_count++ % DESK_ALGOS_MAX] = o->key;
    }
}

bool desk_child_fits(const struct td_desk *d, const struct td_order *child)
{
    struct desk_children c;
    const struct td_order *parent = td_blotter_order(&d->blotter, child->parent);
    if (!parent || parent->role != TD_ROLE_PARENT ||
        td_order_state_terminal((enum td_order_state)parent->state))
        return false;
    desk_count_children(d, parent, &c);
    return c.filled <= parent->now.qty.e9 && c.out <= parent->now.qty.e9 - c.filled;
}
