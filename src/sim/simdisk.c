/* sim/simdisk.c - disks of the simulated world: what programs see, what is durable, what a power cut leaves. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/simworld_inner.h"

/* --- names --- */

/* One spelling per path: no "./" in front, no doubled or trailing slashes. */
static bool clean_path(const char *path, char *out, size_t cap)
{
    size_t n = 0;
    while (path[0] == '.' && path[1] == '/')
        path += 2;
    for (const char *p = path; *p; p++) {
        if (*p == '/' && n > 0 && out[n - 1] == '/')
            continue;
        if (n + 1 >= cap)
            return false;
        out[n++] = *p;
    }
    if (n > 1 && out[n - 1] == '/')
        n--;
    out[n] = '\0';
    return true;
}

static struct sim_name *find_name(const struct sim_names *names, const char *path)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->rows[i].path, path) == 0)
            return &names->rows[i];
    return NULL;
}

static void set_name(struct sim_names *names, const char *path, struct sim_inode *inode)
{
    struct sim_name *row = find_name(names, path);
    if (!row) {
        names->rows = sim_grow(names->rows, &names->cap, names->count + 1, sizeof *names->rows);
        row = &names->rows[names->count++];
        (void)td_str_copy(td_str_of(path), row->path, sizeof row->path);
    }
    row->inode = inode;
}

static void drop_name(struct sim_names *names, const char *path)
{
    struct sim_name *row = find_name(names, path);
    if (row)
        *row = names->rows[--names->count];
}

static bool is_folder(const struct sim_host *h, const char *path)
{
    if (path[0] == '\0' || strcmp(path, ".") == 0 || strcmp(path, "/") == 0)
        return true;
    const struct sim_name *row = find_name(&h->names, path);
    return row && !row->inode;
}

static bool in_folder(const char *path, const char *folder)
{
    char parent[512];
    td_path_folder(path, parent, sizeof parent);
    return strcmp(parent, folder[0] ? folder : ".") == 0;
}

static bool has_parent(const struct sim_host *h, const char *path)
{
    char parent[512];
    td_path_folder(path, parent, sizeof parent);
    return is_folder(h, parent);
}

/* Applies a change to the names given; a rename moves the file it meant, wherever that is. */
static void apply_change(struct sim_names *names, const struct sim_change *c)
{
    if (c->from[0]) {
        const struct sim_name *row = find_name(names, c->from);
        if (row && row->inode == c->inode)
            drop_name(names, c->from);
    }
    if (c->to[0])
        set_name(names, c->to, c->inode);
}

static void change(struct sim_host *h, const char *from, const char *to, struct sim_inode *inode)
{
    struct sim_change c = {.inode = inode};
    (void)td_str_copy(td_str_of(from), c.from, sizeof c.from);
    (void)td_str_copy(td_str_of(to), c.to, sizeof c.to);
    h->changes = sim_grow(h->changes, &h->change_cap, h->change_count + 1, sizeof *h->changes);
    h->changes[h->change_count++] = c;
    apply_change(&h->names, &c);
}

/* --- faults --- */

/* Counts a changing call; says whether it fails. */
static enum td_err strike(struct sim_host *h, enum td_sim_op op)
{
    h->calls++;
    sim_note(h->sim, 'f', (uint64_t)op, h->calls);
    if (h->broken)
        return h->fault.err;
    if (h->fault.nth == 0 || (h->fault.op != TD_SIM_ANY && h->fault.op != op))
        return TD_OK;
    if (++h->fault_calls != h->fault.nth)
        return TD_OK;
    h->broken = h->fault.forever;
    return h->fault.err;
}

/* --- files --- */

static struct sim_inode *new_inode(struct sim_host *h)
{
    struct sim_inode *inode = calloc(1, sizeof *inode);
    TD_REQUIRE(inode != NULL);
    inode->next = h->inodes;
    h->inodes = inode;
    return inode;
}

static struct sim_open *opened(struct sim_host *h, struct td_file file)
{
    TD_REQUIRE(file.id >= 1 && file.id <= SIM_FILES && h->files[file.id - 1].used);
    return &h->files[file.id - 1];
}

static void resize(struct sim_host *h, struct sim_inode *inode, size_t len)
{
    inode->bytes = sim_grow(inode->bytes, &inode->cap, len + 1, 1);
    if (len > inode->len)
        memset(inode->bytes + inode->len, 0, len - inode->len);
    h->used_bytes = h->used_bytes + len - inode->len;
    inode->len = len;
    inode->clean = inode->clean < len ? inode->clean : len;
}

static enum td_err find_or_make(struct sim_host *h, const char *path, enum td_file_mode mode,
                                struct sim_inode **out)
{
    struct sim_name *row = find_name(&h->names, path);
    if ((row && !row->inode) || is_folder(h, path))
        return mode == TD_FILE_READ ? TD_EIO : TD_EEXIST;
    const enum td_err err =
        mode == TD_FILE_READ ? (row ? TD_OK : TD_ENOENT) : strike(h, TD_SIM_OPEN);
    if (err)
        return err;
    if (!row && !has_parent(h, path))
        return TD_ENOENT;
    if (row && mode == TD_FILE_LOCK && row->inode->locked)
        return TD_ELOCKED;
    *out = row ? row->inode : new_inode(h);
    if (!row)
        change(h, "", path, *out);
    if (mode == TD_FILE_NEW || mode == TD_FILE_SECRET)
        resize(h, *out, 0);
    return TD_OK;
}

enum td_err sim_open_file(void *self, const char *path, enum td_file_mode mode, struct td_file *out,
                          struct td_fail *why)
{
    struct sim_host *h = sim_enter(self);
    struct sim_inode *inode = NULL;
    char clean[512];
    uint32_t slot = 0;
    while (h && slot < SIM_FILES && h->files[slot].used)
        slot++;
    enum td_err err = !h                                      ? TD_EIO
                      : slot == SIM_FILES                     ? TD_EFULL
                      : clean_path(path, clean, sizeof clean) ? TD_OK
                                                              : TD_ERANGE;
    if (!err)
        err = find_or_make(h, clean, mode, &inode);
    if (err)
        return td_fail_set(why, err, "opening %s: %s", path, td_err_text(err));
    h->files[slot] = (struct sim_open){inode, true, mode != TD_FILE_READ, mode == TD_FILE_LOCK};
    inode->locked |= mode == TD_FILE_LOCK;
    *out = (struct td_file){slot + 1};
    return TD_OK;
}

enum td_err sim_read(void *self, struct td_file file, uint64_t offset, void *buf, size_t cap,
                     size_t *got)
{
    struct sim_host *h = sim_enter(self);
    if (!h)
        return TD_EIO;
    const struct sim_inode *inode = opened(h, file)->inode;
    const size_t left = offset < inode->len ? inode->len - (size_t)offset : 0;
    *got = left < cap ? left : cap;
    if (*got)
        memcpy(buf, inode->bytes + offset, *got);
    return TD_OK;
}

enum td_err sim_write(void *self, struct td_file file, const void *bytes, size_t len)
{
    struct sim_host *h = sim_enter(self);
    if (!h)
        return TD_EIO;
    const struct sim_open *f = opened(h, file);
    if (!f->writable)
        return TD_EACCES;
    const bool dead = h->broken; /* after the first failure nothing more gets through */
    enum td_err err = strike(h, TD_SIM_WRITE);
    const size_t at = f->inode->len;
    size_t n = !err ? len : dead || !len ? 0 : (size_t)td_rng_below(&h->sim->rng, len);
    if (!err && h->sim->o.disk_bytes && h->used_bytes + n > h->sim->o.disk_bytes) {
        n = (size_t)(h->sim->o.disk_bytes - h->used_bytes);
        err = TD_ENOSPC;
    }
    if (n) {
        resize(h, f->inode, at + n);
        memcpy(f->inode->bytes + at, bytes, n);
    }
    if (n && h->watch.wrote)
        h->watch.wrote(h->watch.arg, bytes, n);
    return err;
}

enum td_err sim_sync(void *self, struct td_file file)
{
    struct sim_host *h = sim_enter(self);
    if (!h)
        return TD_EIO;
    struct sim_inode *inode = opened(h, file)->inode;
    const enum td_err err = strike(h, TD_SIM_SYNC);
    if (err)
        return err;
    inode->synced = sim_grow(inode->synced, &inode->synced_cap, inode->len + 1, 1);
    if (inode->len > inode->clean)
        memcpy(inode->synced + inode->clean, inode->bytes + inode->clean,
               inode->len - inode->clean);
    inode->synced_len = inode->clean = inode->len;
    if (h->watch.synced)
        h->watch.synced(h->watch.arg);
    return TD_OK;
}

enum td_err sim_truncate(void *self, struct td_file file, uint64_t size)
{
    struct sim_host *h = sim_enter(self);
    const enum td_err err = h ? strike(h, TD_SIM_ANY) : TD_EIO;
    if (!err)
        resize(h, opened(h, file)->inode, (size_t)size);
    return err;
}

enum td_err sim_size(void *self, struct td_file file, uint64_t *out)
{
    struct sim_host *h = sim_enter(self);
    if (!h)
        return TD_EIO;
    *out = opened(h, file)->inode->len;
    return TD_OK;
}

static void close_slot(struct sim_open *f)
{
    if (f->used && f->locks)
        f->inode->locked = false;
    *f = (struct sim_open){0};
}

void sim_close_file(void *self, struct td_file file)
{
    struct sim_host *h = sim_enter(self);
    if (h && file.id >= 1 && file.id <= SIM_FILES)
        close_slot(&h->files[file.id - 1]);
}

void sim_disk_close_all(struct sim_host *h)
{
    for (size_t i = 0; i < SIM_FILES; i++)
        close_slot(&h->files[i]);
}

enum td_err sim_rename(void *self, const char *from, const char *to)
{
    struct sim_host *h = sim_enter(self);
    char a[512], b[512];
    if (!h)
        return TD_EIO;
    if (!clean_path(from, a, sizeof a) || !clean_path(to, b, sizeof b))
        return TD_ERANGE;
    const struct sim_name *row = find_name(&h->names, a);
    if (!row || !row->inode || !has_parent(h, b))
        return TD_ENOENT;
    if (is_folder(h, b))
        return TD_EEXIST;
    const enum td_err err = strike(h, TD_SIM_RENAME);
    if (!err && strcmp(a, b) != 0)
        change(h, a, b, row->inode);
    return err;
}

enum td_err sim_remove(void *self, const char *path)
{
    struct sim_host *h = sim_enter(self);
    char clean[512];
    if (!h)
        return TD_EIO;
    if (!clean_path(path, clean, sizeof clean))
        return TD_ERANGE;
    const struct sim_name *row = find_name(&h->names, clean);
    if (!row)
        return TD_ENOENT;
    if (!row->inode)
        return TD_EACCES;
    const enum td_err err = strike(h, TD_SIM_ANY);
    if (!err)
        change(h, clean, "", row->inode);
    return err;
}

enum td_err sim_make_folder(void *self, const char *path)
{
    struct sim_host *h = sim_enter(self);
    char clean[512];
    if (!h)
        return TD_EIO;
    if (!clean_path(path, clean, sizeof clean))
        return TD_ERANGE;
    if (h->broken)
        return h->fault.err;
    for (char *p = clean + (clean[0] == '/'); clean[0]; p++) {
        const char c = *p;
        if (c != '/' && c != '\0')
            continue;
        *p = '\0';
        const struct sim_name *row = find_name(&h->names, clean);
        if (row && row->inode)
            return TD_EEXIST;
        if (!row && !is_folder(h, clean)) {
            set_name(&h->names, clean, NULL);
            set_name(&h->durable, clean, NULL);
        }
        if (c == '\0')
            break;
        *p = c;
    }
    return TD_OK;
}

/* Frees files that no name, open file or unsynced change leads to. */
static void forget_lost(struct sim_host *h)
{
    const struct sim_names *sets[2] = {&h->names, &h->durable};
    for (struct sim_inode *i = h->inodes; i; i = i->next)
        i->kept = false;
    for (size_t s = 0; s < 2; s++)
        for (size_t i = 0; i < sets[s]->count; i++)
            if (sets[s]->rows[i].inode)
                sets[s]->rows[i].inode->kept = true;
    for (size_t i = 0; i < SIM_FILES; i++)
        if (h->files[i].used)
            h->files[i].inode->kept = true;
    for (size_t i = 0; i < h->change_count; i++)
        h->changes[i].inode->kept = true;
    for (struct sim_inode **at = &h->inodes; *at;) {
        struct sim_inode *i = *at;
        if (i->kept) {
            at = &i->next;
            continue;
        }
        *at = i->next;
        h->used_bytes -= i->len;
        free(i->bytes);
        free(i->synced);
        free(i);
    }
}

enum td_err sim_sync_folder(void *self, const char *path)
{
    struct sim_host *h = sim_enter(self);
    char folder[512];
    size_t left = 0;
    if (!h)
        return TD_EIO;
    if (!clean_path(path, folder, sizeof folder) || !is_folder(h, folder))
        return TD_ENOENT;
    const enum td_err err = strike(h, TD_SIM_SYNC);
    if (err)
        return err;
    for (size_t i = 0; i < h->change_count; i++) {
        const struct sim_change *c = &h->changes[i];
        if ((c->from[0] && in_folder(c->from, folder)) || (c->to[0] && in_folder(c->to, folder)))
            apply_change(&h->durable, c);
        else
            h->changes[left++] = *c;
    }
    h->change_count = left;
    forget_lost(h);
    return TD_OK;
}

/* The least name of the folder that is greater than `after`, or NULL. */
static const struct sim_name *next_in(const struct sim_host *h, const char *folder,
                                      const char *after)
{
    const struct sim_name *best = NULL;
    for (size_t i = 0; i < h->names.count; i++) {
        const struct sim_name *row = &h->names.rows[i];
        if (in_folder(row->path, folder) && strcmp(row->path, after) > 0 &&
            (!best || strcmp(row->path, best->path) < 0))
            best = row;
    }
    return best;
}

enum td_err sim_list(void *self, const char *path, td_list_fn *fn, void *arg)
{
    struct sim_host *h = sim_enter(self);
    char folder[512], at[512] = "";
    if (!h)
        return TD_EIO;
    if (!clean_path(path, folder, sizeof folder) || !is_folder(h, folder))
        return TD_ENOENT;
    for (const struct sim_name *row; (row = next_in(h, folder, at)) != NULL;) {
        (void)td_str_copy(td_str_of(row->path), at, sizeof at);
        const char *slash = strrchr(at, '/');
        if (!fn(arg, slash ? slash + 1 : at, row->inode ? TD_ENTRY_FILE : TD_ENTRY_FOLDER))
            break;
    }
    return TD_OK;
}

enum td_entry_kind sim_entry(void *self, const char *path)
{
    struct sim_host *h = sim_enter(self);
    char clean[512];
    if (!h || !clean_path(path, clean, sizeof clean))
        return TD_ENTRY_NONE;
    if (is_folder(h, clean))
        return TD_ENTRY_FOLDER;
    return find_name(&h->names, clean) ? TD_ENTRY_FILE : TD_ENTRY_NONE;
}

enum td_err sim_free_bytes(void *self, const char *path, uint64_t *out)
{
    const struct sim_host *h = sim_enter(self);
    (void)path;
    if (!h)
        return TD_EIO;
    *out = h->sim->o.disk_bytes ? h->sim->o.disk_bytes - h->used_bytes : UINT64_C(1) << 40;
    return TD_OK;
}

/* --- power cut --- */

/* One file: a length between synced and written, then each sector that differs as chance decides. */
static void tear(struct sim_host *h, struct sim_inode *inode)
{
    struct td_rng *rng = &h->sim->rng;
    const size_t sector = td_rng_chance(rng, 0.5) ? 512 : 4096;
    const size_t low = inode->len < inode->synced_len ? inode->len : inode->synced_len;
    const size_t high = inode->len > inode->synced_len ? inode->len : inode->synced_len;
    const size_t choices[4] = {low, high, low + (size_t)td_rng_below(rng, high - low + 1),
                               inode->len};
    const size_t len = choices[td_rng_below(rng, 4)];
    const double kept = (double)td_rng_below(rng, 5) / 4; /* from none of the new sectors to all */
    uint8_t *result = calloc(1, len + 1);
    TD_REQUIRE(result != NULL);
    if (inode->synced_len)
        memcpy(result, inode->synced, len < inode->synced_len ? len : inode->synced_len);
    for (size_t at = inode->clean / sector * sector; at < inode->len && at < len; at += sector) {
        const size_t from = at < inode->clean ? inode->clean : at;
        size_t end = at + sector < inode->len ? at + sector : inode->len;
        end = end < len ? end : len;
        if (end > from && td_rng_chance(rng, kept))
            memcpy(result + from, inode->bytes + from, end - from);
    }
    resize(h, inode, len);
    memcpy(inode->bytes, result, len);
    inode->synced = sim_grow(inode->synced, &inode->synced_cap, len + 1, 1);
    memcpy(inode->synced, result, len);
    inode->synced_len = inode->clean = len;
    free(result);
}

void sim_disk_power_cut(struct sim_host *h)
{
    struct td_rng *rng = &h->sim->rng;
    const bool ordered = td_rng_chance(rng, 0.5);
    const size_t prefix = (size_t)td_rng_below(rng, h->change_count + 1);
    for (size_t i = 0; i < h->change_count; i++)
        if (ordered ? i < prefix : td_rng_chance(rng, 0.5))
            apply_change(&h->durable, &h->changes[i]);
    h->change_count = 0;
    h->names.count = 0;
    for (size_t i = 0; i < h->durable.count; i++)
        set_name(&h->names, h->durable.rows[i].path, h->durable.rows[i].inode);
    forget_lost(h);
    for (struct sim_inode *i = h->inodes; i; i = i->next)
        if (i->clean < i->len || i->len != i->synced_len)
            tear(h, i);
    sim_note(h->sim, 'P', h->names.count, h->used_bytes);
}

void sim_disk_free(struct sim_host *h)
{
    sim_disk_close_all(h);
    h->change_count = h->names.count = h->durable.count = 0;
    forget_lost(h);
    free(h->names.rows);
    free(h->durable.rows);
    free(h->changes);
}
