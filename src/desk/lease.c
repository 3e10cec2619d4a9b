/* desk/lease.c - a locked file that says who holds it. */
#include "desk/lease.h"

#include <stdio.h>

#include "sys/machine.h"

/* Host names become parts of a file name: what is no letter, digit, dot or dash is one dash. */
static bool lease_path(char *out, size_t cap, const char *folder, const char *host, uint16_t port,
                       int32_t client_id)
{
    struct td_text t;
    td_text_init(&t, out, cap);
    td_text_printf(&t, "%s/client-", folder);
    for (const char *p = host; *p; p++) {
        const bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                           (*p >= '0' && *p <= '9') || *p == '.';
        td_text_char(&t, plain ? *p : '-');
    }
    td_text_printf(&t, "-%u-%d.lock", (unsigned)port, (int)client_id);
    return !td_text_full(&t);
}

/* "127.0.0.1", "localhost" and "::1" are one place. */
static const char *one_name(const char *host)
{
    const bool here = strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0;
    return here ? "127.0.0.1" : host;
}

static enum td_err tell_holder(struct td_world *world, const char *path, int32_t client_id,
                               struct td_fail *why)
{
    char text[256] = "";
    size_t len = 0;
    if (td_file_slurp(world, path, text, sizeof text, &len, NULL) != TD_OK)
        text[0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return td_fail_set(why, TD_ELOCKED, "client id %d is used by another process of ours%s%s",
                       (int)client_id, text[0] ? ": " : "", text);
}

enum td_err td_lease_take(struct td_lease *l, struct td_world *world, const char *folder,
                          const char *host, uint16_t port, int32_t client_id, struct td_fail *why)
{
    char path[900], text[256], command[160];
    struct td_file file = {0};
    *l = (struct td_lease){0};
    if (!lease_path(path, sizeof path, folder, one_name(host), port, client_id))
        return td_fail_set(why, TD_ERANGE, "%s: path too long", folder);
    enum td_err err = td_folder_make(world, folder);
    if (err)
        return td_fail_set(why, err, "runtime folder %s: %s", folder, td_err_text(err));
    err = td_file_open(world, path, TD_FILE_LOCK, &file, why);
    if (err == TD_ELOCKED)
        return tell_holder(world, path, client_id, why);
    if (err)
        return err;
    if (!td_machine_command(td_machine_pid(), command, sizeof command))
        command[0] = '\0';
    const int n =
        snprintf(text, sizeof text, "pid %lld %.160s\n", (long long)td_machine_pid(), command);
    err = td_file_truncate(world, file, 0);
    if (!err)
        err = td_file_write(world, file, text, (size_t)n);
    if (err) {
        td_file_close(world, file);
        return td_fail_set(why, err, "writing %s: %s", path, td_err_text(err));
    }
    *l = (struct td_lease){world, file};
    return TD_OK;
}

void td_lease_drop(struct td_lease *l)
{
    if (l->world)
        td_file_close(l->world, l->file);
    *l = (struct td_lease){0};
}
