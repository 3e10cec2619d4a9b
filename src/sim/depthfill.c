/* sim/depthfill.c - row operations that mean the same to every reader, and rows below a quote. */
#include "sim/depthfill.h"

#include <string.h>

#include "base/map.h"
#include "base/random.h"

static bool same_row(const struct td_depth_row *a, const struct td_depth_row *b)
{
    return a->px.e9 == b->px.e9 && a->qty.e9 == b->qty.e9 &&
           memcmp(a->maker, b->maker, sizeof a->maker) == 0;
}

static struct td_depth operation(enum td_depth_op op, enum td_side side, size_t row,
                                 const struct td_depth_row *r)
{
    struct td_depth d = {
        .px = r->px, .qty = r->qty, .row = (int32_t)row, .op = (uint8_t)op, .side = (uint8_t)side};
    memcpy(d.maker, r->maker, sizeof d.maker);
    return d;
}

size_t td_depth_diff(struct td_depth_shown *shown, enum td_side side,
                     const struct td_depth_row *target, size_t n, struct td_depth *out)
{
    struct td_depth_row *rows = shown->rows[side];
    uint32_t *count = &shown->count[side];
    size_t made = 0;
    if (n > TD_DEPTH_ROWS_MAX)
        n = TD_DEPTH_ROWS_MAX;
    while (*count > n) {
        const struct td_depth_row none = {.px = {0}};
        out[made++] = operation(TD_DEPTH_DELETE, side, --*count, &none);
    }
    for (size_t i = 0; i < n; i++) {
        const bool known = i < *count;
        if (known && same_row(&rows[i], &target[i]))
            continue;
        out[made++] = operation(known ? TD_DEPTH_UPDATE : TD_DEPTH_INSERT, side, i, &target[i]);
        rows[i] = target[i];
        *count += !known;
    }
    return made;
}

/* A uniform number that belongs to one price of one side for one period. */
static uint64_t draw(const struct td_depth_fill *fill, enum td_side side, int64_t px,
                     int64_t period)
{
    const struct {
        uint64_t seed;
        int64_t px, period;
        uint64_t side;
    } key = {fill->seed, px, period, (uint64_t)side};
    struct td_rng rng;
    td_rng_init(&rng, td_hash_bytes(&key, sizeof key));
    return td_rng_u64(&rng);
}

/* Sizes grow over the first rows and then stay, as recorded books do; each is 1/2 to 2 times that. */
static td_qty size_at(const struct td_depth_fill *fill, enum td_side side, int64_t px, size_t k,
                      td_ns now)
{
    const td_ns hold = fill->hold > 0 ? fill->hold : 2 * TD_SEC;
    const uint64_t phase = draw(fill, side, px, -1) % (uint64_t)hold;
    const uint64_t u = draw(fill, side, px, (now + (td_ns)phase) / hold);
    const int64_t percent = 50 + (int64_t)(u % 151);
    const int64_t growth = 10 + (int64_t)(k < 5 ? k : 5) * 2;
    const int64_t lot = fill->lot.e9 > 0 ? fill->lot.e9 : TD_E9;
    int64_t qty = fill->top_qty.e9 / 1000 * percent * growth;
    qty -= qty % lot;
    return (td_qty){qty > 0 ? qty : lot};
}

size_t td_depth_fill(const struct td_depth_fill *fill, const struct td_quote *quote,
                     enum td_side side, td_ns now, struct td_depth_row *target, size_t rows)
{
    const td_px best = side == TD_BID ? quote->bid : quote->ask;
    const td_qty qty = side == TD_BID ? quote->bid_qty : quote->ask_qty;
    if (rows == 0 || td_px_is_none(best) || qty.e9 <= 0)
        return 0;
    const int64_t step = side == TD_BID ? -fill->min_tick.e9 : fill->min_tick.e9;
    int64_t px = best.e9;
    size_t n = 0;
    target[n++] = (struct td_depth_row){.px = best, .qty = qty};
    /* The next multiple of the tick away from the best: quotes may be finer than a tick. */
    td_px aligned = best;
    if (td_px_round(best, fill->min_tick, side == TD_BID ? TD_ROUND_DOWN : TD_ROUND_UP, &aligned) ==
            TD_OK &&
        aligned.e9 != best.e9)
        px = aligned.e9 - step;
    for (; n < rows; n++) {
        px += step;
        if (px <= 0)
            break;
        target[n] = (struct td_depth_row){
            .px = {px}, .qty = size_at(fill, side, px, n, now), .generated = true};
    }
    return n;
}

size_t td_depth_from_levels(const struct td_venue_level *levels, size_t n, bool generated,
                            struct td_depth_row *target, size_t rows)
{
    const size_t count = n < rows ? n : rows;
    for (size_t i = 0; i < count; i++)
        target[i] =
            (struct td_depth_row){.px = levels[i].px, .qty = levels[i].qty, .generated = generated};
    return count;
}

void td_depth_name(struct td_depth_row *rows, size_t n, const char *makers, uint64_t seed)
{
    struct td_str names[32];
    size_t count = 0;
    struct td_str rest = td_str_of(makers);
    while (count < TD_COUNT(names) && td_str_split(&rest, ',', &names[count]))
        count++;
    for (size_t i = 0; i < n && count; i++) {
        const int64_t key[2] = {(int64_t)seed, rows[i].px.e9};
        memset(rows[i].maker, 0, sizeof rows[i].maker);
        (void)td_str_copy(names[td_hash_bytes(key, sizeof key) % count], rows[i].maker,
                          sizeof rows[i].maker);
    }
}
