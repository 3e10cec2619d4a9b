/* tests/support/vendor_stub.c - the vendor's answers. */
#include "support/vendor_stub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/dbn_make.h"

static void answer_range(struct vendor_stub *v, const struct stub_request *r, struct stub_answer *a)
{
    char symbol[64] = "";
    int status = 200;
    v->fetches++;
    (void)stub_value(r->body, "symbols", symbol, sizeof symbol);
    (void)stub_value(r->body, "start", v->last_start, sizeof v->last_start);
    (void)stub_value(r->body, "end", v->last_end, sizeof v->last_end);
    for (size_t i = 0; i < TD_COUNT(v->scripts); i++) {
        struct vendor_script *s = &v->scripts[i];
        if (!s->symbol || strcmp(s->symbol, symbol) != 0)
            continue;
        status = s->statuses[s->calls < 2 ? s->calls : 2];
        s->calls++;
    }
    *a = (struct stub_answer){
        .status = status, .body = v->slice, .len = v->slice_len, .chunked = true};
    a->stall_ms = v->stall_ms;
    if (status == VENDOR_EMPTY) {
        a->body = v->empty;
        a->len = v->empty_len;
    }
    if (status == VENDOR_CUT)
        a->cut = v->slice_len / 2;
    if (status == VENDOR_CUT || status == VENDOR_EMPTY)
        a->status = 200;
    if (a->status != 200) {
        a->body = "{\"detail\":{\"case\":\"x\",\"message\":\"as the test says\"}}";
        a->len = strlen(a->body);
        a->headers = status == 429 ? "Retry-After: 1\r\n" : NULL;
    }
}

static void answer(void *arg, const struct stub_request *r, struct stub_answer *a)
{
    struct vendor_stub *v = arg;
    if (strstr(r->path, "timeseries.get_range")) {
        answer_range(v, r, a);
    } else if (strstr(r->path, "metadata.get_cost")) {
        v->costs++;
        *a = (struct stub_answer){.status = 200, .body = "0.25", .len = 4};
    } else {
        v->conditions++;
        *a = (struct stub_answer){.status = 200, .body = v->condition, .len = strlen(v->condition)};
    }
}

void vendor_stub_open(struct vendor_stub *v, const char *ca, int records)
{
    memset(v, 0, sizeof *v);
    v->slice = dbn_make(records, true, &v->slice_len);
    v->empty = dbn_make(0, true, &v->empty_len);
    v->condition = "[]";
    (void)snprintf(v->ca, sizeof v->ca, "%s", ca);
    v->server = https_stub_open(v->ca, answer, v);
    (void)snprintf(v->url, sizeof v->url, "https://localhost:%u/v0",
                   (unsigned)https_stub_port(v->server));
}

void vendor_stub_close(struct vendor_stub *v)
{
    https_stub_close(v->server);
    free(v->slice);
    free(v->empty);
}
