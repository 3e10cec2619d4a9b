/* sys/logfile.c - one ring, one thread, four files. */
#include "sys/logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/ring.h"
#include "sys/thread.h"

#define RING_BYTES (1u << 20)
#define LOOK_NS    (50 * TD_MS) /* the longest a line waits */
#define FILES      4

struct log_file {
    char path[512];
    int fd;
    uint64_t size;
};

struct td_logfile {
    struct td_logfile_config config;
    struct td_ring ring;
    uint8_t *ring_memory;
    pthread_mutex_t lock; /* producers, and the wake-up */
    pthread_cond_t more;
    bool stop;
    struct td_thread thread;
    struct log_file files[FILES]; /* trading, error, api, performance */
    uint64_t reported_drops;
    bool json;
};

struct entry {
    uint8_t level, channel;
};

static td_ns wall_clock(void *unused)
{
    struct timespec t;
    (void)unused;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    return (td_ns)t.tv_sec * TD_SEC + t.tv_nsec;
}

static void enqueue(void *sink, enum td_log_level level, enum td_log_channel channel,
                    struct td_str line)
{
    struct td_logfile *lf = sink;
    (void)pthread_mutex_lock(&lf->lock);
    uint8_t *at = td_ring_claim(&lf->ring, sizeof(struct entry) + line.len);
    if (at) {
        const struct entry e = {(uint8_t)level, (uint8_t)channel};
        memcpy(at, &e, sizeof e);
        memcpy(at + sizeof e, line.p, line.len);
        td_ring_publish(&lf->ring);
    }
    /* Waking the thread costs more than the line: it looks by itself, unless this one is urgent. */
    if (level >= TD_LOG_ERROR || td_ring_used(&lf->ring) > RING_BYTES / 2)
        (void)pthread_cond_signal(&lf->more);
    (void)pthread_mutex_unlock(&lf->lock);
}

static void rotate(struct log_file *f)
{
    char older[520];
    (void)snprintf(older, sizeof older, "%s.1", f->path);
    (void)close(f->fd);
    (void)rename(f->path, older);
    f->fd = open(f->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    f->size = 0;
}

/* A log that cannot be written must not stop the program: the loss shows as a gap in the file. */
static void append(struct td_logfile *lf, struct log_file *f, struct td_str line)
{
    if (f->fd < 0)
        return;
    if (f->size > lf->config.bytes_max)
        rotate(f);
    if (f->fd >= 0 && write(f->fd, line.p, line.len) == (ssize_t)line.len)
        f->size += line.len;
}

static void write_line(struct td_logfile *lf, const struct entry *e, struct td_str line)
{
    append(lf, &lf->files[0], line);
    if (e->level >= TD_LOG_ERROR)
        append(lf, &lf->files[1], line);
    if (e->channel != TD_LOG_TRADING)
        append(lf, &lf->files[e->channel == TD_LOG_API ? 2 : 3], line);
    if (lf->config.to_stderr && e->level >= lf->config.stderr_level)
        (void)!write(2, line.p, line.len);
}

static void report_drops(struct td_logfile *lf, uint64_t refused)
{
    char line[240];
    struct td_text t;
    const unsigned long long dropped = refused - lf->reported_drops;
    td_text_init(&t, line, sizeof line);
    td_text_put(&t, lf->json ? "{\"ts\":\"" : "");
    td_text_iso(&t, wall_clock(NULL));
    td_text_put(&t, lf->json ? "\",\"level\":\"error\",\"channel\":\"trading\",\"event\":\"log."
                               "dropped\",\"message\":\""
                             : " error trading log.dropped ");
    td_text_printf(&t, "%llu log lines dropped: the log ring was full%s\n", dropped,
                   lf->json ? "\"}" : "");
    lf->reported_drops = refused;
    write_line(lf, &(struct entry){TD_LOG_ERROR, TD_LOG_TRADING}, (struct td_str){t.buf, t.len});
}

static void drain_ring(struct td_logfile *lf)
{
    size_t len;
    for (const uint8_t *p; (p = td_ring_peek(&lf->ring, &len)) != NULL;
         td_ring_release(&lf->ring)) {
        struct entry e;
        memcpy(&e, p, sizeof e);
        write_line(lf, &e, (struct td_str){(const char *)p + sizeof e, len - sizeof e});
    }
}

static void write_loop(void *arg)
{
    struct td_logfile *lf = arg;
    for (bool stop = false; !stop;) {
        (void)pthread_mutex_lock(&lf->lock);
        if (!lf->stop && td_ring_used(&lf->ring) == 0) {
            struct timespec until;
            (void)clock_gettime(CLOCK_MONOTONIC, &until);
            until.tv_nsec += LOOK_NS;
            until.tv_sec += until.tv_nsec / TD_SEC;
            until.tv_nsec %= TD_SEC;
            (void)pthread_cond_timedwait(&lf->more, &lf->lock, &until);
        }
        stop = lf->stop;
        const uint64_t refused = lf->ring.refused;
        (void)pthread_mutex_unlock(&lf->lock);
        drain_ring(lf);
        if (refused != lf->reported_drops)
            report_drops(lf, refused);
    }
}

static enum td_err open_files(struct td_logfile *lf, struct td_fail *why)
{
    const char *const names[FILES] = {"trading", "error", NULL, "performance"};
    for (int i = 0; i < FILES; i++) {
        struct log_file *f = &lf->files[i];
        struct stat st;
        if (names[i])
            (void)snprintf(f->path, sizeof f->path, "%s/%s.log", lf->config.folder, names[i]);
        else
            (void)snprintf(f->path, sizeof f->path, "%s/api.%s.log", lf->config.folder,
                           lf->config.name);
        f->fd = open(f->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        if (f->fd < 0)
            return td_fail_set(why, TD_EACCES, "opening log %s: %s", f->path, strerror(errno));
        f->size = fstat(f->fd, &st) == 0 ? (uint64_t)st.st_size : 0;
    }
    return TD_OK;
}

static void release(struct td_logfile *lf)
{
    for (int i = 0; i < FILES; i++)
        if (lf->files[i].fd >= 0)
            (void)close(lf->files[i].fd);
    (void)pthread_cond_destroy(&lf->more);
    (void)pthread_mutex_destroy(&lf->lock);
    free(lf->ring_memory);
    free(lf);
}

enum td_err td_logfile_open(struct td_logfile **out, const struct td_logfile_config *config,
                            struct td_log *log, struct td_fail *why)
{
    struct td_logfile *lf = calloc(1, sizeof *lf);
    uint8_t *memory = malloc(RING_BYTES);
    if (!lf || !memory) {
        free(lf);
        free(memory);
        return td_fail_set(why, TD_ENOMEM, "no memory for the log");
    }
    lf->config = *config;
    lf->json = log->json;
    if (!lf->config.bytes_max)
        lf->config.bytes_max = UINT64_C(64) << 20;
    lf->ring_memory = memory;
    td_ring_init(&lf->ring, memory, RING_BYTES);
    (void)pthread_mutex_init(&lf->lock, NULL);
    pthread_condattr_t monotonic;
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&lf->more, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    for (int i = 0; i < FILES; i++)
        lf->files[i].fd = -1;
    enum td_err err = config->folder ? open_files(lf, why) : TD_OK;
    if (!err)
        err = td_thread_start(&lf->thread, "log", write_loop, lf);
    if (err) {
        release(lf);
        return err;
    }
    log->write = enqueue;
    log->sink = lf;
    log->now = wall_clock;
    *out = lf;
    return TD_OK;
}

void td_logfile_close(struct td_logfile *lf, struct td_log *log)
{
    if (!lf)
        return;
    if (log)
        log->write = NULL;
    (void)pthread_mutex_lock(&lf->lock);
    lf->stop = true;
    (void)pthread_cond_signal(&lf->more);
    (void)pthread_mutex_unlock(&lf->lock);
    td_thread_join(&lf->thread);
    release(lf);
}
