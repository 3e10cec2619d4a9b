/* tests/dash/keeper_test.c - who may ask what: a matrix of every kind of request, logins, nonces, wrong tokens. */
#include "dash/keeper.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "support/support.h"

#define PORT 5555

static const char read_token[] = "1111111111111111111111111111111111111111111111111111111111111111";
static const char trade_token[] =
    "2222222222222222222222222222222222222222222222222222222222222222";
static const char *const names[] = {"desk.example", "proxy.example:443", NULL};

static void count_up(void *arg, void *out, size_t len)
{
    uint8_t *next = arg;
    memset(out, ++*next, len);
}

static uint8_t random_state;

static void open_keeper(struct td_keeper *k, const char *host, bool tls)
{
    struct td_keeper_config c = {.host = host,
                                 .port = PORT,
                                 .tls = tls,
                                 .names = names,
                                 .random = count_up,
                                 .random_arg = &random_state};
    random_state = 0;
    memcpy(c.read, read_token, sizeof read_token);
    memcpy(c.trade, trade_token, sizeof trade_token);
    TD_OK_OR_FAIL(td_keeper_init(k, &c, NULL));
}

/* --- the matrix --- */

enum word { NONE, BAD, READ, TRADE, IN_URL, WORDS };
enum from { ABSENT, SAME, OTHER, NULL_ORIGIN, WRONG_SCHEME, FROMS };

static const struct host {
    const char *text;
    bool good, local;
} hosts[] = {
    {"localhost:5555", true, true},
    {"127.0.0.1:5555", true, true},
    {"[::1]:5555", true, true},
    {"LOCALHOST:5555", true, true},
    {"desk.example", true, false},
    {"desk.example:5555", true, false},
    {"proxy.example:443", true, false},
    {"proxy.example:444", false, false},
    {"localhost:80", false, false},
    {"localhost", false, false},
    {"evil.example:5555", false, false},
    {"localhost:5555.evil.example", false, false},
    {"127.0.0.1:5555,evil", false, false},
    {"", false, false},
    {":5555", false, false},
};

static const char *const types[] = {"application/json", "application/json; charset=utf-8",
                                    "text/plain", "application/x-www-form-urlencoded", ""};
static const char *const sites[] = {"", "same-origin", "none", "cross-site", "same-site"};

/* The same rules once more, written the other way round: everything that must hold for a 200. */
static bool should_pass(const struct td_keeper *k, enum td_access access, const struct td_asker *a,
                        const struct host *h, enum word word, enum from from)
{
    const bool post = a->method == TD_METHOD_POST;
    const bool guarded = post || a->socket || access != TD_ACCESS_OPEN;
    const bool elsewhere =
        td_str_is(a->fetch_site, "cross-site") || td_str_is(a->fetch_site, "same-site");
    const bool origin_fits = from == SAME || from == ABSENT;
    const bool bearer = word == READ || word == TRADE || word == BAD;
    const bool may_read = word == READ || word == TRADE || (k->loopback && h->local);
    if (!h->good || word == BAD || (guarded && (elsewhere || !origin_fits)))
        return false;
    if (post && ((from == ABSENT && !bearer) ||
                 !td_str_starts(a->content_type, "application/json") || !td_str_is(a->marker, "1")))
        return false;
    if (access == TD_ACCESS_TRADE)
        return post && word == TRADE;
    return access == TD_ACCESS_OPEN || may_read;
}

struct tally {
    int requests, passed, unexpected;
};

static void try_one(struct td_keeper *k, enum td_access access, struct td_asker *a,
                    const struct host *h, enum word word, enum from from, struct tally *t)
{
    static const char *const bearers[] = {
        [NONE] = "", [BAD] = "Bearer 3333", [READ] = NULL, [TRADE] = NULL, [IN_URL] = ""};
    char origin[80] = "", bearer[90];
    struct td_judgement v;
    const char *scheme = k->config.tls || !h->local ? "https" : "http";
    if (from == SAME)
        (void)snprintf(origin, sizeof origin, "%s://%s", scheme, h->text);
    else if (from == WRONG_SCHEME)
        (void)snprintf(origin, sizeof origin, "%s://%s", k->config.tls ? "http" : "ftp", h->text);
    else if (from != ABSENT)
        (void)snprintf(origin, sizeof origin, "%s",
                       from == OTHER ? "https://evil.example" : "null");
    (void)snprintf(bearer, sizeof bearer, "%s%s", bearers[word] ? bearers[word] : "Bearer ",
                   bearers[word]  ? ""
                   : word == READ ? read_token
                                  : trade_token);
    a->host = td_str_of(h->text);
    a->origin = td_str_of(origin);
    a->authorization = td_str_of(bearer);
    a->peer = td_str_of("192.0.2.1");
    td_keeper_judge(k, access, a, (td_ns)t->requests * TD_MIN, &v);
    t->requests++;
    t->passed += v.status == 200;
    if ((v.status == 200) != should_pass(k, access, a, h, word, from)) {
        t->unexpected++;
        print_error(
            "%d: access %d post %d socket %d host %s word %d origin %s type %s marker %s site %s\n",
            v.status, access, a->method, a->socket, h->text, word, origin, a->content_type.p,
            a->marker.p, a->fetch_site.p);
    }
    assert_true(v.status >= 200 && v.status < 500 && (v.status == 200 || v.reason[0]));
}

static void try_words(struct td_keeper *k, enum td_access access, struct td_asker *a,
                      struct tally *t)
{
    for (size_t h = 0; h < TD_COUNT(hosts); h++)
        for (int word = 0; word < WORDS; word++)
            for (int from = 0; from < FROMS; from++)
                try_one(k, access, a, &hosts[h], (enum word)word, (enum from)from, t);
}

static void try_forms(struct td_keeper *k, struct tally *t)
{
    static const char *const markers[] = {"1", "", "0"};
    for (int access = TD_ACCESS_OPEN; access <= TD_ACCESS_TRADE; access++)
        for (int form = 0; form < 3; form++) /* GET, GET to a socket, POST */
            for (size_t site = 0; site < TD_COUNT(sites); site++)
                for (size_t type = 0; type < TD_COUNT(types); type++)
                    for (size_t marker = 0; marker < TD_COUNT(markers); marker++) {
                        struct td_asker a = {.method = form == 2 ? TD_METHOD_POST : TD_METHOD_GET,
                                             .socket = form == 1,
                                             .fetch_site = td_str_of(sites[site]),
                                             .content_type = td_str_of(types[type]),
                                             .marker = td_str_of(markers[marker])};
                        try_words(k, (enum td_access)access, &a, t);
                    }
}

static void the_matrix(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        bool tls;
    } binds[] = {{"127.0.0.1", false}, {"127.0.0.1", true}, {"0.0.0.0", true}, {"192.0.2.7", true}};
    struct tally t = {0};
    for (size_t i = 0; i < TD_COUNT(binds); i++) {
        static struct td_keeper k;
        open_keeper(&k, binds[i].host, binds[i].tls);
        try_forms(&k, &t);
    }
    print_message("%d requests, %d passed, %d unexpected\n", t.requests, t.passed, t.unexpected);
    assert_int_equal(t.unexpected, 0);
    assert_true(t.requests > 500000 / 2 && t.passed > 0);
}

/* --- one by one --- */

static struct td_asker page(const char *method)
{
    return (struct td_asker){.method = method[0] == 'P' ? TD_METHOD_POST : TD_METHOD_GET,
                             .host = td_str_of("localhost:5555"),
                             .origin = td_str_of("http://localhost:5555"),
                             .fetch_site = td_str_of("same-origin"),
                             .content_type = td_str_of("application/json"),
                             .marker = td_str_of("1"),
                             .peer = td_str_of("127.0.0.1")};
}

static int judge(struct td_keeper *k, enum td_access access, const struct td_asker *a, td_ns mono)
{
    struct td_judgement v;
    td_keeper_judge(k, access, a, mono, &v);
    return v.status;
}

static void refused_by_name(void **state)
{
    (void)state;
    static struct td_keeper k;
    struct td_asker a = page("POST");
    open_keeper(&k, "127.0.0.1", false);
    assert_int_equal(judge(&k, TD_ACCESS_TRADE, &a, 0), 401); /* loopback is no token */
    a.host = td_str_of("evil.example:5555");
    assert_int_equal(judge(&k, TD_ACCESS_OPEN, &a, 0), 421);
    a = page("GET");
    a.host = td_str_of("localhost:8765");
    a.origin = td_str_of("");
    assert_int_equal(judge(&k, TD_ACCESS_READ, &a, 0), 421);
    k.config.other_port = 8765;
    assert_int_equal(judge(&k, TD_ACCESS_READ, &a, 0), 200);
    a = page("POST");
    a.content_type = td_str_of("text/plain");
    assert_int_equal(judge(&k, TD_ACCESS_TRADE, &a, 0), 415);
    a = page("GET");
    assert_int_equal(judge(&k, TD_ACCESS_TRADE, &a, 0), 405);
    open_keeper(&k, "192.0.2.7", true);
    a.origin = td_str_of("");
    a.host = td_str_of("192.0.2.7:5555");
    assert_int_equal(judge(&k, TD_ACCESS_READ, &a, 0), 401);
    assert_int_equal(judge(&k, TD_ACCESS_OPEN, &a, 0), 200);
}

static void logins_end(void **state)
{
    (void)state;
    static struct td_keeper k;
    struct td_asker a = page("POST");
    char cookie[192], sent[100];
    bool trade = false;
    open_keeper(&k, "127.0.0.1", false);
    assert_int_equal(td_keeper_login(&k, &a, td_str_of(trade_token), td_str_of(""), 0, cookie,
                                     sizeof cookie, &trade),
                     200);
    assert_true(trade);
    assert_non_null(strstr(cookie, "; HttpOnly; SameSite=Strict;"));
    assert_null(strstr(cookie, trade_token));
    (void)snprintf(sent, sizeof sent, "a=b; %.*s", (int)strcspn(cookie, ";"), cookie);
    a.cookie = td_str_of(sent);
    assert_int_equal(judge(&k, TD_ACCESS_TRADE, &a, TD_KEEPER_TRADE - 1), 200);
    assert_int_equal(judge(&k, TD_ACCESS_TRADE, &a, TD_KEEPER_TRADE), 403);
    td_keeper_logout(&k, &a, cookie, sizeof cookie);
    assert_int_equal(judge(&k, TD_ACCESS_TRADE, &a, 1), 401);
    assert_non_null(strstr(cookie, "Max-Age=0"));

    assert_int_equal(td_keeper_login(&k, &a, td_str_of(read_token), td_str_of(""), 0, cookie,
                                     sizeof cookie, &trade),
                     200);
    assert_false(trade);
    for (int i = 0; i < 3 * TD_KEEPER_SESSIONS; i++) /* the oldest gives way */
        assert_int_equal(td_keeper_login(&k, &a, td_str_of(read_token), td_str_of(""), i, cookie,
                                         sizeof cookie, &trade),
                         200);
    assert_int_equal(
        td_keeper_login(&k, &a, td_str_of(""), td_str_of(""), 0, cookie, sizeof cookie, &trade),
        401);
}

static void wrong_words_are_counted(void **state)
{
    (void)state;
    static struct td_keeper k;
    struct td_asker a = page("GET");
    open_keeper(&k, "127.0.0.1", false);
    a.authorization = td_str_of("Bearer 1234");
    for (int i = 0; i < TD_KEEPER_FAILURES; i++)
        assert_int_equal(judge(&k, TD_ACCESS_READ, &a, i), 401);
    assert_int_equal(judge(&k, TD_ACCESS_READ, &a, 11), 429);
    a.peer = td_str_of("127.9.9.9"); /* the same machine */
    assert_int_equal(judge(&k, TD_ACCESS_READ, &a, 12), 429);
    char good[90];
    (void)snprintf(good, sizeof good, "Bearer %s", read_token);
    struct td_asker owner = a;
    owner.authorization = td_str_of(good); /* nobody locks the owner out */
    assert_int_equal(judge(&k, TD_ACCESS_READ, &owner, 13), 200);
    a.peer = td_str_of("192.0.2.5");
    assert_int_equal(judge(&k, TD_ACCESS_READ, &a, 14), 401);
    a.peer = td_str_of("127.0.0.1");
    assert_int_equal(judge(&k, TD_ACCESS_READ, &a, TD_MIN + 20), 401);
}

static void a_password_is_not_tried_when_limited(void **state)
{
    (void)state;
    static struct td_keeper k;
    struct td_asker a = page("POST");
    char hash[crypto_pwhash_STRBYTES], cookie[192];
    bool trade;
    open_keeper(&k, "127.0.0.1", false);
    assert_int_equal(
        crypto_pwhash_str(hash, "tape", 4, crypto_pwhash_OPSLIMIT_MIN, crypto_pwhash_MEMLIMIT_MIN),
        0);
    k.config.password_hash = hash;
    assert_int_equal(
        td_keeper_login(&k, &a, td_str_of(""), td_str_of("tape"), 0, cookie, sizeof cookie, &trade),
        200);
    assert_true(trade);
    for (int i = 0; i < TD_KEEPER_FAILURES; i++)
        assert_int_equal(td_keeper_login(&k, &a, td_str_of(""), td_str_of("deck"), 1, cookie,
                                         sizeof cookie, &trade),
                         401);
    assert_int_equal(
        td_keeper_login(&k, &a, td_str_of(""), td_str_of("tape"), 2, cookie, sizeof cookie, &trade),
        429);
    assert_int_equal(td_keeper_login(&k, &a, td_str_of(""), td_str_of("tape"), 2 + TD_MIN, cookie,
                                     sizeof cookie, &trade),
                     200);
}

static void nonces_are_good_once(void **state)
{
    (void)state;
    static struct td_keeper k;
    char nonce[TD_KEEPER_TOKEN / 2 + 1];
    open_keeper(&k, "127.0.0.1", false);
    td_keeper_nonce(&k, "resume", 0, nonce);
    assert_true(td_keeper_spend(&k, td_str_of(nonce), "resume", TD_KEEPER_NONCE - 1));
    assert_false(td_keeper_spend(&k, td_str_of(nonce), "resume", 1));
    td_keeper_nonce(&k, "resume", 0, nonce);
    assert_false(td_keeper_spend(&k, td_str_of(nonce), "flatten", 1)); /* and gone */
    assert_false(td_keeper_spend(&k, td_str_of(nonce), "resume", 1));
    td_keeper_nonce(&k, "resume", 0, nonce);
    assert_false(td_keeper_spend(&k, td_str_of(nonce), "resume", TD_KEEPER_NONCE));
    assert_false(td_keeper_spend(&k, td_str_of(""), "resume", 0));
}

static void what_may_not_be_served(void **state)
{
    (void)state;
    static struct td_keeper k;
    struct td_keeper_config c = {
        .host = "0.0.0.0", .port = PORT, .random = count_up, .random_arg = &random_state};
    struct td_fail why = {0};
    char file[200];
    struct td_text t;
    td_text_init(&t, file, sizeof file);
    assert_int_equal(td_keeper_init(&k, &c, &why), TD_EINVAL);
    assert_non_null(strstr(why.text, "DASH_TLS_CERT"));
    c.tls = true;
    assert_int_equal(td_keeper_init(&k, &c, &why), TD_EINVAL);
    assert_non_null(strstr(why.text, "dash_tokens.json"));
    td_keeper_tokens_make(&c, &t);
    TD_OK_OR_FAIL(td_keeper_init(&k, &c, &why));
    struct td_keeper_config read = {0};
    TD_OK_OR_FAIL(td_keeper_tokens_read(td_str_of(file), &read));
    assert_string_equal(read.trade, c.trade);
    assert_int_equal(td_keeper_tokens_read(td_str_of("{\"read\":\"12\",\"trade\":\"34\"}"), &read),
                     TD_EPARSE);
    assert_int_equal(td_keeper_tokens_read(td_str_of(""), &read), TD_EPARSE);
    c.password_hash = "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8";
    assert_int_equal(td_keeper_init(&k, &c, &why), TD_EINVAL);
    assert_true(td_keeper_is_loopback("127.0.0.2") && td_keeper_is_loopback("::1") &&
                !td_keeper_is_loopback("10.0.0.1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_matrix),
        cmocka_unit_test(refused_by_name),
        cmocka_unit_test(logins_end),
        cmocka_unit_test(wrong_words_are_counted),
        cmocka_unit_test(a_password_is_not_tried_when_limited),
        cmocka_unit_test(nonces_are_good_once),
        cmocka_unit_test(what_may_not_be_served),
    };
    return cmocka_run_group_tests_name("keeper", tests, NULL, NULL);
}
