/* desk/courier.c - the ring to the thread, and the thread's side of it. */
#include "desk/courier.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/ring.h"
#include "sys/child.h"
#include "sys/machine.h"
#include "sys/post.h"
#include "sys/thread.h"
#include "sys/uvworld.h"

#define RING_BYTES    65536
#define REPORT_BYTES  65536
#define PAUSE         TD_SEC
#define PER_HOUR      10
#define PER_HOUR_MAX  1000
#define DESKTOP_LIMIT (5 * TD_SEC)
#define TEXT_BYTES    4096

struct report {
    uint32_t sink;
    char error[120]; /* "": it went well */
};

/* What the thread counts and the trading thread reads. */
struct counts {
    _Atomic uint64_t sent, failed, held, dropped;
    _Atomic int64_t last_at;
};

struct td_courier {
    struct td_courier_config config;
    struct td_world world; /* the thread's */
    struct td_post *post;
    struct td_thread thread;
    struct td_ring ring, reports;
    atomic_bool closing;
    struct counts counts[TD_SINK_COUNT];
    _Atomic uint64_t cpu_bits, memory_bits; /* doubles */
    /* trading thread */
    struct td_delivery shown[TD_SINK_COUNT];
    uint64_t dropped;
    /* the thread */
    struct td_notice backlog[TD_COURIER_BACKLOG]; /* ring: webhook and e-mail */
    uint32_t first, waiting;
    td_ns hours[TD_SINK_COUNT][PER_HOUR_MAX]; /* monotonic times of the last ones */
    uint32_t hour_count[TD_SINK_COUNT];
    uint64_t busy, all; /* ticks at the last look */
    td_ns vitals_mono, closing_mono;
    char text[TEXT_BYTES];
    uint64_t ring_memory[(RING_BYTES + REPORT_BYTES) / 8];
};

const char *td_courier_sink_word(enum td_courier_sink sink)
{
    static const char *const words[TD_SINK_COUNT] = {"file", "desktop", "webhook", "email"};
    return words[sink];
}

/* --- the trading thread's side --- */

bool td_courier_post(struct td_courier *c, const struct td_notice *notice)
{
    if (!c)
        return true;
    struct td_notice *at = td_ring_claim(&c->ring, sizeof *at);
    if (!at) {
        c->dropped++;
        return false;
    }
    *at = *notice;
    td_ring_publish(&c->ring);
    td_world_poke(&c->world);
    return true;
}

uint64_t td_courier_dropped(const struct td_courier *c)
{
    return c ? c->dropped : 0;
}

static void show_counts(struct td_courier *c)
{
    for (int s = 0; s < TD_SINK_COUNT; s++) {
        struct td_delivery *d = &c->shown[s];
        const struct counts *n = &c->counts[s];
        d->sent = atomic_load_explicit(&n->sent, memory_order_relaxed);
        d->failed = atomic_load_explicit(&n->failed, memory_order_relaxed);
        d->held = atomic_load_explicit(&n->held, memory_order_relaxed);
        d->dropped = atomic_load_explicit(&n->dropped, memory_order_relaxed);
        d->last_at = atomic_load_explicit(&n->last_at, memory_order_relaxed);
    }
}

bool td_courier_next(struct td_courier *c, enum td_courier_sink *sink, char *text, size_t cap)
{
    size_t len;
    if (!c)
        return false;
    show_counts(c);
    const struct report *r = td_ring_peek(&c->reports, &len);
    if (!r)
        return false;
    *sink = (enum td_courier_sink)r->sink;
    (void)td_str_copy(td_str_of(r->error), text, cap);
    (void)td_str_copy(td_str_of(r->error), c->shown[r->sink].last_error,
                      sizeof c->shown[r->sink].last_error);
    td_ring_release(&c->reports);
    return true;
}

const struct td_delivery *td_courier_delivery(const struct td_courier *c, enum td_courier_sink sink)
{
    static const struct td_delivery off;
    return c ? &c->shown[sink] : &off;
}

static double double_of(const _Atomic uint64_t *bits)
{
    const uint64_t v = atomic_load_explicit(bits, memory_order_relaxed);
    double out;
    memcpy(&out, &v, sizeof out);
    return out;
}

static void put_double(_Atomic uint64_t *bits, double value)
{
    uint64_t v;
    memcpy(&v, &value, sizeof v);
    atomic_store_explicit(bits, v, memory_order_relaxed);
}

void td_courier_vitals(const struct td_courier *c, double *cpu, double *memory)
{
    *cpu = c ? double_of(&c->cpu_bits) : (double)NAN;
    *memory = c ? double_of(&c->memory_bits) : (double)NAN;
}

/* --- the thread: vitals --- */

enum td_err td_cpu_ticks(const char *text, uint64_t *busy, uint64_t *all)
{
    struct td_str rest = td_str_of(text), line = {0}, word;
    uint64_t sum = 0, idle = 0;
    int n = 0;
    if (!td_str_split(&rest, '\n', &line) || !td_str_starts(line, "cpu "))
        return TD_EPARSE;
    (void)td_str_split(&line, ' ', &word);
    while (n < 8 && td_str_split(&line, ' ', &word)) { /* guest time is in user time already */
        int64_t ticks;
        if (word.len == 0)
            continue;
        if (td_i64_parse(word.p, word.len, &ticks) != TD_OK || ticks < 0)
            return TD_EPARSE;
        sum += (uint64_t)ticks;
        idle += n == 3 || n == 4 ? (uint64_t)ticks : 0;
        n++;
    }
    if (n < 5)
        return TD_EPARSE;
    *busy = sum - idle;
    *all = sum;
    return TD_OK;
}

static void look_at_vitals(struct td_courier *c)
{
    char text[1024];
    size_t got = 0;
    uint64_t busy, all, available, total;
    struct td_file f;
    double cpu = (double)NAN;
    if (!c->config.vitals || td_world_mono(&c->world) < c->vitals_mono)
        return;
    c->vitals_mono = td_world_mono(&c->world) + c->config.vitals;
    if (td_file_open(&c->world, "/proc/stat", TD_FILE_READ, &f, NULL) == TD_OK) {
        if (td_file_read(&c->world, f, 0, text, sizeof text - 1, &got) != TD_OK)
            got = 0;
        td_file_close(&c->world, f);
    }
    text[got] = '\0';
    if (td_cpu_ticks(text, &busy, &all) == TD_OK) {
        if (c->all && all > c->all)
            cpu = 100.0 * (double)(busy - c->busy) / (double)(all - c->all);
        c->busy = busy;
        c->all = all;
    }
    put_double(&c->cpu_bits, cpu);
    const bool known = td_machine_memory(&available, &total) == TD_OK && total;
    put_double(&c->memory_bits,
               known ? 100.0 - 100.0 * (double)available / (double)total : (double)NAN);
}

/* --- the thread: sinks --- */

static void conclude(struct td_courier *c, enum td_courier_sink sink, enum td_err err,
                     const struct td_fail *why)
{
    struct counts *n = &c->counts[sink];
    atomic_store_explicit(&n->last_at, td_world_now(&c->world), memory_order_relaxed);
    (void)atomic_fetch_add_explicit(err ? &n->failed : &n->sent, 1, memory_order_relaxed);
    struct report *r = err ? td_ring_claim(&c->reports, sizeof *r) : NULL;
    if (!r)
        return; /* hundreds of unread failures: the first ones told the story */
    r->sink = sink;
    (void)td_str_copy(td_str_of(why->text[0] ? why->text : td_err_text(err)), r->error,
                      sizeof r->error);
    td_ring_publish(&c->reports);
    td_world_poke(c->config.desk);
}

/* Within the sink's hour? What is not is counted. */
static bool may_send(struct td_courier *c, enum td_courier_sink sink)
{
    const uint32_t most = (uint32_t)c->config.per_hour;
    const uint32_t n = c->hour_count[sink];
    const td_ns now = td_world_mono(&c->world);
    if (n >= most && now - c->hours[sink][n % most] < TD_HOUR) {
        (void)atomic_fetch_add_explicit(&c->counts[sink].held, 1, memory_order_relaxed);
        return false;
    }
    c->hours[sink][n % most] = now;
    c->hour_count[sink]++;
    return true;
}

static void write_file(struct td_courier *c, const struct td_notice *n)
{
    char path[900], older[910];
    struct td_text t;
    struct td_file f;
    struct td_fail why = {0};
    uint64_t size = 0;
    td_text_init(&t, c->text, sizeof c->text);
    td_notice_json(n, c->config.version, &t);
    td_text_char(&t, '\n');
    (void)snprintf(path, sizeof path, "%.800s/alerts.jsonl", c->config.state);
    (void)snprintf(older, sizeof older, "%s.1", path);
    enum td_err err = td_file_open(&c->world, path, TD_FILE_APPEND, &f, &why);
    if (!err) {
        err = td_file_write(&c->world, f, t.buf, t.len);
        if (!err)
            err = td_file_sync(&c->world, f);
        if (td_file_size(&c->world, f, &size) != TD_OK)
            size = 0;
        td_file_close(&c->world, f);
    }
    if (!err && size > TD_COURIER_FILE)
        err = td_file_rename(&c->world, path, older);
    conclude(c, TD_SINK_FILE, err, &why);
}

/* notify-send reads markup. */
static void put_plain(struct td_text *t, const char *text)
{
    for (; *text; text++)
        td_text_put(t, *text == '<'   ? "&lt;"
                       : *text == '>' ? "&gt;"
                       : *text == '&' ? "&amp;"
                                      : (char[]){*text, '\0'});
}

static enum td_err notify(struct td_courier *c, const struct td_notice *n, struct td_fail *why)
{
    char title[100], body[1200];
    struct td_text t;
    struct td_child child = {0};
    const char *argv[] = {c->config.notifier,
                          "--app-name=tapedeck",
                          n->severity >= TD_SEVERITY_ERROR ? "--urgency=critical"
                                                           : "--urgency=normal",
                          "--",
                          title,
                          body,
                          NULL};
    (void)snprintf(title, sizeof title, "tapedeck: %.60s%s", n->alert, n->over ? " is over" : "");
    td_text_init(&t, body, sizeof body);
    put_plain(&t, n->text);
    td_text_put(&t, n->over ? "" : "; ");
    put_plain(&t, n->over ? "" : n->action);
    const struct td_child_config config = {
        .argv = argv, .output = TD_CHILD_QUIET, .drop = c->config.secrets};
    enum td_err err = td_child_launch(&child, &config, why);
    if (err)
        return err;
    const td_ns until = td_world_mono(&c->world) + DESKTOP_LIMIT;
    while (td_child_alive(&child) && td_world_mono(&c->world) < until) {
        struct td_wake wake;
        td_world_wait(&c->world, td_world_mono(&c->world) + 20 * TD_MS, &wake);
    }
    if (td_child_alive(&child)) {
        (void)td_child_stop(&child, TD_SEC);
        return td_fail_set(why, TD_ETIMEOUT, "notify-send did not end in time");
    }
    return child.status ? td_fail_set(why, TD_EIO, "notify-send ended with status %d", child.status)
                        : TD_OK;
}

static void keep(struct td_courier *c, const struct td_notice *n)
{
    if (c->waiting == TD_COURIER_BACKLOG) { /* the oldest gives way */
        for (int s = TD_SINK_WEBHOOK; s <= TD_SINK_EMAIL; s++)
            if (c->shown[s].on)
                (void)atomic_fetch_add_explicit(&c->counts[s].dropped, 1, memory_order_relaxed);
        c->first = (c->first + 1) % TD_COURIER_BACKLOG;
        c->waiting--;
    }
    c->backlog[(c->first + c->waiting++) % TD_COURIER_BACKLOG] = *n;
}

/* Everything that was posted: into the file, onto the desktop, and kept for the rest. */
static void take_posted(struct td_courier *c)
{
    size_t len;
    const struct td_notice *n;
    while ((n = td_ring_peek(&c->ring, &len)) != NULL) {
        const struct td_notice one = *n;
        struct td_fail why = {0};
        td_ring_release(&c->ring);
        if (c->shown[TD_SINK_FILE].on)
            write_file(c, &one);
        if (c->shown[TD_SINK_DESKTOP].on && may_send(c, TD_SINK_DESKTOP)) {
            const enum td_err err = notify(c, &one, &why);
            conclude(c, TD_SINK_DESKTOP, err, &why);
        }
        if (c->post)
            keep(c, &one);
    }
}

/* --- the thread: what goes over a network --- */

static bool is_closing(struct td_courier *c)
{
    if (!atomic_load(&c->closing))
        return false;
    if (!c->closing_mono)
        c->closing_mono = td_world_mono(&c->world) + TD_COURIER_CLOSING;
    return true;
}

static enum td_err send_once(struct td_courier *c, enum td_courier_sink sink,
                             const struct td_notice *n, struct td_fail *why)
{
    struct td_text t;
    struct td_post_limit limit = {.limit = c->config.limit, .stop = &c->closing};
    if (is_closing(c)) {
        const td_ns left = c->closing_mono - td_world_mono(&c->world);
        if (left <= 0)
            return td_fail_set(why, TD_ETIMEOUT, "not sent: the process ended");
        limit = (struct td_post_limit){.limit = left < c->config.limit ? left : c->config.limit};
    }
    td_text_init(&t, c->text, sizeof c->text);
    if (sink == TD_SINK_WEBHOOK) {
        td_notice_json(n, c->config.version, &t);
        return td_post_web(c->post, c->config.webhook, (struct td_str){t.buf, t.len}, &limit, why);
    }
    td_notice_mail(n, &c->config, &t);
    const struct td_post_mail mail = {.server = c->config.smtp,
                                      .user = c->config.smtp_user,
                                      .password = c->config.smtp_password,
                                      .from = c->config.from,
                                      .to = c->config.to,
                                      .message = {t.buf, t.len}};
    return td_post_mail(c->post, &mail, &limit, why);
}

/* Waits, and takes what is posted meanwhile. */
static void pause_for(struct td_courier *c, td_ns span)
{
    const td_ns until = td_world_mono(&c->world) + span;
    while (td_world_mono(&c->world) < until && !is_closing(c)) {
        struct td_wake wake;
        td_world_wait(&c->world, until, &wake);
        take_posted(c);
        look_at_vitals(c);
    }
}

static void deliver(struct td_courier *c, enum td_courier_sink sink, const struct td_notice *n)
{
    struct td_fail why = {0};
    enum td_err err = TD_OK;
    td_ns pause = c->config.pause;
    if (!c->shown[sink].on || !may_send(c, sink))
        return;
    for (int i = 0; i < TD_COURIER_TRIES; i++) {
        why.text[0] = '\0';
        err = send_once(c, sink, n, &why);
        if (err == TD_EAGAIN && is_closing(c)) /* its try was cut short by the end: the last one */
            err = send_once(c, sink, n, &why);
        take_posted(c);
        if (!err || err == TD_EDENIED || err == TD_EINVAL || is_closing(c))
            break;
        if (i + 1 < TD_COURIER_TRIES)
            pause_for(c, pause);
        pause *= 4;
    }
    conclude(c, sink, err, &why);
}

static void run_courier(void *arg)
{
    struct td_courier *c = arg;
    for (;;) {
        take_posted(c);
        look_at_vitals(c);
        if (c->waiting) {
            const struct td_notice n = c->backlog[c->first];
            c->first = (c->first + 1) % TD_COURIER_BACKLOG;
            c->waiting--;
            deliver(c, TD_SINK_WEBHOOK, &n);
            deliver(c, TD_SINK_EMAIL, &n);
            continue;
        }
        if (is_closing(c) && td_ring_used(&c->ring) == 0)
            return;
        struct td_wake wake;
        const td_ns until = c->config.vitals ? c->vitals_mono : td_world_mono(&c->world) + TD_HOUR;
        td_world_wait(&c->world, until, &wake);
    }
}

/* --- life --- */

static bool is_set(const char *text)
{
    return text && *text;
}

static enum td_err check(const struct td_courier_config *config, struct td_fail *why)
{
    if (is_set(config->webhook)) {
        const enum td_err err = td_post_check_web(config->webhook, why);
        if (err)
            return td_fail_add(why, err, "ALERT_WEBHOOK");
    }
    if (is_set(config->to)) {
        const struct td_post_mail mail = {
            .server = config->smtp, .from = config->from, .to = config->to};
        const enum td_err err = td_post_check_mail(&mail, why);
        if (err)
            return td_fail_add(why, err, "ALERT_EMAIL, ALERT_EMAIL_FROM, ALERT_SMTP_URL");
    }
    if (config->desktop && !is_set(config->bus))
        return td_fail_set(why, TD_EINVAL,
                           "ALERT_DESKTOP=1 needs a session bus, and DBUS_SESSION_BUS_ADDRESS "
                           "names none");
    return TD_OK;
}

static enum td_err start(struct td_courier *c, struct td_fail *why)
{
    enum td_err err = td_uvworld_open(&c->world, false, why);
    if (err)
        return err;
    if (c->shown[TD_SINK_WEBHOOK].on || c->shown[TD_SINK_EMAIL].on)
        err = td_post_open(&c->post, is_set(c->config.ca_file) ? c->config.ca_file : NULL, why);
    if (!err && td_thread_start(&c->thread, "courier", run_courier, c) != TD_OK)
        err = td_fail_set(why, TD_ENOMEM, "no thread for the alerts");
    if (err) {
        td_post_close(c->post);
        td_uvworld_close(&c->world);
    }
    return err;
}

enum td_err td_courier_open(struct td_courier **out, const struct td_courier_config *config,
                            struct td_fail *why)
{
    *out = NULL;
    enum td_err err = check(config, why);
    const bool on[TD_SINK_COUNT] = {config->file, config->desktop, is_set(config->webhook),
                                    is_set(config->to)};
    bool any = config->vitals > 0;
    for (int s = 0; s < TD_SINK_COUNT; s++)
        any |= on[s];
    if (err || !any)
        return err;
    struct td_courier *c = calloc(1, sizeof *c);
    if (!c)
        return td_fail_set(why, TD_ENOMEM, "no memory for the alerts");
    c->config = *config;
    c->config.per_hour = config->per_hour > 0 && config->per_hour < PER_HOUR_MAX ? config->per_hour
                         : config->per_hour                                      ? PER_HOUR_MAX
                                                                                 : PER_HOUR;
    c->config.limit = config->limit ? config->limit : TD_COURIER_LIMIT;
    c->config.pause = config->pause ? config->pause : PAUSE;
    c->config.notifier = is_set(config->notifier) ? config->notifier : "notify-send";
    for (int s = 0; s < TD_SINK_COUNT; s++)
        c->shown[s].on = on[s];
    put_double(&c->cpu_bits, (double)NAN);
    put_double(&c->memory_bits, (double)NAN);
    td_ring_init(&c->ring, c->ring_memory, RING_BYTES);
    td_ring_init(&c->reports, (uint8_t *)c->ring_memory + RING_BYTES, REPORT_BYTES);
    err = start(c, why);
    if (err)
        free(c);
    else
        *out = c;
    return err;
}

void td_courier_close(struct td_courier *c)
{
    if (!c)
        return;
    atomic_store(&c->closing, true);
    td_world_poke(&c->world);
    td_thread_join(&c->thread);
    td_post_close(c->post);
    td_uvworld_close(&c->world);
    free(c);
}
