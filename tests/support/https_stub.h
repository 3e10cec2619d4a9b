/* tests/support/https_stub.h - an HTTPS server on loopback that answers as a table of the test says.
 *
 * Makes its own certificate (for localhost and 127.0.0.1) and writes it to `ca_file` for the client to trust. One thread
 * accepts, one thread serves each connection, requests one after another. `answer` is called from those threads, one
 * at a time (the stub holds a lock), with the request read whole.
 */
#ifndef TD_TESTS_HTTPS_STUB_H
#define TD_TESTS_HTTPS_STUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STUB_TEXT 8192

struct stub_request {
    char method[8], path[256];
    char query[2048]; /* behind '?', as it came */
    char body[STUB_TEXT];
    char headers[STUB_TEXT]; /* all header lines, as they came */
    size_t body_len;
};

struct stub_answer {
    int status;
    const char *headers; /* further lines, each with \r\n; NULL none */
    const void *body;
    size_t len;
    size_t cut;   /* ends the connection after so many bytes of the body; 0: does not */
    int stall_ms; /* waits before the body */
    bool chunked; /* no Content-Length: the end is told by the last chunk */
    bool no_body; /* len is told and nothing follows: set by the stub for HEAD */
};

typedef void stub_fn(void *arg, const struct stub_request *request, struct stub_answer *answer);

struct https_stub; /* opaque */

/* Listens on a free port. Fails the test when it cannot. */
struct https_stub *https_stub_open(const char *ca_file, stub_fn *answer, void *arg);
uint16_t https_stub_port(const struct https_stub *s);
uint32_t https_stub_requests(struct https_stub *s);
/* Ends and joins everything. NULL is fine. */
void https_stub_close(struct https_stub *s);

/* The value of "key" in a query or form, unescaped; false when it is not there. */
bool stub_value(const char *form, const char *key, char *out, size_t cap);
/* The value of a header line; false when it is not there. */
bool stub_header(const struct stub_request *request, const char *name, char *out, size_t cap);

#endif
