/* sys/child.c - posix_spawn, a pipe or a socket, SIGTERM and waitpid. */
#include "sys/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static enum td_err spawn_error(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        return TD_ENOENT;
    case EACCES:
    case ENOEXEC:
    case EISDIR:
        return TD_EACCES;
    case EAGAIN:
    case EMFILE:
    case ENFILE:
        return TD_EFULL;
    case ENOMEM:
        return TD_ENOMEM;
    default:
        return TD_EIO;
    }
}

/* Default signals and an empty mask: what we ignore or block is our own business. */
static int set_attributes(posix_spawnattr_t *attr)
{
    sigset_t none, defaults;
    (void)sigemptyset(&none);
    (void)sigemptyset(&defaults);
    (void)sigaddset(&defaults, SIGPIPE);
    (void)sigaddset(&defaults, SIGINT);
    (void)sigaddset(&defaults, SIGTERM);
    (void)sigaddset(&defaults, SIGHUP);
    int failed = posix_spawnattr_setsigmask(attr, &none);
    if (!failed)
        failed = posix_spawnattr_setsigdefault(attr, &defaults);
    if (!failed)
        failed = posix_spawnattr_setpgroup(attr, 0);
    if (!failed)
        failed = posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                    POSIX_SPAWN_SETPGROUP);
    return failed;
}

/* Descriptors of one side; -1: none. */
struct ends {
    int out, channel;
};

static int set_files(posix_spawn_file_actions_t *files, const struct td_child_config *config,
                     const struct ends *theirs)
{
    int failed = theirs->channel >= 0
                     ? posix_spawn_file_actions_adddup2(files, theirs->channel, 0)
                     : posix_spawn_file_actions_addopen(files, 0, "/dev/null", O_RDONLY, 0);
    if (failed)
        return failed;
    switch (config->output) {
    case TD_CHILD_PIPE:
        return posix_spawn_file_actions_adddup2(files, theirs->out, 1);
    case TD_CHILD_TO_STDERR:
        return posix_spawn_file_actions_adddup2(files, 2, 1);
    case TD_CHILD_QUIET:
        failed = posix_spawn_file_actions_addopen(files, 1, "/dev/null", O_WRONLY, 0);
        return failed ? failed : posix_spawn_file_actions_adddup2(files, 1, 2);
    case TD_CHILD_TO_FILE:
        failed = posix_spawn_file_actions_addopen(files, 1, config->file,
                                                  O_WRONLY | O_CREAT | O_APPEND, 0600);
        return failed ? failed : posix_spawn_file_actions_adddup2(files, 1, 2);
    }
    return EINVAL;
}

static bool is_named(const char *variable, const char *const *names)
{
    for (size_t i = 0; names && names[i]; i++) {
        const size_t n = strlen(names[i]);
        if (strncmp(variable, names[i], n) == 0 && variable[n] == '=')
            return true;
    }
    return false;
}

/* "KEY=VALUE" of ours gives way to one that is set with the same key. */
static bool is_set_anew(const char *variable, const char *const *set)
{
    for (size_t i = 0; set && set[i]; i++) {
        const size_t n = strcspn(set[i], "=") + 1;
        if (strncmp(variable, set[i], n) == 0)
            return true;
    }
    return false;
}

/* Our environment without what is dropped, and with what is set: an array to free, or NULL without memory. */
static const char **make_environment(const struct td_child_config *config)
{
    size_t count = 1, n = 0;
    for (size_t i = 0; environ[i]; i++)
        count++;
    for (size_t i = 0; config->set && config->set[i]; i++)
        count++;
    const char **out = malloc(count * sizeof *out);
    for (size_t i = 0; out && environ[i]; i++)
        if (!is_named(environ[i], config->drop) && !is_set_anew(environ[i], config->set) &&
            (!config->only || is_named(environ[i], config->only)))
            out[n++] = environ[i];
    for (size_t i = 0; out && config->set && config->set[i]; i++)
        out[n++] = config->set[i];
    if (out)
        out[n] = NULL;
    return out;
}

static int spawn(struct td_child *c, const struct td_child_config *config, const char **variables,
                 const struct ends *theirs)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    pid_t pid = 0;
    /* posix_spawnp does not write to the words; its prototype is older than const. */
    const union {
        const char *const *in;
        char *const *out;
    } words = {config->argv}, environment = {variables};
    int failed = posix_spawn_file_actions_init(&files);
    if (failed)
        return failed;
    failed = posix_spawnattr_init(&attr);
    if (!failed) {
        failed = set_files(&files, config, theirs);
        if (!failed)
            failed = set_attributes(&attr);
        if (!failed)
            failed = posix_spawnp(&pid, config->argv[0], &files, &attr, words.out, environment.out);
        (void)posix_spawnattr_destroy(&attr);
    }
    (void)posix_spawn_file_actions_destroy(&files);
    if (!failed)
        c->pid = pid;
    return failed;
}

enum td_err td_child_start(struct td_child *c, const char *const *argv, enum td_child_output output,
                           struct td_fail *why)
{
    return td_child_launch(c, &(struct td_child_config){.argv = argv, .output = output}, why);
}

static void close_ends(const struct ends *e)
{
    if (e->out >= 0)
        (void)close(e->out);
    if (e->channel >= 0)
        (void)close(e->channel);
}

/* Both sides of what the child is heard and spoken to by. */
static enum td_err open_ends(const struct td_child_config *config, struct ends *ours,
                             struct ends *theirs)
{
    int pair[2];
    *ours = *theirs = (struct ends){-1, -1};
    if (config->output == TD_CHILD_PIPE) {
        if (pipe2(pair, O_CLOEXEC) != 0)
            return spawn_error(errno);
        ours->out = pair[0];
        theirs->out = pair[1];
    }
    if (!config->channel)
        return TD_OK;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        const enum td_err err = spawn_error(errno);
        close_ends(ours);
        close_ends(theirs);
        return err;
    }
    ours->channel = pair[0];
    theirs->channel = pair[1];
    return fcntl(pair[0], F_SETFL, O_NONBLOCK) == 0 ? TD_OK : TD_EIO;
}

enum td_err td_child_launch(struct td_child *c, const struct td_child_config *config,
                            struct td_fail *why)
{
    const char *const *argv = config->argv;
    struct ends ours, theirs;
    *c = (struct td_child){.out_fd = -1, .channel_fd = -1};
    TD_REQUIRE(argv[0] != NULL);
    const char **variables = make_environment(config);
    if (!variables)
        return td_fail_set(why, TD_ENOMEM, "starting %s: no memory", argv[0]);
    enum td_err err = open_ends(config, &ours, &theirs);
    if (err) {
        free(variables);
        return td_fail_set(why, err, "starting %s: no pipe: %s", argv[0], td_err_text(err));
    }
    const int failed = spawn(c, config, variables, &theirs);
    free(variables);
    close_ends(&theirs);
    if (failed) {
        close_ends(&ours);
        err = spawn_error(failed);
        return td_fail_set(why, err, "starting %s: %s", argv[0], td_err_text(err));
    }
    c->running = true;
    c->out_fd = ours.out;
    c->channel_fd = ours.channel;
    c->has_pipe = ours.out >= 0;
    return TD_OK;
}

enum td_err td_child_words(const char *command, char *buf, size_t cap, const char **argv,
                           struct td_fail *why)
{
    size_t used = 0, words = 0;
    char quote = '\0';
    bool in_word = false;
    for (const char *p = command; *p; p++) {
        const bool blank = *p == ' ' || *p == '\t';
        if (!quote && blank && in_word)
            buf[used++] = '\0';
        if (!quote && blank) {
            in_word = false;
            continue;
        }
        if (used + 2 > cap || (!in_word && words == TD_CHILD_WORDS_MAX))
            return td_fail_set(why, TD_EINVAL, "the command is too long: %.40s...", command);
        if (!in_word)
            argv[words++] = buf + used;
        in_word = true;
        if (quote && *p == quote)
            quote = '\0';
        else if (!quote && (*p == '\'' || *p == '"'))
            quote = *p;
        else
            buf[used++] = *p;
    }
    if (quote)
        return td_fail_set(why, TD_EINVAL, "the command has an open %c: %.80s", quote, command);
    if (!words || !*argv[0])
        return td_fail_set(why, TD_EINVAL, "the command is empty");
    if (in_word)
        buf[used] = '\0';
    argv[words] = NULL;
    return TD_OK;
}

static void close_pipe(struct td_child *c)
{
    if (c->has_pipe)
        (void)close(c->out_fd);
    c->has_pipe = false;
    c->out_fd = -1;
}

static int whole_ms(td_ns span)
{
    const td_ns ms = (span + TD_MS - 1) / TD_MS;
    return ms > 3600000 ? 3600000 : (int)ms;
}

enum td_err td_child_read(struct td_child *c, void *buf, size_t cap, td_ns wait, size_t *got)
{
    struct pollfd look = {.fd = c->out_fd, .events = POLLIN};
    if (!c->has_pipe)
        return TD_ECLOSED;
    if (poll(&look, 1, whole_ms(wait)) <= 0)
        return TD_EAGAIN; /* nothing in time, or a signal: the caller's loop looks at both */
    const ssize_t n = read(c->out_fd, buf, cap);
    if (n > 0) {
        *got = (size_t)n;
        return TD_OK;
    }
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return TD_EAGAIN;
    close_pipe(c);
    return TD_ECLOSED;
}

bool td_child_alive(struct td_child *c)
{
    int status = 0;
    if (!c->running)
        return false;
    const pid_t got = waitpid((pid_t)c->pid, &status, WNOHANG);
    if (got == 0 || (got < 0 && errno == EINTR))
        return true;
    c->running = false;
    c->status = got < 0 ? 0 : WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return false;
}

bool td_child_stop(struct td_child *c, td_ns wait)
{
    const struct timespec pause = {.tv_nsec = 10 * TD_MS};
    close_pipe(c);
    if (td_child_alive(c))
        (void)kill((pid_t)c->pid, SIGTERM);
    for (td_ns waited = 0; td_child_alive(c) && waited < wait; waited += 10 * TD_MS)
        (void)nanosleep(&pause, NULL);
    return !c->running;
}

void td_child_end(struct td_child *c, bool hard)
{
    if (td_child_alive(c))
        (void)kill((pid_t)c->pid, hard ? SIGKILL : SIGTERM);
}

void td_child_release(struct td_child *c)
{
    close_pipe(c);
    *c = (struct td_child){.out_fd = -1, .channel_fd = -1};
}
