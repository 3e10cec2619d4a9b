/* fuzz/guest_fuzz.c - any bytes as what the host of a foreign strategy says: the same frames however they are cut, every intent in its
 * limits, every text ended. The same bytes as an event that a desk sends: its parts lie inside. */
#include "strat/guest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t mix(uint64_t hash, uint64_t value)
{
    return (hash ^ value) * UINT64_C(0x100000001b3);
}

static void check_intent(const struct td_intent *i)
{
    TD_REQUIRE(i->leg < TD_LEGS_MAX && i->kind <= TD_INTENT_CANCEL);
    TD_REQUIRE(i->type < TD_ORDER_TYPE_COUNT && i->tif < TD_TIF_COUNT);
    TD_REQUIRE(i->qty.e9 >= 0 && i->strength >= 0 && i->strength <= 1);
    TD_REQUIRE(memchr(i->reason, 0, sizeof i->reason) != NULL && !i->strategy[0]);
}

static uint64_t take(const struct td_guest_frame *f, uint64_t hash)
{
    hash = mix(hash, (uint64_t)f->kind);
    if (f->kind == TD_GUEST_ABOUT) {
        TD_REQUIRE(memchr(f->about.name, 0, sizeof f->about.name) != NULL);
        TD_REQUIRE(f->about.param_count <= TD_STRAT_PARAMS);
    } else if (f->kind == TD_GUEST_INTENTS) {
        hash = mix(hash, f->answer.seq);
        for (uint32_t i = 0; i < f->answer.count && f->answer.count <= TD_INTENTS_MAX; i++)
            check_intent(&f->intents[i]);
    } else {
        TD_REQUIRE(memchr(f->word.text, 0, sizeof f->word.text) != NULL);
    }
    return hash;
}

static uint64_t frames_hash(const uint8_t *data, size_t size, size_t step)
{
    static struct td_guest_in in;
    static struct td_guest_frame frame;
    uint64_t hash = 7;
    in.used = 0;
    for (size_t off = 0; off < size;) {
        const size_t left = size - off;
        const size_t n = td_guest_feed(&in, data + off, step < left ? step : left);
        enum td_err err;
        TD_REQUIRE(n > 0);
        off += n;
        while ((err = td_guest_next(&in, &frame, NULL)) == TD_OK)
            hash = take(&frame, hash);
        if (err == TD_EPROTO)
            return mix(hash, 1);
    }
    return hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const size_t step = size ? 1 + data[size - 1] % 61 : 1;
    struct td_guest_parts p;
    TD_REQUIRE(frames_hash(data, size, step) == frames_hash(data, size, TD_GUEST_IN));
    if (td_guest_cut(data, size, &p) == TD_OK)
        TD_REQUIRE(p.legs >= data && p.working >= p.legs && p.books >= p.working &&
                   p.books <= data + size);
    return 0;
}
