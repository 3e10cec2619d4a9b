/* trial/zones.c - time zones on a simulated machine's disk. */
#include "trial/zones.h"

#include <stdio.h>

#define ZONE_BYTES 16384

static enum td_err copy_zone(struct td_world *from, struct td_world *to, const char *name,
                             struct td_fail *why)
{
    char path[80], folder[80], bytes[ZONE_BYTES];
    size_t len = 0;
    (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    enum td_err err = td_file_slurp(from, path, bytes, sizeof bytes, &len, why);
    td_path_folder(path, folder, sizeof folder);
    if (!err)
        err = td_folder_make(to, folder);
    return err ? td_fail_add(why, err, "zone file %s", path)
               : td_file_replace(to, path, (struct td_str){bytes, len}, why);
}

enum td_err td_zones_install(struct td_world *from, struct td_world *to, struct td_fail *why)
{
    static const char *const names[] = {"America/New_York", "US/Eastern", "US/Central",
                                        "America/Chicago"};
    enum td_err err = TD_OK;
    for (size_t i = 0; i < TD_COUNT(names) && !err; i++)
        err = copy_zone(from, to, names[i], why);
    return err;
}
