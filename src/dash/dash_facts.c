/* dash/dash_facts.c - the headers that matter, copied out of libwebsockets; one that does not fit its field is refused, and
 * so is what could make two readers see two requests. */
#include "dash/dash_inner.h" /* first: what libwebsockets includes has names that we ban */

#include <stdlib.h>
#include <string.h>

#define FIELD(m) offsetof(struct dash_facts, m), sizeof(((struct dash_facts *)0)->m)

static const struct {
    enum lws_token_indexes token;
    size_t at, cap;
} known[] = {
    {WSI_TOKEN_HOST, FIELD(host)},
    {WSI_TOKEN_ORIGIN, FIELD(origin)},
    {WSI_TOKEN_HTTP_CONTENT_TYPE, FIELD(type)},
    {WSI_TOKEN_HTTP_AUTHORIZATION, FIELD(authorization)},
    {WSI_TOKEN_HTTP_COOKIE, FIELD(cookie)},
};

static const struct {
    const char *name; /* in small letters, with its colon */
    size_t at, cap;
} custom[] = {
    {"sec-fetch-site:", FIELD(site)},
    {"x-tapedeck:", FIELD(marker)},
};

static bool copy_known(struct lws *wsi, enum lws_token_indexes token, char *out, size_t cap)
{
    out[0] = '\0';
    return lws_hdr_total_length(wsi, token) <= 0 || lws_hdr_copy(wsi, out, (int)cap, token) >= 0;
}

static bool copy_custom(struct lws *wsi, const char *name, char *out, size_t cap)
{
    const int len = lws_hdr_custom_length(wsi, name, (int)strlen(name));
    out[0] = '\0';
    return len <= 0 || ((size_t)len < cap &&
                        lws_hdr_custom_copy(wsi, out, (int)cap, name, (int)strlen(name)) >= 0);
}

/* The query comes decoded and cut at '&': it is coded again, so that its readers find it as it was sent. */
static bool copy_query(struct lws *wsi, char *out, size_t cap)
{
    char part[1024];
    struct td_text t;
    td_text_init(&t, out, cap);
    for (int n = 0; n < 32; n++) {
        const int len = lws_hdr_copy_fragment(wsi, part, sizeof part, WSI_TOKEN_HTTP_URI_ARGS, n);
        bool key = true;
        if (len < 0)
            return !td_text_full(&t) &&
                   lws_hdr_fragment_length(wsi, WSI_TOKEN_HTTP_URI_ARGS, n) <= 0;
        if (n)
            td_text_char(&t, '&');
        for (int i = 0; i < len; i++) {
            const char ch = part[i];
            const bool plain = (ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') ||
                               (ch >= 'A' && ch <= 'Z') || (key && ch == '=') ||
                               memchr("-_.:", ch, 4);
            key &= ch != '=';
            if (plain)
                td_text_char(&t, ch);
            else
                td_text_printf(&t, "%%%02x", (unsigned)(uint8_t)ch);
        }
    }
    return false;
}

/* The length of the body: 0 none; -1: it is said twice, or badly, or in a way that is not spoken here. */
static int64_t body_length(struct lws *wsi)
{
    char text[32];
    int64_t len;
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0)
        return -1;
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) <= 0)
        return 0;
    if (!copy_known(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, text, sizeof text) ||
        strspn(text, "0123456789") != strlen(text) ||
        td_i64_parse(text, strlen(text), &len) != TD_OK)
        return -1;
    return len;
}

int dash_facts_take(struct dash_conn *c, struct td_str path)
{
    struct dash_facts *f = calloc(1, sizeof *f);
    free(c->facts);
    c->facts = f;
    if (!f)
        return 503;
    bool fits =
        td_str_copy(path, f->path, sizeof f->path) && copy_query(c->wsi, f->query, sizeof f->query);
    for (size_t i = 0; i < TD_COUNT(known); i++)
        fits &= copy_known(c->wsi, known[i].token, (char *)f + known[i].at, known[i].cap);
    for (size_t i = 0; i < TD_COUNT(custom); i++)
        fits &= copy_custom(c->wsi, custom[i].name, (char *)f + custom[i].at, custom[i].cap);
    (void)lws_get_peer_simple(c->wsi, f->peer, sizeof f->peer);
    const int64_t need = body_length(c->wsi);
    c->close = need != 0; /* until the body was read */
    c->body_need = need > 0 ? (size_t)need : 0;
    return !fits ? 431 : need < 0 ? 400 : 200;
}

void dash_facts_asker(const struct dash_facts *f, struct td_asker *out)
{
    *out = (struct td_asker){.host = td_str_of(f->host),
                             .origin = td_str_of(f->origin),
                             .fetch_site = td_str_of(f->site),
                             .content_type = td_str_of(f->type),
                             .marker = td_str_of(f->marker),
                             .authorization = td_str_of(f->authorization),
                             .cookie = td_str_of(f->cookie),
                             .peer = td_str_of(f->peer)};
}
