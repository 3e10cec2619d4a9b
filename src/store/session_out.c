/* store/session_out.c - output files that appear whole or not at all. */
#include "store/session_out.h"

#include <stdio.h>
#include <string.h>

enum td_err td_out_open(struct td_out *o, struct td_world *world, const char *path,
                        struct td_fail *why)
{
    o->world = world;
    o->file = (struct td_file){0};
    o->err = TD_OK;
    o->bytes = 0;
    o->used = 0;
    if (!td_str_copy(td_str_of(path), o->path, sizeof o->path))
        return td_fail_set(why, TD_ERANGE, "%s: path too long", path);
    (void)snprintf(o->tmp, sizeof o->tmp, "%s.tmp", path);
    o->err = td_file_open(world, o->tmp, TD_FILE_NEW, &o->file, why);
    return o->err;
}

static void flush(struct td_out *o)
{
    if (!o->err && o->used)
        o->err = td_file_write(o->world, o->file, o->buf, o->used);
    o->used = 0;
}

enum td_err td_out_write(void *out, const void *bytes, size_t len)
{
    struct td_out *o = out;
    if (len > sizeof o->buf - o->used)
        flush(o);
    if (o->err)
        return o->err;
    if (len > sizeof o->buf) {
        o->err = td_file_write(o->world, o->file, bytes, len);
    } else if (len) {
        memcpy(o->buf + o->used, bytes, len);
        o->used += len;
    }
    o->bytes += len;
    return o->err;
}

enum td_err td_out_seal(struct td_out *o, struct td_fail *why)
{
    flush(o);
    if (!o->err)
        o->err = td_file_sync(o->world, o->file);
    td_file_close(o->world, o->file);
    o->file = (struct td_file){0};
    if (o->err)
        return td_fail_set(why, o->err, "writing %s: %s", o->tmp, td_err_text(o->err));
    return TD_OK;
}

enum td_err td_out_publish(struct td_out *o, struct td_fail *why)
{
    o->err = td_file_publish(o->world, o->tmp, o->path, why);
    if (!o->err)
        o->tmp[0] = '\0';
    return o->err;
}

void td_out_drop(struct td_out *o)
{
    if (!o->world)
        return;
    if (o->file.id)
        td_file_close(o->world, o->file);
    o->file = (struct td_file){0};
    if (o->tmp[0])
        (void)td_file_remove(o->world, o->tmp);
    o->tmp[0] = '\0';
}
