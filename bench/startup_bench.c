/* bench/startup_bench.c - milliseconds from posix_spawn to the end of `PROGRAM --version`: startup_bench PROGRAM */
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "bench_row.h"

enum { RUNS = 20 };

extern char **environ;

static double run_once(char *program, char *word)
{
    posix_spawn_file_actions_t files;
    char *argv[] = {program, word, NULL};
    pid_t pid;
    int status = 1;
    (void)posix_spawn_file_actions_init(&files);
    (void)posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    const double start = bench_seconds();
    if (posix_spawn(&pid, program, &files, NULL, argv, environ) != 0 ||
        waitpid(pid, &status, 0) != pid || status != 0) {
        (void)fprintf(stderr, "startup_bench: %s %s failed\n", program, word ? word : "");
        exit(EXIT_FAILURE);
    }
    const double spent = bench_seconds() - start;
    (void)posix_spawn_file_actions_destroy(&files);
    return spent * 1e3;
}

int main(int argc, char **argv)
{
    static char version[] = "--version", truth[] = "/bin/true";
    double ours[RUNS], floor_ms[RUNS];
    char note[120];
    if (argc != 2) {
        (void)fprintf(stderr, "startup_bench PROGRAM\n");
        return EXIT_FAILURE;
    }
    (void)run_once(argv[1], version);
    for (int i = 0; i < RUNS; i++) { /* in turns, so that both see the same machine */
        ours[i] = run_once(argv[1], version);
        floor_ms[i] = run_once(truth, NULL);
    }
    const double value = bench_quantile(ours, RUNS, 0.5);
    const double yard = bench_quantile(floor_ms, RUNS, 0.5);
    (void)snprintf(note, sizeof note,
                   "median of %d, %.2f to %.2f ms; /bin/true takes %.2f ms; limit 10 ms", RUNS,
                   ours[0], ours[RUNS - 1], yard);
    printf("start-up to --version: %.2f ms (%s)\n", value, note);
    const struct bench_row row = {
        "start-up to --version", value, "ms", "/bin/true", yard / value, note};
    bench_row(&row);
    return EXIT_SUCCESS;
}
