/* desk/desk_delays.c - where an order's time goes, stage by stage: counted as it happens, told in the status.
 *
 * Monotonic clock but for the broker's answer, which is between two records (wall clock; a clock set back counts as 0). Since the
 * start of the process. Two clock readings an order and one a turn; nothing is allocated.
 */
#include "desk/desk_inner.h"

static const struct {
    const char *name, *what;
} stages[] = {
#define DESK_STAGE_ROW(name, word, what) {word, what},
    DESK_STAGES(DESK_STAGE_ROW)
#undef DESK_STAGE_ROW
};

void desk_delay(struct td_desk *d, enum desk_stage stage, td_ns span)
{
    td_spans_add(&d->delays[stage], span);
}

static void put_us(struct td_json *j, const char *key, td_ns span)
{
    td_json_key(j, key);
    if (span == TD_NS_NEVER)
        td_json_null(j);
    else
        td_json_double(j, (double)span / 1e3);
}

void desk_put_delays(const struct td_desk *d, struct td_json *j)
{
    td_json_key(j, "delays");
    td_json_array(j);
    for (size_t i = 0; i < TD_COUNT(stages); i++) {
        const struct td_spans *s = &d->delays[i];
        td_json_object(j);
        td_json_key_text(j, "stage", stages[i].name);
        td_json_key_text(j, "what", stages[i].what);
        td_json_key_i64(j, "count", (int64_t)s->count);
        put_us(j, "p50_us", td_spans_quantile(s, 0.5));
        put_us(j, "p99_us", td_spans_quantile(s, 0.99));
        put_us(j, "p999_us", td_spans_quantile(s, 0.999));
        put_us(j, "max_us", s->count ? s->most : TD_NS_NEVER);
        put_us(j, "sum_us", s->sum);
        if (!s->count)
            td_json_key_text(j, "reason", "it did not happen since the desk started");
        td_json_object_end(j);
    }
    td_json_array_end(j);
}
