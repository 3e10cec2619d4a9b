/* sys/thread.h - the few threads of a live process, started and joined by their owner. */
#ifndef TD_SYS_THREAD_H
#define TD_SYS_THREAD_H

#include "base/err.h"

struct td_thread {
    void *handle; /* private */
};

/* Runs fn(arg) in a new thread named `name` (15 characters at most). TD_ENOMEM when it cannot start. */
TD_MUST_CHECK enum td_err td_thread_start(struct td_thread *t, const char *name, void (*fn)(void *),
                                          void *arg);
/* The calling thread gives way to the process's others from here on (nice 10): for what serves those who only look. */
void td_thread_give_way(void);
/* Waits for its end; a zeroed or joined thread is fine. */
void td_thread_join(struct td_thread *t);

#endif
