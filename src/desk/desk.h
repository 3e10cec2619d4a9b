/* desk/desk.h - the desk: market in, decisions, gates, orders out; the same code in every mode.
 *
 * Joins link, market lines, strategies, the risk gate, the journal's writer and the blotter on one thread.
 * The life of an intent: strategy -> td_risk_check -> ORDER record queued -> durable -> bytes. The desk
 * never waits: an approved order's bytes are released by the writer's "durable" and the loop goes on.
 * Broker facts (statuses, executions, fees, errors) are applied to the blotter and journaled; what the
 * blotter holds already is ignored, so repeats are harmless.
 *
 * After every (re)connect the desk looks everything up before it trades (desk_sync.c): open orders,
 * executions, completed orders, positions. What was unknown ends in a proven state; the broker's positions
 * win over ours and the difference is journaled, never repaired with an order.
 *
 * A halt is a journal record, so it survives a restart. Halting cancels what could add risk; stops and targets stay.
 * It comes by the control socket, by a limit, by a file (KILL_SWITCH_FILE) and by SIGUSR1.
 *
 * Settings are read again by SIGHUP and by the word `reload` (desk/reload.h): `settings` is then what `reload` has in force.
 */
#ifndef TD_DESK_DESK_H
#define TD_DESK_DESK_H

#include "dash/feed.h"
#include "desk/market.h"
#include "desk/monitoring.h"
#include "desk/paper.h"
#include "desk/plan.h"
#include "desk/reload.h"
#include "desk/writer.h"
#include "trade/blotter.h"

enum td_clock_source {
    TD_CLOCK_WALL,    /* market hours by our own clock                                     */
    TD_CLOCK_GATEWAY, /* by the gateway's clock: a simulator that plays another day; paper only */
};

#define TD_DESK_ANSWER 262144 /* room for every answer */

struct td_desk_config {
    const struct td_settings *settings;
    const struct td_plan *plan;
    const char *const *symbols;
    int32_t symbol_count;
    const struct td_strat_use *uses; /* each gets its instances: one per symbol, or one for all */
    uint32_t use_count;
    const char *program;  /* ourselves, as the host of strategies in shared objects */
    const char *bar_size; /* TWS words */
    td_ns bar_span;
    const char *bar_history;
    int32_t depth_rows; /* 0: no depth */
    enum td_clock_source clock;
    td_ns duration;    /* TD_NS_NEVER: until a signal */
    int64_t fills_max; /* stop after so many executions; 0 no limit */
    bool one_bar; /* stop when the strategies have seen a live bar of every symbol that has data */
    const char *state; /* folder of journal, orders.db, control socket */
    const char *version;
    bool inline_writer;  /* simulation and benches */
    bool quiet;          /* no progress line: it is somebody else's */
    bool unattended;     /* a backtest: nobody lays down a kill switch file in the midst of it */
    bool no_projections; /* the journal alone: a simulated disk holds no database */
    struct td_reload
        *reload; /* settings that can be read again, by SIGHUP and by `reload`; NULL: they cannot */
    struct td_log *log;
    const struct td_paper_options *
        paper; /* local paper trading (desk/paper.h): the link was dialled without orders; NULL: no */
    struct td_feed *feed; /* market events for the dashboard; NULL: nobody looks */
    const struct td_monitoring *monitoring; /* alert rules, of user_settings.json; NULL: none */
    const char *
        signals; /* file with signals of models outside, one JSON object a line; NULL or "": none */
};

struct td_desk_result {
    uint64_t intents, denied, orders, fills;
    uint64_t events;
    uint32_t reconnects;
    bool interrupted;
    bool positions_equal; /* ours and the broker's, at the last look */
    bool positions_known;
    uint32_t
        positions_pending; /* differences that wait for working orders of their symbols to be settled */
    char last_denial[120];
    td_cash realized, fees;
    char journal[800];
};

struct td_desk; /* opaque: owns link, writer and memory */

/* Opens state (replaying the journal) and takes over a connected link. TD_ELOCKED: another desk runs here.
 * TD_ECORRUPT: the journal is damaged; nothing trades on it. */
TD_MUST_CHECK enum td_err td_desk_open(struct td_desk **out, const struct td_desk_config *config,
                                       struct td_link *link, struct td_world *world,
                                       struct td_fail *why);
/* Runs until duration, a signal, or the fills are reached; leaves working orders as they are unless
 * `cancel_at_end`. Built on the four calls below it. */
TD_MUST_CHECK enum td_err td_desk_run(struct td_desk *d, bool cancel_at_end,
                                      struct td_desk_result *out, struct td_fail *why);
/* The same in the caller's loop: start once, then one turn per wake, by the deadline at the latest. */
void td_desk_start(struct td_desk *d);
void td_desk_turn(struct td_desk *d, const struct td_wake *wake);
td_ns td_desk_deadline(struct td_desk *d);
bool td_desk_done(const struct td_desk *d);
void td_desk_close(struct td_desk *d);

/* One line to a running desk's control socket (desk_words.c has the words) and its one-line JSON answer into
 * out[cap], TD_DESK_ANSWER. TD_ENOENT or TD_EUNREACH: no desk runs there. TD_EMUTE: no answer in 5 s. */
TD_MUST_CHECK enum td_err td_desk_ask(struct td_world *world, const char *state, const char *line,
                                      char *out, size_t cap, struct td_fail *why);

#endif
