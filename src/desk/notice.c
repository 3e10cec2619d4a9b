/* desk/notice.c - a notice as JSON and as an e-mail; what outsiders wrote stays within its line. */
#include <stdio.h>

#include "desk/courier.h"
#include "wire/json.h"

void td_notice_json(const struct td_notice *n, const char *version, struct td_text *out)
{
    struct td_json j;
    td_json_init(&j, out, false);
    td_json_object(&j);
    td_json_key(&j, "time");
    td_json_iso(&j, n->at);
    td_json_key_text(&j, "alert", n->alert);
    td_json_key_text(&j, "state", n->over ? "over" : "raised");
    td_json_key_text(&j, "severity", td_severity_word((enum td_severity)n->severity));
    td_json_key_text(&j, "kind", n->rule ? "rule" : "operational");
    td_json_key_text(&j, "text", n->text);
    td_json_key_text(&j, "action", n->action[0] ? n->action : NULL);
    td_json_key(&j, "value");
    td_json_double(&j, n->value);
    td_json_key(&j, "threshold");
    td_json_double(&j, n->threshold);
    td_json_key_text(&j, "account", n->account[0] ? n->account : NULL);
    td_json_key_text(&j, "mode", n->mode[0] ? n->mode : NULL);
    td_json_key_text(&j, "version", version);
    td_json_object_end(&j);
}

/* For a header: one line of ASCII. */
static void put_header_text(struct td_text *t, const char *text)
{
    for (; *text; text++)
        td_text_char(t, *text >= ' ' && *text <= '~' ? *text : '?');
}

static void put_line(struct td_text *t, const char *name, const char *text)
{
    td_text_printf(t, "%s", name);
    for (; *text; text++)
        td_text_char(t, (unsigned char)*text >= ' ' && *text != 0x7f ? *text : '?');
    td_text_put(t, "\r\n");
}

void td_notice_mail(const struct td_notice *n, const struct td_courier_config *config,
                    struct td_text *out)
{
    char iso[40];
    (void)td_iso_print(n->at, iso);
    td_text_printf(out, "From: <%s>\r\nTo: <%s>\r\nSubject: [tapedeck %s] ", config->from,
                   config->to, td_severity_word((enum td_severity)n->severity));
    put_header_text(out, n->alert);
    td_text_put(out, n->over ? " is over" : "");
    td_text_put(out, "\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                     "Content-Transfer-Encoding: 8bit\r\nAuto-Submitted: auto-generated\r\n\r\n");
    put_line(out, n->over ? "over:     " : "alert:    ", n->alert);
    put_line(out, "what:     ", n->text);
    if (n->action[0])
        put_line(out, "do:       ", n->action);
    put_line(out, "time:     ", iso);
    put_line(out, "account:  ", n->account[0] ? n->account : "-");
    put_line(out, "mode:     ", n->mode[0] ? n->mode : "-");
    put_line(out, "version:  ", config->version ? config->version : "-");
}
