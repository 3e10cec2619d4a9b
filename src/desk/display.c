/* desk/display.c - the cookie file and the words for Xvfb. */
#include "desk/display.h"

#include <stdio.h>

#define FIRST 99
#define LAST  119

static size_t put_field(uint8_t *out, const void *bytes, size_t len)
{
    out[0] = (uint8_t)(len >> 8);
    out[1] = (uint8_t)len;
    memcpy(out + 2, bytes, len);
    return len + 2;
}

/* One entry of an Xauthority file: family 65535 (any address), no address, number, name, cookie; lengths big-endian. */
static enum td_err write_cookie(struct td_world *world, const char *path, int number,
                                struct td_fail *why)
{
    static const char name[] = "MIT-MAGIC-COOKIE-1";
    uint8_t bytes[128] = {0xff, 0xff}, cookie[16];
    char digits[8];
    const uint64_t random[2] = {td_world_random(world), td_world_random(world)};
    memcpy(cookie, random, sizeof cookie);
    const int n = snprintf(digits, sizeof digits, "%d", number);
    size_t len = 2;
    len += put_field(bytes + len, "", 0);
    len += put_field(bytes + len, digits, (size_t)n);
    len += put_field(bytes + len, name, sizeof name - 1);
    len += put_field(bytes + len, cookie, sizeof cookie);
    return td_file_replace_secret(world, path, (struct td_str){(const char *)bytes, len}, why);
}

static int free_number(struct td_world *world, const char *sockets)
{
    for (int n = FIRST; n <= LAST; n++) {
        char path[120], lock[40];
        (void)snprintf(path, sizeof path, "%.100s/X%d", sockets, n);
        (void)snprintf(lock, sizeof lock, "/tmp/.X%d-lock", n);
        if (td_entry_at(world, path) == TD_ENTRY_NONE && td_entry_at(world, lock) == TD_ENTRY_NONE)
            return n;
    }
    return 0;
}

enum td_err td_display_start(struct td_display *d, struct td_world *world, const char *program,
                             const char *folder, const char *sockets, const char *const *drop,
                             struct td_fail *why)
{
    char path[600], number[16];
    const int n = free_number(world, sockets);
    *d = (struct td_display){0};
    if (!n)
        return td_fail_set(why, TD_EFULL, "displays :%d to :%d are all in use", FIRST, LAST);
    enum td_err err = td_folder_make(world, folder);
    if (err)
        return td_fail_set(why, err, "folder %s: %s", folder, td_err_text(err));
    if (snprintf(path, sizeof path, "%s/display-%d.auth", folder, n) >= (int)sizeof path)
        return td_fail_set(why, TD_ERANGE, "%s: path too long", folder);
    err = write_cookie(world, path, n, why);
    if (err)
        return err;
    (void)snprintf(number, sizeof number, ":%d", n);
    const char *const argv[] = {program,     number, "-screen", "0",  "1024x768x24",
                                "-nolisten", "tcp",  "-auth",   path, NULL};
    const struct td_child_config config = {.argv = argv, .output = TD_CHILD_QUIET, .drop = drop};
    err = td_child_launch(&d->child, &config, why);
    if (err)
        return td_fail_add(why, err, "a display is needed and DISPLAY is not set");
    d->number = n;
    (void)snprintf(d->name, sizeof d->name, "DISPLAY=%s", number);
    (void)snprintf(d->authority, sizeof d->authority, "XAUTHORITY=%s", path);
    (void)snprintf(d->socket, sizeof d->socket, "%.100s/X%d", sockets, n);
    return TD_OK;
}

bool td_display_ready(const struct td_display *d, struct td_world *world)
{
    return d->number && td_entry_at(world, d->socket) != TD_ENTRY_NONE;
}
