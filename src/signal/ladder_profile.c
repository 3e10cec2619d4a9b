/* signal/ladder_profile.c - open addressing by price, rebuilt wider when it is three quarters full. */
#include "signal/ladder_profile.h"

#include <string.h>

void td_profile_init(struct td_profile *p, struct td_profile_row *rows, uint32_t cap)
{
    TD_REQUIRE(cap >= 64 && (cap & (cap - 1)) == 0);
    *p =
        (struct td_profile){.width = 1, .rows = rows, .spare = rows + cap, .cap = cap, .shift = 64};
    for (uint32_t c = cap; c > 1; c >>= 1)
        p->shift--;
    memset(rows, 0, (size_t)cap * sizeof *rows);
}

static struct td_profile_row *find(struct td_profile *p, int64_t bucket)
{
    uint32_t at = (uint32_t)((uint64_t)bucket * UINT64_C(0x9E3779B97F4A7C15) >> p->shift);
    while (p->rows[at].used && p->rows[at].bucket != bucket)
        at = (at + 1) & (p->cap - 1);
    return &p->rows[at];
}

/* Moves the row at `at` down a heap of `n` rows whose largest bucket is on top. */
static void sift(struct td_profile_row *rows, uint32_t at, uint32_t n)
{
    const struct td_profile_row moved = rows[at];
    for (uint32_t child = 2 * at + 1; child < n; child = 2 * at + 1) {
        child += child + 1 < n && rows[child + 1].bucket > rows[child].bucket;
        if (rows[child].bucket <= moved.bucket)
            break;
        rows[at] = rows[child];
        at = child;
    }
    rows[at] = moved;
}

/* A heap sort: in place, and the library's own may ask for memory. */
static void sort_rows(struct td_profile_row *rows, uint32_t n)
{
    for (uint32_t i = n / 2; i > 0; i--)
        sift(rows, i - 1, n);
    for (uint32_t left = n; left > 1; left--) {
        const struct td_profile_row top = rows[0];
        rows[0] = rows[left - 1];
        rows[left - 1] = top;
        sift(rows, 0, left - 1);
    }
}

/* The used rows in price order in the spare half, which becomes the one in use. */
static void gather(struct td_profile *p)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->cap; i++)
        if (p->rows[i].used)
            p->spare[n++] = p->rows[i];
    struct td_profile_row *old = p->rows;
    p->rows = p->spare;
    p->spare = old;
    sort_rows(p->rows, n);
}

int64_t td_profile_tick(const struct td_profile *p)
{
    int64_t least = 0;
    for (uint32_t i = 1; i < p->count; i++) {
        const int64_t d = (p->rows[i].bucket - p->rows[i - 1].bucket) * p->width;
        least = least == 0 || d < least ? d : least;
    }
    return least;
}

static void put(struct td_profile *p, int64_t bucket, double first, double second)
{
    struct td_profile_row *r = find(p, bucket);
    if (!r->used) {
        *r = (struct td_profile_row){.bucket = bucket, .used = true};
        p->count++;
    }
    r->qty[0] += first;
    r->qty[1] += second;
}

static void widen(struct td_profile *p)
{
    gather(p);
    const uint32_t n = p->count;
    const int64_t old = p->width;
    p->width = old == 1 ? td_profile_tick(p) * 2
                        : old * 2; /* buckets of one width lie within those of the next */
    struct td_profile_row *from = p->rows;
    p->rows = p->spare;
    p->spare = from;
    memset(p->rows, 0, (size_t)p->cap * sizeof *p->rows);
    p->count = 0;
    for (uint32_t i = 0; i < n; i++)
        put(p, from[i].bucket * old / p->width, from[i].qty[0], from[i].qty[1]);
}

void td_profile_add(struct td_profile *p, td_px px, int which, double qty)
{
    TD_REQUIRE(px.e9 >= 0 && (which == 0 || which == 1));
    while (p->count >= p->cap / 4 * 3)
        widen(p);
    put(p, p->width == 1 ? px.e9 : px.e9 / p->width, which ? 0 : qty, which ? qty : 0);
    p->total[which] += qty;
}

const struct td_profile_row *td_profile_sort(struct td_profile *p)
{
    gather(p);
    return p->rows;
}

static double both(const struct td_profile_row *r)
{
    return r->qty[0] + r->qty[1];
}

bool td_profile_value_area(const struct td_profile *p, double share, uint32_t *point, uint32_t *low,
                           uint32_t *high)
{
    uint32_t best = 0;
    if (p->count == 0)
        return false;
    for (uint32_t i = 1; i < p->count; i++)
        best = both(&p->rows[i]) > both(&p->rows[best]) ? i : best;
    const double want = (p->total[0] + p->total[1]) * share;
    uint32_t from = best, to = best;
    double held = both(&p->rows[best]);
    while (held < want && (from > 0 || to + 1 < p->count)) {
        const double below = from > 0 ? both(&p->rows[from - 1]) : -1;
        const double above = to + 1 < p->count ? both(&p->rows[to + 1]) : -1;
        if (above >= below)
            held += both(&p->rows[++to]);
        else
            held += both(&p->rows[--from]);
    }
    *point = best;
    *low = from;
    *high = to;
    return true;
}
