/* dash/push_rows.c - lists whose rows change one by one: a row whose text differs from before gets a new version. */
#include <stdlib.h>
#include <string.h>

#include "dash/push.h"

enum td_err td_push_open(struct td_push_board *b, const struct td_watch *watch)
{
    memset(b, 0, sizeof *b);
    b->watch = watch;
    for (int i = 0; i < TD_PUSH_LISTS; i++) {
        b->lists[i].pool = malloc(2 * (size_t)TD_PUSH_POOL);
        if (!b->lists[i].pool) {
            td_push_close(b);
            return TD_ENOMEM;
        }
    }
    b->said = calloc(1, sizeof *b->said);
    if (!b->said) {
        td_push_close(b);
        return TD_ENOMEM;
    }
    return TD_OK;
}

void td_push_close(struct td_push_board *b)
{
    for (int i = 0; i < TD_PUSH_LISTS; i++)
        free(b->lists[i].pool);
    free(b->said);
    memset(b, 0, sizeof *b);
}

/* FNV-1a, 64 bit: whether a text is the one of before. */
static uint64_t hash_of(struct td_str text)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < text.len; i++)
        h = (h ^ (uint8_t)text.p[i]) * UINT64_C(0x100000001b3);
    return h;
}

static uint64_t id_of(const cJSON *row)
{
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(row, "id");
    if (cJSON_IsString(id))
        return hash_of(td_str_of(id->valuestring));
    return cJSON_IsNumber(id) ? (uint64_t)(int64_t)id->valuedouble : 0;
}

static const struct td_push_row *find_row(const struct td_push_row *rows, uint32_t count,
                                          uint64_t id)
{
    for (uint32_t i = 0; i < count; i++)
        if (rows[i].id == id)
            return &rows[i];
    return NULL;
}

void td_push_take(struct td_push_board *b, enum td_push_list list, const cJSON *answer,
                  const char *key)
{
    struct td_push_rows *l = &b->lists[list];
    struct td_push_row before[TD_PUSH_ROWS];
    const uint32_t had = l->count;
    const uint64_t next = l->version + 1;
    char *pool = l->pool + (l->half ? 0 : TD_PUSH_POOL);
    uint32_t used = 0;
    const cJSON *row;
    memcpy(before, l->rows, had * sizeof *before);
    l->half = !l->half;
    l->count = 0;
    cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(answer, key))
    {
        if (l->count == TD_PUSH_ROWS ||
            !cJSON_PrintPreallocated((cJSON *)row, pool + used, (int)(TD_PUSH_POOL - used), 0))
            return; /* older ones are not watched */
        const uint32_t len = (uint32_t)strlen(pool + used);
        struct td_push_row *r = &l->rows[l->count++];
        *r = (struct td_push_row){.id = id_of(row),
                                  .hash = hash_of((struct td_str){pool + used, len}),
                                  .at = used,
                                  .len = len};
        const struct td_push_row *old = find_row(before, had, r->id);
        r->version = old && old->hash == r->hash ? old->version : next;
        if (r->version == next)
            l->version = next;
        used += len + 1;
    }
}
