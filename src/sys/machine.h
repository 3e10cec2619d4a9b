/* sys/machine.h - facts of the machine and of our process that no world simulates: who we are, memory, who may
 * read a file, which program a word means, and whether a person sits at the terminal. Reads only, but for harden. */
#ifndef TD_SYS_MACHINE_H
#define TD_SYS_MACHINE_H

#include "base/text.h"
#include "base/time.h"

/* What every command begins with (reliability section 4): no core dump and no other process may read our memory, where
 * secrets are; what we create is ours alone (umask 077). Children have the first and the last. TD_EIO: refused. */
TD_MUST_CHECK enum td_err td_machine_harden(struct td_fail *why);

/* Our process id, and whether a process with that id exists (also one that is not ours). */
int64_t td_machine_pid(void);
bool td_machine_has_pid(int64_t pid);
/* The first words of a process: its program's name and up to three arguments. False: it cannot be read. */
bool td_machine_command(int64_t pid, char *out, size_t cap);

/* Bytes of memory that can be had without swapping, and of all. TD_ENOENT: the system does not tell. */
TD_MUST_CHECK enum td_err td_machine_memory(uint64_t *available, uint64_t *total);

/* The most memory our process ever had resident, KiB; 0: not known. */
int64_t td_machine_peak_kb(void);

enum td_privacy {
    TD_PRIVACY_NONE,   /* there is no such file                                     */
    TD_PRIVACY_OURS,   /* a regular file of ours that nobody else may read or write */
    TD_PRIVACY_OTHERS, /* another's file, or one that others may read or write      */
};
enum td_privacy td_machine_privacy(const char *path);
/* When a file was last changed, wall clock; 0: not known. */
td_ns td_machine_changed(const char *path);

/* The path of a program: itself when it has a slash and may be run, else the first in PATH. */
bool td_machine_program(const char *word, char *out, size_t cap);

/* True when stdin is a terminal, and a line from it (without its end). False at its end. */
bool td_machine_person(void);
bool td_machine_read_line(char *out, size_t cap);

#endif
