/* sys/thread.c - pthreads behind sys/thread.h. */
#include "sys/thread.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

struct start {
    pthread_t id;
    void (*fn)(void *);
    void *arg;
};

static void *enter(void *arg)
{
    const struct start *s = arg;
    s->fn(s->arg);
    return NULL;
}

enum td_err td_thread_start(struct td_thread *t, const char *name, void (*fn)(void *), void *arg)
{
    struct start *s = calloc(1, sizeof *s);
    sigset_t all, before;
    if (!s)
        return TD_ENOMEM;
    s->fn = fn;
    s->arg = arg;
    /* Signals belong to the thread that owns the loop. */
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    const int failed = pthread_create(&s->id, NULL, enter, s);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed) {
        free(s);
        return TD_ENOMEM;
    }
    (void)pthread_setname_np(s->id, name);
    t->handle = s;
    return TD_OK;
}

/* On Linux niceness is the thread's own. What cannot be lowered stays as it is. */
void td_thread_give_way(void)
{
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), 10);
}

void td_thread_join(struct td_thread *t)
{
    struct start *s = t->handle;
    if (!s)
        return;
    (void)pthread_join(s->id, NULL);
    free(s);
    t->handle = NULL;
}
