/* sys/osfile.c - files and folders of the real world. */
#include "sys/uvworld_inner.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int descriptor(void *self, struct td_file file)
{
    struct uv_world *w = self;
    TD_REQUIRE(file.id >= 1 && file.id <= TD_UV_FILES_MAX && w->files[file.id - 1] >= 0);
    return w->files[file.id - 1];
}

enum td_err td_os_open(void *self, const char *path, enum td_file_mode mode, struct td_file *out,
                       struct td_fail *why)
{
    static const int flags[] = {
        [TD_FILE_READ] = O_RDONLY,
        [TD_FILE_APPEND] = O_RDWR | O_CREAT | O_APPEND,
        [TD_FILE_NEW] = O_RDWR | O_CREAT | O_TRUNC | O_APPEND,
        [TD_FILE_SECRET] = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_APPEND,
        [TD_FILE_LOCK] = O_RDWR | O_CREAT | O_APPEND,
    };
    struct uv_world *w = self;
    uint32_t slot = 0;
    while (slot < TD_UV_FILES_MAX && w->files[slot] >= 0)
        slot++;
    if (slot == TD_UV_FILES_MAX)
        return td_fail_set(why, TD_EFULL, "opening %s: too many open files", path);
    if (mode == TD_FILE_SECRET)
        (void)unlink(path); /* an older one keeps its mode, which may be wider */
    const int fd = open(path, flags[mode] | O_CLOEXEC, mode == TD_FILE_SECRET ? 0600 : 0644);
    if (fd < 0) {
        const enum td_err err = td_uv_errno(errno);
        return td_fail_set(why, err, "opening %s: %s", path, strerror(errno));
    }
    if (mode == TD_FILE_LOCK && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        (void)close(fd);
        return td_fail_set(why, TD_ELOCKED, "%s: %s", path, td_err_text(TD_ELOCKED));
    }
    w->files[slot] = fd;
    *out = (struct td_file){slot + 1};
    return TD_OK;
}

enum td_err td_os_read(void *self, struct td_file file, uint64_t offset, void *buf, size_t cap,
                       size_t *got)
{
    const int fd = descriptor(self, file);
    size_t done = 0;
    while (done < cap) {
        const ssize_t n = pread(fd, (char *)buf + done, cap - done, (off_t)(offset + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return td_uv_errno(errno);
        if (n == 0)
            break;
        done += (size_t)n;
    }
    *got = done;
    return TD_OK;
}

enum td_err td_os_write(void *self, struct td_file file, const void *bytes, size_t len)
{
    const int fd = descriptor(self, file);
    for (size_t done = 0; done < len;) {
        const ssize_t n = write(fd, (const char *)bytes + done, len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return td_uv_errno(errno);
        done += (size_t)n;
    }
    return TD_OK;
}

enum td_err td_os_sync(void *self, struct td_file file)
{
    return fdatasync(descriptor(self, file)) == 0 ? TD_OK : errno == ENOSPC ? TD_ENOSPC : TD_EIO;
}

enum td_err td_os_truncate(void *self, struct td_file file, uint64_t size)
{
    return ftruncate(descriptor(self, file), (off_t)size) == 0 ? TD_OK : td_uv_errno(errno);
}

enum td_err td_os_size(void *self, struct td_file file, uint64_t *out)
{
    struct stat st;
    if (fstat(descriptor(self, file), &st) != 0)
        return td_uv_errno(errno);
    *out = (uint64_t)st.st_size;
    return TD_OK;
}

void td_os_close(void *self, struct td_file file)
{
    struct uv_world *w = self;
    if (file.id == 0 || file.id > TD_UV_FILES_MAX || w->files[file.id - 1] < 0)
        return;
    (void)close(w->files[file.id - 1]);
    w->files[file.id - 1] = -1;
}

enum td_err td_os_rename(void *self, const char *from, const char *to)
{
    (void)self;
    return rename(from, to) == 0 ? TD_OK : td_uv_errno(errno);
}

enum td_err td_os_remove(void *self, const char *path)
{
    (void)self;
    return unlink(path) == 0 ? TD_OK : td_uv_errno(errno);
}

enum td_err td_os_make_folder(void *self, const char *path)
{
    char part[1024];
    (void)self;
    if (!td_str_copy(td_str_of(path), part, sizeof part))
        return TD_ERANGE;
    for (char *p = part + 1; p[-1]; p++) {
        const char c = *p;
        if (c != '/' && c != '\0')
            continue;
        *p = '\0';
        if (mkdir(part, 0755) != 0 && errno != EEXIST)
            return td_uv_errno(errno);
        *p = c;
    }
    return td_os_entry(self, path) == TD_ENTRY_FOLDER ? TD_OK : TD_EEXIST;
}

enum td_err td_os_sync_folder(void *self, const char *path)
{
    (void)self;
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return td_uv_errno(errno);
    const enum td_err err = fsync(fd) == 0 ? TD_OK : TD_EIO;
    (void)close(fd);
    return err;
}

enum td_entry_kind td_os_entry(void *self, const char *path)
{
    struct stat st;
    (void)self;
    if (stat(path, &st) != 0)
        return TD_ENTRY_NONE;
    return S_ISDIR(st.st_mode) ? TD_ENTRY_FOLDER : TD_ENTRY_FILE;
}

static int is_listed(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

enum td_err td_os_list(void *self, const char *path, td_list_fn *fn, void *arg)
{
    struct dirent **entries = NULL;
    const int n = scandir(path, &entries, is_listed, by_bytes);
    if (n < 0)
        return td_uv_errno(errno);
    bool more = true;
    for (int i = 0; i < n; i++) {
        char full[2048];
        struct td_text t;
        td_text_init(&t, full, sizeof full);
        td_text_printf(&t, "%s/%s", path, entries[i]->d_name);
        if (more && !td_text_full(&t))
            more = fn(arg, entries[i]->d_name, td_os_entry(self, full));
        free(entries[i]);
    }
    free(entries);
    return TD_OK;
}

enum td_err td_os_free_bytes(void *self, const char *path, uint64_t *out)
{
    struct statvfs fs;
    (void)self;
    if (statvfs(path, &fs) != 0)
        return td_uv_errno(errno);
    *out = (uint64_t)fs.f_bavail * fs.f_frsize;
    return TD_OK;
}
