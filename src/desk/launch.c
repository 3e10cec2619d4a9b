/* desk/launch.c - looks for the ways, and starts the one that was chosen. */
#include "desk/launch.h"

#include <stdio.h>
#include <stdlib.h>

#include "desk/ibc.h"
#include "sys/machine.h"

#define X_SOCKETS "/tmp/.X11-unix"

static bool is_set(const char *setting)
{
    return setting && *setting;
}

const char *td_launch_way_name(enum td_launch_way way)
{
    static const char *const names[TD_LAUNCH_WAYS] = {"start command", "IBC", "Linux gateway",
                                                      "Windows gateway", "Windows TWS"};
    TD_REQUIRE(way < TD_LAUNCH_WAYS);
    return names[way];
}

static void say(struct td_launch_choice *c, bool usable, const char *program, const char *reason)
{
    const bool fits = td_str_copy(td_str_of(usable ? program : ""), c->program, sizeof c->program);
    c->usable = usable && fits;
    (void)td_str_copy(td_str_of(fits ? reason : "the program's path is too long"), c->reason,
                      sizeof c->reason);
}

/* A program by its path or name. */
static void say_program(struct td_launch_choice *c, const char *word, const char *setting)
{
    char path[600], reason[240];
    const bool found = td_machine_program(word, path, sizeof path);
    (void)snprintf(reason, sizeof reason, found ? "%s names %.180s" : "%s: %.150s is no program",
                   setting, found ? path : word);
    say(c, found, path, reason);
}

/* --- the newest install --- */

/* Versions are compared number by number: 1037 is newer than 978, 10.30 than 10.4. */
static int compare_versions(const char *a, const char *b)
{
    while (*a || *b) {
        char *end_a, *end_b;
        const unsigned long x = strtoul(a, &end_a, 10), y = strtoul(b, &end_b, 10);
        if (x != y)
            return x < y ? -1 : 1;
        a = end_a == a ? a + (*a != '\0') : end_a;
        b = end_b == b ? b + (*b != '\0') : end_b;
        a += *a == '.';
        b += *b == '.';
    }
    return 0;
}

static bool is_version(const char *name)
{
    bool digit = false;
    for (const char *p = name; *p; p++) {
        if (!((*p >= '0' && *p <= '9') || *p == '.'))
            return false;
        digit |= *p != '.';
    }
    return digit && *name != '.' && strlen(name) < sizeof(((struct td_launch *)0)->version);
}

static bool note_version(void *arg, const char *name, enum td_entry_kind kind)
{
    struct td_launch *l = arg;
    if (kind == TD_ENTRY_FOLDER && is_version(name) &&
        (!l->version[0] || compare_versions(name, l->version) > 0))
        (void)snprintf(l->version, sizeof l->version, "%s", name);
    return true;
}

static void look_linux(struct td_launch *l, struct td_launch_choice *c)
{
    static const char *const names[] = {"ibgateway", "ibgateway1", "ibgateway.sh"};
    char folder[600], path[700], reason[240];
    (void)snprintf(folder, sizeof folder, "%.500s/ibgateway", l->jts);
    if (td_folder_list(l->world, folder, note_version, l) != TD_OK)
        l->version[0] = '\0';
    if (is_set(l->settings->linux_gateway)) {
        say_program(c, l->settings->linux_gateway, "IB_LINUX_GATEWAY_PATH");
        return;
    }
    for (size_t i = 0; i < TD_COUNT(names) && l->version[0]; i++) {
        char candidate[700];
        (void)snprintf(candidate, sizeof candidate, "%s/%s/%s", folder, l->version, names[i]);
        if (td_machine_program(candidate, path, sizeof path)) {
            (void)snprintf(reason, sizeof reason, "the newest of the installs is %s", l->version);
            say(c, true, path, reason);
            return;
        }
    }
    (void)snprintf(reason, sizeof reason, "no IB Gateway is installed below %.160s", folder);
    say(c, false, "", reason);
}

static void look_ibc(struct td_launch *l, struct td_launch_choice *c)
{
    char candidate[600], path[600];
    (void)snprintf(candidate, sizeof candidate, "%.500s/scripts/ibcstart.sh",
                   is_set(l->settings->ibc_folder) ? l->settings->ibc_folder : "");
    if (!is_set(l->settings->ibc_folder))
        say(c, false, "", "IBC_PATH is not set");
    else if (!td_machine_program(candidate, path, sizeof path))
        say(c, false, "", "IBC_PATH holds no scripts/ibcstart.sh that may be run");
    else if (td_machine_privacy(".env") == TD_PRIVACY_OTHERS)
        say(c, false, "", ".env may be read by others: chmod 600 .env");
    else if (!is_set(l->settings->username) || !is_set(l->settings->password))
        say(c, false, "", "IB_USERNAME and IB_PASSWORD are needed for a login");
    else if (!l->version[0])
        say(c, false, "", "no IB Gateway version is installed below IB_JTS_LINUX_DIR");
    else
        say(c, true, path, "IBC_PATH is set, a login and an installed gateway are there");
}

static void look_windows(struct td_launch *l, struct td_launch_choice *c, const char *program,
                         const char *setting)
{
    if (!l->settings->allow_windows)
        say(c, false, "", "IB_ALLOW_WINDOWS is off");
    else if (!is_set(program))
        say(c, false, "", "its setting is empty");
    else
        say_program(c, program, setting);
}

static void look_command(struct td_launch *l, struct td_launch_choice *c)
{
    const char *argv[TD_CHILD_WORDS_MAX + 1];
    char words[2048];
    struct td_fail why = {0};
    if (!is_set(l->settings->gateway_start_cmd))
        say(c, false, "", "IB_GATEWAY_START_CMD is not set");
    else if (td_child_words(l->settings->gateway_start_cmd, words, sizeof words, argv, &why))
        say(c, false, "", why.text);
    else
        say(c, true, argv[0],
            "IB_GATEWAY_START_CMD is set"); /* what is missing is told by the start */
}

void td_launch_choose(struct td_launch *l, enum td_launch_way way)
{
    const char *display = getenv("DISPLAY");
    l->way = (int)way;
    l->needs_display = !is_set(display) && (way == TD_LAUNCH_IBC || way == TD_LAUNCH_LINUX);
}

/* A preset has not gone through the reader of settings, which replaces "~/". */
static void expand(const char *path, char *out, size_t cap)
{
    const char *home = strncmp(path, "~/", 2) == 0 ? getenv("HOME") : NULL;
    (void)snprintf(out, cap, "%s%s", home ? home : "", home ? path + 1 : path);
}

void td_launch_look(struct td_launch *l, struct td_world *world, const struct td_settings *s,
                    bool live)
{
    *l = (struct td_launch){.settings = s, .world = world, .live = live, .way = -1};
    td_settings_runtime(s, l->runtime, sizeof l->runtime);
    (void)snprintf(l->ini, sizeof l->ini, "%s/ibc/config.ini", l->runtime);
    (void)snprintf(l->log, sizeof l->log, "%s/gateway-start.log", l->runtime);
    expand(s->jts_folder, l->jts, sizeof l->jts);
    look_linux(l, &l->ways[TD_LAUNCH_LINUX]);
    look_ibc(l, &l->ways[TD_LAUNCH_IBC]);
    look_command(l, &l->ways[TD_LAUNCH_COMMAND]);
    look_windows(l, &l->ways[TD_LAUNCH_WINDOWS_GATEWAY], s->windows_gateway,
                 "IB_WINDOWS_GATEWAY_EXE");
    look_windows(l, &l->ways[TD_LAUNCH_WINDOWS_TWS], s->windows_tws, "IB_WINDOWS_TWS_EXE");
    for (int i = 0; i < TD_LAUNCH_WAYS && l->way < 0; i++)
        if (l->ways[i].usable)
            l->way = i;
    if (l->way >= 0)
        td_launch_choose(l, (enum td_launch_way)l->way);
}

/* --- starting --- */

/* Words one after the other in buf; NULL when it is full. */
static const char *keep(char **at, char *end, const char *key, const char *value)
{
    char *start = *at;
    const int n = snprintf(start, (size_t)(end - start), "%s%s", key, value);
    if (n < 0 || n >= end - start)
        return NULL;
    *at += n + 1;
    return start;
}

static enum td_err ibc_words(const struct td_launch *l, char *buf, size_t cap, const char **argv,
                             struct td_fail *why)
{
    const struct {
        const char *key, *value;
    } words[] = {{"", l->ways[TD_LAUNCH_IBC].program},
                 {"", l->version},
                 {"-g", ""},
                 {"--tws-path=", l->jts},
                 {"--tws-settings-path=", l->jts},
                 {"--ibc-path=", l->settings->ibc_folder},
                 {"--ibc-ini=", l->ini},
                 {"--mode=", l->live ? "live" : "paper"},
                 {"--on2fatimeout=", "exit"}};
    char *at = buf;
    for (size_t i = 0; i < TD_COUNT(words); i++) {
        argv[i] = keep(&at, buf + cap, words[i].key, words[i].value);
        if (!argv[i])
            return td_fail_set(why, TD_ERANGE, "the words for IBC are too long");
    }
    argv[TD_COUNT(words)] = NULL;
    return TD_OK;
}

enum td_err td_launch_words(const struct td_launch *l, char *buf, size_t cap, const char **argv,
                            struct td_fail *why)
{
    if (l->way < 0)
        return td_fail_set(why, TD_ENOENT,
                           "no way to start a gateway: set IB_GATEWAY_START_CMD, or IBC_PATH with "
                           "IB_USERNAME and IB_PASSWORD, or install IB Gateway below %.200s",
                           l->jts);
    if (l->way == TD_LAUNCH_COMMAND) {
        const enum td_err err = td_child_words(l->settings->gateway_start_cmd, buf, cap, argv, why);
        return err ? td_fail_add(why, err, "IB_GATEWAY_START_CMD") : TD_OK;
    }
    if (l->way == TD_LAUNCH_IBC)
        return ibc_words(l, buf, cap, argv, why);
    argv[0] = l->ways[l->way].program;
    argv[1] = NULL;
    return TD_OK;
}

enum td_err td_launch_display(const struct td_launch *l, struct td_display *display,
                              struct td_fail *why)
{
    const char *drop[TD_LAUNCH_SECRETS];
    td_settings_secrets(drop, TD_COUNT(drop));
    return td_display_start(display, l->world, l->settings->xvfb, l->runtime, X_SOCKETS, drop, why);
}

enum td_err td_launch_start(const struct td_launch *l, const struct td_display *display,
                            struct td_child *child, struct td_fail *why)
{
    char words[TD_LAUNCH_BYTES];
    const char *argv[TD_CHILD_WORDS_MAX + 1], *drop[TD_LAUNCH_SECRETS], *set[3] = {NULL};
    enum td_err err = td_launch_words(l, words, sizeof words, argv, why);
    if (!err) {
        err = td_folder_make(l->world, l->runtime);
        if (err)
            (void)td_fail_set(why, err, "runtime folder %s: %s", l->runtime, td_err_text(err));
    }
    if (!err && l->way == TD_LAUNCH_IBC)
        err = td_ibc_write(l->world, l->settings, l->live, l->ini, why);
    if (err)
        return err;
    (void)td_file_remove(l->world, l->log); /* each start has its own, so that it does not grow */
    td_settings_secrets(drop, TD_COUNT(drop));
    if (display && display->number) {
        set[0] = display->name;
        set[1] = display->authority;
    }
    const struct td_child_config config = {
        .argv = argv, .output = TD_CHILD_TO_FILE, .file = l->log, .set = set, .drop = drop};
    err = td_child_launch(child, &config, why);
    return err ? td_fail_add(why, err, "%s", td_launch_way_name((enum td_launch_way)l->way))
               : TD_OK;
}
