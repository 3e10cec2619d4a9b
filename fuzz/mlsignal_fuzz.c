/* fuzz/mlsignal_fuzz.c - any bytes as a line with an external signal: one that is taken is within its ranges, and its row
 * comes back from its record. */
#include "trade/blotter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_ranges(const struct td_mlsignal *s)
{
    TD_REQUIRE(s->id[0] && s->symbol[0] && s->strategy[0] && s->model[0]);
    TD_REQUIRE(s->type < TD_MLSIGNAL_TYPE_COUNT && s->urgency < TD_MLSIGNAL_URGENCIES);
    TD_REQUIRE(s->confidence_e9 >= 0 && s->confidence_e9 <= TD_E9);
    TD_REQUIRE(s->tolerance_e9 >= 0 && s->tolerance_e9 <= TD_E9 / 20);
    TD_REQUIRE(td_px_is_none(s->price) || s->price.e9 > 0);
    TD_REQUIRE(s->until > s->at && s->until - s->at <= TD_MLSIGNAL_SPAN_MAX);
}

static void check_record(const struct td_mlsignal *s)
{
    const struct td_mlsignal_row row = {
        .told = *s, .number = 1, .state = TD_MLS_VALIDATED, .received = 5, .changed = 6};
    uint8_t bytes[TD_RECORD_BYTES_MAX], again[TD_RECORD_BYTES_MAX];
    struct td_record r, read;
    td_mlsignal_record(&row, &r);
    const size_t len = td_record_encode(&r, bytes);
    TD_REQUIRE(td_record_decode(bytes, len, TD_RECORD_VERSION, &read) == TD_OK);
    TD_REQUIRE(td_record_encode(&read, again) == len && memcmp(bytes, again, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct td_mlsignal_presets presets = {TD_E9 / 1000, 300 * TD_SEC};
    struct td_mlsignal s;
    struct td_fail why = {0};
    const enum td_err err =
        td_mlsignal_parse((struct td_str){(const char *)data, size}, &presets, &s, &why);
    TD_REQUIRE(err == TD_OK || why.text[0]);
    if (err == TD_OK) {
        check_ranges(&s);
        check_record(&s);
    }
    return 0;
}
