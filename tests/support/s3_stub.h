/* tests/support/s3_stub.h - an object store in memory that believes no request without a right signature.
 *
 * Signature version 4 is computed here from the request as it came, with OpenSSL and apart from libcurl; a body must have
 * the hash it was sent with. Objects and uploads are few and small (bodies are those of https_stub).
 */
#ifndef TD_TESTS_S3_STUB_H
#define TD_TESTS_S3_STUB_H

#include <stdatomic.h>

#include "support/https_stub.h"

#define S3_STUB_KEY    "AKIDEXAMPLE"
#define S3_STUB_SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define S3_STUB_BUCKET "tape-test"

enum { S3_OBJECTS = 64, S3_BYTES = 65536, S3_PARTS_MAX = 32, S3_PAGE = 3 };

struct s3_object {
    char key[512];
    char sha256[80];
    uint8_t *bytes;
    size_t len;
};

struct s3_stub {
    struct https_stub *server;
    struct s3_object objects[S3_OBJECTS];
    size_t count;
    struct { /* the one upload there may be */
        bool open;
        char key[512], sha256[80];
        size_t part_len[S3_PARTS_MAX + 1];
        uint8_t parts[S3_PARTS_MAX + 1][STUB_TEXT];
    } upload;
    /* what happened */
    uint32_t puts, parts, heads, lists, begins, completes, aborts, refused;
    /* what is to happen */
    uint32_t fail_next;        /* so many answers of status 503 */
    uint32_t stop_after_parts; /* then *stop is set */
    atomic_bool *stop;
    bool lose_complete;             /* the answer to the next completion does not arrive */
    const char *token;              /* wanted; NULL none */
    void (*on_part)(uint32_t part); /* called before a part is taken */
    char answer[65536];
};

void s3_stub_open(struct s3_stub *s, const char *ca_file);
void s3_stub_close(struct s3_stub *s);
struct s3_object *s3_stub_find(struct s3_stub *s, const char *key);

#endif
