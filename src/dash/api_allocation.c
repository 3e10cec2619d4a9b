/* dash/api_allocation.c - how the equity is shared out now, and what moves together of what is held.
 *
 * Correlations are of logarithmic returns of the last bars that two held symbols have in common.
 */
#include "dash/api_pairs.h"

#include <math.h>
#include <string.h>

#include "dash/api_answers.h"
#include "dash/api_inner.h"

#define NO_METHOD "no strategy of this desk shares out the equity: each sizes its own orders"

/* --- pairs --- */

/* Returns of both at bars that begin together, newest first; how many. */
static uint32_t common_returns(const struct td_watch_symbol *a, const struct td_watch_symbol *b,
                               double *x, double *y)
{
    double px = 0, py = 0;
    uint32_t n = 0, i = a->bar_count, k = b->bar_count;
    while (i && k && n < API_PAIR_BARS) {
        const struct td_watch_bar *p = &a->bars[i - 1], *q = &b->bars[k - 1];
        if (p->start != q->start) {
            i -= p->start > q->start;
            k -= p->start < q->start;
            continue;
        }
        const double at = td_e9_to_double(p->bar.close.e9), bt = td_e9_to_double(q->bar.close.e9);
        if (at > 0 && bt > 0 && px > 0) {
            x[n] = log(px / at);
            y[n++] = log(py / bt);
        }
        px = at > 0 && bt > 0 ? at : px;
        py = at > 0 && bt > 0 ? bt : py;
        i--, k--;
    }
    return n;
}

double api_correlation(const struct td_watch_symbol *a, const struct td_watch_symbol *b)
{
    double x[API_PAIR_BARS], y[API_PAIR_BARS], mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
    const uint32_t n = common_returns(a, b, x, y);
    if (n < API_PAIR_LEAST)
        return (double)NAN;
    for (uint32_t i = 0; i < n; i++) {
        mx += x[i] / n;
        my += y[i] / n;
    }
    for (uint32_t i = 0; i < n; i++) {
        xx += (x[i] - mx) * (x[i] - mx);
        yy += (y[i] - my) * (y[i] - my);
        xy += (x[i] - mx) * (y[i] - my);
    }
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : (double)NAN;
}

uint32_t api_held(const struct td_api_view *v, const struct td_watch_symbol **out, uint32_t max)
{
    const cJSON *row;
    uint32_t n = 0;
    cJSON_ArrayForEach(row, api_at(v->status, "positions"))
    {
        const char *symbol = api_text(row, "symbol");
        const struct td_watch_symbol *s =
            symbol && v->watch ? td_watch_find(v->watch, td_str_of(symbol)) : NULL;
        if (s && n < max && api_number(row, "quantity") != 0)
            out[n++] = s;
    }
    return n;
}

void api_pairs(const struct td_api_view *v, struct api_pair_sum *out)
{
    const struct td_watch_symbol *held[TD_FEED_LINES];
    const uint32_t n = api_held(v, held, TD_FEED_LINES);
    double sum = 0;
    *out = (struct api_pair_sum){.average = (double)NAN, .most = (double)NAN};
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = i + 1; k < n; k++) {
            const double r = api_correlation(held[i], held[k]);
            if (isnan(r))
                continue;
            sum += r;
            if (!out->count++ || r > out->most) {
                out->most = r;
                out->a = held[i]->symbol;
                out->b = held[k]->symbol;
            }
        }
    if (out->count)
        out->average = sum / out->count;
}

/* --- the answer --- */

static double value_of(const struct td_api_view *v, const cJSON *row)
{
    const cJSON *told = api_at(row, "multiplier");
    const char *symbol = api_text(row, "symbol");
    return symbol ? api_number(row, "quantity") * api_price(v, symbol) *
                        (cJSON_IsNumber(told) ? told->valuedouble : 1)
                  : (double)NAN;
}

static void put_weights(struct td_json *j, const struct td_api_view *v)
{
    const double equity = api_number(v->status, "equity");
    const cJSON *row;
    td_json_key(j, "allocations");
    td_json_object(j);
    cJSON_ArrayForEach(row, api_at(v->status, "positions")) if (api_text(row, "symbol") &&
                                                                api_number(row, "quantity") != 0)
        api_real(j, api_text(row, "symbol"), equity > 0 ? value_of(v, row) / equity : (double)NAN,
                 "the equity or the price is not known");
    td_json_object_end(j);
    if (!v->status)
        td_json_key_text(j, "allocations_reason", api_no_desk(v));
}

void api_allocation(const struct td_api_call *call, struct td_api_answer *out)
{
    const struct td_api_view *v = call->view;
    const char *why = v->status ? API_PAIR_WHY : api_no_desk(v);
    struct api_pair_sum pairs;
    struct td_json j;
    api_pairs(v, &pairs);
    api_begin(&j, out);
    api_null(&j, "method", NO_METHOD);
    put_weights(&j, v);
    td_json_key(&j, "risk_budget");
    td_json_object(&j);
    td_json_object_end(&j);
    td_json_key_text(&j, "risk_budget_reason", NO_METHOD);
    td_json_key(&j, "correlation_matrix");
    td_json_object(&j);
    api_real(&j, "avg_correlation", pairs.average, why);
    api_real(&j, "max_correlation", pairs.most, why);
    api_null(&j, "diversification_ratio", "nothing measures it");
    td_json_object_end(&j);
    td_json_key(&j, "rebalance");
    td_json_object(&j);
    api_null(&j, "last", NO_METHOD);
    api_null(&j, "next_due", NO_METHOD);
    api_null(&j, "drift", NO_METHOD);
    td_json_object_end(&j);
    api_end(&j, out);
}
