/* dash/keeper.c - the order of the checks is the order of harm: Host, origin, form, token, scope. */
#include "dash/keeper.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/flatjson.h"

static void make_id(struct td_keeper_config *c, char *out, size_t chars)
{
    uint8_t bytes[TD_KEEPER_TOKEN / 2];
    c->random(c->random_arg, bytes, chars / 2);
    (void)sodium_bin2hex(out, chars + 1, bytes, chars / 2);
    sodium_memzero(bytes, sizeof bytes);
}

/* Whether two words of `chars` are equal, in a time that does not depend on where they differ. */
static bool same_word(struct td_str said, const char *known, size_t chars)
{
    return known[0] && said.len == chars && sodium_memcmp(said.p, known, chars) == 0;
}

static bool same_text(struct td_str a, struct td_str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        const char x = a.p[i], y = b.p[i];
        const char x_low = x >= 'A' && x <= 'Z' ? (char)(x + 32) : x;
        const char y_low = y >= 'A' && y <= 'Z' ? (char)(y + 32) : y;
        if (x_low != y_low)
            return false;
    }
    return true;
}

/* --- Host and Origin --- */

bool td_keeper_is_loopback(const char *host)
{
    const struct td_str h = td_str_of(host);
    return td_str_is(h, "localhost") || td_str_is(h, "::1") || td_str_is(h, "[::1]") ||
           td_str_starts(h, "127.");
}

/* Cuts ":1234" off; 0: there is none; -1: it is no port. */
static int64_t cut_port(struct td_str *host)
{
    int64_t port;
    size_t at = host->len;
    while (at > 0 && host->p[at - 1] != ':' && host->p[at - 1] != ']')
        at--;
    if (at == 0 || host->p[at - 1] == ']')
        return 0;
    if (td_i64_parse(host->p + at, host->len - at, &port) != TD_OK || port < 1 || port > 65535)
        return -1;
    host->len = at - 1;
    return port;
}

static bool is_ours(struct td_str name)
{
    return same_text(name, td_str_of("localhost")) || td_str_is(name, "127.0.0.1") ||
           td_str_is(name, "[::1]");
}

/* The Host is one of the list, with the right port. *local: one that means this machine. */
static bool host_allowed(const struct td_keeper *k, struct td_str host, bool *local)
{
    struct td_str name = host;
    const int64_t told = cut_port(&name);
    const int64_t port = told ? told : k->config.tls ? 443 : 80;
    *local = is_ours(name);
    for (const char *const *n = k->config.names; n && *n; n++) {
        struct td_str entry = td_str_of(*n);
        const bool with_port = cut_port(&entry) > 0;
        if (with_port ? same_text(host, td_str_of(*n))
                      : same_text(name, entry) && (!told || told == k->config.port))
            return true;
    }
    return (port == k->config.port || (port == k->config.other_port && port)) &&
           (*local || same_text(name, td_str_of(k->config.host)));
}

/* The page that asks is ours: scheme and Host of the request itself. Behind a proxy of TLS the scheme may be https. */
static bool same_origin(const struct td_keeper *k, const struct td_asker *a, bool local)
{
    struct td_str o = a->origin;
    const bool secure = td_str_starts(o, "https://");
    if (!secure && (k->config.tls || !td_str_starts(o, "http://")))
        return false;
    if (secure && !k->config.tls && local)
        return false;
    const size_t scheme = secure ? 8 : 7;
    return same_text((struct td_str){o.p + scheme, o.len - scheme}, a->host);
}

/* --- tokens --- */

static struct td_keeper_peer *find_peer(struct td_keeper *k, struct td_str address, td_ns mono)
{
    struct td_keeper_peer *oldest = &k->peers[0];
    if (td_str_starts(address, "127."))
        address = td_str_of("127.0.0.1");
    for (size_t i = 0; i < TD_KEEPER_PEERS; i++) {
        struct td_keeper_peer *p = &k->peers[i];
        if (p->failures && td_str_is(address, p->address)) {
            if (mono - p->since >= TD_MIN)
                p->failures = 0;
            return p;
        }
        if (!p->failures || (oldest->failures && p->since < oldest->since))
            oldest = p;
    }
    oldest->failures = 0;
    (void)td_str_copy(address, oldest->address, sizeof oldest->address);
    return oldest;
}

static bool is_limited(struct td_keeper *k, struct td_str address, td_ns mono)
{
    return find_peer(k, address, mono)->failures >= TD_KEEPER_FAILURES;
}

static void count_failure(struct td_keeper *k, struct td_str address, td_ns mono)
{
    struct td_keeper_peer *p = find_peer(k, address, mono);
    if (!p->failures)
        p->since = mono;
    p->failures++;
}

static bool take_token(const struct td_keeper *k, struct td_str token, struct td_judgement *v)
{
    const bool trade = same_word(token, k->config.trade, TD_KEEPER_TOKEN);
    const bool read = same_word(token, k->config.read, TD_KEEPER_TOKEN);
    v->trade |= trade;
    v->read |= trade || read;
    return trade || read;
}

/* The session whose id the cookie holds; NULL: none. */
static struct td_keeper_session *find_session(struct td_keeper *k, struct td_str cookie)
{
    struct td_str part;
    while (td_str_split(&cookie, ';', &part)) {
        part = td_str_trim(part);
        if (!td_str_starts(part, "tapedeck="))
            continue;
        const struct td_str id = {part.p + 9, part.len - 9};
        for (size_t i = 0; i < TD_KEEPER_SESSIONS; i++)
            if (same_word(id, k->sessions[i].id, TD_KEEPER_TOKEN))
                return &k->sessions[i];
    }
    return NULL;
}

static void take_session(struct td_keeper *k, struct td_str cookie, td_ns mono,
                         struct td_judgement *v)
{
    struct td_keeper_session *s = find_session(k, cookie);
    if (!s)
        return; /* of an earlier start: as if there were none */
    if (mono - s->since >= TD_KEEPER_READ) {
        memset(s, 0, sizeof *s);
        return;
    }
    v->read = true;
    v->trade |= s->trade && mono - s->since < TD_KEEPER_TRADE;
}

/* False: a Bearer was said and is wrong; the verdict is made. */
static bool take_words(struct td_keeper *k, const struct td_asker *a, td_ns mono,
                       struct td_judgement *v)
{
    take_session(k, a->cookie, mono, v);
    if (!a->authorization.len)
        return true;
    if (td_str_starts(a->authorization, "Bearer ") &&
        take_token(k, (struct td_str){a->authorization.p + 7, a->authorization.len - 7}, v))
        return true;
    const bool limited = is_limited(k, a->peer, mono);
    count_failure(k, a->peer, mono);
    *v = limited ? (struct td_judgement){.status = 429,
                                         .reason = "too many wrong tokens; wait a minute"}
                 : (struct td_judgement){.status = 401, .reason = "the token is wrong"};
    return false;
}

/* --- the verdict --- */

static bool is_json(struct td_str type)
{
    struct td_str head = {0};
    (void)td_str_split(&type, ';', &head);
    return same_text(td_str_trim(head), td_str_of("application/json"));
}

static bool from_elsewhere(const struct td_asker *a)
{
    return a->fetch_site.len && !td_str_is(a->fetch_site, "same-origin") &&
           !td_str_is(a->fetch_site, "none");
}

/* What the form of a request is refused with; 0: it may pass. */
static int judge_form(const struct td_keeper *k, enum td_access access, const struct td_asker *a,
                      bool local, const char **reason)
{
    const bool guarded = a->method == TD_METHOD_POST || a->socket || access != TD_ACCESS_OPEN;
    *reason = "a page of another site asks";
    if (guarded && (from_elsewhere(a) || (a->origin.len && !same_origin(k, a, local))))
        return 403;
    if (a->method != TD_METHOD_POST)
        return access == TD_ACCESS_TRADE ? 405 : 0; /* GET never changes anything */
    *reason = "without Origin a Bearer token is needed";
    if (!a->origin.len && !td_str_starts(a->authorization, "Bearer "))
        return 403;
    *reason = "Content-Type must be application/json";
    if (!is_json(a->content_type))
        return 415;
    *reason = "the header X-Tapedeck: 1 is needed";
    return td_str_is(a->marker, "1") ? 0 : 403;
}

void td_keeper_judge(struct td_keeper *k, enum td_access access, const struct td_asker *a,
                     td_ns mono, struct td_judgement *out)
{
    bool local;
    *out = (struct td_judgement){.status = 421, .reason = "this server is not that host"};
    if (!host_allowed(k, a->host, &local))
        return;
    out->status = judge_form(k, access, a, local, &out->reason);
    if (out->status || !take_words(k, a, mono, out))
        return;
    const bool open = k->loopback && local && access != TD_ACCESS_TRADE;
    out->read |= open;
    out->status = 200;
    out->reason = "";
    if (access == TD_ACCESS_OPEN || (access == TD_ACCESS_READ ? out->read : out->trade))
        return;
    out->status = out->read ? 403 : 401;
    out->reason = out->read ? "the trade token is needed (dash_tokens.json in the state folder)"
                            : "a token is needed (dash_tokens.json in the state folder)";
}

/* --- logins --- */

static void open_session(struct td_keeper *k, bool trade, td_ns mono, char *out, size_t cap)
{
    struct td_keeper_session *s = &k->sessions[0];
    for (size_t i = 0; i < TD_KEEPER_SESSIONS && s->id[0]; i++)
        if (!k->sessions[i].id[0] || k->sessions[i].since < s->since)
            s = &k->sessions[i];
    make_id(&k->config, s->id, TD_KEEPER_TOKEN);
    s->trade = trade;
    s->since = mono;
    (void)snprintf(out, cap, "tapedeck=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%lld%s",
                   s->id, (long long)(TD_KEEPER_READ / TD_SEC), k->config.tls ? "; Secure" : "");
}

static bool password_fits(const struct td_keeper *k, struct td_str password)
{
    return k->config.password_hash && k->config.password_hash[0] && password.len > 0 &&
           crypto_pwhash_str_verify(k->config.password_hash, password.p, password.len) == 0;
}

int td_keeper_login(struct td_keeper *k, const struct td_asker *a, struct td_str token,
                    struct td_str password, td_ns mono, char *out, size_t cap, bool *trade)
{
    struct td_judgement v = {0};
    const bool limited = is_limited(k, a->peer, mono);
    if (!take_token(k, token, &v) && (limited || !password_fits(k, password))) {
        count_failure(k, a->peer, mono);
        return limited ? 429 : 401;
    }
    *trade = v.trade || !v.read; /* the password is a person's, and opens all */
    open_session(k, *trade, mono, out, cap);
    return 200;
}

void td_keeper_logout(struct td_keeper *k, const struct td_asker *a, char *out, size_t cap)
{
    struct td_keeper_session *s = find_session(k, a->cookie);
    if (s)
        memset(s, 0, sizeof *s);
    (void)snprintf(out, cap, "tapedeck=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
}

/* --- nonces --- */

void td_keeper_nonce(struct td_keeper *k, const char *action, td_ns mono, char *out)
{
    struct td_keeper_nonce *n = &k->nonces[0];
    for (size_t i = 0; i < TD_KEEPER_NONCES && n->id[0]; i++)
        if (!k->nonces[i].id[0] || k->nonces[i].since < n->since)
            n = &k->nonces[i];
    make_id(&k->config, n->id, TD_KEEPER_TOKEN / 2);
    (void)snprintf(n->action, sizeof n->action, "%s", action);
    n->since = mono;
    memcpy(out, n->id, sizeof n->id);
}

bool td_keeper_spend(struct td_keeper *k, struct td_str nonce, const char *action, td_ns mono)
{
    for (size_t i = 0; i < TD_KEEPER_NONCES; i++) {
        struct td_keeper_nonce *n = &k->nonces[i];
        if (!same_word(nonce, n->id, TD_KEEPER_TOKEN / 2))
            continue;
        const bool good = strcmp(n->action, action) == 0 && mono - n->since < TD_KEEPER_NONCE;
        memset(n, 0, sizeof *n); /* once, right or wrong */
        return good;
    }
    return false;
}

/* --- opening --- */

static bool is_token(const char *token)
{
    return strlen(token) == TD_KEEPER_TOKEN && strspn(token, "0123456789abcdef") == TD_KEEPER_TOKEN;
}

enum td_err td_keeper_init(struct td_keeper *k, const struct td_keeper_config *config,
                           struct td_fail *why)
{
    memset(k, 0, sizeof *k);
    k->config = *config;
    k->loopback = td_keeper_is_loopback(config->host);
    if (sodium_init() < 0)
        return td_fail_set(why, TD_ENOMEM, "libsodium does not start");
    if (!k->loopback && !config->tls)
        return td_fail_set(
            why, TD_EINVAL,
            "dashboard address %s is not this machine alone: it needs DASH_TLS_CERT and "
            "DASH_TLS_KEY, or stay on 127.0.0.1 behind a proxy that has them",
            config->host);
    if (!is_token(config->read) || !is_token(config->trade) ||
        strcmp(config->read, config->trade) == 0)
        return td_fail_set(why, TD_EINVAL,
                           "dash_tokens.json does not hold two tokens of %d hex digits: remove it, "
                           "and new ones are made",
                           TD_KEEPER_TOKEN);
    if (config->password_hash && config->password_hash[0] &&
        !td_str_starts(td_str_of(config->password_hash), "$argon2id$"))
        return td_fail_set(
            why, TD_EINVAL,
            "DASH_PASS_HASH is no Argon2id hash: tapedeck dash --hash-password makes one");
    return TD_OK;
}

enum td_err td_keeper_tokens_read(struct td_str text, struct td_keeper_config *out)
{
    struct td_flatjson f;
    struct td_flatjson_pair p;
    enum td_err err;
    bool fits = true;
    out->read[0] = out->trade[0] = '\0';
    td_flatjson_init(&f, td_str_trim(text));
    while ((err = td_flatjson_next(&f, &p)) == TD_OK) {
        if (td_str_is(p.key, "read"))
            fits &= td_str_copy(p.value, out->read, sizeof out->read);
        else if (td_str_is(p.key, "trade"))
            fits &= td_str_copy(p.value, out->trade, sizeof out->trade);
    }
    return err == TD_ENODATA && fits && is_token(out->read) && is_token(out->trade) ? TD_OK
                                                                                    : TD_EPARSE;
}

enum td_err td_keeper_hash(struct td_str password, char *out)
{
    _Static_assert(TD_KEEPER_HASH >= crypto_pwhash_STRBYTES, "the hash fits");
    return sodium_init() < 0 || crypto_pwhash_str(out, password.p, password.len,
                                                  crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                                  crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0
               ? TD_ENOMEM
               : TD_OK;
}

void td_keeper_tokens_make(struct td_keeper_config *config, struct td_text *text)
{
    make_id(config, config->read, TD_KEEPER_TOKEN);
    make_id(config, config->trade, TD_KEEPER_TOKEN);
    td_text_printf(text, "{\"read\":\"%s\",\"trade\":\"%s\"}\n", config->read, config->trade);
}
