/* trial/trial.c - the loop of a trial: turns of the desk, and what happens to its process. */
#include "trial/trial.h"

#include <signal.h>
#include <stdlib.h>

#include "desk/desk_inner.h"
#include "trial/judge.h"
#include "trial/stage.h"

#define RESTART_AFTER (3 * TD_SEC) /* whoever watches over the process starts it again */
#define SETTLE        (5 * TD_SEC)
#define LATE_LOOKS    (200 * TD_SEC) /* three looks take two minutes */
#define PERSON        (30 * TD_SEC)  /* after the trouble somebody looks */
#define DISK_FAULT                                                                                 \
    (20 * TD_SEC) /* then the operator takes the process down: it never trades again by itself */

struct trial {
    struct td_stage stage;
    struct td_judge judge;
    struct td_trial_result *out;
    uint32_t next_act;
    bool crash_next;   /* the process that dies by its act takes the machine's power with it */
    td_ns disk_until;  /* since the begin; 0: the disk is well */
    td_ns restart_at;  /* 0: it runs */
    char refused[200]; /* why the last start was */
};

static void end_process(struct trial *t, bool power)
{
    t->out->kills += !power;
    t->out->crashes += power;
    if (t->stage.desk) {
        t->out->intents += t->stage.desk->result.intents;
        t->out->denied += t->stage.desk->result.denied;
        t->out->events += t->stage.desk->result.events;
        t->out->connects += t->stage.desk->result.reconnects;
        t->out->looks += t->stage.desk->blotter.looks;
    }
    td_stage_end(&t->stage, power);
    t->disk_until = 0;
    t->restart_at = td_stage_played(&t->stage) + RESTART_AFTER;
}

/* Acts of the plan whose time has come. */
static void do_acts(struct trial *t)
{
    struct td_stage *s = &t->stage;
    const td_ns now = td_stage_played(s);
    while (t->next_act < s->plan.act_count && s->plan.acts[t->next_act].at <= now) {
        const struct td_trial_act *a = &s->plan.acts[t->next_act++];
        switch (a->kind) {
        case TD_ACT_DIE:
        case TD_ACT_CRASH:
            t->crash_next = a->kind == TD_ACT_CRASH;
            td_simworld_die_at(s->sim, s->desk_host, a->count);
            break;
        case TD_ACT_DISK:
            td_simworld_fault(s->sim, s->desk_host, &a->disk);
            t->disk_until = now + DISK_FAULT;
            break;
        case TD_ACT_TERM:
            td_simworld_signal(s->sim, s->desk_host, SIGTERM);
            break;
        case TD_ACT_HUP:
            td_simworld_signal(s->sim, s->desk_host, SIGHUP);
            break;
        }
    }
}

/* What the script or an act did to the process while it had its turn. */
static void see_to_process(struct trial *t)
{
    struct td_stage *s = &t->stage;
    const td_ns still = s->stop_for, now = td_stage_played(s);
    s->stop_for = 0;
    if (still)
        td_stage_stand_still(s, still);
    if (s->desk && s->halt)
        desk_halt(s->desk, "by the script");
    if (s->desk && s->resume)
        desk_resume(s->desk, "by the script");
    const bool died = !td_simworld_alive(s->sim, s->desk_host);
    const bool over = s->desk && td_desk_done(s->desk);
    if (died || s->crash || s->kill || over || (t->disk_until && now >= t->disk_until))
        end_process(t, s->crash || (died && t->crash_next));
    s->halt = s->resume = s->crash = s->kill = false;
}

static void start_again(struct trial *t)
{
    struct td_fail why = {0};
    t->restart_at = 0;
    const bool started = td_stage_start(&t->stage, &why);
    if (!started)
        (void)td_str_copy(td_str_of(why.text), t->refused, sizeof t->refused);
    if (!started && t->stage.config->log)
        td_logf(&t->stage.log, TD_LOG_WARN, TD_LOG_TRADING, "start_refused", "%s", why.text);
    if (!started || !td_simworld_alive(t->stage.sim, t->stage.desk_host))
        end_process(t, t->crash_next && !td_simworld_alive(t->stage.sim, t->stage.desk_host));
}

static void step(struct trial *t, td_ns until)
{
    struct td_stage *s = &t->stage;
    struct td_wake wake;
    do_acts(t);
    if (s->plan.camera && td_camera_see(&s->camera, td_simworld_mono(s->sim)))
        td_judge_camera(&t->judge, s, false);
    if (!s->desk) {
        td_stage_stand_still(s, TD_SEC);
        if (td_stage_played(s) >= t->restart_at)
            start_again(t);
        return;
    }
    const td_ns next = td_desk_deadline(s->desk), end = s->began + until;
    td_world_wait(&s->desk_world, next < end ? next : end, &wake);
    td_desk_turn(s->desk, &wake);
    td_judge_look(&t->judge, s);
    see_to_process(t);
}

/* What only a restart by a person ends, or what a person would not wait for. */
static bool needs_a_person(const struct td_desk *d)
{
    return d->sync == SYNC_OFF || td_writer_journal_error(d->writer) || d->order_errors ||
           !d->mode_agrees || d->conn.manager.state == TD_MANAGER_NEED_HUMAN;
}

/* What waits for the N-th order may come late, when all else is quiet: an order it loses is looked for all the same. */
static td_ns waits_for_a_look(const struct td_stage *s)
{
    return s->desk && s->desk->blotter.unknown_orders ? LATE_LOOKS : 0;
}

/* A day or more of trouble, then peace: what was frozen is accepted, the last process gets a healthy disk. */
static void play(struct trial *t)
{
    struct td_stage *s = &t->stage;
    bool peace = false;
    start_again(t);
    while (td_stage_played(s) < s->plan.duration + waits_for_a_look(s) &&
           td_judge_held(&t->judge)) {
        if (!peace && td_stage_played(s) > s->plan.trouble + PERSON) {
            peace = true;
            if (t->disk_until || (s->desk && needs_a_person(s->desk)))
                end_process(t, false);
        }
        step(t, s->plan.duration + LATE_LOOKS);
    }
}

/* The end may cut a fill off from its news: what the network still carries has a few seconds to arrive. */
static void settle(struct trial *t)
{
    struct td_stage *s = &t->stage;
    const td_ns until = td_stage_played(s) + SETTLE;
    while (td_stage_played(s) < until && td_judge_held(&t->judge) && !td_judge_settled(s))
        step(t, until);
}

static void sum_up(struct trial *t)
{
    struct td_stage *s = &t->stage;
    struct td_trial_result *out = t->out;
    const struct td_ledger *l = td_gateway_ledger(s->gateway);
    out->end = td_judge_held(&t->judge) ? TD_TRIAL_HELD : TD_TRIAL_VIOLATED;
    (void)td_str_copy(td_str_of(t->judge.what), out->what, sizeof out->what);
    out->hash = t->judge.hash;
    out->trace = td_simworld_trace(s->sim);
    out->simulated = (td_stage_played(s)) * s->plan.speed;
    out->orders = l->order_count;
    out->fills = l->fill_count;
    out->changes = t->judge.changes;
    out->parents = t->judge.parents;
    out->frozen = t->judge.frozen;
    out->checks = t->judge.checks + t->judge.witness.checks + s->eye.checked;
    out->faults = s->plan.faults;
    if (s->desk) {
        out->intents += s->desk->result.intents;
        out->denied += s->desk->result.denied;
        out->events += s->desk->result.events;
        out->connects += s->desk->result.reconnects;
        out->looks += s->desk->blotter.looks;
    }
}

static void end_camera(struct trial *t)
{
    struct td_camera *c = &t->stage.camera;
    const struct td_witness *w = &t->judge.witness;
    td_camera_finish(c);
    td_judge_camera(&t->judge, &t->stage, true);
    t->out->recorded.trials = 1;
    t->out->recorded.files = w->files;
    t->out->recorded.messages = w->rows;
    t->out->recorded.snapshots = w->snapshots;
    t->out->recorded.lost = w->lost;
    t->out->recorded.deaths = c->kills + c->crashes;
    t->out->recorded.recovered = c->recovered;
}

enum td_err td_trial_run(const struct td_trial_config *config, struct td_trial_result *out,
                         struct td_fail *why)
{
    struct trial *t = calloc(1, sizeof *t);
    memset(out, 0, sizeof *out);
    if (!t)
        return td_fail_set(why, TD_ENOMEM, "no memory for a trial");
    t->out = out;
    enum td_err err = td_stage_open(&t->stage, config, why);
    if (!err)
        err = td_judge_open(&t->judge, why);
    if (!err) {
        td_trial_tell(&t->stage.plan, out->story, sizeof out->story);
        play(t);
        settle(t);
        if (td_judge_held(&t->judge))
            td_judge_end(&t->judge, &t->stage, t->refused);
        if (td_judge_held(&t->judge) && t->stage.plan.camera)
            end_camera(t);
        sum_up(t);
    }
    td_judge_close(&t->judge);
    td_stage_close(&t->stage);
    free(t);
    return err;
}

enum td_err td_trial_faults_parse(const char *text, uint64_t *out, struct td_fail *why)
{
    struct td_str rest = td_str_of(text), one;
    *out = 0;
    if (td_str_is(rest, "all")) {
        *out = UINT64_MAX >> (63 - TD_TRIAL_FAULTS) & ~UINT64_C(1);
        return TD_OK;
    }
    if (td_str_is(rest, "none"))
        return TD_OK;
    while (td_str_split(&rest, ',', &one)) {
        int64_t n;
        if (td_i64_parse(one.p, one.len, &n) != TD_OK || n < 1 || n > TD_TRIAL_FAULTS)
            return td_fail_set(why, TD_EINVAL,
                               "faults \"%s\": expected all, none or numbers 1 to %d with commas",
                               text, TD_TRIAL_FAULTS);
        *out |= UINT64_C(1) << n;
    }
    return TD_OK;
}
