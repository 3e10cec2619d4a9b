/* dash/dash_socket.c - WebSocket clients: one frame when one can be taken, and of what is true then. */
#include "dash/dash_inner.h" /* first: what libwebsockets includes has names that we ban */

#include <stdlib.h>
#include <string.h>

#define OLDER_BURST 16 /* messages of the older form at a time */

int dash_socket_open(struct td_dash *d, struct dash_conn *c)
{
    c->client = calloc(1, sizeof *c->client);
    c->message = malloc(TD_PUSH_MESSAGE);
    if (!c->client || !c->message)
        return -1;
    dash_http_forget(c);
    c->socket = true;
    d->http_count--;
    d->socket_count++;
    c->deadline = d->view.mono + DASH_WAIT_TAKE;
    c->waiting = true;
    c->messages_since = d->view.mono;
    (void)lws_callback_on_writable(c->wsi);
    return 0;
}

static int end(struct dash_conn *c, enum lws_close_status status, const char *reason)
{
    unsigned char text[124];
    const size_t len = strlen(reason) < sizeof text - 1 ? strlen(reason) : sizeof text - 1;
    memcpy(text, reason, len);
    lws_close_reason(c->wsi, status, text, len);
    return -1;
}

int dash_socket_hear(struct td_dash *d, struct dash_conn *c, struct td_str bytes)
{
    const char *reason = "";
    if (lws_frame_is_binary(c->wsi))
        return end(c, LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE, "text only");
    if (bytes.len > TD_PUSH_MESSAGE - c->message_len)
        return end(c, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, "a message of 16 KiB at most");
    memcpy(c->message + c->message_len, bytes.p, bytes.len);
    c->message_len += bytes.len;
    if (!lws_is_final_fragment(c->wsi) || lws_remaining_packet_payload(c->wsi))
        return 0;
    if (d->view.mono - c->messages_since >= DASH_MESSAGES_IN) {
        c->messages_since = d->view.mono;
        c->messages = 0;
    }
    if (++c->messages > DASH_MESSAGES)
        return end(c, LWS_CLOSE_STATUS_POLICY_VIOLATION, "too many messages");
    const struct td_str message = {c->message, c->message_len};
    c->message_len = 0;
    if (!td_push_hear(c->client, &d->board, message, &reason))
        return end(c, LWS_CLOSE_STATUS_POLICY_VIOLATION, reason);
    d->lists_due = d->status_due = 0;
    return 0;
}

static int send_text(struct td_dash *d, struct dash_conn *c, const struct td_text *t)
{
    return lws_write(c->wsi, d->out + LWS_PRE, t->len, LWS_WRITE_TEXT) < (int)t->len ? -1 : 0;
}

int dash_socket_write(struct td_dash *d, struct dash_conn *c)
{
    struct td_text t;
    c->waiting = false;
    c->deadline = TD_NS_NEVER;
    td_text_init(&t, (char *)d->out + LWS_PRE, TD_PUSH_FRAME);
    if (!c->hello) {
        c->hello = true;
        td_push_hello(d->view.now, &t);
        return send_text(d, c, &t);
    }
    for (int i = 0; i < (c->client->older ? OLDER_BURST : 1); i++) {
        if (!td_push_frame(c->client, &d->board, d->view.now, &t))
            return 0;
        if (send_text(d, c, &t))
            return -1;
        if (lws_send_pipe_choked(c->wsi))
            return 0;
    }
    return 0;
}

void dash_socket_tick(struct td_dash *d, struct dash_conn *c)
{
    if (c->waiting || !td_push_due(c->client, &d->board))
        return;
    c->waiting = true;
    c->deadline = d->view.mono + DASH_WAIT_TAKE;
    (void)lws_callback_on_writable(c->wsi);
}
