/* desk/paper_inner.h - what paper.c (orders) and paper_tell.c (answers) share; nobody else includes it. */
#ifndef TD_DESK_PAPER_INNER_H
#define TD_DESK_PAPER_INNER_H

#include "desk/paper.h"

#define PAPER_COMMANDS 256 /* on their way to the venue */
#define PAPER_ANSWERS  16  /* room for what one report of an engine says */

enum paper_verb { PAPER_PLACE, PAPER_CHANGE, PAPER_CANCEL };

struct paper_command {
    td_ns at;
    uint32_t row;
    uint8_t verb;
    struct td_exch_order venue;
};

/* An answer that waits: `kind` of the message, and the row, fill, line or request it is about. */
struct paper_told {
    td_ns at;
    uint16_t kind;
    int32_t about;
    int32_t number; /* code of an error, or which value of the account */
};

enum paper_value { PAPER_WORTH, PAPER_GROSS, PAPER_DAY_TRADES, PAPER_VALUES };

struct td_paper {
    struct td_paper_config config;
    struct td_world *world;
    struct td_paper_line *lines;
    struct td_paper_order orders[TD_PAPER_ORDERS];
    struct td_paper_fill fills[TD_PAPER_FILLS]; /* ring */
    struct paper_told told[TD_PAPER_TOLD];      /* ring */
    struct paper_command commands[PAPER_COMMANDS];
    uint32_t fill_count; /* ever in this process, with those of before */
    uint32_t told_head, told_count, command_head, command_count;
    td_cash elsewhere;
    int32_t account_req; /* 0: nobody asked for the account */
    td_ns account_at;    /* told again then */
    int64_t day, last_id;
    uint64_t order_count, missed, exec_count;
    bool dirty; /* engines have, or may have, reports nobody pulled */
    void *memory;
    char value[TD_E9_CHARS], time[32], group[48];
};

/* paper_tell.c */
bool paper_has_room(const struct td_paper *p, uint32_t answers);
void paper_say(struct td_paper *p, uint16_t kind, int32_t about, int32_t number);
void paper_say_order(struct td_paper *p, uint32_t row); /* openOrder and orderStatus */
void paper_say_account(struct td_paper *p, int32_t req_id);
/* Answers to a request for a list. TD_EUNSUP: it is none. */
enum td_err paper_list(struct td_paper *p, const struct td_tws_msg *msg);
bool paper_next(void *arg, struct td_tws_event *out);
td_cash paper_equity(const struct td_paper *p, td_cash *gross);

/* paper.c */
td_ns paper_now(const struct td_paper *p);
void paper_run(struct td_paper *p);
bool paper_is_live(const struct td_paper_order *o);
struct td_paper_order *paper_find(struct td_paper *p, int64_t order_id, uint32_t *row);
/* A free row, else that of the oldest order that has ended and of which everything was told; NULL. */
struct td_paper_order *paper_take_row(struct td_paper *p, uint32_t *row);
void paper_say_error(struct td_paper *p, uint32_t row, int32_t code, const char *text);
void paper_refuse(struct td_paper *p, uint32_t row, const char *text);
void paper_end(struct td_paper *p, uint32_t row); /* cancelled */
/* Acts at once: what is at the venue is asked to end, what is on its way never arrives. */
void paper_cancel_now(struct td_paper *p, uint32_t row);
/* Type and duration as the engine knows them. False: it does not. */
bool paper_translate(struct td_paper_order *o);
struct td_exch_order paper_venue_of(const struct td_paper_order *o);

/* paper_venue.c */
void paper_drain(struct td_paper *p, uint32_t line); /* reports of its engine */
struct td_paper_fill *paper_add_fill(struct td_paper *p, uint32_t *at);
/* What an execution adds to the fees of its order, and adds it. */
td_cash paper_fee(struct td_paper *p, struct td_paper_order *o, const struct td_paper_fill *f,
                  td_qty multiplier);
int64_t paper_day(const struct td_paper *p); /* of the market, or of the wall clock */

#endif
