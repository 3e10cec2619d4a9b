/* tests/support/certificate.c - by OpenSSL. */
#include "support/certificate.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#include "support/support.h"

X509 *certificate_make(EVP_PKEY **made)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    assert_non_null(key);
    *made = key;
    X509 *cert = X509_new();
    X509V3_CTX ctx;
    assert_non_null(cert);
    (void)X509_set_version(cert, 2);
    (void)ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    (void)X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
    (void)X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
    (void)X509_set_pubkey(cert, key);
    (void)X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
                                     (const unsigned char *)"localhost", -1, -1, 0);
    (void)X509_set_issuer_name(cert, X509_get_subject_name(cert));
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
    X509_EXTENSION *names =
        X509V3_EXT_conf_nid(NULL, &ctx, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
    assert_non_null(names);
    assert_true(X509_add_ext(cert, names, -1));
    X509_EXTENSION_free(names);
    assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
    return cert;
}

void certificate_write(const char *cert_file, X509 *cert, const char *key_file, EVP_PKEY *key)
{
    FILE *f = cert_file ? fopen(cert_file, "w") : NULL;
    if (cert_file) {
        assert_non_null(f);
        assert_int_equal(PEM_write_X509(f, cert), 1);
        assert_int_equal(fclose(f), 0);
    }
    f = key_file ? fopen(key_file, "w") : NULL;
    if (key_file) {
        assert_non_null(f);
        assert_int_equal(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL), 1);
        assert_int_equal(fclose(f), 0);
    }
}
