/* signal/quote_flow.h - order flow imbalance of one level, from one book to the next: the formula, once.
 *
 *     e = [pb >= pb'] qb - [pb <= pb'] qb' - [pa <= pa'] qa + [pa >= pa'] qa'
 *
 * where ' is the book before: what came to the bid and left the ask, less what left the bid and came to the ask, in units of
 * size. Above zero: buying pressure. A level that is missing on a side of either book has e = 0: the caller asks for that
 * first, who alone knows how his books tell it. Pure, without branches: which price moved is what nobody can predict.
 * Sources: Cont, Kukanov and Stoikov 2014; below the best level Xu, Gould and Howison 2018. */
#ifndef TD_SIGNAL_QUOTE_FLOW_H
#define TD_SIGNAL_QUOTE_FLOW_H

/* One level of both sides. */
struct td_flow_level {
    double bid, bid_qty, ask, ask_qty;
};

static inline double td_quote_flow(const struct td_flow_level *now, const struct td_flow_level *was)
{
    return (double)(now->bid >= was->bid) * now->bid_qty -
           (double)(now->bid <= was->bid) * was->bid_qty -
           (double)(now->ask <= was->ask) * now->ask_qty +
           (double)(now->ask >= was->ask) * was->ask_qty;
}

#endif
