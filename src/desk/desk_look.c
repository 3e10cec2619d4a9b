/* desk/desk_look.c - the looks that halt, often enough: what changed the money, and the kill switch file.
 *
 * Money is looked at in the turn in which a mark, a fill, a fee or the account's worth changed it, after that turn's orders
 * have left; at most every LOOK_APART, and once more when that time is over, so that the last change is never left.
 * The file is looked for as often while an order of ours works: there is something to cancel. Before new orders the
 * writer thread looks (desk_switch.c). While nothing changes and nothing works, and in a halt, the looks of each second
 * are all there are. Monotonic clock; nothing is allocated. Source: reliability P6 (cancels leave within 100 ms).
 */
#include "desk/desk_inner.h"

#define LOOK_APART (50 * TD_MS)

void desk_money_moved(struct td_desk *d)
{
    d->looks.moved = true;
}

static bool watches_file(const struct td_desk *d)
{
    return d->blotter.live_count > 0 && !d->config.unattended;
}

void desk_look_often(struct td_desk *d, td_ns mono)
{
    if (d->blotter.halted)
        return;
    if (d->looks.moved && mono >= d->looks.money_mono) {
        d->looks.moved = false;
        d->looks.money_mono = mono + LOOK_APART;
        desk_look_at_money(d);
    }
    if (watches_file(d) && mono >= d->looks.file_mono) {
        d->looks.file_mono = mono + LOOK_APART;
        desk_watch_switch(d);
    }
    if (d->blotter.halted)
        td_writer_kick(d->writer); /* the record of it does not wait for the next turn */
}

/* Never in the past: a turn that comes late tells that we were stopped (pulse.h), and is told by its deadline. */
static td_ns next_look(const struct td_desk *d, bool wanted, td_ns at)
{
    if (!wanted)
        return TD_NS_NEVER;
    return at > d->looks.turn_mono ? at : d->looks.turn_mono + LOOK_APART;
}

td_ns desk_look_deadline(const struct td_desk *d)
{
    const td_ns money = next_look(d, d->looks.moved, d->looks.money_mono);
    const td_ns file = next_look(d, watches_file(d), d->looks.file_mono);
    if (d->blotter.halted)
        return TD_NS_NEVER;
    return money < file ? money : file;
}
