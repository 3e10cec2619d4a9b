/* history/s3.h - an object store that speaks S3: put, head, list, uploads in parts.
 *
 * One request at a time on the calling thread, each signed by libcurl (AWS signature version 4), path-style addresses
 * (https://host/bucket/key), https only. What fails for a while (5xx, 429, a lost connection) is tried again at most
 * TD_S3_TRIES times with doubling waits or as long as the store asks; everything else is told with the store's own code.
 * Every body is sent with its SHA-256, so the store refuses what changed on the way; an object carries the hash of its
 * content as x-amz-meta-sha256. Listings are bounded by the caller. Secrets are not written anywhere.
 *
 * Owner: one thread. Source: docs.aws.amazon.com/AmazonS3/latest/API (PutObject, HeadObject, ListObjectsV2,
 * CreateMultipartUpload, UploadPart, ListParts, CompleteMultipartUpload, AbortMultipartUpload, signing by header).
 */
#ifndef TD_DESK_S3_H
#define TD_DESK_S3_H

#include <stdatomic.h>

#include "sys/world.h"

#define TD_S3_TRIES 5
#define TD_S3_KEY   1024 /* longest key, with its NUL: the store's limit */
#define TD_S3_PARTS 10000
#define TD_S3_HASH  65 /* SHA-256 in hexadecimal, with its NUL */

struct td_s3; /* opaque */

struct td_s3_config {
    struct td_world *world; /* for waiting */
    const char *endpoint;   /* "https://host[:port]"; NULL or "": AWS */
    const char *region, *bucket;
    const char *key, *secret, *token; /* token NULL or "": none */
    const char *ca_file;              /* NULL or "": the system's */
    td_ns first_wait;                 /* before the second try; 0: 1 s. Doubles, at most 30 s */
    const atomic_bool *stop;          /* ends with TD_EAGAIN; or NULL */
};

/* TD_EINVAL: no key, a bucket or an endpoint that cannot be. TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_s3_open(struct td_s3 **out, const struct td_s3_config *config,
                                     struct td_fail *why);
void td_s3_close(struct td_s3 *s);              /* NULL is fine */
uint64_t td_s3_requests(const struct td_s3 *s); /* sent, tries counted */

/* All below: TD_EACCES the store refuses these credentials, TD_ENOENT no such bucket, key or upload, TD_EPROTO an answer
 * that means nothing, and the codes of sys/https.h. */

/* Size and x-amz-meta-sha256 ("" when it has none) of an object. */
TD_MUST_CHECK enum td_err td_s3_head(struct td_s3 *s, const char *key, int64_t *size,
                                     char sha256[TD_S3_HASH], struct td_fail *why);
/* One object whole. */
TD_MUST_CHECK enum td_err td_s3_put(struct td_s3 *s, const char *key, const void *bytes, size_t len,
                                    struct td_fail *why);

/* Return false to stop. `key` is whole, prefix and all. */
typedef bool td_s3_list_fn(void *arg, const char *key, int64_t size);
/* Every object whose key begins with `prefix`, page by page, at most `most` of them (TD_EFULL when there are more). */
TD_MUST_CHECK enum td_err td_s3_list(struct td_s3 *s, const char *prefix, uint64_t most,
                                     td_s3_list_fn *fn, void *arg, struct td_fail *why);

/* A part that is there. */
struct td_s3_part {
    int64_t size; /* 0: not there */
    char etag[80];
};

/* Begins an upload of an object whose content has that hash. */
TD_MUST_CHECK enum td_err td_s3_begin(struct td_s3 *s, const char *key, const char *sha256,
                                      char *upload, size_t cap, struct td_fail *why);
/* Part 1..TD_S3_PARTS; all but the last at least 5 MiB at AWS. */
TD_MUST_CHECK enum td_err td_s3_send_part(struct td_s3 *s, const char *key, const char *upload,
                                          uint32_t number, const void *bytes, size_t len,
                                          struct td_s3_part *out, struct td_fail *why);
/* Parts that are there already: parts[number - 1], 1..count; others are left alone. */
TD_MUST_CHECK enum td_err td_s3_list_parts(struct td_s3 *s, const char *key, const char *upload,
                                           struct td_s3_part *parts, uint32_t count,
                                           struct td_fail *why);
TD_MUST_CHECK enum td_err td_s3_complete(struct td_s3 *s, const char *key, const char *upload,
                                         const struct td_s3_part *parts, uint32_t count,
                                         struct td_fail *why);
TD_MUST_CHECK enum td_err td_s3_abort(struct td_s3 *s, const char *key, const char *upload,
                                      struct td_fail *why);

/* SHA-256 in lower-case hexadecimal. */
void td_s3_hash(const void *bytes, size_t len, char out[TD_S3_HASH]);

#endif
