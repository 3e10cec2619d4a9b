/* wire/tws_frame.c - cuts frames from received bytes and queues frames to send. */
#include "wire/tws_frame.h"

#include <string.h>

#define PREFIX 4

static uint32_t read_length(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void write_length(uint8_t *p, size_t len)
{
    p[0] = (uint8_t)(len >> 24);
    p[1] = (uint8_t)(len >> 16);
    p[2] = (uint8_t)(len >> 8);
    p[3] = (uint8_t)len;
}

/* Moves the live bytes to the front. */
static void compact(uint8_t *buf, size_t *head, size_t *tail)
{
    if (*head) {
        memmove(buf, buf + *head, *tail - *head);
        *tail -= *head;
        *head = 0;
    }
}

void td_tws_rx_init(struct td_tws_rx *rx, uint8_t *buf, size_t cap)
{
    *rx = (struct td_tws_rx){buf, cap, 0, 0};
}

size_t td_tws_rx_feed(struct td_tws_rx *rx, const uint8_t *in, size_t len)
{
    if (rx->head == rx->tail)
        rx->head = rx->tail = 0;
    else if (rx->cap - rx->tail < len)
        compact(rx->buf, &rx->head, &rx->tail);
    const size_t room = rx->cap - rx->tail;
    const size_t take = len < room ? len : room;
    if (take)
        memcpy(rx->buf + rx->tail, in, take);
    rx->tail += take;
    return take;
}

enum td_err td_tws_rx_next(struct td_tws_rx *rx, struct td_str *payload)
{
    const size_t have = rx->tail - rx->head;
    if (have < PREFIX)
        return TD_EAGAIN;
    const uint8_t *p = rx->buf + rx->head;
    const size_t len = read_length(p);
    if (!len || len > TD_TWS_FRAME_MAX || len > rx->cap - PREFIX)
        return TD_EPROTO;
    if (have - PREFIX < len)
        return TD_EAGAIN;
    *payload = (struct td_str){(const char *)p + PREFIX, len};
    rx->head += PREFIX + len;
    return TD_OK;
}

void td_tws_tx_init(struct td_tws_tx *tx, uint8_t *buf, size_t cap)
{
    *tx = (struct td_tws_tx){buf, cap, 0, 0, 0};
}

uint8_t *td_tws_tx_begin(struct td_tws_tx *tx, size_t *room)
{
    if (tx->head == tx->tail)
        tx->head = tx->tail = 0;
    else if (tx->head >= tx->cap / 2) /* each byte is moved at most once per half buffer sent */
        compact(tx->buf, &tx->head, &tx->tail);
    const size_t left = tx->cap - tx->tail;
    *room = left > PREFIX ? left - PREFIX : 0;
    return tx->buf + tx->tail + (*room ? PREFIX : 0);
}

void td_tws_tx_commit(struct td_tws_tx *tx, size_t len)
{
    TD_REQUIRE(len > 0 && len <= TD_TWS_FRAME_MAX && PREFIX + len <= tx->cap - tx->tail);
    write_length(tx->buf + tx->tail, len);
    tx->tail += PREFIX + len;
}

enum td_err td_tws_tx_raw(struct td_tws_tx *tx, const void *bytes, size_t len)
{
    TD_REQUIRE(td_tws_tx_empty(tx));
    if (len > tx->cap)
        return TD_EFULL;
    memcpy(tx->buf, bytes, len);
    tx->head = 0;
    tx->tail = tx->left = len;
    return TD_OK;
}

size_t td_tws_tx_pull(struct td_tws_tx *tx, uint8_t *out, size_t cap)
{
    if (td_tws_tx_empty(tx) || !cap)
        return 0;
    if (!tx->left)
        tx->left = PREFIX + read_length(tx->buf + tx->head);
    const size_t n = tx->left < cap ? tx->left : cap;
    memcpy(out, tx->buf + tx->head, n);
    tx->head += n;
    tx->left -= n;
    return n;
}

bool td_tws_tx_empty(const struct td_tws_tx *tx)
{
    return tx->head == tx->tail;
}
