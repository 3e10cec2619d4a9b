/* sim/gateway_fault_bytes.c - faults of messages on their way: dropped, repeated, reformed, late, cut, nonsense.
 *
 * What is late waits in a table of fixed size; a message that does not fit there leaves in time.
 */
#include "sim/gateway_inner.h"

#include <string.h>

#include "wire/tws_field.h"

static bool keep_late(struct td_gateway *g, const struct td_gw_client *c,
                      const struct td_gw_shape *s, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < TD_GW_LATE; i++) {
        struct td_gw_late *late = &g->faults.late[i];
        if (late->due || len > sizeof late->bytes)
            continue;
        late->due = g->mono + s->delay;
        late->kind = s->kind;
        late->conn = c->conn.id;
        late->len = len;
        memcpy(late->bytes, bytes, len);
        return true;
    }
    return false;
}

/* Start and end (behind its NUL) of field `n`, 1 the first. False: there are fewer. */
static bool find_field(const uint8_t *bytes, size_t len, int32_t n, size_t *from, size_t *to)
{
    size_t at = 0;
    for (int32_t i = 1; at < len; i++) {
        const uint8_t *end = memchr(bytes + at, '\0', len - at);
        const size_t next = end ? (size_t)(end - bytes) + 1 : len;
        if (i == n) {
            *from = at;
            *to = next;
            return true;
        }
        at = next;
    }
    return false;
}

static size_t without_last(const uint8_t *bytes, size_t len)
{
    size_t from = 0, to = 0;
    for (int32_t n = 2; find_field(bytes, len, n, &from, &to); n++)
        if (to == len)
            return from;
    return len;
}

/* The message in another form; the new length. `bytes` has room for a text more. */
static size_t reform(const struct td_gw_shape *s, uint8_t *bytes, size_t len)
{
    size_t from = 0, to = 0;
    const size_t value = strlen(s->value) + 1;
    if (s->how == TD_FAULT_SHORTEN)
        return without_last(bytes, len);
    if (s->how == TD_FAULT_LENGTHEN) {
        memcpy(bytes + len, "surplus", 8);
        return len + 8;
    }
    if (!find_field(bytes, len, s->field, &from, &to))
        return len;
    memmove(bytes + from + value, bytes + to, len - to);
    memcpy(bytes + from, s->value, value);
    return len - (to - from) + value;
}

bool td_gw_shape(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *msg)
{
    uint8_t bytes[TD_GW_LATE_BYTES + TD_FAULT_TEXT];
    size_t len = 0;
    struct td_gw_shape *s = g->faults.now.shapes;
    const struct td_gw_shape *end = s + TD_GW_SHAPES;
    while (s < end && (s->kind != msg->kind || s->left == 0))
        s++;
    if (s == end || c->tws.state != TD_TWSGW_OPEN || !td_gw_take_one(&s->left))
        return false;
    if (s->how == TD_FAULT_DROP)
        return true;
    if (s->how == TD_FAULT_REPEAT) {
        (void)td_gw_queue(g, c, msg);
        return false;
    }
    const struct td_tws_codec codec = {.version = c->tws.version};
    if (td_tws_encode(&codec, msg, bytes, TD_GW_LATE_BYTES, &len) != TD_OK)
        return false; /* too long to be changed: sent as it is */
    if (s->how == TD_FAULT_DELAY)
        return keep_late(g, c, s, bytes, len);
    return td_gw_queue_bytes(c, bytes, reform(s, bytes, len));
}

static void add_shape(struct td_gateway *g, const struct td_fault_action *a, size_t count_at)
{
    struct td_gw_shape *s = g->faults.now.shapes;
    const struct td_gw_shape *end = s + TD_GW_SHAPES;
    while (s < end && s->left)
        s++;
    if (s == end) {
        td_logf(g->log, TD_LOG_WARN, TD_LOG_API, "fault", "more than %d at once: not done",
                TD_GW_SHAPES);
        return;
    }
    *s = (struct td_gw_shape){.how = (enum td_fault)a->id,
                              .kind = (uint16_t)a->args[0].number,
                              .left = td_gw_count(a->args[count_at].number)};
    if (a->id == TD_FAULT_DELAY)
        s->delay = a->args[1].number; /* 1e-9 of a second is a nanosecond */
    if (a->id == TD_FAULT_FIELD) {
        s->field = (int32_t)a->args[1].number;
        memcpy(s->value, a->args[2].text, sizeof s->value);
    }
}

void td_gw_do_drop(struct td_gateway *g, const struct td_fault_action *a)
{
    add_shape(g, a, 1);
}

void td_gw_do_repeat(struct td_gateway *g, const struct td_fault_action *a)
{
    add_shape(g, a, 1);
}

void td_gw_do_shorten(struct td_gateway *g, const struct td_fault_action *a)
{
    add_shape(g, a, 1);
}

void td_gw_do_lengthen(struct td_gateway *g, const struct td_fault_action *a)
{
    add_shape(g, a, 1);
}

void td_gw_do_delay(struct td_gateway *g, const struct td_fault_action *a)
{
    add_shape(g, a, 2);
}

void td_gw_do_field(struct td_gateway *g, const struct td_fault_action *a)
{
    add_shape(g, a, 3);
}

void td_gw_do_frame(struct td_gateway *g, const struct td_fault_action *a)
{
    char bytes[TD_FAULT_TEXT];
    const size_t len = strlen(a->args[0].text);
    struct td_gw_client *c;
    for (size_t i = 0; i <= len; i++)
        bytes[i] = a->args[0].text[i] == '|' ? '\0' : a->args[0].text[i];
    for (size_t i = 0; (c = td_gw_target(g, &i)) != NULL;)
        (void)td_gw_queue_bytes(c, bytes, len + 1);
}

void td_gw_do_garbage(struct td_gateway *g, const struct td_fault_action *a)
{
    const uint32_t claimed = (uint32_t)a->args[0].number;
    const uint8_t junk[] = {(uint8_t)(claimed >> 24),
                            (uint8_t)(claimed >> 16),
                            (uint8_t)(claimed >> 8),
                            (uint8_t)claimed,
                            0x00,
                            0x13,
                            0x37,
                            0xfe,
                            0xff,
                            '\n',
                            0x80};
    struct td_gw_client *c;
    for (size_t i = 0; (c = td_gw_target(g, &i)) != NULL;) {
        memcpy(c->junk, junk, sizeof junk);
        c->junk_len = sizeof junk;
    }
}

void td_gw_do_split(struct td_gateway *g, const struct td_fault_action *a)
{
    g->faults.now.split = (uint32_t)a->args[0].number;
}

void td_gw_do_join(struct td_gateway *g, const struct td_fault_action *a)
{
    g->faults.now.join = a->args[0].number;
}
