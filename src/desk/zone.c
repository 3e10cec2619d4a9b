/* desk/zone.c - zone files by name. */
#include "desk/zone.h"

#include <stdio.h>
#include <stdlib.h>

static bool is_zone_name(const char *name)
{
    if (!*name || *name == '/' || strstr(name, "..") || strlen(name) > 40)
        return false;
    for (const char *p = name; *p; p++) {
        const char c = *p;
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              c == '/' || c == '_' || c == '-' || c == '+'))
            return false;
    }
    return true;
}

enum td_err td_zone_load(struct td_world *world, const char *name, struct td_tz *out,
                         struct td_fail *why)
{
    static const char fallback[] = "/usr/share/zoneinfo";
    char path[512], bytes[8192];
    size_t len = 0;
    const char *folder = getenv("TZDIR");
    if (!is_zone_name(name))
        return td_fail_set(why, TD_EINVAL, "\"%.40s\" is no time zone name", name);
    (void)snprintf(path, sizeof path, "%s/%s", folder && *folder ? folder : fallback, name);
    enum td_err err = td_file_slurp(world, path, bytes, sizeof bytes, &len, why);
    if (err)
        return td_fail_add(why, err, "time zone %s (is tzdata installed?)", name);
    err = td_tz_parse(bytes, len, name, out);
    return err ? td_fail_set(why, err, "zone file %s: %s", path, td_err_text(err)) : TD_OK;
}

void td_zone_stamp(const struct td_tz *zone, td_ns at, char *out_day, char *out_time)
{
    struct td_civil c;
    td_tz_civil(zone, at, &c);
    (void)td_date_print(td_tz_day(zone, at), out_day);
    const int32_t parts[3] = {c.hour, c.minute, c.second};
    for (int i = 0; i < 3; i++) {
        out_time[2 * i] = (char)('0' + parts[i] / 10 % 10);
        out_time[2 * i + 1] = (char)('0' + parts[i] % 10);
    }
    out_time[6] = '\0';
}
