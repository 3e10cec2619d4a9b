/* desk/connectivity.h - what stands behind the gateway: the broker's link, the farms, who else is logged in.
 *
 * One table of notice codes, what they change, and what has to be done. Notices come in floods (ten a second
 * in a reset): a repeat changes nothing, asks for nothing and is counted; the owner logs only what is told.
 * Nothing here does anything: the answer to a code is a set of TD_CONN_ bits for the owner.
 *
 * A lost broker outside the reset windows for TD_CONN_STOP_AFTER stops the session's trading (once per
 * outage); time inside a window does not count. A farm that stays broken as long is told to a human.
 * Farms are known by the name after the colon of their notices. At most TD_CONN_FARMS are kept; more are
 * treated as flapping each time (told, verified), and not remembered.
 *
 * Pure; time is an argument (monotonic). Source: ibkr-operations 2.1, tws-protocol section 5.
 */
#ifndef TD_DESK_CONNECTIVITY_H
#define TD_DESK_CONNECTIVITY_H

#include "base/text.h"
#include "desk/farm.h"

#define TD_CONN_FARMS      24
#define TD_CONN_STOP_AFTER (5 * TD_MIN)

/* What has to be done about a notice. */
enum td_conn_todo {
    TD_CONN_TELL = 1,        /* one log line                                               */
    TD_CONN_CLOSE = 2,       /* the order gate is closed, quotes are stale                 */
    TD_CONN_SYNC = 4,        /* look orders, executions and positions up                   */
    TD_CONN_RESUBSCRIBE = 8, /* subscriptions are gone: ask for all of them again          */
    TD_CONN_VERIFY = 16,     /* every line concerned must show data within 30 s            */
    TD_CONN_BARS = 32,       /* live bars must be asked for again when they stay silent    */
    TD_CONN_ALERT = 64,      /* a human should know                                        */
    TD_CONN_STOP = 128,      /* the outage is too long: no more trading this session       */
    TD_CONN_SLOW = 256,      /* error 100: fewer messages, and the gate closed for a while */
};

enum td_conn_state { TD_CONN_UP, TD_CONN_LOST };
/* What a code changes. */
enum td_conn_effect {
    TD_CONN_BROKER_LOST,
    TD_CONN_BROKER_BACK,
    TD_CONN_FARM,
    TD_CONN_ONCE,  /* nothing lasting; at most once a minute     */
    TD_CONN_EVICT, /* another session of this login has the data */
};

struct td_conn_row {
    int32_t code;
    enum td_conn_effect effect;
    enum td_farm_kind farm;
    enum td_farm_state farm_state;
    uint32_t todo; /* when something changed */
    const char *meaning;
};

struct td_connectivity {
    enum td_conn_state broker;
    td_ns broker_since;
    bool evicted;
    td_ns evicted_at;  /* last told */
    int32_t last_code; /* of the broker's link */
    struct td_farm farms[TD_CONN_FARMS];
    uint32_t farm_count;
    const struct td_farm
        *noticed; /* what the last notice was about; NULL: the broker, or a farm not kept */
    uint64_t notices, repeats; /* taken from the table; those that changed nothing */
    uint32_t outages;
    /* private */
    td_ns count_from; /* outage time outside windows counts from here */
    bool stop_told;
    td_ns once_at; /* of the last TD_CONN_ONCE */
    int32_t once_code;
};

/* A new connection: everything is up until told otherwise. */
void td_connectivity_reset(struct td_connectivity *c, td_ns now);
/* Takes a notice; the todo bits, 0 for a repeat or a code that is not in the table. */
uint32_t td_connectivity_take(struct td_connectivity *c, int32_t code, struct td_str text,
                              td_ns now);
/* Time has passed (once a second): TD_CONN_STOP or TD_CONN_ALERT when a limit is reached. `window`: inside a
 * reset window. */
uint32_t td_connectivity_tick(struct td_connectivity *c, td_ns now, bool window);
/* A farm that has been broken for TD_CONN_STOP_AFTER and is so still; NULL none. */
const struct td_farm *td_connectivity_long_broken(const struct td_connectivity *c, td_ns now);
/* Farms of a kind that are broken now. */
uint32_t td_connectivity_broken(const struct td_connectivity *c, enum td_farm_kind kind);
/* Data came again: the eviction is over. */
void td_connectivity_data(struct td_connectivity *c);

const struct td_conn_row *td_connectivity_table(size_t *count);
const char *td_conn_state_word(enum td_conn_state state);

#endif
