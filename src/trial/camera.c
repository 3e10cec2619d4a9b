/* trial/camera.c - the life of the recorder's process. */
#include "trial/camera.h"

#include <signal.h>
#include <string.h>

#include "store/recover.h"

#define RESTART_AFTER (3 * TD_SEC)
#define REDIAL_AFTER  (2 * TD_SEC)
#define DISK_FAULT    (20 * TD_SEC)
#define CLIENT_ID     9
#define IDS           4
#define PORT          4002
#define TURN_WAKES    4096 /* of one turn */

static td_ns mono_of(struct td_camera *c)
{
    return td_world_mono(&c->world);
}

/* --- a process --- */

static void add_up(struct td_camera *c)
{
    for (int32_t i = 0; i < c->result.count; i++) {
        const struct td_recording_line *l = &c->result.lines[i];
        c->sessions += l->sessions;
        c->messages += l->messages;
        c->snapshots += l->snapshots;
        c->dropped += l->dropped;
        c->gaps += l->gaps;
    }
    c->result.count = 0;
}

static struct td_camera_life *life_of(struct td_camera *c)
{
    return c->life_count ? &c->lives[c->life_count - 1] : NULL;
}

static void begin_recording(struct td_camera *c)
{
    struct td_fail why = {0};
    TD_REQUIRE(c->life_count < TD_CAMERA_LIVES);
    c->lives[c->life_count++] = (struct td_camera_life){
        .from = mono_of(c), .to = TD_NS_NEVER, .failed = TD_NS_NEVER, .end = TD_CAMERA_RUNS};
    if (td_recording_open(&c->recording, &c->config, &c->link, &c->world, &c->result, &why) !=
        TD_OK)
        c->recording = NULL; /* a dying process: see to it after the turn */
}

/* Connecting, as often as it takes: whoever watches over a recorder starts it again until there is a gateway. */
static void connect_turn(struct td_camera *c, const struct td_wake *wake)
{
    struct td_tws_event ev;
    (void)td_link_wake(&c->link, wake);
    td_link_tick(&c->link);
    while (!c->recording && td_link_next(&c->link, &ev)) {
        if (ev.kind == TD_TWS_EV_READY)
            begin_recording(c);
        if (ev.kind == TD_TWS_EV_CLOSED)
            c->redial_at = mono_of(c) + REDIAL_AFTER;
    }
    if (!c->recording && c->redial_at && mono_of(c) >= c->redial_at) {
        c->redial_at = 0;
        td_link_dial(&c->link, &c->dial);
    }
}

static void look_for_failures(struct td_camera *c)
{
    struct td_camera_life *life = life_of(c);
    for (int32_t i = 0; i < c->result.count; i++)
        if (c->result.lines[i].failed && life->failed == TD_NS_NEVER)
            life->failed = mono_of(c);
}

static td_ns turn(void *arg)
{
    struct td_camera *c = arg;
    struct td_wake wake = {0};
    for (int i = 0; i < TURN_WAKES; i++) {
        td_world_wait(&c->world, 0, &wake);
        if (c->recording)
            td_recording_turn(c->recording, &wake);
        else
            connect_turn(c, &wake);
        if (wake.kind == TD_WAKE_TIMEOUT || (c->recording && td_recording_done(c->recording)))
            break;
    }
    if (c->recording)
        look_for_failures(c);
    if (!td_simworld_alive(c->sim, c->host) && life_of(c) && life_of(c)->to == TD_NS_NEVER)
        life_of(c)->to = td_simworld_mono(c->sim);
    if (c->recording)
        return td_recording_done(c->recording) ? TD_NS_NEVER : td_recording_deadline(c->recording);
    return c->redial_at ? c->redial_at : td_link_deadline(&c->link);
}

/* What a crash left. What cannot be finished is told by the program and stays for the next start. */
static void recover(struct td_camera *c)
{
    struct td_recover_report report = {0};
    c->unrecovered += td_capture_recover(&c->world, TD_CAMERA_FOLDER, &report, NULL) != TD_OK;
    c->recovered += report.recovered;
    c->torn += report.torn;
    c->damaged += report.damaged;
}

void td_camera_start(struct td_camera *c)
{
    struct td_fail why = {0};
    c->restart_at = 0;
    recover(c);
    c->up = td_link_open(&c->link, &c->world, &why) == TD_OK;
    if (!c->up)
        return;
    td_link_dial(&c->link, &c->dial);
    td_simworld_turn(c->sim, c->host, turn, c);
}

static void end_process(struct td_camera *c, enum td_camera_end how)
{
    struct td_camera_life *life = life_of(c);
    struct td_fail why = {0};
    if (c->recording && how == TD_CAMERA_STOPPED)
        (void)td_recording_finish(c->recording, &why); /* what it says is in the result */
    if (life && life->end == TD_CAMERA_RUNS) {
        life->to = life->to == TD_NS_NEVER ? td_simworld_mono(c->sim) : life->to;
        life->end = how;
    }
    if (how == TD_CAMERA_POWER)
        td_simworld_crash(c->sim, c->host);
    else
        td_simworld_kill(c->sim, c->host);
    td_recording_close(c->recording);
    td_link_close(&c->link);
    c->recording = NULL;
    c->kills += how == TD_CAMERA_KILLED;
    c->crashes += how == TD_CAMERA_POWER;
    c->stops += how == TD_CAMERA_STOPPED;
    add_up(c);
    c->up = false;
    c->disk_until = c->redial_at = 0;
    TD_REQUIRE(td_simworld_attach(c->sim, "recorder", &c->host, &c->world, NULL) == TD_OK);
    c->restart_at = mono_of(c) + RESTART_AFTER;
}

/* --- what happens to it --- */

static void do_acts(struct td_camera *c, td_ns now)
{
    const struct td_trial_plan *p = c->plan;
    while (c->next_act < p->camera_act_count && c->began + p->camera_acts[c->next_act].at <= now) {
        const struct td_trial_act *a = &p->camera_acts[c->next_act++];
        if (!c->up)
            continue;
        if (a->kind == TD_ACT_DIE || a->kind == TD_ACT_CRASH) {
            c->power_next = a->kind == TD_ACT_CRASH;
            td_simworld_die_at(c->sim, c->host, a->count);
        } else if (a->kind == TD_ACT_DISK) {
            td_simworld_fault(c->sim, c->host, &a->disk);
            c->disk_until = now + DISK_FAULT;
        } else {
            td_simworld_signal(c->sim, c->host, SIGTERM);
        }
    }
}

bool td_camera_see(struct td_camera *c, td_ns now)
{
    do_acts(c, now);
    const bool died = !td_simworld_alive(c->sim, c->host);
    if (died) {
        end_process(c, c->power_next ? TD_CAMERA_POWER : TD_CAMERA_KILLED);
        return true;
    }
    if (c->disk_until && now >= c->disk_until) {
        end_process(c, TD_CAMERA_KILLED);
        return true;
    }
    if (c->recording && td_recording_done(c->recording)) {
        end_process(c, TD_CAMERA_STOPPED);
        return true;
    }
    if (!c->up && now >= c->restart_at)
        td_camera_start(c);
    return false;
}

void td_camera_finish(struct td_camera *c)
{
    c->over = true;
    td_simworld_die_at(c->sim, c->host, 0);
    end_process(c, c->disk_until ? TD_CAMERA_KILLED : TD_CAMERA_STOPPED);
    recover(c);
}

enum td_err td_camera_open(struct td_camera *c, const struct td_trial_plan *plan,
                           struct td_simworld *sim, struct td_log *log, struct td_fail *why)
{
    memset(c, 0, sizeof *c);
    c->plan = plan;
    c->sim = sim;
    enum td_err err = td_simworld_attach(sim, "recorder", &c->host, &c->world, why);
    if (!err)
        err = td_wiretap_open(&c->tap, &c->world, why);
    if (err)
        return err;
    const struct td_sim_watch watch = td_wiretap_watch(&c->tap);
    td_simworld_watch(sim, c->host, &watch);
    c->began = td_simworld_mono(sim);
    c->connect = (struct td_plan){.host = "gateway",
                                  .ports = {PORT},
                                  .port_count = 1,
                                  .client_id = CLIENT_ID,
                                  .ids = IDS,
                                  .timeout = 60 * TD_SEC};
    c->dial = (struct td_link_config){.host = c->connect.host,
                                      .port = PORT,
                                      .client_id = CLIENT_ID,
                                      .log = log,
                                      .dial_ns = 2 * TD_SEC,
                                      .hello_ns = 10 * TD_SEC,
                                      .ready_ns = 15 * TD_SEC,
                                      .messages_per_sec = 40};
    c->config = (struct td_recording_config){.plan = &c->connect,
                                             .folder = TD_CAMERA_FOLDER,
                                             .levels = plan->camera_levels,
                                             .interval_ms = plan->camera_interval_ms,
                                             .duration = TD_NS_NEVER,
                                             .rotate_ns = plan->camera_rotate,
                                             .symbols = plan->symbols,
                                             .symbol_count = (int32_t)plan->camera_symbols,
                                             .inline_writer = true,
                                             .quiet = true,
                                             .log = log};
    return TD_OK;
}

void td_camera_close(struct td_camera *c)
{
    td_recording_close(c->recording);
    td_link_close(&c->link);
    td_wiretap_close(&c->tap);
    memset(c, 0, sizeof *c);
}
