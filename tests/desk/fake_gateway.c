/* tests/desk/fake_gateway.c - a program that behaves like a gateway being started: late, waiting for a second factor,
 * dying, mute, or well. With the name ibcstart.sh it is a login controller: it takes its words from FAKE_GATEWAY and
 * ends with status 81 when a secret reached it by an argument or the environment, or its file is open to others.
 *
 *   fake_gateway --port N [--late MS] [--die STATUS] [--mute] [--prompt FILE] [--bound-first]
 *
 * --prompt: says that the second factor is awaited until FILE is there; --bound-first: listens meanwhile, mute.
 * Ends after 110 s in any case. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/gateway_server.h"
#include "sys/child.h"
#include "sys/uvworld.h"

#define LIFE (110 * TD_SEC)

extern char **environ;

struct words {
    int64_t port, late_ms, die;
    bool mute, bound_first, dies;
    const char *prompt;
};

static struct td_world world;

static bool read_words(int argc, const char *const *argv, struct words *w)
{
    *w = (struct words){0};
    for (int i = 0; i < argc; i++) {
        const char *next = i + 1 < argc ? argv[i + 1] : "";
        const size_t len = strlen(next);
        bool fine = true;
        if (strcmp(argv[i], "--mute") == 0)
            w->mute = true;
        else if (strcmp(argv[i], "--bound-first") == 0)
            w->bound_first = true;
        else if (strcmp(argv[i], "--port") == 0)
            fine = td_i64_parse(next, len, &w->port) == TD_OK && i++ >= 0;
        else if (strcmp(argv[i], "--late") == 0)
            fine = td_i64_parse(next, len, &w->late_ms) == TD_OK && i++ >= 0;
        else if (strcmp(argv[i], "--die") == 0)
            fine = w->dies = td_i64_parse(next, len, &w->die) == TD_OK && i++ >= 0;
        else if (strcmp(argv[i], "--prompt") == 0)
            w->prompt = argv[++i];
        else
            fine = false;
        if (!fine)
            return false;
    }
    return w->port > 0 && w->port < 65536;
}

/* --- the login controller --- */

static bool holds(const char *text, const char *secret)
{
    return *secret && strstr(text, secret) != NULL;
}

/* The value of a key of config.ini. */
static bool ini_value(const char *text, const char *key, char *out, size_t cap)
{
    struct td_str rest = td_str_of(text), line, name;
    while (td_str_split(&rest, '\n', &line))
        if (td_str_split(&line, '=', &name) && td_str_is(name, key))
            return td_str_copy(line, out, cap);
    return false;
}

/* NULL when everything is as it must be, else what is wrong. */
static const char *wrong_start(int argc, char *const *argv)
{
    static char text[8192];
    char login[80], password[80], mode[16];
    const char *ini = NULL;
    struct stat st;
    size_t len = 0;
    bool said_mode = false;
    for (int i = 1; i < argc; i++) {
        ini = strncmp(argv[i], "--ibc-ini=", 10) == 0 ? argv[i] + 10 : ini;
        said_mode |= strcmp(argv[i], "--mode=paper") == 0;
    }
    if (argc < 6 || !ini || !said_mode || strcmp(argv[2], "-g") != 0)
        return "words are missing";
    if (stat(ini, &st) != 0 || (st.st_mode & 0777) != 0600)
        return "the file is open to others";
    if (td_file_slurp(&world, ini, text, sizeof text, &len, NULL) != TD_OK ||
        !ini_value(text, "IbLoginId", login, sizeof login) ||
        !ini_value(text, "IbPassword", password, sizeof password) ||
        !ini_value(text, "TradingMode", mode, sizeof mode) || strcmp(mode, "paper") != 0)
        return "the file lacks a key";
    for (int i = 0; i < argc; i++)
        if (holds(argv[i], login) || holds(argv[i], password))
            return "a secret is in an argument";
    for (char **e = environ; *e; e++)
        if (holds(*e, login) || holds(*e, password))
            return "a secret is in the environment";
    return NULL;
}

/* --- the gateway --- */

static void pass(td_ns until)
{
    while (td_world_mono(&world) < until) {
        struct td_wake wake;
        td_world_wait(&world, until, &wake);
        if (wake.kind == TD_WAKE_SIGNAL)
            exit(0);
    }
}

static void wait_for_approval(const char *file, td_ns end)
{
    (void)printf("IBC: Second Factor Authentication initiated\n");
    (void)fflush(stdout);
    while (td_entry_at(&world, file) == TD_ENTRY_NONE && td_world_mono(&world) < end)
        pass(td_world_mono(&world) + 20 * TD_MS);
}

static int serve(uint16_t port, td_ns end)
{
    static const char *const symbols[] = {"SPY"};
    const struct td_gateway_config config = {.world = &world,
                                             .port = port,
                                             .symbols = symbols,
                                             .symbol_count = 1,
                                             .day = TD_GATEWAY_DAY_CHOOSE,
                                             .speed_e9 = TD_E9,
                                             .start_minute = 600,
                                             .master_id = -1};
    struct td_gateway *g = NULL;
    struct td_fail why = {0};
    if (td_gateway_open(&g, &config, &why) != TD_OK) {
        (void)fprintf(stderr, "%s\n", why.text);
        return 3;
    }
    for (struct td_wake wake = {.kind = TD_WAKE_TIMEOUT};
         wake.kind != TD_WAKE_SIGNAL && td_world_mono(&world) < end;) {
        const td_ns next = td_gateway_deadline(g);
        td_world_wait(&world, next < end ? next : end, &wake);
        (void)td_gateway_wake(g, &wake);
        if (td_world_mono(&world) >= next)
            td_gateway_tick(g);
    }
    td_gateway_close(g);
    return 0;
}

static int live(const struct words *w)
{
    const td_ns end = td_world_mono(&world) + LIFE;
    struct td_conn mute = {0};
    uint16_t port = (uint16_t)w->port;
    pass(td_world_mono(&world) + w->late_ms * TD_MS);
    if (w->dies)
        return (int)w->die;
    if ((w->mute || w->bound_first) &&
        td_world_listen(&world, "127.0.0.1", &port, &mute, NULL) != TD_OK)
        return 3;
    if (w->mute)
        pass(end);
    if (w->prompt)
        wait_for_approval(w->prompt, end);
    if (mute.id)
        td_world_hangup(&world, mute, true);
    return serve(port, end);
}

int main(int argc, char **argv)
{
    const char *argw[TD_CHILD_WORDS_MAX + 1], *name = strrchr(argv[0], '/');
    char buf[1024];
    struct words w;
    int count = 0;
    if (td_uvworld_open(&world, true, NULL) != TD_OK)
        return 3;
    if (strcmp(name ? name + 1 : argv[0], "ibcstart.sh") == 0) {
        const char *wrong = wrong_start(argc, argv), *plan = getenv("FAKE_GATEWAY");
        if (wrong || !plan || td_child_words(plan, buf, sizeof buf, argw, NULL) != TD_OK) {
            (void)printf("LEAK or mistake: %s\n", wrong ? wrong : "FAKE_GATEWAY");
            return 81;
        }
        while (argw[count])
            count++;
    } else {
        for (int i = 1; i < argc && count < TD_CHILD_WORDS_MAX; i++)
            argw[count++] = argv[i];
    }
    if (!read_words(count, argw, &w)) {
        (void)fprintf(stderr, "fake_gateway --port N [--late MS] [--die STATUS] [--mute] "
                              "[--prompt FILE] [--bound-first]\n");
        return 2;
    }
    const int status = live(&w);
    td_uvworld_close(&world);
    return status;
}
