/* tests/support/alloc_watch.h - counts what this thread takes from the heap while it is watched.
 *
 * With a sanitizer by its hook, else in place of the library's malloc. For one file of a program.
 */
#ifndef TD_TESTS_ALLOC_WATCH_H
#define TD_TESTS_ALLOC_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

static _Thread_local struct alloc_watch {
    volatile bool on; /* malloc is known to the compiler: it would not see that this one looks */
    volatile unsigned long count; /* while on */
    size_t last;                  /* bytes of the last one */
} alloc_watch;

static void alloc_seen(size_t size)
{
    if (!alloc_watch.on)
        return;
    alloc_watch.count++;
    alloc_watch.last = size;
    if (getenv("TD_ALLOC_ABORT")) /* to see in a debugger who asks */
        abort();
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
/* Of the sanitizers' runtime (sanitizer/allocator_interface.h, which gcc does not install). */
int __sanitizer_install_malloc_and_free_hooks(void (*taken)(const volatile void *, size_t),
                                              void (*given)(const volatile void *));
size_t __sanitizer_get_current_allocated_bytes(void);

static void alloc_hook(const volatile void *at, size_t size)
{
    (void)at;
    alloc_seen(size);
}

static void alloc_free_hook(const volatile void *at)
{
    (void)at;
}

static bool alloc_watch_begin(void)
{
    return __sanitizer_install_malloc_and_free_hooks(alloc_hook, alloc_free_hook) != 0;
}

static size_t alloc_held(void)
{
    return __sanitizer_get_current_allocated_bytes();
}
#else
#include <malloc.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

void *malloc(size_t size)
{
    alloc_seen(size);
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    alloc_seen(count * size);
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    alloc_seen(size);
    return __libc_realloc(old, size);
}

static bool alloc_watch_begin(void)
{
    return true;
}

/* Of all threads. */
static size_t alloc_held(void)
{
    const struct mallinfo2 m = mallinfo2();
    return m.uordblks + m.hblkhd;
}
#endif

#endif
