/* wire/dbn_upgrade.c - old records in the form of version 3, field by field by name. */
#include "wire/dbn_upgrade.h"

#include <string.h>

/* Codes that version 2 gave to texts version 1 already sent. Source: Databento's public list of them. */
static const struct {
    uint8_t rtype, code;
    const char *begin, *end;
} codes[] = {
    {TD_DBN_ERROR, 2, "User or API key deactivated", ""},
    {TD_DBN_ERROR, 3, "User has reached their open connection limit", ""},
    {TD_DBN_ERROR, 4, "Failed to resolve symbol", ""},
    {TD_DBN_ERROR, 6, "Internal error", ""},
    {TD_DBN_ERROR, 7, "Slow client detected for ", ""},
    {TD_DBN_SYSTEM, 0, "Heartbeat", ""},
    {TD_DBN_SYSTEM, 1, "Subscription request ", " succeeded"},
    {TD_DBN_SYSTEM, 2, "Warning: slow reading", ""},
    {TD_DBN_SYSTEM, 3, "Finished ", " replay"},
    {TD_DBN_SYSTEM, 4, "End of interval for ", ""},
};

static bool ends(struct td_str s, const char *tail)
{
    const size_t n = strlen(tail);
    return s.len >= n && memcmp(s.p + s.len - n, tail, n) == 0;
}

/* The first field behind the header of an error or system record is its text. */
static void give_code(uint8_t *record, const struct td_dbn_layout *layout)
{
    const struct td_dbn_field *code = td_dbn_field_of(layout, td_str_of("code"));
    const struct td_dbn_field *text = code ? code - 1 : NULL;
    struct td_dbn_value v;
    if (!code)
        return;
    td_dbn_get(record, text, &v);
    for (size_t i = 0; i < TD_COUNT(codes); i++)
        if (codes[i].rtype == record[1] && td_str_starts(v.text, codes[i].begin) &&
            ends(v.text, codes[i].end))
            td_dbn_put(record, code, &(struct td_dbn_value){.number = codes[i].code});
}

static const struct td_dbn_layout *copy(struct td_str record, const struct td_dbn_layout *layout,
                                        void *out)
{
    memcpy(out, record.p, layout->bytes);
    *(uint8_t *)out = (uint8_t)(layout->bytes / 4);
    return layout;
}

const struct td_dbn_layout *td_dbn_upgrade(struct td_str record, uint8_t version, void *out)
{
    const uint8_t rtype = (uint8_t)record.p[1];
    const struct td_dbn_layout *old = td_dbn_layout_of(rtype, version);
    const struct td_dbn_layout *new = td_dbn_layout_of(rtype, 3);
    struct td_dbn_value v;
    if (!old || !new || record.len < old->bytes)
        return NULL;
    if (old == new)
        return copy(record, old, out);
    td_dbn_blank(out, new, rtype);
    for (uint16_t i = 0; i < old->count; i++) {
        const struct td_dbn_field *from = &old->fields[i];
        const struct td_dbn_field *to =
            from->type == TD_DBN_PAD ? NULL : td_dbn_field_of(new, td_str_of(from->name));
        if (!to)
            continue;
        td_dbn_get(record.p, from, &v);
        td_dbn_put(out, to, &v);
    }
    if (version == 1)
        give_code(out, new);
    return new;
}
