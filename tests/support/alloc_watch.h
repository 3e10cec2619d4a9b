/* tests/support/alloc_watch.h - counts what this thread takes from the heap while it is watched, and what the whole program
 * holds but for what was taken aside.
 *
 * A thread that sets `aside` works for somebody else, as a simulator in the same process: what it takes and gives back
 * meanwhile is not counted in alloc_kept(). With a sanitizer by its hook, else in place of the library's malloc. For one
 * file of a program.
 */
#ifndef TD_TESTS_ALLOC_WATCH_H
#define TD_TESTS_ALLOC_WATCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

static _Thread_local struct alloc_watch {
    volatile bool on; /* malloc is known to the compiler: it would not see that this one looks */
    volatile unsigned long count; /* while on */
    size_t last;                  /* bytes of the last one */
    volatile bool aside;          /* for somebody else */
} alloc_watch;

static atomic_int_least64_t alloc_bytes; /* of all threads, but for what was taken aside */

static void alloc_note(int64_t bytes)
{
    if (!alloc_watch.aside)
        atomic_fetch_add_explicit(&alloc_bytes, bytes, memory_order_relaxed);
}

/* Bytes taken and not given back since the program began; what the allocator rounds up is counted. */
static inline int64_t alloc_kept(void)
{
    return atomic_load(&alloc_bytes);
}

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
size_t __sanitizer_get_allocated_size(const volatile void *at);

static void alloc_hook(const volatile void *at, size_t size)
{
    (void)at;
    alloc_seen(size);
    alloc_note((int64_t)size);
}

static void alloc_free_hook(const volatile void *at)
{
    alloc_note(-(int64_t)__sanitizer_get_allocated_size(at));
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

void *__libc_memalign(size_t step, size_t size);
void __libc_free(void *old);

static void *alloc_taken(void *at)
{
    alloc_note((int64_t)malloc_usable_size(at));
    return at;
}

void *malloc(size_t size)
{
    alloc_seen(size);
    return alloc_taken(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
    alloc_seen(count * size);
    return alloc_taken(__libc_calloc(count, size));
}

void *realloc(void *old, size_t size)
{
    alloc_seen(size);
    const int64_t before = (int64_t)malloc_usable_size(old);
    void *at = __libc_realloc(old, size);
    if (at || !size)
        alloc_note(-before);
    return alloc_taken(at);
}

void *aligned_alloc(size_t step, size_t size)
{
    alloc_seen(size);
    return alloc_taken(__libc_memalign(step, size));
}

void free(void *old)
{
    alloc_note(-(int64_t)malloc_usable_size(old));
    __libc_free(old);
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
