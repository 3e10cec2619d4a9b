/* tests/base/spans_test.c - quantiles of spans against the sorted list, and the edges of the buckets. */
#include "support/support.h"

#include <stdlib.h>

#include "base/random.h"
#include "base/spans.h"

static int by_size(const void *a, const void *b)
{
    const td_ns x = *(const td_ns *)a, y = *(const td_ns *)b;
    return (x > y) - (x < y);
}

static void a_quantile_is_never_short_and_little_long(void **state)
{
    (void)state;
    enum { N = 20000 };
    static td_ns list[N];
    static struct td_spans s;
    static const double asked[] = {0, 0.01, 0.5, 0.9, 0.99, 0.999, 1};
    struct td_rng rng;
    td_rng_init(&rng, 3);
    for (size_t i = 0; i < N; i++) {
        list[i] = (td_ns)(td_rng_u64(&rng) >> (td_rng_below(&rng, 40) + 22));
        td_spans_add(&s, list[i]);
    }
    qsort(list, N, sizeof *list, by_size);
    for (size_t i = 0; i < TD_COUNT(asked); i++) {
        const double rank = asked[i] * N;
        size_t at = (size_t)rank;
        at -= (double)at == rank && at > 0;
        const td_ns told = td_spans_quantile(&s, asked[i]);
        assert_true(told >= list[at] && told <= list[at] + list[at] / 16);
    }
    assert_int_equal(s.count, N);
    assert_true(s.most == list[N - 1] && td_spans_quantile(&s, 1) == s.most);
}

static void edges(void **state)
{
    (void)state;
    for (td_ns v = 1; v < (td_ns)1 << 43; v *= 2)
        for (td_ns near = v - 1; near <= v + 1; near++) {
            struct td_spans s = {0};
            td_spans_add(&s, near);
            assert_true(td_spans_quantile(&s, 0.5) == near);
        }
    struct td_spans s = {0};
    assert_true(td_spans_quantile(&s, 0.5) == TD_NS_NEVER);
    td_spans_add(&s, -5);
    assert_true(s.most == 0 && td_spans_quantile(&s, 1) == 0);
    td_spans_add(&s, TD_DAY * 400);
    assert_true(td_spans_quantile(&s, 1) == TD_DAY * 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quantile_is_never_short_and_little_long),
        cmocka_unit_test(edges),
    };
    return cmocka_run_group_tests_name("base/spans", tests, NULL, NULL);
}
