/* tests/store/fault_world.h - the real world, except that its n-th changing file call fails.
 *
 * `forever`: every later one fails too, as after a kill or on a full disk (closing still works, as the OS
 * closes what a dead process had open). A failing write first writes half of its bytes.
 */
#ifndef TD_TESTS_FAULT_WORLD_H
#define TD_TESTS_FAULT_WORLD_H

#include "support/support.h"
#include "sys/uvworld.h"

struct fault_world {
    struct td_world world; /* give this to the code under test */
    struct td_world real;
    struct td_world_ops ops;
    uint64_t calls;
    uint64_t fail_at; /* 1-based; 0 never */
    bool forever;
    enum td_err err;
};

static inline enum td_err fault_step(void *self)
{
    struct fault_world *f = self;
    f->calls++;
    const bool now = f->fail_at && (f->forever ? f->calls >= f->fail_at : f->calls == f->fail_at);
    return now ? f->err : TD_OK;
}

static inline struct td_world *fault_real(void *self)
{
    return &((struct fault_world *)self)->real;
}

static inline td_ns fault_now(void *self)
{
    return td_world_now(fault_real(self));
}

static inline td_ns fault_mono(void *self)
{
    return td_world_mono(fault_real(self));
}

static inline uint64_t fault_random(void *self)
{
    return td_world_random(fault_real(self));
}

static inline void fault_wait(void *self, td_ns deadline, struct td_wake *out)
{
    td_world_wait(fault_real(self), deadline, out);
}

static inline enum td_err fault_open(void *self, const char *path, enum td_file_mode mode,
                                     struct td_file *out, struct td_fail *why)
{
    const enum td_err err = mode == TD_FILE_READ ? TD_OK : fault_step(self);
    return err ? td_fail_set(why, err, "injected at %s: %s", path, td_err_text(err))
               : td_file_open(fault_real(self), path, mode, out, why);
}

static inline enum td_err fault_read(void *self, struct td_file file, uint64_t offset, void *buf,
                                     size_t cap, size_t *got)
{
    return td_file_read(fault_real(self), file, offset, buf, cap, got);
}

static inline enum td_err fault_write(void *self, struct td_file file, const void *bytes,
                                      size_t len)
{
    const enum td_err err = fault_step(self);
    const enum td_err real = td_file_write(fault_real(self), file, bytes, err ? len / 2 : len);
    return err ? err : real;
}

static inline enum td_err fault_sync(void *self, struct td_file file)
{
    const enum td_err err = fault_step(self);
    return err ? err : td_file_sync(fault_real(self), file);
}

static inline enum td_err fault_truncate(void *self, struct td_file file, uint64_t size)
{
    const enum td_err err = fault_step(self);
    return err ? err : td_file_truncate(fault_real(self), file, size);
}

static inline enum td_err fault_size(void *self, struct td_file file, uint64_t *out)
{
    return td_file_size(fault_real(self), file, out);
}

static inline void fault_close(void *self, struct td_file file)
{
    td_file_close(fault_real(self), file);
}

static inline enum td_err fault_rename(void *self, const char *from, const char *to)
{
    const enum td_err err = fault_step(self);
    return err ? err : td_file_rename(fault_real(self), from, to);
}

static inline enum td_err fault_remove(void *self, const char *path)
{
    const enum td_err err = fault_step(self);
    return err ? err : td_file_remove(fault_real(self), path);
}

static inline enum td_err fault_make(void *self, const char *path)
{
    const enum td_err err = fault_step(self);
    return err ? err : td_folder_make(fault_real(self), path);
}

static inline enum td_err fault_sync_folder(void *self, const char *path)
{
    const enum td_err err = fault_step(self);
    return err ? err : td_folder_sync(fault_real(self), path);
}

static inline enum td_err fault_list(void *self, const char *path, td_list_fn *fn, void *arg)
{
    return td_folder_list(fault_real(self), path, fn, arg);
}

static inline enum td_entry_kind fault_entry(void *self, const char *path)
{
    return td_entry_at(fault_real(self), path);
}

static inline void fault_world_open(struct fault_world *f)
{
    *f = (struct fault_world){.err = TD_EIO};
    TD_OK_OR_FAIL(td_uvworld_open(&f->real, false, NULL));
    f->ops = (struct td_world_ops){.now = fault_now,
                                   .mono = fault_mono,
                                   .random = fault_random,
                                   .wait = fault_wait,
                                   .open = fault_open,
                                   .read = fault_read,
                                   .write = fault_write,
                                   .sync = fault_sync,
                                   .truncate = fault_truncate,
                                   .size = fault_size,
                                   .close = fault_close,
                                   .rename = fault_rename,
                                   .remove = fault_remove,
                                   .make_folder = fault_make,
                                   .sync_folder = fault_sync_folder,
                                   .list = fault_list,
                                   .entry = fault_entry};
    f->world = (struct td_world){&f->ops, f};
}

/* From the next call on: the n-th fails with `err`. n = 0: none. */
static inline void fault_arm(struct fault_world *f, uint64_t n, enum td_err err, bool forever)
{
    f->calls = 0;
    f->fail_at = n;
    f->err = err;
    f->forever = forever;
}

static inline void fault_world_close(struct fault_world *f)
{
    td_uvworld_close(&f->real);
}

#endif
