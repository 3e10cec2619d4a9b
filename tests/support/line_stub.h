/* tests/support/line_stub.h - a server on loopback that speaks HTTP or SMTP as plainly as a test needs it, or misbehaves.
 *
 * One connection at a time, on a thread of its own. What was said to it is kept, for looking at after line_stub_close.
 */
#ifndef TD_TESTS_LINE_STUB_H
#define TD_TESTS_LINE_STUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum line_stub_manner {
    LINE_STUB_GOOD,    /* answers                                      */
    LINE_STUB_REFUSES, /* HTTP 403, SMTP 550: for good                 */
    LINE_STUB_BUSY,    /* HTTP 503, SMTP 451: for now                  */
    LINE_STUB_CLOSES,  /* hangs up at once                             */
    LINE_STUB_HANGS,   /* takes everything, says nothing               */
    LINE_STUB_STALLS,  /* the same, but a mail is taken and not confirmed */
    LINE_STUB_MOVED,   /* HTTP 302 to itself                           */
};

struct line_stub; /* opaque */

/* `smtp`: the greeting is ours. Fails the test when it cannot listen. */
struct line_stub *line_stub_open(bool smtp, enum line_stub_manner manner);
uint16_t line_stub_port(const struct line_stub *s);
/* Connections so far. */
uint32_t line_stub_visits(const struct line_stub *s);
/* Everything that was said to it, ended by NUL; only when nobody is talking to it. */
const char *line_stub_heard(const struct line_stub *s);
void line_stub_close(struct line_stub *s); /* NULL is fine */

#endif
