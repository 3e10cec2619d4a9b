/* sys/child.h - a program we start, hear, and end: without a shell, and never anybody else's process.
 *
 * The child gets exactly the words given, our environment (less what the caller drops), an empty stdin, default signals and a process
 * group of its own (Ctrl-C at the terminal reaches us, and we end the child in order). Its stdout is a pipe
 * to the caller, our stderr, a file, or nowhere. Ending it is SIGTERM to the one pid we started and have not reaped,
 * so the number cannot mean another process. This is the one file that may call kill().
 *
 * One owner. Nothing here waits except td_child_read and td_child_stop, each for the time it is given. A
 * child that outlives its limit is left alone and told. SIGKILL is for one kind alone, the host of a foreign strategy
 * (td_child_end): it holds nothing of value and may spin for ever.
 */
#ifndef TD_SYS_CHILD_H
#define TD_SYS_CHILD_H

#include "base/time.h"

#define TD_CHILD_WORDS_MAX 64

enum td_child_output {
    TD_CHILD_PIPE,      /* read it with td_child_read */
    TD_CHILD_TO_STDERR, /* beside our own messages    */
    TD_CHILD_QUIET,     /* stdout and stderr to /dev/null */
    TD_CHILD_TO_FILE,   /* both to the end of a file of mode 0600: it may outlive us */
};

struct td_child_config {
    const char *const *argv; /* ends with NULL */
    enum td_child_output output;
    const char *file;        /* for TD_CHILD_TO_FILE */
    const char *const *set;  /* "KEY=VALUE" put into its environment; ends with NULL, or NULL */
    const char *const *drop; /* names left out of it (secrets); ends with NULL, or NULL */
    const char *const *only; /* when set: of our environment these names and nothing else */
    bool channel; /* its stdin is one end of a socket, ours is `channel_fd`, which does not block */
};

struct td_child {
    int64_t pid;    /* 0: none was started */
    bool running;   /* as far as the last look knows */
    int status;     /* once ended: exit status, or 128 + signal */
    int channel_fd; /* with a channel: the caller's to close; else -1 */
    /* private */
    int out_fd;
    bool has_pipe;
};

/* Starts argv[0], looked up in PATH when it has no slash; argv ends with NULL. TD_ENOENT, TD_EACCES: no such
 * program, not executable. TD_EFULL: no more processes or files. TD_EIO: anything else. */
TD_MUST_CHECK enum td_err td_child_launch(struct td_child *c, const struct td_child_config *config,
                                          struct td_fail *why);
/* The same with our own environment. */
TD_MUST_CHECK enum td_err td_child_start(struct td_child *c, const char *const *argv,
                                         enum td_child_output output, struct td_fail *why);

/* Cuts a command into words at blanks; '...' and "..." keep blanks, nothing is expanded. The words live in
 * buf[cap]; argv[TD_CHILD_WORDS_MAX + 1] ends with NULL. TD_EINVAL: empty, an open quote, or too long. */
TD_MUST_CHECK enum td_err td_child_words(const char *command, char *buf, size_t cap,
                                         const char **argv, struct td_fail *why);

/* Bytes of the child's stdout, waiting at most `wait` ns for the first. TD_OK with *got > 0; TD_EAGAIN none
 * came in time; TD_ECLOSED the child closed it, or it is no pipe. */
TD_MUST_CHECK enum td_err td_child_read(struct td_child *c, void *buf, size_t cap, td_ns wait,
                                        size_t *got);

/* True while it runs; the look that finds it ended reaps it and fills `status`. Never waits. */
bool td_child_alive(struct td_child *c);

/* Asks it to end (SIGTERM) and waits at most `wait` ns; true when it has ended and been reaped. What it still
 * prints is dropped. Accepts a zeroed or ended child, and a second call. */
bool td_child_stop(struct td_child *c, td_ns wait);

/* Asks it to end (SIGTERM), or makes it end (SIGKILL); does not wait. Nothing happens when it has ended. */
void td_child_end(struct td_child *c, bool hard);

/* Forgets a child that shall go on without us: closes the pipe, sends nothing. */
void td_child_release(struct td_child *c);

#endif
