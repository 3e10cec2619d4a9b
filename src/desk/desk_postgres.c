/* desk/desk_postgres.c - the projection in PostgreSQL beside a desk: begun when DATABASE_URL names one, watched, told of. */
#include "desk/desk_inner.h"
#include "sys/postgres.h"

#define TRIES_TOLD 3 /* failures in a row that a person hears of */

enum td_err desk_open_postgres(struct td_desk *d, struct td_fail *why)
{
    const struct td_settings *s = d->config.settings;
    const struct td_pgfollow_config config = {.url = s->database_url,
                                              .schema = s->postgres_schema,
                                              .journal = d->result.journal,
                                              .durable = td_writer_durable(d->writer)};
    if (!s->database_url || !*s->database_url || d->config.inline_writer ||
        d->config.no_projections)
        return TD_OK; /* a simulated world has no threads and no servers */
    if (!td_postgres_is_url(s->database_url)) {
        td_logf(d->log, TD_LOG_INFO, TD_LOG_TRADING, "postgres",
                "DATABASE_URL is not postgresql://...: left alone");
        return TD_OK;
    }
    return td_pgfollow_open(&d->postgres, &config, why);
}

void desk_close_postgres(struct td_desk *d)
{
    if (!d->postgres)
        return;
    td_writer_drain(d->writer);
    td_pgfollow_note(d->postgres, td_writer_durable(d->writer));
    td_pgfollow_close(d->postgres);
    d->postgres = NULL;
}

void desk_tend_postgres(struct td_desk *d)
{
    struct td_pgfollow_state s;
    char text[160];
    if (!d->postgres)
        return;
    td_pgfollow_note(d->postgres, td_writer_durable(d->writer));
    while (td_pgfollow_next(d->postgres, text, sizeof text))
        td_logf(d->log, TD_LOG_WARN, TD_LOG_TRADING, "postgres", "%s", text);
    td_pgfollow_read(d->postgres, &s);
    if (s.failures >= TRIES_TOLD)
        td_connection_alert(&d->conn, TD_ALERT_DATABASE, s.last_error);
    else if (s.word == TD_PG_FOLLOWING)
        td_alert_clear(&d->conn.alerts, TD_ALERT_DATABASE);
}

void desk_put_postgres(const struct td_desk *d, struct td_json *j)
{
    struct td_pgfollow_state s;
    td_json_key(j, "postgres");
    if (!d->postgres) {
        td_json_null(j);
        return;
    }
    td_pgfollow_read(d->postgres, &s);
    td_json_object(j);
    td_json_key_text(j, "state", td_pgfollow_word_text(s.word));
    td_json_key_bool(j, "following", s.word == TD_PG_FOLLOWING);
    td_json_key_text(j, "schema", d->config.settings->postgres_schema);
    td_json_key_i64(j, "record", (int64_t)s.held);
    td_json_key_i64(j, "behind", (int64_t)s.behind);
    td_json_key_i64(j, "reconnects", (int64_t)s.reconnects);
    td_json_key_i64(j, "failures_in_a_row", (int64_t)s.failures);
    td_json_key_text(j, "last_error", s.last_error[0] ? s.last_error : NULL);
    td_json_object_end(j);
}
