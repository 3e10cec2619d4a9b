/* desk/checkup.c - the table of checks, and the short session some of them share. */
#include "desk/checkup.h"

#include <stdio.h>
#include <stdlib.h>

#include "desk/ibc.h"
#include "desk/jtsini.h"
#include "desk/window.h"
#include "desk/zone.h"
#include "sys/machine.h"
#include "sys/socktable.h"

#define LOOK_LIMIT   (3 * TD_SEC)
#define OFFSET_MAX   2 /* seconds */
#define LOOK_REQUEST 1

/* What the short session learned. */
struct look {
    enum td_err err;
    struct td_plan_found found;
    struct td_fail why;
    bool has_time, has_ticks;
    td_ns offset;
    int32_t notice; /* 354, 10089, 10090, 10167, ...; 0 none */
};

struct doctor {
    const struct td_doctor_config *c;
    enum td_listening listening;
    struct look look;
    struct td_launch launch;
    struct td_sock_census dead;
    bool counted;
};

const char *td_finding_word(enum td_finding_level level)
{
    static const char *const words[] = {"ok", "warn", "bad"};
    return words[level];
}

static void say(struct td_finding *f, enum td_finding_level level, const char *value,
                const char *text, const char *action)
{
    f->level = level;
    (void)td_str_copy(td_str_of(value), f->value, sizeof f->value);
    (void)td_str_copy(td_str_of(text), f->text, sizeof f->text);
    (void)td_str_copy(td_str_of(action), f->action, sizeof f->action);
}

/* --- the short session --- */

static void take_message(struct look *k, struct td_world *world, const struct td_tws_msg *msg)
{
    static const int32_t notices[] = {354, 10089, 10090, 10091, 10167, 10168, 10186, 10197};
    if (msg->kind == TD_TWS_CURRENT_TIME && !k->has_time) {
        k->has_time = true;
        k->offset = msg->instant.value * TD_SEC - td_world_now(world);
    }
    if (msg->kind == TD_TWS_TICK_PRICE)
        k->has_ticks = true;
    for (size_t i = 0; i < TD_COUNT(notices) && msg->kind == TD_TWS_ERROR; i++)
        if (msg->error.code == notices[i])
            k->notice = notices[i];
}

static void ask(struct td_link *link, const char *symbol)
{
    struct td_tws_msg msg;
    char name[TD_SYMBOL_CHARS];
    td_symbol_of_broker(symbol, "STK", name);
    td_tws_msg_init(&msg, TD_TWS_REQ_CURRENT_TIME);
    enum td_err err = td_link_send(link, &msg);
    td_tws_msg_init(&msg, TD_TWS_REQ_MKT_DATA);
    msg.req_mkt_data.req_id = LOOK_REQUEST;
    msg.req_mkt_data.contract.symbol = td_str_of(name);
    msg.req_mkt_data.contract.sec_type = td_str_of("STK");
    msg.req_mkt_data.contract.exchange = td_str_of("SMART");
    msg.req_mkt_data.contract.currency = td_str_of("USD");
    if (!err)
        err = td_link_send(link, &msg);
    if (!err)
        td_link_flush(link); /* what could not be asked stays unknown */
}

static void listen_a_while(struct doctor *d, struct td_link *link)
{
    struct look *k = &d->look;
    const td_ns until = td_world_mono(d->c->world) + LOOK_LIMIT;
    struct td_tws_event ev;
    struct td_wake wake = {.kind = TD_WAKE_TIMEOUT};
    ask(link, d->c->symbol);
    while (td_world_mono(d->c->world) < until && wake.kind != TD_WAKE_SIGNAL &&
           !(k->has_time && (k->has_ticks || k->notice))) {
        while (td_link_next(link, &ev)) {
            if (ev.kind == TD_TWS_EV_CLOSED)
                return;
            if (ev.kind == TD_TWS_EV_MESSAGE)
                take_message(k, d->c->world, &ev.msg);
        }
        const td_ns next = td_link_deadline(link);
        td_world_wait(d->c->world, next < until ? next : until, &wake);
        (void)td_link_wake(link, &wake);
        td_link_tick(link);
    }
}

static void short_session(struct doctor *d)
{
    struct td_link link = {0};
    d->look = (struct look){.err = TD_EUNREACH, .found = {.verdict = TD_PROBE_REFUSED}};
    if (d->listening == TD_LISTENING_NO || td_link_open(&link, d->c->world, &d->look.why) != TD_OK)
        return;
    d->look.err = td_plan_search(d->c->plan, &link, d->c->log, &d->look.found, &d->look.why);
    if (!d->look.err)
        listen_a_while(d, &link);
    td_link_close(&link);
}

/* --- checks --- */

static void check_listening(struct doctor *d, struct td_finding *f)
{
    if (d->listening == TD_LISTENING_YES)
        say(f, TD_FINDING_OK, "yes", "somebody listens on a port of the plan", "");
    else if (d->listening == TD_LISTENING_NO)
        say(f, TD_FINDING_BAD, "no", "nobody listens on the ports of the plan",
            "start IB Gateway or TWS, or `tapedeck gateway start`");
    else
        say(f, TD_FINDING_WARN, "", "the kernel's list says nothing about that host",
            "`tapedeck probe` connects and tells more");
}

static void check_handshake(struct doctor *d, struct td_finding *f)
{
    const struct td_probe_row *row = &td_probe_rows[d->look.found.verdict];
    if (d->listening == TD_LISTENING_NO)
        say(f, TD_FINDING_WARN, "", "not tried: nobody listens", "");
    else
        say(f, d->look.err ? TD_FINDING_BAD : TD_FINDING_OK, row->name,
            d->look.err ? d->look.why.text : row->meaning, d->look.err ? row->action : "");
}

/* Before our own short session: its end would be counted while the gateway closes its side. */
static void count_dead(struct doctor *d)
{
    struct td_sock_census one;
    d->counted = true;
    for (int i = 0; i < d->c->plan->port_count; i++) {
        d->counted = d->counted && td_sock_census_take(d->c->plan->ports[i], &one) == TD_OK;
        if (!d->counted)
            return;
        d->dead.gateway_close_wait += one.gateway_close_wait;
        d->dead.our_close_wait += one.our_close_wait;
        d->dead.other_close_wait += one.other_close_wait;
    }
}

static void check_zombies(struct doctor *d, struct td_finding *f)
{
    const struct td_sock_census sum = d->dead;
    char value[120];
    if (!d->counted) {
        say(f, TD_FINDING_WARN, "", "the kernel's list of sockets cannot be read", "");
        return;
    }
    (void)snprintf(value, sizeof value, "gateway %u, other clients %u, ours %u",
                   sum.gateway_close_wait, sum.other_close_wait, sum.our_close_wait);
    if (sum.gateway_close_wait)
        say(f, TD_FINDING_WARN, value, "the gateway keeps dead connections open",
            "when it stops answering, restart it from its own menu; never end it by port");
    else if (sum.other_close_wait || sum.our_close_wait)
        say(f, TD_FINDING_WARN, value, "a client keeps a dead connection open",
            "end that client in its own way");
    else
        say(f, TD_FINDING_OK, value, "no dead connections", "");
}

static void check_clock(struct doctor *d, struct td_finding *f)
{
    char value[40];
    if (!d->look.has_time) {
        say(f, TD_FINDING_WARN, "",
            d->look.err ? "not known: no gateway answered" : "not known: the gateway told no time",
            "");
        return;
    }
    const double seconds = (double)d->look.offset / 1e9; /* the gateway tells whole seconds */
    const bool good =
        d->look.offset > -(OFFSET_MAX + 1) * TD_SEC && d->look.offset < OFFSET_MAX * TD_SEC;
    (void)snprintf(value, sizeof value, "%+.1f s", seconds);
    say(f, good ? TD_FINDING_OK : TD_FINDING_BAD, value,
        good ? "our clock agrees with the gateway's" : "our clock and the gateway's differ",
        good ? "" : "set this machine's clock, and run a time service");
}

static void check_disk(struct doctor *d, struct td_finding *f)
{
    const struct td_settings *s = d->c->settings;
    const char *path =
        td_entry_at(d->c->world, s->state_path) == TD_ENTRY_FOLDER ? s->state_path : ".";
    const uint64_t floor = (uint64_t)s->disk_floor_mb << 20;
    uint64_t bytes = 0;
    char value[60];
    if (td_disk_free(d->c->world, path, &bytes) != TD_OK) {
        say(f, TD_FINDING_WARN, "", "the free space cannot be read", "");
        return;
    }
    (void)snprintf(value, sizeof value, "%llu MB free", (unsigned long long)(bytes >> 20));
    if (bytes < floor)
        say(f, TD_FINDING_BAD, value, "less than DISK_FLOOR_MB: no order leaves",
            "free some space");
    else if (bytes < 8 * floor)
        say(f, TD_FINDING_WARN, value, "little space for a day of recording", "free some space");
    else
        say(f, TD_FINDING_OK, value, "enough for recording", "");
}

static void check_memory(struct doctor *d, struct td_finding *f)
{
    uint64_t available = 0, total = 0;
    char value[60];
    (void)d;
    if (td_machine_memory(&available, &total) != TD_OK) {
        say(f, TD_FINDING_WARN, "", "the system does not tell its memory", "");
        return;
    }
    (void)snprintf(value, sizeof value, "%llu of %llu MB", (unsigned long long)(available >> 20),
                   (unsigned long long)(total >> 20));
    if (available < (256u << 20))
        say(f, TD_FINDING_BAD, value, "too little for us and a gateway", "end other programs");
    else if (available < (UINT64_C(1536) << 20))
        say(f, TD_FINDING_WARN, value, "little: a busy gateway wants a heap of 1024 MB",
            "raise -Xmx in ibgateway.vmoptions only with memory to spare");
    else
        say(f, TD_FINDING_OK, value, "enough", "");
}

static void check_zone(struct doctor *d, struct td_finding *f)
{
    struct td_tz zone;
    struct td_fail why = {0};
    if (td_zone_load(d->c->world, TD_ZONE_NEW_YORK, &zone, &why) == TD_OK)
        say(f, TD_FINDING_OK, TD_ZONE_NEW_YORK, "time zone data is there", "");
    else
        say(f, TD_FINDING_BAD, "", why.text, "install the package tzdata");
}

static void check_entitlements(struct doctor *d, struct td_finding *f)
{
    char value[60];
    const struct look *k = &d->look;
    if (k->notice) {
        (void)snprintf(value, sizeof value, "%s: notice %d", d->c->symbol, (int)k->notice);
        say(f, TD_FINDING_WARN, value, "live market data is not, or only partly, subscribed",
            "`tapedeck explain` tells the code; subscribe in the account's settings");
    } else if (k->has_ticks) {
        (void)snprintf(value, sizeof value, "%s: live", d->c->symbol);
        say(f, TD_FINDING_OK, value, "quotes arrive without a notice", "");
    } else {
        say(f, TD_FINDING_WARN, "",
            k->err ? "not known: no gateway answered"
                   : "not known: neither a quote nor a notice within 3 s",
            "");
    }
}

#define RESTART_TIME (10 * TD_MIN) /* of a gateway: longer, and the file is left over */

struct search {
    struct td_world *world;
    const char *folder;
    char found[300];
};

static bool find_autorestart(void *arg, const char *name, enum td_entry_kind kind)
{
    struct search *s = arg;
    char path[700];
    if (kind == TD_ENTRY_FILE && strcmp(name, "autorestart") == 0)
        (void)snprintf(s->found, sizeof s->found, "%.200s/%.60s", s->folder, name);
    (void)snprintf(path, sizeof path, "%s/%.100s/autorestart", s->folder, name);
    if (kind == TD_ENTRY_FOLDER && td_entry_at(s->world, path) == TD_ENTRY_FILE)
        (void)snprintf(s->found, sizeof s->found, "%.299s", path);
    return !s->found[0];
}

static void check_autorestart(struct doctor *d, struct td_finding *f)
{
    struct search s = {.world = d->c->world, .folder = d->launch.jts};
    char text[160];
    if (td_folder_list(d->c->world, d->launch.jts, find_autorestart, &s) != TD_OK || !s.found[0]) {
        say(f, TD_FINDING_OK, "none", "no stale autorestart file", "");
        return;
    }
    const td_ns changed = td_machine_changed(s.found);
    const td_ns age = changed ? td_world_now(d->c->world) - changed : TD_NS_NEVER;
    if (age < RESTART_TIME) {
        (void)snprintf(text, sizeof text, "a restart is under way: written %lld s ago",
                       (long long)(age / TD_SEC));
        say(f, TD_FINDING_OK, s.found, text, "");
        return;
    }
    if (changed)
        (void)snprintf(text, sizeof text, "a file autorestart lies there for %lld h %lld min",
                       (long long)(age / TD_HOUR), (long long)(age % TD_HOUR / TD_MIN));
    else
        (void)snprintf(text, sizeof text, "a file autorestart lies there; its age is not known");
    say(f, TD_FINDING_WARN, s.found, text, "remove it by hand: the login waits for ever");
}

/* "00:30": before 01:00 New York the week's security tokens still stand, and the login would be asked for again. */
static bool is_too_early(const char *cold)
{
    return cold && td_str_starts(td_str_of(cold), "00:");
}

/* A time of day without a weekday in ClosedownAt ends the gateway daily: against a daily restart. */
static void check_restarts(struct doctor *d, struct td_finding *f)
{
    struct td_ibc_found found = {0};
    char value[160];
    const bool there = td_entry_at(d->c->world, d->launch.ini) == TD_ENTRY_FILE;
    const struct td_settings *s = d->c->settings;
    if (there)
        td_ibc_read(d->c->world, d->launch.ini, &found);
    if (found.trouble[0]) {
        say(f, TD_FINDING_BAD, "", found.trouble,
            "remove the file; `gateway start` writes it anew");
        return;
    }
    const char *restart = there ? found.auto_restart : s->ibc_auto_restart;
    const char *closed = there ? found.closed_down : s->ibc_closed_down;
    const char *cold = there ? found.cold_restart : s->ibc_cold_restart;
    (void)snprintf(value, sizeof value, "restart %.30s, Sunday %.30s, closed down %.30s",
                   restart && *restart ? restart : "-", cold && *cold ? cold : "-",
                   closed && *closed ? closed : "-");
    if (restart && *restart && closed && *closed && closed[0] >= '0' && closed[0] <= '9')
        say(f, TD_FINDING_BAD, value,
            "ClosedownAt ends the gateway every day and AutoRestartTime "
            "restarts it: they contradict each other",
            "give ClosedownAt a weekday, or leave one of them out");
    else if (is_too_early(cold))
        say(f, TD_FINDING_WARN, value,
            "ColdRestartTime lies before the week's tokens end (Sunday 01:00 New York)",
            "give it a time when somebody can approve the login, e.g. 10:00");
    else
        say(f, TD_FINDING_OK, value, "the scheduled restarts agree", "");
}

static void check_jts_ini(struct doctor *d, struct td_finding *f)
{
    struct td_jtsini ini;
    td_jtsini_read(d->c->world, d->c->home, &ini);
    if (ini.trouble[0])
        say(f, TD_FINDING_BAD, "", ini.trouble, "let the gateway write it anew");
    else if (!ini.path[0])
        say(f, TD_FINDING_OK, "", "not known: no jts.ini below the home folder", "");
    else if (ini.ssl == 1)
        say(f, TD_FINDING_WARN, ini.path, "it asks for SSL; the API socket speaks plain TCP",
            "`tapedeck probe --fix-api-config` shows the change");
    else if (ini.trusted_localhost == 0)
        say(f, TD_FINDING_WARN, ini.path, "127.0.0.1 is not among its trusted addresses",
            "`tapedeck probe --fix-api-config` shows the change");
    else
        say(f, TD_FINDING_OK, ini.path, "nothing in it keeps us out", "");
}

static void check_windows(struct doctor *d, struct td_finding *f)
{
    const struct td_settings *s = d->c->settings;
    struct td_windows w;
    struct td_fail why = {0};
    int32_t minute;
    enum td_err err = td_windows_parse(s->window_daily, s->window_weekly, &w, &why);
    if (!err)
        err = td_week_minute_parse(s->weekly_login, &minute, &why);
    if (err)
        say(f, TD_FINDING_BAD, "", why.text, "correct the GATEWAY_ settings");
    else
        say(f, TD_FINDING_OK, s->window_daily, "the broker's windows are understood", "");
}

static void check_secrets(struct doctor *d, struct td_finding *f)
{
    const enum td_privacy ini = td_machine_privacy(d->launch.ini);
    const enum td_privacy env = td_machine_privacy(".env");
    if (env == TD_PRIVACY_OTHERS)
        say(f, TD_FINDING_BAD, ".env", "others may read or write it", "chmod 600 .env");
    else if (ini == TD_PRIVACY_OTHERS)
        say(f, TD_FINDING_BAD, "config.ini of IBC", "it holds the login and others may read it",
            "chmod 600 it, and change the password");
    else
        say(f, TD_FINDING_OK, env == TD_PRIVACY_NONE ? "no .env" : ".env",
            "files with secrets are ours alone", "");
}

static const struct {
    const char *name;
    void (*check)(struct doctor *d, struct td_finding *f);
} checks[] = {
    {"listening", check_listening},
    {"handshake", check_handshake},
    {"dead connections", check_zombies},
    {"clock", check_clock},
    {"market data", check_entitlements},
    {"disk", check_disk},
    {"memory", check_memory},
    {"time zones", check_zone},
    {"jts.ini", check_jts_ini},
    {"restarts", check_restarts},
    {"autorestart file", check_autorestart},
    {"windows", check_windows},
    {"secrets", check_secrets},
};
_Static_assert(TD_COUNT(checks) <= TD_DOCTOR_CHECKS_MAX, "findings fit");

void td_doctor_run(const struct td_doctor_config *config, struct td_doctor_report *out)
{
    struct doctor d = {.c = config};
    *out = (struct td_doctor_report){.count = (int)TD_COUNT(checks)};
    td_launch_look(&d.launch, config->world, config->settings, config->plan->live);
    d.listening = td_plan_listening(config->plan, config->world);
    count_dead(&d);
    short_session(&d);
    for (size_t i = 0; i < TD_COUNT(checks); i++) {
        out->names[i] = checks[i].name;
        checks[i].check(&d, &out->findings[i]);
        if ((int)out->findings[i].level > out->worst)
            out->worst = (int)out->findings[i].level;
    }
}
