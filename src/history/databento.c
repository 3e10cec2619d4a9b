/* history/databento.c - Databento's historical interface over HTTPS. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "desk/settings.h"
#include "history/vendor.h"
#include "sys/https.h"

#define FORM_BYTES 4096
#define LIST_BYTES 65536 /* longest answer to a question */

struct databento {
    struct td_https *https;
    const struct td_settings *settings;
    char form[FORM_BYTES];
    struct td_https_reply reply;
    char list[LIST_BYTES];
    size_t list_len;
};

/* --- life --- */

static enum td_err open_databento(void **self, const struct td_settings *s, struct td_fail *why)
{
    const struct td_https_config config = {.ca_file =
                                               s->ca_file && *s->ca_file ? s->ca_file : NULL};
    if (!s->databento_enabled)
        return td_fail_set(
            why, TD_EACCES,
            "Databento is switched off: set DATABENTO_ENABLE_BACKFILL=1 to buy data");
    if (!s->databento_key || !*s->databento_key)
        return td_fail_set(why, TD_EACCES, "Databento needs a key: set DATABENTO_API_KEY");
    struct databento *d = calloc(1, sizeof *d);
    if (!d)
        return td_fail_set(why, TD_ENOMEM, "Databento: %s", td_err_text(TD_ENOMEM));
    d->settings = s;
    const enum td_err err = td_https_open(&d->https, &config, why);
    if (err) {
        free(d);
        return err;
    }
    *self = d;
    return TD_OK;
}

static void close_databento(void *self)
{
    struct databento *d = self;
    td_https_close(d->https);
    free(d);
}

/* --- what an answer means --- */

/* What a status says about trying again, and which error it is. First match. */
static const struct {
    int from, to;
    enum td_err err;
    bool again;
    const char *text;
} statuses[] = {
    {200, 299, TD_OK, false, ""},
    {400, 400, TD_EINVAL, false, "the request is wrong"},
    {401, 401, TD_EACCES, false, "the key was not accepted: look at DATABENTO_API_KEY"},
    {402, 402, TD_EACCES, false, "the account has a payment problem"},
    {403, 403, TD_EACCES, false, "the account may not have this data"},
    {404, 404, TD_ENOENT, false, "there is no such dataset or method"},
    {408, 408, TD_ETIMEOUT, true, "the vendor waited too long"},
    {409, 409, TD_EINVAL, false, "the request conflicts with another"},
    {422, 422, TD_EINVAL, false, "the request was understood and refused"},
    {429, 429, TD_EFULL, true, "too many requests"},
    {500, 599, TD_ECLOSED, true, "the vendor has a problem"},
    {0, 999, TD_EPROTO, false, "an answer that means nothing here"},
};

/* Refusals that are facts about the symbol: there are no rows, today or tomorrow. */
static bool is_no_symbol(const char *problem)
{
    return strcmp(problem, "symbology_invalid_symbol") == 0 ||
           strcmp(problem, "symbology_invalid_request") == 0;
}

static void cut_text(struct td_str text, char *out, size_t cap)
{
    (void)td_str_copy((struct td_str){text.p, text.len < cap ? text.len : cap - 1}, out, cap);
}

static void copy_text(const cJSON *item, char *out, size_t cap)
{
    const char *text = cJSON_GetStringValue(item);
    if (text)
        cut_text(td_str_of(text), out, cap);
}

/* {"detail": "text"} or {"detail": {"case", "message", ...}}; what is no JSON is told as it stands. */
static void read_problem(const struct td_https_reply *r, char *problem, char *text, size_t cap)
{
    cJSON *root = cJSON_ParseWithLength(r->body, r->len);
    const cJSON *detail = cJSON_GetObjectItemCaseSensitive(root, "detail");
    problem[0] = text[0] = '\0';
    if (cJSON_IsObject(detail)) {
        copy_text(cJSON_GetObjectItemCaseSensitive(detail, "case"), problem, 64);
        copy_text(cJSON_GetObjectItemCaseSensitive(detail, "message"), text, cap);
    } else if (cJSON_IsString(detail)) {
        copy_text(detail, text, cap);
    } else {
        const struct td_str body = td_str_trim((struct td_str){r->body, strcspn(r->body, "\r\n")});
        cut_text(body, text, cap);
    }
    cJSON_Delete(root);
    for (char *p = text; *p; p++)
        *p = (unsigned char)*p < ' ' ? ' ' : *p;
}

static enum td_err judge(struct databento *d, const char *method, enum td_err err,
                         struct td_vendor_answer *a, struct td_fail *why)
{
    const struct td_https_reply *r = &d->reply;
    char problem[64], text[240];
    a->wait = r->wait;
    a->bytes = r->bytes;
    a->partial = r->status == 206;
    memcpy(a->request_id, r->request_id, sizeof a->request_id);
    cut_text(td_str_of(r->warnings), a->warnings, sizeof a->warnings);
    if (err) { /* no whole answer: the text is there already */
        a->again = err == TD_ETIMEOUT || err == TD_ECLOSED || err == TD_EUNREACH;
        return td_fail_add(why, err == TD_EAGAIN ? TD_EHALTED : err, "Databento %s", method);
    }
    size_t i = 0;
    while (r->status < statuses[i].from || r->status > statuses[i].to)
        i++;
    if (!statuses[i].err)
        return TD_OK;
    read_problem(r, problem, text, sizeof text);
    a->again = statuses[i].again;
    return td_fail_set(why, is_no_symbol(problem) ? TD_ENODATA : statuses[i].err,
                       "Databento %s: %s (%d%s%s)%s%s%s%s", method, statuses[i].text, r->status,
                       problem[0] ? " " : "", problem, text[0] ? ": " : "", text,
                       r->request_id[0] ? ", request " : "", r->request_id);
}

/* --- asking --- */

static void pair(struct td_text *form, const char *key, const char *value)
{
    if (value && *value)
        td_https_pair(form, key, td_str_of(value));
}

static void put_ask(struct td_text *form, const struct td_vendor_ask *ask)
{
    pair(form, "dataset", ask->dataset);
    pair(form, "symbols", ask->symbol);
    pair(form, "schema", ask->schema);
    pair(form, "start", ask->start);
    pair(form, "end", ask->end);
    pair(form, "stype_in", "raw_symbol");
    if (ask->limit) {
        char digits[24];
        struct td_text t;
        td_text_init(&t, digits, sizeof digits);
        td_text_printf(&t, "%llu", (unsigned long long)ask->limit);
        pair(form, "limit", digits);
    }
}

static enum td_err keep_list(void *arg, const void *bytes, size_t len)
{
    struct databento *d = arg;
    if (len > sizeof d->list - 1 - d->list_len)
        return TD_ERANGE;
    memcpy(d->list + d->list_len, bytes, len);
    d->list_len += len;
    return TD_OK;
}

/* POST with a form, or GET with a query: `method` is "family.method". */
static enum td_err call(struct databento *d, const char *method, bool post,
                        const struct td_text *form, td_https_sink *sink, void *arg,
                        const atomic_bool *stop, struct td_vendor_answer *a, struct td_fail *why)
{
    static const char *const headers[] = {"accept: application/json", NULL};
    char url[TD_HTTPS_URL];
    struct td_text t;
    td_text_init(&t, url, sizeof url);
    td_text_printf(&t, "%s/%s%s%s", d->settings->databento_url, method, post ? "" : "?",
                   post ? "" : form->buf);
    *a = (struct td_vendor_answer){0};
    if (td_text_full(&t) || td_text_full(form))
        return td_fail_set(why, TD_ERANGE, "Databento %s: the request is too long", method);
    const struct td_https_request q = {.url = url,
                                       .user = d->settings->databento_key,
                                       .form = post ? form->buf : NULL,
                                       .headers = headers,
                                       .sink = sink,
                                       .arg = arg,
                                       .stop = stop};
    return judge(d, method, td_https_do(d->https, &q, &d->reply, why), a, why);
}

/* A question whose answer is JSON; the caller deletes *out. */
static enum td_err question(struct databento *d, const char *method, bool post,
                            const struct td_text *form, const atomic_bool *stop, cJSON **out,
                            struct td_vendor_answer *a, struct td_fail *why)
{
    d->list_len = 0;
    const enum td_err err = call(d, method, post, form, keep_list, d, stop, a, why);
    if (err)
        return err;
    *out = cJSON_ParseWithLength(d->list, d->list_len);
    if (!*out)
        return td_fail_set(why, TD_EPARSE, "Databento %s: the answer is no JSON", method);
    return TD_OK;
}

static enum td_err number(void *self, const char *method, const struct td_vendor_ask *ask,
                          double *out, struct td_vendor_answer *a, struct td_fail *why)
{
    struct databento *d = self;
    struct td_text form;
    cJSON *root;
    td_text_init(&form, d->form, sizeof d->form);
    put_ask(&form, ask);
    enum td_err err = question(d, method, true, &form, ask->stop, &root, a, why);
    if (err)
        return err;
    if (cJSON_IsNumber(root) && root->valuedouble >= 0)
        *out = root->valuedouble;
    else
        err = td_fail_set(why, TD_EPARSE, "Databento %s: the answer is no number", method);
    cJSON_Delete(root);
    return err;
}

static enum td_err ask_cost(void *self, const struct td_vendor_ask *ask, int64_t *usd_e9,
                            struct td_vendor_answer *a, struct td_fail *why)
{
    double usd = 0;
    const enum td_err err = number(self, "metadata.get_cost", ask, &usd, a, why);
    if (!err && usd > 1e9)
        return td_fail_set(why, TD_ERANGE, "Databento metadata.get_cost: %g dollars", usd);
    if (!err)
        *usd_e9 = (int64_t)(usd * 1e9 + 0.5);
    return err;
}

static enum td_err ask_size(void *self, const struct td_vendor_ask *ask, uint64_t *bytes,
                            struct td_vendor_answer *a, struct td_fail *why)
{
    double n = 0;
    const enum td_err err = number(self, "metadata.get_billable_size", ask, &n, a, why);
    if (!err && n > 9e15)
        return td_fail_set(why, TD_ERANGE, "Databento metadata.get_billable_size: %g bytes", n);
    if (!err)
        *bytes = (uint64_t)n;
    return err;
}

static enum td_err ask_range(void *self, const char *dataset, char *start, char *end,
                             struct td_vendor_answer *a, struct td_fail *why)
{
    struct databento *d = self;
    struct td_text form;
    cJSON *root;
    td_text_init(&form, d->form, sizeof d->form);
    pair(&form, "dataset", dataset);
    enum td_err err = question(d, "metadata.get_dataset_range", false, &form, NULL, &root, a, why);
    if (err)
        return err;
    start[0] = end[0] = '\0';
    copy_text(cJSON_GetObjectItemCaseSensitive(root, "start"), start, 40);
    copy_text(cJSON_GetObjectItemCaseSensitive(root, "end"), end, 40);
    cJSON_Delete(root);
    if (!start[0] || !end[0])
        err = td_fail_set(why, TD_EPARSE,
                          "Databento metadata.get_dataset_range: no start and end in the answer");
    return err;
}

static enum td_err ask_condition(void *self, const char *dataset, const char *day,
                                 enum td_vendor_day *out, struct td_vendor_answer *a,
                                 struct td_fail *why)
{
    struct databento *d = self;
    struct td_text form;
    cJSON *root;
    const cJSON *row;
    td_text_init(&form, d->form, sizeof d->form);
    pair(&form, "dataset", dataset);
    pair(&form, "start_date", day);
    pair(&form, "end_date", day);
    const enum td_err err =
        question(d, "metadata.get_dataset_condition", false, &form, NULL, &root, a, why);
    if (err)
        return err;
    *out = TD_VENDOR_DAY_UNKNOWN;
    cJSON_ArrayForEach(row, root)
    {
        const char *date = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(row, "date"));
        const char *is = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(row, "condition"));
        if (date && is && strcmp(date, day) == 0)
            *out = strcmp(is, "available") == 0 ? TD_VENDOR_DAY_COMPLETE : TD_VENDOR_DAY_INCOMPLETE;
    }
    cJSON_Delete(root);
    return TD_OK;
}

static enum td_err fetch(void *self, const struct td_vendor_ask *ask, td_vendor_sink *sink,
                         void *arg, struct td_vendor_answer *a, struct td_fail *why)
{
    struct databento *d = self;
    struct td_text form;
    td_text_init(&form, d->form, sizeof d->form);
    put_ask(&form, ask);
    pair(&form, "stype_out", "instrument_id");
    pair(&form, "encoding", "dbn");
    pair(&form, "compression", "zstd");
    return call(d, "timeseries.get_range", true, &form, sink, arg, ask->stop, a, why);
}

const struct td_vendor_row td_vendor_databento = {.name = "databento",
                                                  .help = "hist.databento.com over HTTPS",
                                                  .paid = true,
                                                  .open = open_databento,
                                                  .close = close_databento,
                                                  .cost = ask_cost,
                                                  .size = ask_size,
                                                  .range = ask_range,
                                                  .condition = ask_condition,
                                                  .fetch = fetch};
