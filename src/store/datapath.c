/* store/datapath.c - roots, names and spellings, tried in order. */
#include "store/datapath.h"

#include <stdio.h>
#include <string.h>

static bool is_set(const char *s)
{
    return s && *s;
}

static const char *or_preset(const char *s, const char *preset)
{
    return is_set(s) ? s : preset;
}

const char *td_datapath_root(const struct td_datapath *p, const char *output)
{
    return is_set(output) ? output : is_set(p->override) ? p->override : p->base;
}

bool td_path_join(char *out, size_t cap, const char *folder, const char *name)
{
    const int n = snprintf(out, cap, "%s/%s", folder, name);
    return n > 0 && (size_t)n < cap;
}

static bool is_file(struct td_world *world, const char *path)
{
    return td_entry_at(world, path) == TD_ENTRY_FILE;
}

/* The roots in the order of reading. */
static size_t roots_of(const struct td_datapath *p, const char *roots[2])
{
    size_t n = 0;
    if (is_set(p->base))
        roots[n++] = p->base;
    if (is_set(p->override) && !(n && strcmp(p->override, roots[0]) == 0))
        roots[n++] = p->override;
    return n;
}

bool td_datapath_find(const struct td_datapath *p, struct td_world *world, const char *name,
                      char *out, size_t cap)
{
    const char *roots[2];
    const size_t n = roots_of(p, roots);
    for (size_t i = 0; i < n; i++)
        if (td_path_join(out, cap, roots[i], name) && is_file(world, out))
            return true;
    return false;
}

/* The names to try: as given and with the other ending, else <stem>.csv and <stem>.xlsx. */
static size_t names_of(const char *name, const char *stem, char names[2][256])
{
    const char *dot = is_set(name) ? strrchr(name, '.') : NULL;
    if (!is_set(name)) {
        (void)snprintf(names[0], 256, "%s.csv", stem);
        (void)snprintf(names[1], 256, "%s.xlsx", stem);
        return 2;
    }
    (void)snprintf(names[0], 256, "%s", name);
    if (!dot || (strcmp(dot, ".csv") != 0 && strcmp(dot, ".xlsx") != 0))
        return 1;
    (void)snprintf(names[1], 256, "%.*s%s", (int)(dot - name), name,
                   strcmp(dot, ".csv") == 0 ? ".xlsx" : ".csv");
    return 2;
}

enum td_err td_datapath_list(const struct td_datapath *p, struct td_world *world, const char *name,
                             const char *stem, char *out, size_t cap, struct td_fail *why)
{
    char names[2][256], looked[400];
    const char *roots[2];
    struct td_text t;
    const size_t name_count = names_of(name, stem, names), n = roots_of(p, roots);
    td_text_init(&t, looked, sizeof looked);
    if (is_set(name) && name[0] == '/') {
        (void)snprintf(out, cap, "%s", name);
        return is_file(world, out) ? TD_OK : td_fail_set(why, TD_ENOENT, "%s: no such list", name);
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < name_count; k++) {
            if (td_path_join(out, cap, roots[i], names[k]) && is_file(world, out))
                return TD_OK;
            td_text_printf(&t, "%s%s/%s", t.len ? ", " : "", roots[i], names[k]);
        }
    return td_fail_set(why, TD_ENOENT, "no trade list; looked for %s", looked);
}

bool td_datapath_l2(const struct td_datapath *p, struct td_world *world, const char *symbol,
                    const char *file, char *out, size_t cap)
{
    const char *const folders[] = {or_preset(p->level2, "Level2"), "Level2", "level2"};
    const char *roots[2];
    const size_t n = roots_of(p, roots);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < TD_COUNT(folders); k++) {
            const int len = snprintf(out, cap, "%s/%s/%s/%s", roots[i], folders[k], symbol, file);
            if (len > 0 && (size_t)len < cap && is_file(world, out))
                return true;
        }
    return false;
}

bool td_datapath_recorded(const struct td_datapath *p, struct td_world *world, const char *path,
                          char *out, size_t cap)
{
    const char *const folders[] = {or_preset(p->level2, "Level2"),
                                   or_preset(p->downloads, "IBDownloads"),
                                   "Level2",
                                   "level2",
                                   "IBDownloads",
                                   "parquet_data"};
    char tail[TD_PATH_MAX], wanted[128];
    if (snprintf(out, cap, "%s", path) < (int)cap && is_file(world, out))
        return true;
    if (snprintf(tail, sizeof tail, "/%s", path) >= (int)sizeof tail)
        return false;
    for (char *c = tail; *c; c++)
        *c = *c == '\\' ? '/' : *c;
    if (strstr(tail, "/../"))
        return false; /* never outside the roots */
    for (size_t i = 0; i < TD_COUNT(folders); i++) {
        (void)snprintf(wanted, sizeof wanted, "/%s/", folders[i]);
        const char *at = strstr(tail, wanted);
        if (at && td_datapath_find(p, world, at + 1, out, cap))
            return true;
    }
    return false;
}
