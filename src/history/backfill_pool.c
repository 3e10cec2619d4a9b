/* history/backfill_pool.c - workers: tasks taken in order, results by their place. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "history/backfill_inner.h"
#include "sys/thread.h"
#include "sys/uvworld.h"

#define LOOK_EVERY (200 * TD_MS)

struct backfill_pool {
    const struct td_backfill_config *c;
    const struct td_task *tasks;
    struct td_backfill_result *results;
    uint32_t count;
    atomic_uint next, done, errors, live; /* live: workers that have not ended */
    atomic_bool stop;
    pthread_mutex_t lock;
    int64_t spent_e9; /* under the lock */
};

struct worker {
    struct backfill_pool *pool;
    struct td_thread thread;
    struct td_world world;
    struct backfill_work work;
};

void backfill_lock(struct backfill_pool *p)
{
    if (p)
        (void)pthread_mutex_lock(&p->lock);
}

void backfill_unlock(struct backfill_pool *p)
{
    if (p)
        (void)pthread_mutex_unlock(&p->lock);
}

void backfill_tell(struct backfill_pool *p, const struct td_backfill_config *c, bool bad,
                   const char *line)
{
    if (!c->tell)
        return;
    backfill_lock(p);
    c->tell(c->arg, bad, line);
    backfill_unlock(p);
}

bool backfill_stopped(struct backfill_pool *p)
{
    return p && atomic_load(&p->stop);
}

const atomic_bool *backfill_stop_flag(struct backfill_pool *p)
{
    return p ? &p->stop : NULL;
}

bool backfill_spend(struct backfill_pool *p, int64_t limit, int64_t cost)
{
    if (!p)
        return limit < 0 || cost <= limit;
    backfill_lock(p);
    const bool enough = limit < 0 || cost <= limit - p->spent_e9;
    p->spent_e9 += enough ? cost : 0;
    backfill_unlock(p);
    return enough;
}

/* A full disk or an empty purse will not let the next task through either. */
static bool ends_the_run(enum td_err err)
{
    return err == TD_ENOSPC || err == TD_EDENIED;
}

static void work(void *arg)
{
    struct worker *w = arg;
    struct backfill_pool *p = w->pool;
    for (;;) {
        const uint32_t i = atomic_fetch_add(&p->next, 1);
        if (i >= p->count || atomic_load(&p->stop))
            break;
        backfill_do(&w->work, &p->tasks[i], &p->results[i]);
        if (p->results[i].status == TD_TASK_ERROR)
            (void)atomic_fetch_add(&p->errors, 1);
        if (ends_the_run(w->work.err))
            atomic_store(&p->next, p->count);
        (void)atomic_fetch_add(&p->done, 1);
    }
    backfill_work_close(&w->work);
    (void)atomic_fetch_sub(&p->live, 1);
}

/* Worlds belong to the thread that uses them, but nothing runs in one before it is used. */
static enum td_err start(struct backfill_pool *p, struct worker *workers, int32_t count,
                         struct td_fail *why)
{
    enum td_err err = TD_OK;
    for (int32_t i = 0; i < count && !err; i++) {
        struct worker *w = &workers[i];
        w->pool = p;
        err = td_uvworld_open(&w->world, false, why);
        w->work = (struct backfill_work){.c = p->c, .pool = p, .world = &w->world};
        if (err)
            break;
        (void)atomic_fetch_add(&p->live, 1);
        err = td_thread_start(&w->thread, "backfill", work, w);
        if (err)
            (void)td_fail_set(why, err, "a worker could not start");
    }
    return err;
}

static void watch(struct backfill_pool *p, struct td_world *world, struct td_backfill_summary *out)
{
    const struct td_backfill_config *c = p->c;
    while (atomic_load(&p->live) > 0) {
        struct td_wake wake;
        td_world_wait(world, td_world_mono(world) + LOOK_EVERY, &wake);
        if (wake.kind == TD_WAKE_SIGNAL) {
            out->interrupted = true;
            atomic_store(&p->stop, true);
            return;
        }
        if (c->progress)
            c->progress(c->arg, atomic_load(&p->done), p->count, atomic_load(&p->errors));
    }
}

static void finish(struct backfill_pool *p, struct worker *workers, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        td_thread_join(&workers[i].thread);
        if (workers[i].world.self)
            td_uvworld_close(&workers[i].world);
    }
    for (uint32_t i = 0; i < p->count; i++)
        if (!p->results[i].begun) {
            p->results[i].status = TD_TASK_ERROR;
            memcpy(p->results[i].error, "not begun: the run ended before it", 35);
        }
}

static void sum_up(const struct backfill_pool *p, struct td_backfill_summary *out)
{
    out->total = p->count;
    for (uint32_t i = 0; i < p->count; i++) {
        out->counts[p->results[i].status]++;
        out->cost_e9 += p->results[i].cost_e9;
    }
}

enum td_err td_backfill_run(const struct td_backfill_config *c, struct td_world *world,
                            const struct td_task *tasks, uint32_t count,
                            struct td_backfill_result *results, struct td_backfill_summary *out,
                            struct td_fail *why)
{
    struct backfill_pool p = {.c = c, .tasks = tasks, .results = results, .count = count};
    const td_ns began = td_world_mono(world);
    TD_REQUIRE(c->workers >= 1 && c->workers <= TD_BACKFILL_WORKERS_MAX);
    struct worker *workers = calloc((size_t)c->workers, sizeof *workers);
    memset(out, 0, sizeof *out);
    memset(results, 0, count * sizeof *results);
    if (!workers || pthread_mutex_init(&p.lock, NULL) != 0) {
        free(workers);
        return td_fail_set(why, TD_ENOMEM, "no memory for the workers");
    }
    const enum td_err err = start(&p, workers, c->workers, why);
    if (err)
        atomic_store(&p.stop, true);
    else
        watch(&p, world, out);
    finish(&p, workers, c->workers);
    sum_up(&p, out);
    out->took = td_world_mono(world) - began;
    (void)pthread_mutex_destroy(&p.lock);
    free(workers);
    return err;
}
