/* desk/desk_signal_status.c - external signals in the desk's answers. */
#include "desk/desk_inner.h"
#include "desk/signalreport.h"

/* Those the journal keeps, by state, and what was read of the file. */
void desk_put_signals(const struct td_desk *d, struct td_json *j)
{
    const struct desk_signals *s = &d->signals;
    struct td_mlquality q;
    td_mlquality_sum(d->blotter.signals, td_blotter_signals(&d->blotter), INT64_MIN, INT64_MAX, &q);
    td_json_key(j, "signals");
    td_json_object(j);
    td_json_key_text(j, "file", d->config.signals && *d->config.signals ? d->config.signals : NULL);
    td_json_key_i64(j, "lines", (int64_t)s->lines);
    td_json_key_i64(j, "no_signal", (int64_t)s->unread);
    td_json_key_i64(j, "passed_over", (int64_t)s->passed_over);
    td_json_key_i64(j, "bytes_passed_over", (int64_t)s->skipped);
    td_json_key_i64(j, "kept", q.signals);
    for (int i = TD_MLS_VALIDATED; i < TD_MLS_COUNT; i++)
        td_json_key_i64(j, td_mlsignal_state_word((enum td_mlsignal_state)i), q.states[i]);
    td_json_key_e9(j, "score", q.score_e9);
    td_json_object_end(j);
}

void desk_put_signal_answer(const struct td_desk *d, struct td_json *j)
{
    if (!d->signals.trouble[0])
        td_signal_row_put(&d->signals.answer, j);
}
