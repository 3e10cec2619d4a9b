/* tests/support/certificate.h - certificates that sign themselves, for TLS servers of the tests. */
#ifndef TD_TESTS_CERTIFICATE_H
#define TD_TESTS_CERTIFICATE_H

#include <openssl/evp.h>
#include <openssl/x509.h>

/* For localhost and 127.0.0.1, a day long; *key is new. Both are the caller's to free. */
X509 *certificate_make(EVP_PKEY **key);
/* PEM files; either path may be NULL. */
void certificate_write(const char *cert_file, X509 *cert, const char *key_file, EVP_PKEY *key);

#endif
