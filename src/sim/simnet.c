/* sim/simnet.c - connections of the simulated world: dialling, pieces under way, windows, resets. */
#include <stdlib.h>
#include <string.h>

#include "sim/simworld_inner.h"

static struct td_conn id_of(const struct td_simworld *s, const struct sim_conn *c)
{
    return (struct td_conn){(uint32_t)c->generation << 16 | (uint32_t)(c - s->conns + 1)};
}

static struct sim_conn *find(struct td_simworld *s, struct td_conn conn)
{
    const uint32_t index = (conn.id & 0xffff) - 1;
    if (index >= SIM_CONNS)
        return NULL;
    struct sim_conn *c = &s->conns[index];
    return c->state != SIM_FREE && c->generation == conn.id >> 16 ? c : NULL;
}

/* The connection of this process, or NULL. */
static struct sim_conn *own(struct sim_host *h, struct td_conn conn)
{
    struct sim_conn *c = h ? find(h->sim, conn) : NULL;
    return c && c->host == h->index ? c : NULL;
}

bool sim_net_alive(const struct td_simworld *s, struct td_conn conn)
{
    const uint32_t index = (conn.id & 0xffff) - 1;
    return index < SIM_CONNS && s->conns[index].generation == conn.id >> 16 &&
           (s->conns[index].state == SIM_ESTABLISHED || s->conns[index].state == SIM_LISTENING);
}

static struct sim_conn *take_slot(struct td_simworld *s, uint32_t host, enum sim_conn_state state)
{
    for (size_t i = 0; i < SIM_CONNS; i++) {
        struct sim_conn *c = &s->conns[i];
        if (c->state != SIM_FREE)
            continue;
        const uint16_t generation = (uint16_t)(c->generation + 1);
        *c = (struct sim_conn){.state = state, .generation = generation, .host = host};
        s->conns_top = i < s->conns_top ? s->conns_top : (uint32_t)i + 1;
        return c;
    }
    return NULL;
}

static void drop(struct sim_conn *c)
{
    free(c->rx);
    c->rx = NULL;
    c->state = SIM_FREE;
}

static td_ns latency(struct td_simworld *s)
{
    return td_rng_between(&s->rng, s->o.latency_min, s->o.latency_max);
}

/* Something sent by `c`, to arrive at `to` after everything it sent before. */
static void send_event(struct td_simworld *s, struct sim_conn *c, struct td_conn to,
                       struct sim_event event)
{
    const td_ns at = s->mono + latency(s);
    event.at = at > c->last_at ? at : c->last_at;
    event.conn = to;
    c->last_at = event.at;
    sim_push_event(s, event);
}

/* --- dialling and listening --- */

static bool is_reachable(const struct td_simworld *s, const char *host)
{
    static const char *const here[] = {"localhost", "127.0.0.1", "::1", "0.0.0.0"};
    for (size_t i = 0; i < TD_COUNT(here); i++)
        if (strcmp(host, here[i]) == 0)
            return true;
    for (size_t i = 0; i < TD_SIM_HOSTS; i++)
        if (s->hosts[i].used && strcmp(host, s->hosts[i].name) == 0)
            return true;
    return false;
}

static struct sim_conn *listener_at(struct td_simworld *s, uint16_t port, const char *path)
{
    for (size_t i = 0; i < SIM_CONNS; i++) {
        struct sim_conn *c = &s->conns[i];
        if (c->state == SIM_LISTENING && c->port == port && strcmp(c->path, path) == 0)
            return c;
    }
    return NULL;
}

static bool is_refused(const struct td_simworld *s, uint16_t port)
{
    for (size_t i = 0; i < SIM_PORTS && port; i++)
        if (s->refused[i] == port)
            return true;
    return false;
}

enum td_listening sim_listening(void *self, const char *host, uint16_t port)
{
    struct sim_host *h = sim_enter(self);
    if (!h)
        return TD_LISTENING_UNKNOWN;
    const bool heard = is_reachable(h->sim, host) && listener_at(h->sim, port, "");
    return heard && !is_refused(h->sim, port) ? TD_LISTENING_YES : TD_LISTENING_NO;
}

static enum td_err dial(struct sim_host *h, uint16_t port, const char *path, struct td_conn *out)
{
    struct sim_conn *c = take_slot(h->sim, h->index, SIM_DIALLING);
    if (!c)
        return TD_EFULL;
    c->port = port;
    (void)td_str_copy(td_str_of(path), c->path, sizeof c->path);
    *out = id_of(h->sim, c);
    send_event(h->sim, c, *out, (struct sim_event){.kind = SIM_EV_SYN});
    sim_note(h->sim, 'd', port, out->id);
    return TD_OK;
}

enum td_err sim_dial(void *self, const char *host, uint16_t port, struct td_conn *out,
                     struct td_fail *why)
{
    struct sim_host *h = sim_enter(self);
    const enum td_err err = !h ? TD_EIO : dial(h, is_reachable(h->sim, host) ? port : 0, "", out);
    return err ? td_fail_set(why, err, "dialling %s:%u: %s", host, (unsigned)port, td_err_text(err))
               : TD_OK;
}

enum td_err sim_dial_local(void *self, const char *path, struct td_conn *out, struct td_fail *why)
{
    struct sim_host *h = sim_enter(self);
    enum td_err err = !h ? TD_EIO : listener_at(h->sim, 0, path) ? TD_OK : TD_ENOENT;
    if (!err)
        err = dial(h, 0, path, out);
    return err ? td_fail_set(why, err, "dialling %s: %s", path, td_err_text(err)) : TD_OK;
}

static enum td_err listen_at(struct sim_host *h, uint16_t port, const char *path,
                             struct td_conn *out)
{
    struct sim_conn *c = take_slot(h->sim, h->index, SIM_LISTENING);
    if (!c)
        return TD_EFULL;
    c->port = port;
    (void)td_str_copy(td_str_of(path), c->path, sizeof c->path);
    *out = id_of(h->sim, c);
    sim_note(h->sim, 'l', port, out->id);
    return TD_OK;
}

enum td_err sim_listen(void *self, const char *host, uint16_t *port, struct td_conn *out,
                       struct td_fail *why)
{
    struct sim_host *h = sim_enter(self);
    enum td_err err = !h ? TD_EIO : !is_reachable(h->sim, host) ? TD_EINVAL : TD_OK;
    uint16_t wanted = *port;
    while (!err && wanted == 0) {
        const uint16_t next = h->sim->next_port++;
        wanted = listener_at(h->sim, next, "") ? 0 : next;
    }
    if (!err && listener_at(h->sim, wanted, ""))
        err = TD_EINUSE;
    if (!err)
        err = listen_at(h, wanted, "", out);
    if (err)
        return td_fail_set(why, err, "listening on %s:%u: %s", host, (unsigned)*port,
                           td_err_text(err));
    *port = wanted;
    return TD_OK;
}

enum td_err sim_listen_local(void *self, const char *path, struct td_conn *out, struct td_fail *why)
{
    struct sim_host *h = sim_enter(self);
    if (strlen(path) >= sizeof h->sim->conns[0].path)
        return td_fail_set(why, TD_ERANGE, "%s: socket path too long", path);
    struct sim_conn *stale = h ? listener_at(h->sim, 0, path) : NULL;
    const enum td_err err = h ? listen_at(h, 0, path, out) : TD_EIO;
    if (err)
        return td_fail_set(why, err, "listening on %s: %s", path, td_err_text(err));
    if (stale)
        stale->path[0] = '\0'; /* it is still open, but nobody finds it any more */
    return TD_OK;
}

/* The dial has arrived: a connection for the listener, an answer for the dialler. */
static void on_syn(struct td_simworld *s, struct sim_conn *dialler, uint32_t *host)
{
    const bool named = dialler->port || dialler->path[0];
    struct sim_conn *listener = named ? listener_at(s, dialler->port, dialler->path) : NULL;
    struct sim_conn *c = listener && !is_refused(s, dialler->port)
                             ? take_slot(s, listener->host, SIM_ESTABLISHED)
                             : NULL;
    struct sim_event answer = {.kind = SIM_EV_ANSWER, .err = c ? TD_OK : TD_EUNREACH};
    if (!c) {
        send_event(s, dialler, id_of(s, dialler), answer);
        return;
    }
    c->rx = malloc(TD_SIM_WINDOW);
    TD_REQUIRE(c->rx != NULL);
    c->peer = id_of(s, dialler);
    dialler->peer = id_of(s, c);
    send_event(s, c, id_of(s, dialler), answer);
    sim_push_wake(&s->hosts[c->host], (struct td_wake){.kind = TD_WAKE_ACCEPTED,
                                                       .conn = id_of(s, c),
                                                       .listener = id_of(s, listener)});
    *host = c->host;
}

static void on_answer(struct td_simworld *s, struct sim_conn *c, enum td_err err)
{
    struct td_wake wake = {
        .kind = err ? TD_WAKE_FAILED : TD_WAKE_CONNECTED, .conn = id_of(s, c), .err = err};
    if (err) {
        drop(c);
    } else {
        c->state = SIM_ESTABLISHED;
        c->rx = malloc(TD_SIM_WINDOW);
        TD_REQUIRE(c->rx != NULL);
    }
    sim_push_wake(&s->hosts[c->host], wake);
}

void sim_net_event(struct td_simworld *s, const struct sim_event *event, uint32_t *host)
{
    struct sim_conn *c = find(s, event->conn);
    if (!c)
        return; /* hung up meanwhile */
    *host = c->host;
    switch (event->kind) {
    case SIM_EV_SYN:
        on_syn(s, c, host);
        break;
    case SIM_EV_ANSWER:
        on_answer(s, c, event->err);
        break;
    case SIM_EV_DATA:
        TD_REQUIRE(c->rx_len + event->len <= TD_SIM_WINDOW && c->coming >= event->len);
        memcpy(c->rx + c->rx_len, event->bytes, event->len);
        c->rx_len += event->len;
        c->coming -= event->len;
        c->told = false;
        break;
    case SIM_EV_END:
        c->ended = true;
        c->told = false;
        break;
    case SIM_EV_RESET:
        if (c->state == SIM_DIALLING) {
            if (c->peer.id)
                send_event(s, c, c->peer, (struct sim_event){.kind = SIM_EV_RESET});
            on_answer(s, c, TD_EUNREACH);
            break;
        }
        c->reset = true;
        c->told = false;
        break;
    case SIM_EV_WRITABLE:
        sim_push_wake(&s->hosts[c->host],
                      (struct td_wake){.kind = TD_WAKE_WRITABLE, .conn = event->conn});
        break;
    case SIM_EV_TURN:
        break;
    }
}

bool sim_net_readable(struct td_simworld *s, uint32_t host, struct td_wake *out)
{
    for (uint32_t i = 0; i < s->conns_top; i++) {
        const uint32_t at = (s->next_readable + i) % s->conns_top;
        struct sim_conn *c = &s->conns[at];
        if (c->state != SIM_ESTABLISHED || c->host != host || c->told ||
            !(c->rx_len || c->ended || c->reset))
            continue;
        c->told = true;
        s->next_readable = at + 1;
        *out = (struct td_wake){.kind = TD_WAKE_READABLE, .conn = id_of(s, c)};
        return true;
    }
    return false;
}

/* --- bytes --- */

enum td_err sim_recv(void *self, struct td_conn conn, void *buf, size_t cap, size_t *got)
{
    struct sim_host *h = sim_enter(self);
    struct sim_conn *c = own(h, conn);
    if (!c || c->state != SIM_ESTABLISHED)
        return TD_ECLOSED;
    if (c->reset)
        return TD_EIO;
    if (c->rx_len == 0)
        return c->ended ? TD_ECLOSED : TD_EAGAIN;
    const bool odd = sim_odd(h->sim);
    c->told = false; /* what stays is told again */
    if (odd && td_rng_chance(&h->sim->rng, 0.3))
        return TD_EAGAIN;
    size_t n = c->rx_len < cap ? c->rx_len : cap;
    n = odd && n ? 1 : n;
    memcpy(buf, c->rx, n);
    memmove(c->rx, c->rx + n, c->rx_len - n);
    c->rx_len -= n;
    *got = n;
    struct sim_conn *peer = find(h->sim, c->peer);
    if (peer && peer->full) {
        peer->full = false;
        send_event(h->sim, c, c->peer, (struct sim_event){.kind = SIM_EV_WRITABLE});
    }
    if (h->watch.heard)
        h->watch.heard(h->watch.arg, conn, buf, n);
    sim_note(h->sim, 'i', conn.id, n);
    return TD_OK;
}

static void send_pieces(struct td_simworld *s, struct sim_conn *c, struct sim_conn *to,
                        const uint8_t *bytes, size_t len)
{
    size_t pieces = 1 + (size_t)td_rng_below(&s->rng, 3);
    while (len) {
        const size_t n = pieces > 1 ? 1 + (size_t)td_rng_below(&s->rng, len) : len;
        uint8_t *copy = malloc(n);
        TD_REQUIRE(copy != NULL);
        memcpy(copy, bytes, n);
        to->coming += n;
        send_event(s, c, c->peer, (struct sim_event){.kind = SIM_EV_DATA, .bytes = copy, .len = n});
        bytes += n;
        len -= n;
        pieces -= pieces > 1;
    }
}

static void reset_both(struct td_simworld *s, struct sim_conn *c)
{
    if (c->peer.id)
        send_event(s, c, c->peer, (struct sim_event){.kind = SIM_EV_RESET});
    send_event(s, c, id_of(s, c), (struct sim_event){.kind = SIM_EV_RESET});
}

enum td_err sim_send(void *self, struct td_conn conn, const void *bytes, size_t len, size_t *sent)
{
    struct sim_host *h = sim_enter(self);
    struct sim_conn *c = own(h, conn);
    if (!c || c->state != SIM_ESTABLISHED)
        return TD_ECLOSED;
    if (c->reset)
        return TD_EIO;
    struct td_simworld *s = h->sim;
    struct sim_conn *to = find(s, c->peer);
    *sent = len;
    if (h->watch.sent)
        h->watch.sent(h->watch.arg, bytes, len);
    if (!to || (s->o.drop && td_rng_below(&s->rng, 1000) < s->o.drop)) {
        reset_both(s, c); /* the bytes go nowhere, as the sender will learn */
        return TD_OK;
    }
    const size_t room = TD_SIM_WINDOW - to->rx_len - to->coming;
    size_t n = len < room ? len : room;
    c->full = n < len;
    if (n > 1 && sim_odd(s))
        n = 1 + (size_t)td_rng_below(&s->rng, n - 1);
    if (n < len && !c->full)
        send_event(s, to, conn, (struct sim_event){.kind = SIM_EV_WRITABLE});
    send_pieces(s, c, to, bytes, n);
    *sent = n;
    if (h->watch.took)
        h->watch.took(h->watch.arg, conn, bytes, n);
    sim_note(s, 'o', conn.id, n);
    return TD_OK;
}

void sim_hangup(void *self, struct td_conn conn, bool abort)
{
    struct sim_host *h = sim_enter(self);
    struct sim_conn *c = own(h, conn);
    if (!c)
        return;
    sim_note(h->sim, 'h', conn.id, abort);
    if (c->peer.id)
        send_event(h->sim, c, c->peer,
                   (struct sim_event){.kind = abort ? SIM_EV_RESET : SIM_EV_END});
    drop(c);
}

void sim_net_drop_host(struct td_simworld *s, uint32_t host, bool listeners)
{
    for (size_t i = 0; i < SIM_CONNS; i++) {
        struct sim_conn *c = &s->conns[i];
        if (c->state == SIM_FREE || c->host != host || (c->state == SIM_LISTENING && !listeners))
            continue;
        if (c->state != SIM_LISTENING)
            reset_both(s, c);
        if (listeners)
            drop(c);
    }
}
