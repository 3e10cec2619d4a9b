/* desk/desk_inner.h - what the desk's source files share; nobody else includes it. */
#ifndef TD_DESK_DESK_INNER_H
#define TD_DESK_DESK_INNER_H

#include "base/spans.h"
#include "base/tz.h"
#include "desk/algo_preset.h"
#include "desk/checklist.h"
#include "desk/connection.h"
#include "desk/courier.h"
#include "desk/desk.h"
#include "desk/pgfollow.h"
#include "desk/wordsocket.h"
#include "market/fees.h"
#include "market/validator.h"
#include "trade/breaker.h"
#include "trade/guard.h"
#include "trade/kill.h"
#include "trade/mlquality.h"
#include "trade/trips.h"
#include "wire/json.h"

#define DESK_PENDING_MAX     64  /* orders waiting for the disk */
#define DESK_EXITS_MAX       16  /* exits that wait for their brackets to end */
#define DESK_FEES_MAX        256 /* fees that came before their execution */
#define DESK_ALGOS_MAX       64  /* parents that are worked at a time */
#define DESK_STRATEGIES_TOLD 100 /* instances in a status */

/* Where the look-up after a connect stands. */
enum desk_sync {
    SYNC_OFF,
    SYNC_IDS,
    SYNC_OPEN_ORDERS,
    SYNC_EXECUTIONS,
    SYNC_COMPLETED,
    SYNC_POSITIONS,
    SYNC_QUIET,     /* before the next look */
    SYNC_READ_ONLY, /* the gateway refused the look-up */
    SYNC_DONE
};

struct desk_pending {
    uint64_t seq, key; /* key 0: free */
    td_ns since;       /* monotonic: when it was decided */
    bool change;       /* of a working order */
    bool reduces;      /* the gates saw that it only makes a position smaller: it passes a halt */
    uint64_t settings; /* number of those it was decided by */
};

/* Where an intent comes from: what the order is for, and whose it is. */
struct desk_origin {
    uint8_t role; /* enum td_role */
    uint64_t parent;
    int64_t group, tag;
};

/* An exit that waits until the brackets of its line are gone. */
struct desk_exit {
    bool used;
    uint32_t line;
    struct td_intent intent;
    struct desk_origin from;
    td_ns until; /* monotonic: then it is given up, and told */
};

struct desk_fee {
    char exec_id[48]; /* empty: free */
    td_cash fee, pnl;
    char currency[8];
};

/* One running strategy: of scope EACH on one line, of scope ALL on all. */
struct desk_instance {
    const struct td_strat_use *use;
    void *state;
    uint32_t first, legs;    /* lines */
    uint32_t intents_second; /* made in the second that began at `second` */
    td_ns second;            /* monotonic */
    bool off;                /* it flooded or made nonsense: not asked any more */
    char off_why[200];
    struct desk_guest *guest; /* the process it runs in; NULL: here */
};

/* The stop-loss monitor: one guard per holding of the blotter. */
struct desk_guards {
    struct td_guard_watch rows[TD_LINES_MAX];
    td_ns place_mono[TD_LINES_MAX]; /* its stop at the broker is not looked at before */
    bool stale[TD_LINES_MAX];       /* its price is too old */
    struct td_guard_stats stats;
    td_ns look_mono;
    int64_t day;
};

enum desk_breaker { BREAKER_ORDERS, BREAKER_DATA, BREAKER_BROKER, DESK_BREAKERS };

enum { DESK_ABSURD_QUOTE = 1, DESK_ABSURD_LAST = 2 };

/* What is known about the data of each line. */
struct desk_data {
    struct td_validator quotes[TD_LINES_MAX], bars[TD_LINES_MAX];
    uint8_t fault[TD_LINES_MAX];  /* enum td_data_fault of the last quote or trade */
    uint8_t absurd[TD_LINES_MAX]; /* DESK_ABSURD_ bits: what the line shows and nobody sees */
    td_ns good_ns[TD_LINES_MAX];  /* when the last good one came; 0 never */
    td_ns told_ns[TD_LINES_MAX];  /* when the log told of it last */
    uint64_t dropped;             /* events that reached no strategy */
};

#define DESK_RETURNS 60 /* of bars, of a line */

/* What the bars of a line say, for sizes and for what moves together. */
struct desk_bars {
    double atr;                  /* NaN: not known */
    double close;                /* of the last bar; 0 before the first */
    double change[DESK_RETURNS]; /* ring of logarithmic returns */
    td_ns at[DESK_RETURNS];      /* begin of their bars, ascending */
    uint32_t count;              /* ever */
    void *atr_state;
};

/* Money: round trips, equity, fees, kill switch. */
struct desk_money {
    struct td_trips trips;
    struct td_equity_curve curve;
    struct td_kill kill;
    struct td_kill_values values; /* of the last look */
    struct desk_bars *bars;       /* by line */
    void *memory;
    td_cash billed, expected; /* of the orders that were compared */
    uint32_t compared, differed;
    bool dirty;             /* executions or fees came: the trips are not of now */
    uint32_t losses_in_row; /* of the trips */
};

/* What is counted by day and minute. */
struct desk_days {
    td_ns from, until; /* of the market's clock: in this span the day is the blotter's */
    bool recalled;     /* the orders of the process before */
};

/* NAME, word, what is measured: where an order's time goes (desk_delays.c). */
#define DESK_STAGES(X)                                                                             \
    X(TURN, "turn", "one turn of the trading thread, of any kind")                                 \
    X(DECIDE, "decide", "turn's begin to the order's record handed to the journal")                \
    X(DURABLE, "durable", "record handed over to known to be on the disk")                         \
    X(SEND, "send", "known to be on the disk to bytes given to the socket")                        \
    X(ANSWER, "answer", "bytes given to the socket to the broker's first word about the order")
#define DESK_STAGE_ENUM(name, word, what) DESK_STAGE_##name,
enum desk_stage { DESK_STAGES(DESK_STAGE_ENUM) DESK_STAGE_COUNT };
#undef DESK_STAGE_ENUM

/* When money and kill switch file are looked at again, monotonic. */
struct desk_looks {
    td_ns money_mono, file_mono; /* not before */
    td_ns turn_mono;             /* of this turn, or the last */
    bool moved;                  /* something changed the money since the last look */
};

/* Volume of a line's regular session in the buckets of td_algo_plan: of the days before this one, and of this one. */
struct desk_curve {
    double past[TD_ALGO_BUCKETS], today[TD_ALGO_BUCKETS];
    int64_t day;   /* of `today`, days since 1970 */
    uint32_t days; /* in `past` */
    td_ns last;    /* begin of the newest bar */
};

/* A parent order that is being worked. */
struct desk_algo {
    uint64_t key; /* of the parent; 0: free */
    uint32_t line;
    bool exit; /* closes what is held: passes a halt */
    bool told; /* that no volume is known */
    struct td_algo_plan
        plan; /* by the monotonic clock moved by an era, so that its start is above 0 */
    double curve[TD_ALGO_BUCKETS];
    td_qty traded;     /* by the market since the start */
    td_ns next_mono;   /* looked at again then at the latest */
    td_ns sent_mono;   /* when its newest child was given out */
    td_ns retry_mono;  /* no child before: one was refused, or ended a moment ago */
    uint32_t ended;    /* children that had ended unfilled at the last look */
    uint32_t refused;  /* refusals by gates in a row */
    uint32_t looks;    /* look-ups it asked for */
    enum td_gate gate; /* of the last refusal; TD_GATE_COUNT: none */
};

struct desk_algos {
    struct td_algo_preset preset;
    struct desk_algo rows[DESK_ALGOS_MAX];
    uint32_t count;
    struct desk_curve *curves; /* by line */
    td_ns next_mono;
    uint64_t
        proven[DESK_ALGOS_MAX]; /* children that had ended when a look-up was complete: a ring */
    uint32_t proven_count;      /* ever */
    bool look;                  /* something happened to a child */
    bool orphans;               /* children of parents that ended may still work */
    uint64_t
        stopped; /* children that would have exceeded their parent at the socket: 0, or we have a fault */
};

/* The children of a parent, counted from their own rows and not from the sums the blotter keeps. */
struct desk_children {
    int64_t filled;
    int64_t out;   /* unfilled part of those that live */
    int64_t doubt; /* unfilled part of those that ended, as far as it may have filled unseen */
    uint32_t count, live;
    uint32_t unfilled;      /* ended with a part unfilled */
    uint32_t failed_in_row; /* the newest ones, refused or ended at once by the broker */
};

#define DESK_SIGNALS_OPEN 1088  /* external signals that are not over: above every limit of them */
#define DESK_SIGNAL_CHUNK 16384 /* of their file, at a time */
#define DESK_SIGNAL_TAIL  2048  /* more than a line: lines may end alike, their ids differ */

/* Signals of models outside: those that are not over, and the file they come from. */
struct desk_signals {
    struct td_mllimits limits;
    uint32_t open[DESK_SIGNALS_OPEN]; /* numbers */
    uint32_t open_count;
    td_ns tend_mono;             /* a cancel that could not be asked is tried again then */
    uint64_t lines, unread;      /* of the file; lines that were no signal */
    uint64_t passed_over;        /* refusals that were not journaled: known ids, too many */
    td_ns told_mono;             /* when the log told of such the last time */
    uint64_t untold;             /* since then */
    uint64_t offset, skipped;    /* of the file; bytes of it that were passed over */
    char tail[DESK_SIGNAL_TAIL]; /* what stands before the offset */
    size_t tail_len;
    char line[TD_MLSIGNAL_LINE_MAX + 1]; /* an unfinished one */
    size_t used;
    bool too_long, unreadable, told_missing;
    td_ns look_mono;
    char chunk[DESK_SIGNAL_CHUNK];
    struct td_mlsignal_row answer; /* of the last one that came */
    char trouble[160];             /* why it was none; "": it was one */
};

/* Settings that were read again. */
struct desk_reload {
    bool waits;        /* for the records that tell of them */
    uint64_t wait_seq; /* the last of these */
    uint64_t number;   /* of the settings in force: how often they changed */
    td_ns next_mono;   /* a signal is not heard before */
};

#define DESK_WATCH_SECONDS 60

/* What people know of an operational alert. */
struct desk_seen {
    uint32_t raised, told; /* the alert's own, at the last look */
    bool out;              /* it was handed to the courier, its end was not */
    td_ns acknowledged;    /* wall clock; 0: nobody has seen it */
    char note[TD_RULE_NOTE];
};

/* Alerts: rules and what they are asked about, and the way to people. */
struct desk_watch {
    struct td_rules rules;
    double values[TD_METRIC_COUNT]; /* of the last second; NaN: not known */
    td_ns look_mono;                /* the rules are not asked before */
    uint64_t ticks, refused[DESK_WATCH_SECONDS];
    uint64_t lag_seq; /* a record the disk did not have yet at lag_mono */
    td_ns lag_mono;
    struct desk_seen seen[TD_ALERT_COUNT];
    const char *secrets[32];
    struct td_courier *courier; /* NULL: nothing is delivered */
};

struct td_desk {
    struct td_desk_config config;
    struct td_world *world;
    struct td_link *link;
    struct td_log *log;
    struct td_connection conn;
    struct td_checklist checks;
    struct td_windows windows;
    int32_t restart_minute, reauth_minute;
    struct td_market market;
    struct td_writer *writer;
    struct td_pgfollow *postgres; /* NULL: none */
    struct td_blotter blotter;
    struct td_limits limits;
    td_cash equity;          /* of the account as the broker tells it; unset before */
    td_cash limits_equity;   /* that the limits were made of */
    td_cash broker_gross;    /* value of all its positions, the broker's word */
    int32_t day_trades_left; /* -1: without limit; INT32_MIN: not known */
    struct td_recent recent;
    struct td_desk_result result;
    struct td_tz new_york;
    struct desk_instance *instances; /* of the strategies */
    uint32_t instance_count;
    uint8_t *states;           /* of all instances */
    struct desk_guest *guests; /* of strategies in shared objects */
    uint32_t guest_count;
    struct td_leg *legs; /* one per line */
    uint64_t last_events[TD_LINES_MAX];
    void *memory;

    enum desk_sync sync;
    td_ns sync_until; /* of a pause: second look, read-only */
    int sync_misses;
    uint32_t look;                    /* of this look-up, from 1 */
    uint64_t look_print, look_before; /* of what was answered, now and in the look before */
    td_ns look_again_mono;            /* for orders that were found nowhere */
    uint32_t short_seen;              /* orders short of executions that a look did not help */
    td_ns short_since;                /* monotonic: more than these; 0 none */
    bool look_wanted;                 /* then in any case: others' orders were asked to end */
    uint8_t *listed;                  /* by order index: how the looks listed it */
    td_qty broker_position[TD_LINES_MAX];
    td_px broker_average[TD_LINES_MAX];
    bool position_pending
        [TD_LINES_MAX]; /* differs, and is looked at again before the broker's counts */
    td_qty position_differs[TD_LINES_MAX]; /* by so much */
    td_ns position_since[TD_LINES_MAX];    /* monotonic: by just that since then */
    td_ns positions_asked_mono;

    struct desk_pending pending[DESK_PENDING_MAX];
    int pending_count;
    bool release_waited; /* the first of them, for the pace */
    struct desk_exit exits[DESK_EXITS_MAX];
    bool tend;       /* something filled or ended: brackets are looked at */
    td_ns tend_mono; /* and again then, while a child could not be placed */
    struct desk_guards guards;
    struct desk_algos algos;
    struct desk_data data;
    struct desk_money money;
    struct desk_looks looks;
    struct td_spans delays[DESK_STAGE_COUNT];
    struct desk_days days;
    struct td_breakers breakers;
    struct desk_signals signals;
    struct desk_watch watch;
    struct desk_fee fees[DESK_FEES_MAX];
    char run_id[12]; /* part of every order reference */
    char account[24];
    bool mode_agrees, live_confirmed;
    struct desk_reload reload;
    struct td_paper *paper; /* NULL: orders go to the gateway */
    char switch_file[800];  /* whose presence halts */
    bool switch_seen;       /* at the last look */

    struct td_wordsocket control;

    td_ns gateway_time;      /* last currentTime answer, ns UTC; 0 unknown */
    td_ns gateway_time_mono; /* when it came */
    td_ns time_asked_mono;
    td_ns end_mono, tick_mono;
    int64_t window_second; /* of the market: no restart or reset window is near then, if */
    bool window_clear;
    uint32_t holding_line[TD_LINES_MAX]; /* where the line of each holding was last */
    bool bar_seen[TD_LINES_MAX];         /* live, and the session was ready */
    bool clock_doubt; /* our clock jumped: not trusted until the gateway's time came again */
    td_ns started_ns, started_mono;
    bool disk_ok, stop;
    uint64_t order_errors;
};

/* desk_strategies.c */
enum td_err desk_open_strategies(struct td_desk *d, struct td_fail *why);
void desk_close_strategies(struct td_desk *d);
/* Shows an event to the instances that see its line; what they want goes to desk_ask_gates. */
void desk_decide(struct td_desk *d, uint32_t index, const struct td_event *event, bool warmup);
/* The line's leg as the desk knows it now. */
void desk_look_at_line(struct td_desk *d, uint32_t line);
/* What an instance is shown of the present, with its working orders in working[TD_WORKING_MAX]. */
void desk_show(struct td_desk *d, const struct desk_instance *n, uint32_t line,
               const struct td_event *event, struct td_working *working, struct td_view *out);
/* What it wants, on its way to the gates; nonsense and floods switch it off. */
void desk_take_intents(struct td_desk *d, struct desk_instance *n, const struct td_intent *intents,
                       size_t count);
/* Position, average and pending of a symbol's leg as the blotter has them now. */
void desk_refresh_leg(struct td_desk *d, const char *symbol);

/* desk_guests.c */
/* Starts the processes of the instances whose strategy is a shared object; they are asked once they are ready. */
enum td_err desk_guests_open(struct td_desk *d, struct td_fail *why);
/* Ends them and waits for it, two seconds each at most. */
void desk_guests_close(struct td_desk *d);
/* An event for one of them, in its queue. */
void desk_guest_offer(struct td_desk *d, const struct desk_instance *n, uint32_t line,
                      const struct td_event *event, bool warmup);
/* Sends, takes answers, looks at deadlines: once a turn. */
void desk_guests_turn(struct td_desk *d);
td_ns desk_guests_deadline(const struct td_desk *d);
/* Something waits for an answer. */
bool desk_guests_busy(const struct td_desk *d);
void desk_guest_off(struct td_desk *d, struct desk_guest *g, const char *why);
/* All instances: name, symbol, state, and why one is disabled. */
void desk_put_strategies(const struct td_desk *d, struct td_json *j);

/* desk_account.c */
/* The account, and whether port, mode, account and gateway agree. TD_EINVAL: it is not the one that was asked for. */
enum td_err desk_check_mode(struct td_desk *d, struct td_fail *why);
/* Asks for its worth, which is told from then on; a session that is lost must ask again. */
void desk_ask_account(struct td_desk *d);
void desk_forget_account(struct td_desk *d);
bool desk_take_account(struct td_desk *d, const struct td_tws_account_summary *a);

/* desk_paper.c */
/* A state folder is of local paper trading or of an account, for good. TD_EDENIED: it is of the other one. */
enum td_err desk_paper_claim(struct td_desk *d, struct td_fail *why);
/* The local broker as the journal left it, in front of the link; nothing when orders go to the gateway. */
enum td_err desk_paper_open(struct td_desk *d, struct td_fail *why);
void desk_paper_tick(struct td_desk *d);
void desk_paper_blind(struct td_desk *d);
/* "live", "paper", "PAPER (local fills)": on screens. */
const char *desk_mode_word(const struct td_desk *d);

/* desk_orders.c */
/* What an instance wants on a line: a new order, a change, a cancel, an exit. */
void desk_want(struct td_desk *d, uint32_t instance, uint32_t line, const struct td_intent *intent);
/* An intent on a line through the gates: an approved order waits for the disk (true), a refusal is journaled. */
bool desk_ask_gates(struct td_desk *d, uint32_t line, const struct td_intent *intent,
                    const struct desk_origin *from);
/* Journals a refusal and tells it; false. */
bool desk_deny(struct td_desk *d, uint32_t line, const struct td_intent *intent, enum td_gate gate,
               const char *text);
/* A parent through the gates as a whole, and into the journal: its key; 0: it was refused, and that is journaled. */
uint64_t desk_ask_parent(struct td_desk *d, uint32_t line, const struct td_intent *intent,
                         const struct desk_origin *from, td_ns span);
/* A child of `from->parent` through the gates: TD_GATE_COUNT: it waits for the disk. A refusal by the gate `told` is not
 * journaled again. */
enum td_gate desk_ask_slice(struct td_desk *d, uint32_t line, const struct td_intent *intent,
                            const struct desk_origin *from, enum td_gate told);
/* Would an exit pass once the stops of its line are gone? A refusal is journaled. */
bool desk_may_exit(struct td_desk *d, uint32_t line, const struct td_intent *intent);
/* New terms for a working order, through the gates as if it were new. */
bool desk_change(struct td_desk *d, uint32_t line, const struct td_order *o,
                 const struct td_intent *intent);
/* The unfinished order an instance knows by this tag; NULL. */
const struct td_order *desk_tagged(const struct td_desk *d, const char *strategy, int64_t tag);
/* Symbol, contract id and multiplier of a line. */
void desk_name_line(const struct td_desk *d, uint32_t index, struct td_record *r);

/* desk_release.c */
void desk_release_durable(struct td_desk *d);
/* When the pace lets the next one go, monotonic. */
td_ns desk_release_deadline(const struct td_desk *d);
void desk_drop_pending(struct td_desk *d);
/* Asks the broker to end an order of ours; one that still waits for the disk never leaves. False: it could not be asked. */
bool desk_cancel(struct td_desk *d, const struct td_order *o, const char *reason);
void desk_cancel_all(struct td_desk *d, const char *reason);
/* All but the stops and targets of what is held. */
void desk_cancel_entries(struct td_desk *d, const char *reason);
bool desk_entries_work(const struct td_desk *d);
/* Asks the broker to end every order of the account, whoever's it is. TD_ECLOSED: no session. */
enum td_err desk_cancel_global(struct td_desk *d, const char *reason);
void desk_halt(struct td_desk *d, const char *reason);
void desk_resume(struct td_desk *d, const char *reason);
bool desk_line_of(const struct td_desk *d, const char *symbol, uint32_t *index);

/* desk_exits.c */
/* What of a quantity the API takes: whole units (10243). A fraction that came by a dividend or a transfer stays held. */
static inline int64_t desk_whole(int64_t qty_e9)
{
    return qty_e9 - qty_e9 % TD_E9;
}
/* Closes what is held, or the part the intent says: brackets of the line are cancelled first. */
void desk_exit(struct td_desk *d, uint32_t line, const struct td_intent *intent,
               const struct desk_origin *from);
/* Everything that is held, at market. How many exits it began. */
uint32_t desk_flatten(struct td_desk *d, const char *reason);
/* What that would close and cancel, and which gate would refuse; nothing is done. */
void desk_put_flatten(struct td_desk *d, struct td_json *j);
/* Exits that waited, and targets and stops of what has filled: once a turn. */
void desk_tend_exits(struct td_desk *d);
/* An exit of the line waits for its brackets to end. */
bool desk_exit_waits(const struct td_desk *d, uint32_t line);

/* desk_guard.c */
/* The stops the journal told of stand again. */
void desk_open_guards(struct td_desk *d);

/* desk_recent.c */
/* Once, when our clock is known to be right. */
void desk_recall_recent(struct td_desk *d);
/* The day of the counters, when it is another and our clock is known to be right. */
void desk_begin_day(struct td_desk *d);

/* Stops of what is held: armed, followed, executed, and kept at the broker. Once a turn. */
void desk_tend_guards(struct td_desk *d);
/* A position changed: they are looked at in this turn. */
void desk_guards_moved(struct td_desk *d);
/* When it wants to look again, monotonic. */
td_ns desk_guard_deadline(const struct td_desk *d);

/* desk_algos.c */
enum td_err desk_open_algos(struct td_desk *d, struct td_fail *why);
void desk_close_algos(struct td_desk *d);
/* Parents the journal left unfinished go on within their time, or end. Once the lines are known. */
void desk_resume_algos(struct td_desk *d);
/* An intent with an algorithm becomes a parent, whose children follow. A refusal is journaled. */
bool desk_begin_parent(struct td_desk *d, uint32_t line, const struct td_intent *intent,
                       const struct desk_origin *from);
/* It ends here: "done", "cancelled" or "expired", and why. Its children are cancelled. */
void desk_end_parent(struct td_desk *d, const struct td_order *parent, const char *word,
                     const char *reason);
/* All parents of a line, before an exit. */
void desk_end_parents_of(struct td_desk *d, uint32_t line, const char *reason);
/* A parent already closes what the line holds. */
bool desk_parent_exits(const struct td_desk *d, uint32_t line);
/* Does it, or the parent it belongs to, go on in a halt? */
bool desk_passes_halt(const struct td_desk *d, const struct td_order *o);
/* Children that are due, waited too long, or are left over. Once a turn. */
void desk_tend_algos(struct td_desk *d);
td_ns desk_algo_deadline(const struct td_desk *d);

/* desk_children.c */
void desk_count_children(const struct td_desk *d, const struct td_order *parent,
                         struct desk_children *out);
/* A look-up is complete: of children that ended before it, everything is known. */
void desk_prove_children(struct td_desk *d);
/* The count at the socket: with this child, its parent's children are not more than the parent. */
bool desk_child_fits(const struct td_desk *d, const struct td_order *child);

/* desk_volume.c */
/* A finished bar, past ones too, or a trade. */
void desk_see_volume(struct td_desk *d, uint32_t line, const struct td_event *event, bool warmup);
/* The recorded curve of a line into the row and its plan. False: there is none for all of the plan's time. */
bool desk_give_curve(struct td_desk *d, struct desk_algo *a);
/* The algorithm of an entry that names none, by the preset. */
uint8_t desk_choose_algo(const struct td_desk *d, uint32_t line, const struct td_intent *intent);

/* desk_algos_tell.c */
/* One line in the log when a parent has ended. */
void desk_tell_parent(const struct td_desk *d, const struct td_order *parent, const char *word,
                      const char *reason);
void desk_put_algos(const struct td_desk *d, struct td_json *j);

/* desk_data.c */
void desk_open_data(struct td_desk *d);
/* Settings changed: the rules of checks and breakers follow; what they have counted stays. */
void desk_data_settings(struct td_desk *d);
/* May strategies see it? What is absurd is counted and dropped. */
bool desk_data_passes(struct td_desk *d, uint32_t line, const struct td_event *event);
/* What the line shows, without what is absurd of it. */
void desk_good_prices(const struct td_desk *d, uint32_t line, struct td_quote *quote, td_px *last);
/* Its mark; unset while something of it is absurd. */
td_px desk_good_mark(const struct td_desk *d, uint32_t line);
enum td_fact desk_data_fact(const struct td_desk *d, uint32_t line, td_ns now);
/* The outcome of something a breaker counts. */
void desk_report(struct td_desk *d, enum desk_breaker which, bool success);
/* An order of ours has left the state it was in. */
void desk_note_outcome(struct td_desk *d, uint8_t before, const struct td_order *o);
enum td_fact desk_breaker_fact(const struct td_desk *d, td_ns mono);

/* desk_money.c */
enum td_err desk_open_money(struct td_desk *d, struct td_fail *why);
void desk_close_money(struct td_desk *d);
/* Settings changed: the kill switch goes by them; what a person forgave stays. */
void desk_money_settings(struct td_desk *d);
/* Round trips as they are now. */
const struct td_trips *desk_trips(struct td_desk *d);
/* The equity a part is of: the account's, else DEFAULT_CASH. */
td_cash desk_capital(const struct td_desk *d);
/* Equity, drawdown and the rules that stop trading. */
void desk_look_at_money(struct td_desk *d);
/* A person resumed: the rules forgive what they saw. */
void desk_money_resumed(struct td_desk *d);
/* A fee came: when it is the order's last, the bill is compared with what the table expects. */
void desk_compare_fee(struct td_desk *d, const char *exec_id);

/* desk_look.c */
/* A mark, a fill, a fee or the account's worth changed: looked at at the end of this turn, or within 50 ms. */
void desk_money_moved(struct td_desk *d);
/* Once a turn, after its orders have left. */
void desk_look_often(struct td_desk *d, td_ns mono);
td_ns desk_look_deadline(const struct td_desk *d);

/* desk_money_status.c */
void desk_put_money(struct td_desk *d, struct td_json *j);

/* desk_sizing.c */
/* A finished bar of a line, past ones too. */
void desk_take_bar(struct td_desk *d, uint32_t line, const struct td_event *event);
/* Gives an intent without a quantity one. False: nothing, and why into text[128]. */
bool desk_size(struct td_desk *d, uint32_t line, struct td_intent *intent, char *text);
/* Highest correlation of the line's returns with those of what else is held: 0 when nothing is, unset when not known. */
int64_t desk_correlation(const struct td_desk *d, uint32_t line);
/* Money at risk to the stops as a part of the value, of what is held and of the line; unset when not known. */
int64_t desk_heat(const struct td_desk *d, uint32_t line);

/* desk_answers.c */
void desk_take_status(struct td_desk *d, const struct td_tws_order_status *s);
void desk_take_execution(struct td_desk *d, const struct td_tws_execution *e);
void desk_take_commission(struct td_desk *d, const struct td_tws_commission *c);
bool desk_take_order_error(struct td_desk *d, const struct td_tws_error *e);
/* Applies a fact and journals it; TD_EEXIST and others are passed on. */
enum td_err desk_fact(struct td_desk *d, struct td_record *r);

/* desk_facts.c */
void desk_facts(struct td_desk *d, uint32_t index, struct td_gate_facts *out);
/* Middle of the quote, else the last trade; unset when neither. */
td_px desk_mark_of(const struct td_line *line);
td_ns desk_market_time(const struct td_desk *d);
void desk_marks(struct td_desk *d, td_px *marks);

/* desk_sync.c */
void desk_sync_start(struct td_desk *d);
bool desk_sync_take(struct td_desk *d, const struct td_tws_msg *msg);
void desk_ask_positions(struct td_desk *d);
void desk_sync_tick(struct td_desk *d, td_ns mono);
void desk_sync_refused(struct td_desk *d, const struct td_tws_error *e);
void desk_sync_failed(struct td_desk *d, const struct td_tws_error *e);
const char *desk_sync_word(const struct td_desk *d);
/* A part of an answer, for comparing it with that of the look before. */
void desk_look_saw(struct td_desk *d, const void *bytes, size_t len);

/* desk_concludes.c */
void desk_forget_listed(struct td_desk *d);
void desk_take_open_order(struct td_desk *d, const struct td_tws_open_order *msg);
void desk_take_completed(struct td_desk *d, const struct td_tws_open_order *msg);
/* The looks agree: every unknown order ends in a proven state or stays unknown, and the broker's positions count. */
void desk_conclude(struct td_desk *d);
/* Ours against the broker's; returns how many differ. */
uint32_t desk_compare_positions(struct td_desk *d, bool looked_twice);
void desk_look_at_pending(struct td_desk *d, td_ns mono);
/* A contract may only be reduced from here on, until a person accepts it; told and journaled. */
void desk_freeze(struct td_desk *d, const char *symbol, const char *text);
/* A person has looked at a frozen or reduce-only contract. TD_ENOENT: no such symbol. */
enum td_err desk_accept(struct td_desk *d, const char *symbol, const char *reason);

/* desk_signals.c */
/* Those that are not over, as the journal tells them. */
void desk_open_signals(struct td_desk *d);
/* One line from outside: what became of it stands in d->signals.answer, or why it was no signal in .trouble. */
void desk_take_signal(struct td_desk *d, struct td_str line);
/* Their orders, and what has run out of time: once a turn. */
void desk_tend_signals(struct td_desk *d);

/* desk_signal_file.c */
/* Where the file ends now; what comes behind it is read. */
void desk_begin_signal_file(struct td_desk *d);
/* New lines of it, a few times a second. */
void desk_read_signal_file(struct td_desk *d);
td_ns desk_signal_deadline(const struct td_desk *d);

/* desk_signal_status.c */
void desk_put_signals(const struct td_desk *d, struct td_json *j);
void desk_put_signal_answer(const struct td_desk *d, struct td_json *j);

/* desk_session.c */
void desk_todo(struct td_desk *d, uint32_t todo);
void desk_check_items(struct td_desk *d);
void desk_pin_lines(struct td_desk *d);
enum td_fact desk_clock_fact(const struct td_desk *d);
bool desk_may_order(const struct td_desk *d);
void desk_ask_time(struct td_desk *d);
void desk_note_order_id(struct td_desk *d, int64_t seen);
enum td_err desk_session_settings(struct td_desk *d, struct td_fail *why);
uint32_t desk_session_start(struct td_desk *d);

/* desk_switch.c */
extern const char desk_switch_beside[];
void desk_name_switch(struct td_desk *d); /* once, at open */
/* The kill switch file that is there; NULL: none. */
const char *desk_switch_file(struct td_desk *d);
/* Halts when there is one. */
void desk_watch_switch(struct td_desk *d);

/* desk_gates.c */
/* All gates as they stand for one more unit of `symbol`, or of the first symbols when it is empty. */
void desk_put_gates(struct td_desk *d, const char *symbol, struct td_json *j);
void desk_log_limits(struct td_desk *d);
void desk_log_gates(struct td_desk *d);

/* desk_reload.c */
/* Reads the files again now. NULL, or why that changes nothing. */
const char *desk_reload(struct td_desk *d);
/* Once a turn: what was asked for by a signal, and what waited for the disk. */
void desk_tend_reload(struct td_desk *d, td_ns mono);
td_ns desk_reload_deadline(const struct td_desk *d);
/* No entry may be decided or leave: a reading was refused, or waits for its records. */
bool desk_reload_holds(const struct td_desk *d);
/* An order that was decided by other settings than are in force, or while the switches were open that are closed now. */
bool desk_reload_outdates(const struct td_desk *d, const struct desk_pending *p, bool exits);
/* A person looked at what was refused. */
void desk_reload_resumed(struct td_desk *d);
void desk_put_reload(const struct td_desk *d, struct td_json *j);

/* desk_postgres.c: the projection in PostgreSQL */
TD_MUST_CHECK enum td_err desk_open_postgres(struct td_desk *d, struct td_fail *why);
void desk_tend_postgres(struct td_desk *d);
void desk_put_postgres(const struct td_desk *d, struct td_json *j);
void desk_close_postgres(struct td_desk *d); /* before the writer, and after it has written all */

/* desk_alerts.c */
/* TD_EINVAL: an ALERT_ setting is wrong. */
enum td_err desk_open_alerts(struct td_desk *d, struct td_fail *why);
void desk_close_alerts(struct td_desk *d);
/* Once a second: rules, and what is new of operational alerts and deliveries. */
void desk_tend_alerts(struct td_desk *d, td_ns mono);
/* A person has seen an active alert. NULL, or why not. */
const char *desk_acknowledge(struct td_desk *d, struct td_str word, struct td_str note);
void desk_put_alerts(const struct td_desk *d, struct td_json *j);

/* desk_status.c */
void desk_put_session(struct td_desk *d, struct td_json *j);

/* desk_now_status.c */
void desk_put_now(const struct td_desk *d, struct td_json *j);

/* desk_delays.c */
void desk_delay(struct td_desk *d, enum desk_stage stage, td_ns span);
void desk_put_delays(const struct td_desk *d, struct td_json *j);

/* desk_state.c */
void desk_put_status(struct td_desk *d, struct td_json *j);
/* Into an object that is open. */
void desk_put_order(const struct td_order *o, struct td_json *j);

/* desk_words.c */
/* Does what a line says and gives the line of JSON that answers it, which stands until the next call. */
struct td_str desk_answer(struct td_desk *d, const char *line);

/* desk_control.c */
enum td_err desk_control_open(struct td_desk *d, struct td_fail *why);

#endif
