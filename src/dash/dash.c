/* dash/dash.c - opening, the thread with libwebsockets' own loop, the tick, closing. */
#include "dash/dash_inner.h" /* first: what libwebsockets includes has names that we ban */

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sys/uvworld.h"

#define TOKENS "dash_tokens.json"

/* --- connections --- */

static struct td_dash *dash_of(struct lws *wsi)
{
    return lws_context_user(lws_get_context(wsi));
}

static int on_filter(struct td_dash *d, struct dash_conn *c, void *in, size_t len)
{
    (void)c, (void)in, (void)len;
    return d->http_count >= DASH_HTTP_MAX;
}

static int begin_conn(struct td_dash *d, struct lws *wsi)
{
    struct dash_conn *c = calloc(1, sizeof *c);
    if (!c)
        return -1;
    dash_look(d);
    *c = (struct dash_conn){
        .wsi = wsi, .next = d->conns, .back = &d->conns, .deadline = d->view.mono + DASH_WAIT_HEAD};
    if (d->conns)
        d->conns->back = &c->next;
    d->conns = c;
    d->http_count++;
    lws_set_opaque_user_data(wsi, c);
    return 0;
}

static int on_destroy(struct td_dash *d, struct dash_conn *c, void *in, size_t len)
{
    (void)in, (void)len;
    lws_set_opaque_user_data(c->wsi, NULL);
    *c->back = c->next;
    if (c->next)
        c->next->back = c->back;
    *(c->socket ? &d->socket_count : &d->http_count) -= 1;
    dash_http_forget(c);
    free(c->client);
    free(c->message);
    free(c);
    return 0;
}

static int on_http(struct td_dash *d, struct dash_conn *c, void *in, size_t len)
{
    return dash_http_begin(d, c, (struct td_str){in, len});
}

static int on_body(struct td_dash *d, struct dash_conn *c, void *in, size_t len)
{
    return dash_http_body(d, c, (struct td_str){in, len});
}

static int on_body_end(struct td_dash *d, struct dash_conn *c, void *in, size_t len)
{
    (void)in, (void)len;
    return dash_http_body_end(d, c);
}

static int on_http_room(struct td_dash *d, struct dash_conn *c, void *in, size_t len)
{
    (void)in, (void)len;
    return dash_http_write(d, c);
}

static int on_upgrade(struct td_dash *d, struct dash_conn *c, void *in, size_t len)
{
    (void)len;
    return dash_http_upgrade(d, c, in);
}

static int on_socket(struct td_dash *d, struct dash_conn *c, void *in, size_t len)
{
    (void)in, (void)len;
    return dash_socket_open(d, c);
}

static int on_message(struct td_dash *d, struct dash_conn *c, void *in, size_t len)
{
    return dash_socket_hear(d, c, (struct td_str){in, len});
}

static int on_socket_room(struct td_dash *d, struct dash_conn *c, void *in, size_t len)
{
    (void)in, (void)len;
    return dash_socket_write(d, c);
}

static const struct {
    enum lws_callback_reasons reason;
    int (*fn)(struct td_dash *d, struct dash_conn *c, void *in, size_t len);
} events[] = {
    {LWS_CALLBACK_WSI_DESTROY, on_destroy},
    {LWS_CALLBACK_HTTP, on_http},
    {LWS_CALLBACK_HTTP_BODY, on_body},
    {LWS_CALLBACK_HTTP_BODY_COMPLETION, on_body_end},
    {LWS_CALLBACK_HTTP_WRITEABLE, on_http_room},
    {LWS_CALLBACK_HTTP_CONFIRM_UPGRADE, on_upgrade},
    {LWS_CALLBACK_ESTABLISHED, on_socket},
    {LWS_CALLBACK_RECEIVE, on_message},
    {LWS_CALLBACK_SERVER_WRITEABLE, on_socket_room},
};

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t len)
{
    (void)user;
    struct td_dash *d = dash_of(wsi);
    struct dash_conn *c = lws_get_opaque_user_data(wsi);
    if (reason == LWS_CALLBACK_FILTER_NETWORK_CONNECTION)
        return on_filter(d, c, in, len);
    if (reason == LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED)
        return begin_conn(d, wsi);
    for (size_t i = 0; c && i < TD_COUNT(events); i++)
        if (events[i].reason == reason)
            return events[i].fn(d, c, in, len);
    return 0;
}

/* --- the thread --- */

static bool wants_status(const struct td_dash *d)
{
    for (const struct dash_conn *c = d->conns; c; c = c->next)
        if (c->socket && td_push_wants_status(c->client))
            return true;
    return false;
}

static void tick(lws_sorted_usec_list_t *timer)
{
    struct td_dash *d = lws_container_of(timer, struct td_dash, timer);
    dash_look(d);
    if (wants_status(d))
        dash_ask_status(d);
    if (d->socket_count)
        dash_ask_lists(d);
    for (struct dash_conn *c = d->conns; c; c = c->next) {
        if (c->socket)
            dash_socket_tick(d, c);
        if (d->view.mono >= c->deadline) {
            c->deadline = TD_NS_NEVER;
            lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
        }
    }
    lws_sul_schedule(d->context, 0, &d->timer, tick, DASH_TICK / TD_US);
}

static void serve(void *arg)
{
    struct td_dash *d = arg;
    struct td_fail why = {0};
    td_thread_give_way();
    if (td_uvworld_open(&d->world, false, &why) != TD_OK) {
        td_logf(d->config.log, TD_LOG_ERROR, TD_LOG_API, "dashboard", "%s", why.text);
        return;
    }
    dash_look(d);
    lws_sul_schedule(d->context, 0, &d->timer, tick, DASH_TICK / TD_US);
    while (!atomic_load(&d->stop) && lws_service(d->context, 0) >= 0)
        continue;
    dash_forget(d);
    td_uvworld_close(&d->world);
}

/* --- opening --- */

static void fill_random(void *arg, void *out, size_t len)
{
    (void)arg;
    randombytes_buf(out, len); /* getrandom */
}

static enum td_err read_tokens(struct td_world *world, const char *state,
                               struct td_keeper_config *out, struct td_fail *why)
{
    char path[900], text[512];
    size_t len;
    struct td_text t;
    (void)snprintf(path, sizeof path, "%s/" TOKENS, state);
    if (td_entry_at(world, path) == TD_ENTRY_FILE) {
        enum td_err err = td_file_slurp(world, path, text, sizeof text, &len, why);
        if (!err && td_keeper_tokens_read((struct td_str){text, len}, out) != TD_OK)
            err =
                td_fail_set(why, TD_EPARSE,
                            "%s does not hold two tokens: remove it, and new ones are made", path);
        sodium_memzero(text, sizeof text);
        return err;
    }
    td_text_init(&t, text, sizeof text);
    td_keeper_tokens_make(out, &t);
    enum td_err err = td_folder_make(world, state);
    err = err ? td_fail_set(why, err, "state folder %s: %s", state, td_err_text(err))
              : td_file_replace_secret(world, path, (struct td_str){text, t.len}, why);
    sodium_memzero(text, sizeof text);
    return err;
}

/* Whether the port can be had: libwebsockets does not say why it cannot. */
static enum td_err try_port(struct td_world *world, const char *host, uint16_t port,
                            struct td_fail *why)
{
    struct td_conn conn;
    struct td_wake wake;
    uint16_t wanted = port;
    const enum td_err err = td_world_listen(world, host, &wanted, &conn, why);
    if (err)
        return err;
    td_world_hangup(world, conn, false);
    td_world_wait(world, td_world_mono(world), &wake);
    return TD_OK;
}

/* libwebsockets would go on without a certificate that is not there. */
static enum td_err try_files(struct td_world *world, const struct td_dash_config *c,
                             struct td_fail *why)
{
    const char *const files[] = {c->certificate, c->key};
    struct td_file file;
    for (size_t i = 0; i < TD_COUNT(files); i++) {
        if (!files[i])
            continue;
        if (td_file_open(world, files[i], TD_FILE_READ, &file, why) != TD_OK)
            return td_fail_add(why, TD_EINVAL, "%s", i ? "DASH_TLS_KEY" : "DASH_TLS_CERT");
        td_file_close(world, file);
    }
    return TD_OK;
}

static enum td_err prepare(struct td_dash *d, struct td_fail *why)
{
    struct td_dash_config *c = &d->config;
    struct td_world world;
    struct td_keeper_config keeper = {.host = c->host,
                                      .port = c->port,
                                      .other_port = c->socket_port,
                                      .tls = c->certificate && c->key,
                                      .names = c->names,
                                      .password_hash = c->password_hash,
                                      .random = fill_random};
    enum td_err err = sodium_init() < 0 ? td_fail_set(why, TD_ENOMEM, "libsodium does not start")
                                        : td_uvworld_open(&world, false, why);
    if (err)
        return err;
    err = read_tokens(&world, c->state, &keeper, why);
    if (!err)
        err = td_keeper_init(&d->keeper, &keeper, why);
    if (!err)
        err = try_files(&world, c, why);
    if (!err)
        err = try_port(&world, c->host, c->port, why);
    td_uvworld_close(&world);
    sodium_memzero(&keeper, sizeof keeper);
    return err;
}

static const struct lws_protocols protocols[] = {
    {.name = "tapedeck", .callback = on_event, .rx_buffer_size = 4096},
    {0},
};
static const lws_retry_bo_t patience = {.secs_since_valid_ping = 20, .secs_since_valid_hangup = 50};

static struct lws_vhost *listen_at(struct td_dash *d, uint16_t port, const char *name)
{
    const struct td_dash_config *c = &d->config;
    const bool all = strcmp(c->host, "0.0.0.0") == 0 || strcmp(c->host, "::") == 0;
    const char *host = strcmp(c->host, "localhost") == 0 ? "127.0.0.1" : c->host;
    const bool tls = c->certificate && c->key;
    const struct lws_context_creation_info info = {
        .port = port,
        .iface = all ? NULL : host,
        .vhost_name = name,
        .protocols = protocols,
        .server_string = "tapedeck",
        .keepalive_timeout = 15,
        .timeout_secs_ah_idle = 10,
        .alpn = "http/1.1",
        .ssl_cert_filepath = tls ? c->certificate : NULL,
        .ssl_private_key_filepath = tls ? c->key : NULL,
        .options = LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND |
                   (tls ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0) |
                   (strchr(host, ':') ? 0 : LWS_SERVER_OPTION_DISABLE_IPV6)};
    return lws_create_vhost(d->context, &info);
}

static enum td_err listen_all(struct td_dash *d, struct td_fail *why)
{
    const struct td_dash_config *c = &d->config;
    const struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .user = d,
        .max_http_header_data2 = DASH_HEADERS,
        .max_http_header_pool = DASH_HTTP_MAX,
        .timeout_secs = 10,
        .retry_and_idle_policy = &patience,
        .pt_serv_buf_size = DASH_CHUNK,
        .fd_limit_per_thread = DASH_HTTP_MAX + DASH_SOCKETS_MAX + 32,
        .options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_VALIDATE_UTF8 |
                   (c->certificate && c->key ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0)};
    lws_set_log_level(0, NULL);
    d->context = lws_create_context(&info);
    if (!d->context)
        return td_fail_set(why, TD_ENOMEM, "libwebsockets does not start");
    struct lws_vhost *vhost = listen_at(d, c->port, "tapedeck");
    if (!vhost)
        return td_fail_set(why, TD_EINVAL, "dashboard on %s port %u: it cannot be served%s",
                           c->host, c->port,
                           c->certificate ? "; are DASH_TLS_CERT and DASH_TLS_KEY PEM files?" : "");
    d->port = (uint16_t)lws_get_vhost_listen_port(vhost);
    d->keeper.config.port = d->port;
    if (c->socket_port && !listen_at(d, c->socket_port, "sockets"))
        td_logf(c->log, TD_LOG_WARN, TD_LOG_API, "dashboard",
                "port %u (DASH_WS_PORT) is taken: the WebSocket is served at /ws alone",
                c->socket_port);
    return TD_OK;
}

static enum td_err take_memory(struct td_dash *d, struct td_fail *why)
{
    d->out = malloc(LWS_PRE + TD_API_BYTES);
    d->ask_text = calloc(3, DASH_ASK_BYTES);
    d->scan_text = calloc(1, DASH_SCAN_BYTES);
    enum td_err err = d->out && d->ask_text && d->scan_text ? td_watch_open(&d->watch) : TD_ENOMEM;
    if (!err)
        err = td_push_open(&d->board, &d->watch);
    return err ? td_fail_set(why, err, "no memory for the dashboard") : TD_OK;
}

static void free_all(struct td_dash *d)
{
    td_push_close(&d->board);
    td_watch_close(&d->watch);
    free(d->ask_text);
    free(d->scan_text);
    free(d->out);
    sodium_memzero(&d->keeper, sizeof d->keeper);
    free(d);
}

enum td_err td_dash_open(struct td_dash **out, const struct td_dash_config *config,
                         struct td_fail *why)
{
    struct td_dash *d = calloc(1, sizeof *d);
    if (!d)
        return td_fail_set(why, TD_ENOMEM, "no memory for the dashboard");
    d->config = *config;
    (void)snprintf(d->no_desk, sizeof d->no_desk, "no desk runs here");
    enum td_err err = take_memory(d, why);
    if (!err)
        err = prepare(d, why);
    if (!err)
        err = listen_all(d, why);
    d->view = (struct td_api_view){.no_desk = d->no_desk,
                                   .watch = &d->watch,
                                   .new_york = config->new_york,
                                   .version = config->version,
                                   .state = config->state,
                                   .config_json = config->config_json,
                                   .ask = config->ask,
                                   .ask_scan = config->ask_scan,
                                   .ask_arg = config->ask_arg,
                                   .recordings = config->recordings,
                                   .keeper = &d->keeper};
    d->board.no_desk = d->no_desk;
    if (!err && td_thread_start(&d->thread, "dashboard", serve, d) != TD_OK)
        err = td_fail_set(why, TD_ENOMEM, "the dashboard's thread does not start");
    if (!err) {
        *out = d;
        return TD_OK;
    }
    if (d->context)
        lws_context_destroy(d->context);
    free_all(d);
    return err;
}

uint16_t td_dash_port(const struct td_dash *d)
{
    return d->port;
}

void td_dash_close(struct td_dash *d)
{
    if (!d)
        return;
    atomic_store(&d->stop, true);
    if (d->config.ask_stop)
        d->config.ask_stop(d->config.ask_arg);
    lws_cancel_service(d->context);
    td_thread_join(&d->thread);
    lws_context_destroy(
        d->context); /* here, so that the wake-up above never meets one that is gone */
    free_all(d);
}
