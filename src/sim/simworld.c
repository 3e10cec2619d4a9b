/* sim/simworld.c - machines, clock and the heap of events of the simulated world. */
#include <stdlib.h>
#include <string.h>

#include "sim/simworld_inner.h"

#define START_MONO TD_SEC
#define LATE_MAX   (2 * TD_MS)

void sim_note(struct td_simworld *s, uint64_t what, uint64_t a, uint64_t b)
{
    const uint64_t parts[4] = {what, a, b, (uint64_t)s->mono};
    for (size_t i = 0; i < TD_COUNT(parts); i++) {
        s->trace = (s->trace ^ parts[i]) * UINT64_C(1099511628211);
        s->trace ^= s->trace >> 29;
    }
}

bool sim_odd(struct td_simworld *s)
{
    return s->o.odd && td_rng_below(&s->rng, 1000) < s->o.odd;
}

void *sim_grow(void *rows, size_t *cap, size_t need, size_t size)
{
    if (need <= *cap)
        return rows;
    const size_t fresh = need < 16 ? 16 : need + need / 2;
    void *grown = realloc(rows, fresh * size);
    TD_REQUIRE(grown != NULL);
    *cap = fresh;
    return grown;
}

struct sim_host *sim_host_of(void *self)
{
    const struct sim_process *p = self;
    return p->host->alive && p->host->life == p->life ? p->host : NULL;
}

struct sim_host *sim_enter(void *self)
{
    struct sim_host *h = sim_host_of(self);
    if (!h)
        return NULL;
    h->entered++;
    if (h->dies_at && h->entered >= h->dies_at) {
        h->dies_at = 0;
        td_simworld_kill(h->sim, h->index);
        return NULL;
    }
    return h;
}

static struct td_simworld *sim_of(void *self)
{
    return ((struct sim_process *)self)->host->sim;
}

void sim_push_wake(struct sim_host *h, struct td_wake wake)
{
    TD_REQUIRE(h->wake_head - h->wake_tail < SIM_WAKES);
    h->wakes[h->wake_head++ % SIM_WAKES] = wake;
}

/* --- events --- */

static bool before(const struct sim_event *a, const struct sim_event *b)
{
    return a->at != b->at ? a->at < b->at : a->seq < b->seq;
}

static void swap(struct sim_event *a, struct sim_event *b)
{
    const struct sim_event t = *a;
    *a = *b;
    *b = t;
}

void sim_push_event(struct td_simworld *s, struct sim_event event)
{
    event.seq = ++s->event_seq;
    s->heap = sim_grow(s->heap, &s->heap_cap, s->heap_len + 1, sizeof *s->heap);
    size_t i = s->heap_len++;
    s->heap[i] = event;
    for (; i > 0 && before(&s->heap[i], &s->heap[(i - 1) / 2]); i = (i - 1) / 2)
        swap(&s->heap[i], &s->heap[(i - 1) / 2]);
}

static struct sim_event pop_event(struct td_simworld *s)
{
    const struct sim_event first = s->heap[0];
    s->heap[0] = s->heap[--s->heap_len];
    for (size_t i = 0;;) {
        size_t least = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2; child++)
            if (child < s->heap_len && before(&s->heap[child], &s->heap[least]))
                least = child;
        if (least == i)
            return first;
        swap(&s->heap[i], &s->heap[least]);
        i = least;
    }
}

static void plan_turn(struct sim_host *h, td_ns at)
{
    struct td_simworld *s = h->sim;
    h->turn_seq = 0;
    if (at == TD_NS_NEVER)
        return;
    sim_push_event(s, (struct sim_event){.at = at > s->mono ? at : s->mono,
                                         .kind = SIM_EV_TURN,
                                         .host = h->index});
    h->turn_seq = s->event_seq;
}

/* Lets a machine other than the one that waits handle what came for it. */
static void run_turn(struct sim_host *h)
{
    if (!h->alive || !h->turn || h->in_turn)
        return;
    const uint32_t life = h->life;
    h->in_turn = true;
    const td_ns next = h->turn(h->turn_arg);
    h->in_turn = false;
    if (h->alive && h->life == life && h->turn)
        plan_turn(h, next);
}

static void happen(struct td_simworld *s, struct sim_host *waiting)
{
    const struct sim_event event = pop_event(s);
    uint32_t host = TD_SIM_HOSTS;
    s->mono = event.at > s->mono ? event.at : s->mono;
    sim_note(s, 'E', (uint64_t)event.kind, event.seq);
    if (event.kind == SIM_EV_TURN)
        host = s->hosts[event.host].turn_seq == event.seq ? event.host : TD_SIM_HOSTS;
    else
        sim_net_event(s, &event, &host);
    free(event.bytes);
    if (host < TD_SIM_HOSTS && &s->hosts[host] != waiting)
        run_turn(&s->hosts[host]);
}

static bool pop_wake(struct sim_host *h, struct td_wake *out)
{
    while (h->wake_head != h->wake_tail) {
        *out = h->wakes[h->wake_tail++ % SIM_WAKES];
        if (out->conn.id == 0 || out->kind == TD_WAKE_FAILED || sim_net_alive(h->sim, out->conn))
            return true;
    }
    return sim_net_readable(h->sim, h->index, out);
}

/* A dead process goes on until its code returns: time must pass for it, or a loop with a time limit would never end.
 * Nobody else sees it. */
static void wait_as_ghost(struct sim_process *p, td_ns deadline)
{
    const td_ns now = p->ghost > p->host->sim->mono ? p->ghost : p->host->sim->mono;
    const td_ns until = deadline == TD_NS_NEVER ? now + TD_HOUR : deadline;
    p->ghost = until > now ? until : now + TD_MS;
}

static void wait_wake(void *self, td_ns deadline, struct td_wake *out)
{
    struct td_simworld *s = sim_of(self);
    if (!sim_host_of(self)) {
        wait_as_ghost(self, deadline);
        *out = (struct td_wake){.kind = TD_WAKE_TIMEOUT};
        return;
    }
    for (;;) {
        struct sim_host *h = sim_host_of(self);
        if (h && pop_wake(h, out))
            break;
        const bool more = s->heap_len && (s->heap[0].at <= deadline || s->heap[0].at <= s->mono);
        if (h && more) {
            happen(s, h);
            continue;
        }
        if (h && deadline != TD_NS_NEVER && deadline > s->mono) {
            s->mono = deadline;
            if (sim_odd(s)) {
                const td_ns late = deadline + (td_ns)td_rng_below(&s->rng, LATE_MAX);
                s->mono = s->heap_len && s->heap[0].at < late ? s->heap[0].at : late;
            }
        }
        *out = (struct td_wake){.kind = TD_WAKE_TIMEOUT};
        break;
    }
    sim_note(s, 'w', (uint64_t)out->kind, out->conn.id);
}

/* --- clock and randomness --- */

static td_ns read_mono(void *self)
{
    const struct sim_process *p = self;
    const td_ns mono = p->host->sim->mono;
    return p->ghost > mono ? p->ghost : mono;
}

static td_ns read_now(void *self)
{
    const struct td_simworld *s = sim_of(self);
    return s->o.start_ns + read_mono(self) + s->step;
}

static uint64_t read_random(void *self)
{
    const uint64_t bits = td_rng_u64(&sim_of(self)->rng);
    sim_note(sim_of(self), 'r', bits, 0);
    return bits;
}

static void poke(void *self)
{
    struct sim_host *h = sim_host_of(self);
    if (h)
        sim_push_wake(h, (struct td_wake){.kind = TD_WAKE_POKE});
}

static const struct td_world_ops sim_ops = {
    .now = read_now,
    .mono = read_mono,
    .random = read_random,
    .wait = wait_wake,
    .poke = poke,
    .dial = sim_dial,
    .listen = sim_listen,
    .listen_local = sim_listen_local,
    .dial_local = sim_dial_local,
    .recv = sim_recv,
    .send = sim_send,
    .hangup = sim_hangup,
    .listening = sim_listening,
    .open = sim_open_file,
    .read = sim_read,
    .write = sim_write,
    .sync = sim_sync,
    .truncate = sim_truncate,
    .size = sim_size,
    .close = sim_close_file,
    .rename = sim_rename,
    .remove = sim_remove,
    .make_folder = sim_make_folder,
    .sync_folder = sim_sync_folder,
    .list = sim_list,
    .entry = sim_entry,
    .free_bytes = sim_free_bytes,
};

/* --- the world and its machines --- */

enum td_err td_simworld_open(struct td_simworld **out, const struct td_simworld_options *o,
                             struct td_fail *why)
{
    if (o->latency_max < o->latency_min || o->latency_min < 0 || o->odd > 1000 || o->drop > 1000)
        return td_fail_set(why, TD_EINVAL, "simulated world: latency, odd or drop out of range");
    struct td_simworld *s = calloc(1, sizeof *s);
    if (!s)
        return td_fail_set(why, TD_ENOMEM, "no memory for the simulated world");
    s->o = *o;
    s->mono = START_MONO;
    s->next_port = 40000;
    s->trace = o->seed;
    td_rng_init(&s->rng, o->seed);
    *out = s;
    return TD_OK;
}

void td_simworld_close(struct td_simworld *s)
{
    if (!s)
        return;
    for (uint32_t i = 0; i < TD_SIM_HOSTS; i++)
        sim_disk_free(&s->hosts[i]);
    for (size_t i = 0; i < SIM_CONNS; i++)
        free(s->conns[i].rx);
    for (size_t i = 0; i < s->heap_len; i++)
        free(s->heap[i].bytes);
    while (s->processes) {
        struct sim_process *p = s->processes;
        s->processes = p->next;
        free(p);
    }
    free(s->heap);
    free(s);
}

enum td_err td_simworld_attach(struct td_simworld *s, const char *name, uint32_t *host,
                               struct td_world *out, struct td_fail *why)
{
    uint32_t i = 0;
    while (i < TD_SIM_HOSTS && s->hosts[i].used && strcmp(s->hosts[i].name, name) != 0)
        i++;
    if (i == TD_SIM_HOSTS)
        return td_fail_set(why, TD_EFULL, "%s: more than %d machines", name, TD_SIM_HOSTS);
    struct sim_host *h = &s->hosts[i];
    if (h->alive)
        return td_fail_set(why, TD_EEXIST, "%s is running", name);
    struct sim_process *p = calloc(1, sizeof *p);
    if (!p)
        return td_fail_set(why, TD_ENOMEM, "no memory for a process");
    TD_REQUIRE(name[0] && td_str_copy(td_str_of(name), h->name, sizeof h->name));
    h->sim = s;
    h->index = i;
    h->used = h->alive = true;
    h->life++;
    h->calls = h->fault_calls = h->entered = h->dies_at = 0;
    h->fault = (struct td_sim_fault){0};
    h->broken = false;
    *p = (struct sim_process){s->processes, h, h->life, 0};
    s->processes = p;
    *host = i;
    *out = (struct td_world){&sim_ops, p};
    sim_note(s, 'A', i, h->life);
    return TD_OK;
}

static struct sim_host *machine(struct td_simworld *s, uint32_t host)
{
    TD_REQUIRE(host < TD_SIM_HOSTS && s->hosts[host].used);
    return &s->hosts[host];
}

void td_simworld_turn(struct td_simworld *s, uint32_t host, td_sim_turn_fn *fn, void *arg)
{
    struct sim_host *h = machine(s, host);
    h->turn = fn;
    h->turn_arg = arg;
    plan_turn(h, fn ? s->mono : TD_NS_NEVER);
}

void td_simworld_kill(struct td_simworld *s, uint32_t host)
{
    struct sim_host *h = machine(s, host);
    if (!h->alive)
        return;
    sim_note(s, 'K', host, 0);
    sim_net_drop_host(s, host, true);
    sim_disk_close_all(h);
    h->alive = false;
    h->turn = NULL;
    h->turn_seq = 0;
    h->wake_head = h->wake_tail = 0;
}

void td_simworld_die_at(struct td_simworld *s, uint32_t host, uint64_t nth)
{
    struct sim_host *h = machine(s, host);
    h->dies_at = nth ? h->entered + nth : 0;
}

bool td_simworld_alive(const struct td_simworld *s, uint32_t host)
{
    TD_REQUIRE(host < TD_SIM_HOSTS);
    return s->hosts[host].alive;
}

uint64_t td_simworld_calls(const struct td_simworld *s, uint32_t host)
{
    TD_REQUIRE(host < TD_SIM_HOSTS);
    return s->hosts[host].entered;
}

void td_simworld_crash(struct td_simworld *s, uint32_t host)
{
    td_simworld_kill(s, host);
    sim_disk_power_cut(machine(s, host));
}

void td_simworld_power_cut(struct td_simworld *s)
{
    for (uint32_t i = 0; i < TD_SIM_HOSTS; i++)
        if (s->hosts[i].used)
            td_simworld_crash(s, i);
}

void td_simworld_fault(struct td_simworld *s, uint32_t host, const struct td_sim_fault *fault)
{
    struct sim_host *h = machine(s, host);
    h->fault = *fault;
    h->fault_calls = 0;
    h->broken = false;
}

void td_simworld_watch(struct td_simworld *s, uint32_t host, const struct td_sim_watch *watch)
{
    machine(s, host)->watch = watch ? *watch : (struct td_sim_watch){0};
}

uint64_t td_simworld_disk_calls(const struct td_simworld *s, uint32_t host)
{
    TD_REQUIRE(host < TD_SIM_HOSTS);
    return s->hosts[host].calls;
}

td_ns td_simworld_mono(const struct td_simworld *s)
{
    return s->mono;
}

void td_simworld_step_clock(struct td_simworld *s, td_ns by)
{
    s->step += by;
    sim_note(s, 'C', (uint64_t)by, 0);
}

struct td_simworld_held td_simworld_held(const struct td_simworld *s, uint32_t host)
{
    struct td_simworld_held held = {0};
    for (size_t i = 0; i < SIM_CONNS; i++)
        held.sockets += s->conns[i].state != SIM_FREE && s->conns[i].host == host;
    for (size_t i = 0; i < SIM_FILES; i++)
        held.files += s->hosts[host].files[i].used;
    return held;
}

void td_simworld_refuse(struct td_simworld *s, uint16_t port, bool refuse)
{
    size_t i = 0;
    while (i < SIM_PORTS && s->refused[i] != port)
        i++;
    if (refuse && i == SIM_PORTS)
        for (i = 0; i < SIM_PORTS && s->refused[i]; i++)
            continue;
    TD_REQUIRE(!refuse || i < SIM_PORTS);
    if (i < SIM_PORTS)
        s->refused[i] = refuse ? port : 0;
}

void td_simworld_sever(struct td_simworld *s, uint32_t host)
{
    sim_note(s, 'S', host, 0);
    sim_net_drop_host(s, machine(s, host)->index, false);
}

void td_simworld_signal(struct td_simworld *s, uint32_t host, int number)
{
    if (machine(s, host)->alive)
        sim_push_wake(&s->hosts[host], (struct td_wake){.kind = TD_WAKE_SIGNAL, .signal = number});
}

uint64_t td_simworld_trace(const struct td_simworld *s)
{
    return s->trace;
}
