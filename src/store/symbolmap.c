/* store/symbolmap.c - the mapping file through cJSON, and the aliases of datasets. */
#include "store/symbolmap.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FILE_MAX ((size_t)1 << 20)

const char *td_dataset_name(const char *name)
{
    static const struct {
        const char *alias, *name;
    } rows[] = {{"NASDAQ.ITCH", "XNAS.ITCH"},   {"NASDAQ.BASIC", "XNAS.BASIC"},
                {"NASDAQ.QBBO", "XNAS.QBBO"},   {"NASDAQ.NLS", "XNAS.NLS"},
                {"NYSE.PILLAR", "XNYS.PILLAR"}, {"NYSE.BBO", "XNYS.BBO"},
                {"NYSE.TRADES", "XNYS.TRADES"}, {"NYSE.TRADESBBO", "XNYS.TRADESBBO"}};
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        if (strcasecmp(name, rows[i].alias) == 0)
            return rows[i].name;
    return name;
}

static void warn(struct td_symbolmap *m, const char *name, const char *symbol, const char *what)
{
    if (m->warnings++ == 0)
        (void)snprintf(m->warning, sizeof m->warning, "%.100s: %s%s%s", name, symbol,
                       *symbol ? ": " : "", what);
}

/* A text member into out[cap]; false when it is something else or too long. */
static bool take(const cJSON *object, const char *key, char *out, size_t cap)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(object, key);
    if (!v || cJSON_IsNull(v))
        return true;
    return cJSON_IsString(v) && snprintf(out, cap, "%s", v->valuestring) < (int)cap;
}

static bool read_row(const cJSON *entry, struct td_symbol_row *row)
{
    if (!entry->string ||
        snprintf(row->local, sizeof row->local, "%s", entry->string) >= (int)sizeof row->local)
        return false;
    if (cJSON_IsString(entry))
        return snprintf(row->symbol, sizeof row->symbol, "%s", entry->valuestring) <
               (int)sizeof row->symbol;
    char dataset[32] = "";
    if (!cJSON_IsObject(entry) || !take(entry, "symbol", row->symbol, sizeof row->symbol) ||
        !take(entry, "dataset", dataset, sizeof dataset) ||
        !take(entry, "schema", row->schema, sizeof row->schema))
        return false;
    (void)snprintf(row->dataset, sizeof row->dataset, "%s", td_dataset_name(dataset));
    return true;
}

static void add_row(struct td_symbolmap *m, const cJSON *entry, const char *name)
{
    struct td_symbol_row row = {.local = ""};
    const char *key = entry->string ? entry->string : "";
    if (!read_row(entry, &row)) {
        warn(m, name, key, "neither a symbol nor {symbol, dataset, schema}; left out");
    } else if (m->count == TD_SYMBOLMAP_MAX) {
        warn(m, name, key, "more symbols than are possible; left out");
    } else {
        if (strcmp(row.local, row.symbol) == 0 && !row.dataset[0] && !row.schema[0])
            warn(m, name, key, "maps to itself; remove the line or name the vendor's symbol");
        m->rows[m->count++] = row;
    }
}

void td_symbolmap_parse(struct td_symbolmap *m, struct td_str json, const char *name)
{
    *m = (struct td_symbolmap){.count = 0};
    cJSON *root = cJSON_ParseWithLength(json.p, json.len);
    if (!cJSON_IsObject(root))
        warn(m, name, "", "not a JSON object; every symbol maps to itself");
    else
        for (const cJSON *e = root->child; e; e = e->next)
            add_row(m, e, name);
    cJSON_Delete(root);
}

void td_symbolmap_load(struct td_symbolmap *m, struct td_world *world, const char *path)
{
    *m = (struct td_symbolmap){.count = 0};
    if (td_entry_at(world, path) == TD_ENTRY_NONE)
        return;
    size_t len = 0;
    char *buf = malloc(FILE_MAX);
    if (buf && td_file_slurp(world, path, buf, FILE_MAX, &len, NULL) == TD_OK)
        td_symbolmap_parse(m, (struct td_str){buf, len}, path);
    else
        warn(m, path, "", "cannot be read; every symbol maps to itself");
    free(buf);
}

const struct td_symbol_row *td_symbolmap_find(const struct td_symbolmap *m, const char *local)
{
    for (size_t i = 0; i < m->count; i++)
        if (strcmp(m->rows[i].local, local) == 0)
            return &m->rows[i];
    return NULL;
}

const char *td_symbolmap_symbol(const struct td_symbolmap *m, const char *local)
{
    const struct td_symbol_row *row = td_symbolmap_find(m, local);
    return row && row->symbol[0] ? row->symbol : local;
}
