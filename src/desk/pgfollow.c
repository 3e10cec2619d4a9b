/* desk/pgfollow.c - the thread around a session, and what it reports. */
#include "desk/pgfollow.h"

#include <stdlib.h>

#include "base/ring.h"
#include "desk/pgsession.h"
#include "sys/thread.h"
#include "sys/uvworld.h"

#define REPORT_BYTES 8192
#define LOOK         TD_SEC /* at a connection on which nothing happens */

struct report {
    char text[160];
};

struct td_pgfollow {
    struct td_world world; /* the thread's */
    struct td_pgsession session;
    struct td_thread thread;
    struct td_ring reports;
    atomic_bool closing;
    _Atomic uint64_t durable; /* the trading thread writes it, the others the thread */
    _Atomic uint64_t held, reconnects, failures;
    _Atomic int word;
    /* trading thread */
    char last_error[160];
    /* the thread */
    bool began; /* a session, once */
    td_ns next_mono, pause, closing_mono;
    uint64_t ring_memory[REPORT_BYTES / 8];
};

const char *td_pgfollow_word_text(enum td_pgfollow_word word)
{
    static const char *const words[] = {"connecting", "following", "waiting"};
    return words[word];
}

/* --- the trading thread's side --- */

void td_pgfollow_note(struct td_pgfollow *f, uint64_t durable)
{
    if (!f || atomic_load_explicit(&f->durable, memory_order_relaxed) == durable)
        return;
    atomic_store_explicit(&f->durable, durable, memory_order_release);
    td_world_poke(&f->world);
}

bool td_pgfollow_next(struct td_pgfollow *f, char *text, size_t cap)
{
    size_t len;
    const struct report *r = f ? td_ring_peek(&f->reports, &len) : NULL;
    if (!r)
        return false;
    (void)td_str_copy(td_str_of(r->text), text, cap);
    (void)td_str_copy(td_str_of(r->text), f->last_error, sizeof f->last_error);
    td_ring_release(&f->reports);
    return true;
}

void td_pgfollow_read(const struct td_pgfollow *f, struct td_pgfollow_state *out)
{
    const uint64_t held = atomic_load_explicit(&f->held, memory_order_acquire);
    const uint64_t durable = atomic_load_explicit(&f->durable, memory_order_relaxed);
    *out = (struct td_pgfollow_state){
        .word = (enum td_pgfollow_word)atomic_load_explicit(&f->word, memory_order_relaxed),
        .held = held,
        .behind = durable > held ? durable - held : 0,
        .reconnects = atomic_load_explicit(&f->reconnects, memory_order_relaxed),
        .failures = atomic_load_explicit(&f->failures, memory_order_relaxed)};
    (void)td_str_copy(td_str_of(f->last_error), out->last_error, sizeof out->last_error);
}

/* --- the thread --- */

static void show(struct td_pgfollow *f, enum td_pgfollow_word word)
{
    atomic_store_explicit(&f->word, (int)word, memory_order_relaxed);
    atomic_store_explicit(&f->held, f->session.held, memory_order_release);
}

static void fail(struct td_pgfollow *f, const struct td_fail *why)
{
    struct report *r = td_ring_claim(&f->reports, sizeof *r);
    td_postgres_drop(f->session.pg);
    f->pause = f->pause ? 2 * f->pause : TD_SEC;
    f->pause = f->pause < TD_PGFOLLOW_PAUSE ? f->pause : TD_PGFOLLOW_PAUSE;
    f->next_mono = td_world_mono(&f->world) + f->pause;
    atomic_fetch_add_explicit(&f->failures, 1, memory_order_relaxed);
    show(f, TD_PG_WAITING);
    if (!r)
        return; /* the unread ones tell the story */
    *r = (struct report){{0}};
    (void)td_str_copy(td_str_of(why->text), r->text, sizeof r->text);
    td_ring_publish(&f->reports);
}

static void succeed(struct td_pgfollow *f)
{
    f->pause = 0;
    atomic_store_explicit(&f->failures, 0, memory_order_relaxed);
    show(f, TD_PG_FOLLOWING);
}

/* At the end every call has what is left of the time, and nothing cuts it short. */
static bool is_closing(struct td_pgfollow *f)
{
    const td_ns now = td_world_mono(&f->world);
    if (!atomic_load(&f->closing))
        return false;
    if (!f->closing_mono) {
        f->closing_mono = now + TD_PGFOLLOW_CLOSING;
        f->next_mono = now; /* a last try */
    }
    f->session.limit = (struct td_postgres_limit){f->closing_mono - now, NULL};
    return true;
}

/* Some work; returns when there is more. */
static td_ns turn(struct td_pgfollow *f)
{
    struct td_fail why = {0};
    bool more = false;
    const td_ns now = td_world_mono(&f->world);
    enum td_err err = TD_OK;
    if (!td_postgres_connected(f->session.pg)) {
        if (now < f->next_mono)
            return f->next_mono;
        show(f, TD_PG_CONNECTING);
        err = td_pgsession_begin(&f->session, &why);
        if (!err && f->began)
            atomic_fetch_add_explicit(&f->reconnects, 1, memory_order_relaxed);
        f->began |= !err;
    }
    if (!err)
        err = td_pgsession_step(
            &f->session, atomic_load_explicit(&f->durable, memory_order_acquire), &more, &why);
    if (err && !(err == TD_EAGAIN && atomic_load(&f->closing)))
        fail(f, &why);
    else if (!err)
        succeed(f);
    return err || more ? td_world_mono(&f->world) : now + LOOK;
}

static bool is_done(struct td_pgfollow *f)
{
    return f->session.held >= atomic_load(&f->durable) || atomic_load(&f->failures) ||
           td_world_mono(&f->world) >= f->closing_mono;
}

static void run_follower(void *arg)
{
    struct td_pgfollow *f = arg;
    for (;;) {
        struct td_wake wake;
        const bool closing = is_closing(f);
        const td_ns until = turn(f);
        if (closing && is_done(f))
            return;
        td_world_wait(&f->world, until, &wake);
    }
}

/* --- life --- */

enum td_err td_pgfollow_check(const struct td_pgfollow_config *config, struct td_fail *why)
{
    struct td_pgsession s;
    const enum td_err err =
        td_pgsession_open(&s, NULL, config->url, config->schema, config->journal, why);
    if (!err)
        td_pgsession_close(&s);
    return err;
}

enum td_err td_pgfollow_open(struct td_pgfollow **out, const struct td_pgfollow_config *config,
                             struct td_fail *why)
{
    struct td_pgfollow *f = calloc(1, sizeof *f);
    if (!f)
        return td_fail_set(why, TD_ENOMEM, "no memory for the projection");
    td_ring_init(&f->reports, (uint8_t *)f->ring_memory, REPORT_BYTES);
    enum td_err err = td_uvworld_open(&f->world, false, why);
    if (err) {
        free(f);
        return err;
    }
    err = td_pgsession_open(&f->session, &f->world, config->url, config->schema, config->journal,
                            why);
    f->session.limit = (struct td_postgres_limit){TD_PGFOLLOW_LIMIT, &f->closing};
    atomic_store(&f->durable, config->durable);
    if (!err && td_thread_start(&f->thread, "postgres", run_follower, f) != TD_OK)
        err = td_fail_set(why, TD_ENOMEM, "no thread for the projection");
    if (err) {
        td_pgsession_close(&f->session);
        td_uvworld_close(&f->world);
        free(f);
        return err;
    }
    *out = f;
    return TD_OK;
}

void td_pgfollow_close(struct td_pgfollow *f)
{
    if (!f)
        return;
    atomic_store(&f->closing, true);
    td_world_poke(&f->world);
    td_thread_join(&f->thread);
    td_pgsession_close(&f->session);
    td_uvworld_close(&f->world);
    free(f);
}

enum td_err td_pgfollow_fill(struct td_world *world, const struct td_pgfollow_config *config,
                             uint64_t last, struct td_fail *why)
{
    struct td_pgsession s;
    bool more = true;
    enum td_err err =
        td_pgsession_open(&s, world, config->url, config->schema, config->journal, why);
    if (err)
        return err;
    s.limit = (struct td_postgres_limit){TD_PGFOLLOW_LIMIT, NULL};
    err = td_pgsession_begin(&s, why);
    if (!err)
        err = td_pgsession_empty(&s, why);
    while (!err && more)
        err = td_pgsession_step(&s, last, &more, why);
    td_pgsession_close(&s);
    return err;
}
