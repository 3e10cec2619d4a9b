/* desk/signalreport.c - the quality of external signals, and the signals themselves, as JSON. */
#include "desk/signalreport.h"

static void put_ms(struct td_json *j, const char *key, td_ns span)
{
    td_json_key(j, key);
    if (span == INT64_MIN)
        td_json_null(j);
    else
        td_json_i64(j, span / TD_MS);
}

void td_signal_row_put(const struct td_mlsignal_row *row, struct td_json *j)
{
    struct td_mlmeasure m;
    td_mlquality_measure(row, &m);
    td_json_key_text(j, "signal_id", row->told.id);
    td_json_key_text(j, "state", td_mlsignal_state_word((enum td_mlsignal_state)row->state));
    td_json_key_text(j, "reason", row->reason[0] ? row->reason : NULL);
    td_json_key_text(j, "symbol", row->told.symbol);
    td_json_key_text(j, "signal_type",
                     td_mlsignal_type_word((enum td_mlsignal_type)row->told.type));
    td_json_key_text(j, "urgency",
                     td_mlsignal_urgency_word((enum td_mlsignal_urgency)row->told.urgency));
    td_json_key_text(j, "strategy_name", row->told.strategy);
    td_json_key_text(j, "model_version", row->told.model);
    td_json_key_e9(j, "confidence", row->told.confidence_e9);
    td_json_key_i64(j, "order", (int64_t)row->key);
    td_json_key_e9(j, "quantity", row->wanted.e9);
    td_json_key_e9(j, "filled", row->filled.e9);
    td_json_key_e9(j, "reference", row->reference.e9);
    td_json_key_e9(j, "average", row->average.e9);
    put_ms(j, "way_ms", m.way);
    put_ms(j, "latency_ms", m.latency);
    td_json_key_e9(j, "slippage_bps", m.slippage_bps_e9);
    td_json_key_e9(j, "alignment", m.alignment_e9);
    td_json_key_e9(j, "score", m.score_e9);
}

static void put_states(const struct td_mlquality *q, struct td_json *j)
{
    td_json_key(j, "states");
    td_json_object(j);
    for (int i = TD_MLS_VALIDATED; i < TD_MLS_COUNT; i++)
        td_json_key_i64(j, td_mlsignal_state_word((enum td_mlsignal_state)i), q->states[i]);
    td_json_object_end(j);
}

static void put_alerts(const struct td_mlquality *q, struct td_json *j)
{
    td_json_key(j, "alerts");
    td_json_array(j);
    for (int i = 0; i < TD_MLALERT_COUNT; i++) {
        if (!q->alerts[i])
            continue;
        td_json_object(j);
        td_json_key_text(j, "alert", td_mlalert_name((enum td_mlalert)i));
        td_json_key_text(j, "text", td_mlalert_meaning((enum td_mlalert)i));
        td_json_object_end(j);
    }
    td_json_array_end(j);
}

/* The newest, oldest of them first. */
static void put_rows(const struct td_blotter *b, td_ns from, td_ns before, struct td_json *j)
{
    const uint32_t kept = td_blotter_signals(b);
    const uint32_t shown = kept < TD_SIGNAL_REPORT_ROWS ? kept : TD_SIGNAL_REPORT_ROWS;
    td_json_key(j, "newest");
    td_json_array(j);
    for (uint32_t n = b->signal_total - shown + 1; n <= b->signal_total && shown; n++) {
        const struct td_mlsignal_row *row = td_blotter_signal(b, n);
        if (!row || row->received < from || row->received >= before)
            continue;
        td_json_object(j);
        td_signal_row_put(row, j);
        td_json_object_end(j);
    }
    td_json_array_end(j);
}

void td_signal_report_put(const struct td_blotter *b, td_ns from, td_ns before, struct td_json *j)
{
    struct td_mlquality q;
    td_mlquality_sum(b->signals, td_blotter_signals(b), from, before, &q);
    td_json_key_i64(j, "signals", q.signals);
    put_states(&q, j);
    td_json_key_i64(j, "with_an_order", q.ordered);
    td_json_key_i64(j, "filled", q.filled);
    put_ms(j, "way_mean_ms", q.way_mean);
    put_ms(j, "latency_mean_ms", q.latency_mean);
    put_ms(j, "latency_most_ms", q.latency_most);
    td_json_key_e9(j, "slippage_mean_bps", q.slippage_mean_e9);
    td_json_key_e9(j, "slippage_worst_bps", q.slippage_worst_e9);
    td_json_key_i64(j, "improved", q.improved);
    td_json_key_e9(j, "improvement_best_bps", q.improvement_best_e9);
    td_json_key_e9(j, "alignment", q.alignment_e9);
    td_json_key_e9(j, "score", q.score_e9);
    put_alerts(&q, j);
    put_rows(b, from, before, j);
}
