/* history/scan_inner.h - what the source files of scan_store share; nobody else includes it. */
#ifndef TD_HISTORY_SCAN_INNER_H
#define TD_HISTORY_SCAN_INNER_H

#include "base/map.h"
#include "history/scan_store.h"
#include "store/datapath.h"

#define SCAN_SLOTS (2 * (size_t)TD_SCAN_SYMBOLS_MAX) /* of a map: a power of two */
#define SCAN_TEXT  ((size_t)8 << 20)                 /* the longest coarse file */
#define SCAN_ARENA ((size_t)16 << 20)                /* of one archive and its text */

/* A symbol while it is gathered. */
struct scan_item {
    struct td_scan_facts facts;
    struct td_scan_past past;
    uint64_t id;      /* hash of LEAN's security id; 0: none yet */
    int64_t split_e9; /* of the coarse file that named it */
    bool today;       /* its facts of the day are told */
};

struct scan {
    struct td_world *world;
    const struct td_scan_store_config *config;
    struct td_scan_store *out;
    struct scan_item *items;
    uint32_t count, cap;
    struct td_map by_symbol, by_id;
    struct td_map_slot *symbol_slots, *id_slots;
    int64_t sessions[TD_SCAN_DAYS_MAX]; /* [0]: the one before the day */
    int32_t minute, close;              /* of the day; minute of the session's close */
    char *text;
    void *block; /* of the arena */
    enum td_err err;
};

/* 1: the session before the day; 0: none of the asked ones. */
int32_t scan_ago(const struct scan *s, int64_t day);
/* The item of a symbol, made when there is none. NULL: s->err, or not a safe symbol (counted). */
struct scan_item *scan_item(struct scan *s, struct td_str symbol, enum td_scan_why why);
/* Another item of a symbol that has one: two securities under one ticker. */
struct scan_item *scan_twin(struct scan *s, struct td_str symbol, enum td_scan_why why);
/* Takes back the item that was added last. */
void scan_drop_last(struct scan *s);
void scan_failed(struct scan *s, const struct td_fail *why);

/* Each name of <folder>/<below>, when that is a folder. */
void scan_list(struct scan *s, const char *folder, const char *below, td_list_fn *fn, void *arg);

/* Minutes of the day into the facts, unless others were told before. `end`: the minute behind the series' last bar of the day. */
void scan_tell_today(struct scan_item *item, const struct scan *s,
                     const struct td_scan_today *today, int32_t end);

void scan_read_base(struct scan *s);   /* scan_base.c */
void scan_read_lean(struct scan *s);   /* scan_lean.c */
void scan_read_coarse(struct scan *s); /* scan_coarse.c */

#endif
