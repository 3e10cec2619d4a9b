/* base/log.c - formatting and redaction of log lines. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

#define MESSAGE_MAX (TD_LOG_LINE_MAX - 200)

static const char *const level_names[] = {"debug", "info", "warn", "error"};
static const char *const channel_names[] = {"trading", "api", "performance"};

const char *td_log_level_name(enum td_log_level level)
{
    return level_names[level];
}

enum td_err td_log_level_parse(struct td_str name, enum td_log_level *out)
{
    char lower[16];
    if (!td_str_copy(name, lower, sizeof lower))
        return TD_EPARSE;
    for (char *p = lower; *p; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p + 32);
    if (strcmp(lower, "warning") == 0)
        lower[4] = '\0';
    for (int i = 0; i < 4; i++)
        if (strcmp(lower, level_names[i]) == 0) {
            *out = (enum td_log_level)i;
            return TD_OK;
        }
    return TD_EPARSE;
}

void td_log_hide(struct td_log *log, const char *secret)
{
    if (secret && strlen(secret) >= 4 && log->secret_count < TD_LOG_SECRETS_MAX)
        log->secrets[log->secret_count++] = secret;
}

/* Masks every secret found in the text as it was, so that one inside another hides nothing of it; and, at
 * the end of a text that was cut, the beginning of one. */
static void redact(const struct td_log *log, char *text, bool cut)
{
    char original[MESSAGE_MAX];
    const size_t len = strlen(text);
    memcpy(original, text, len + 1);
    for (size_t i = 0; i < log->secret_count; i++) {
        const size_t n = strlen(log->secrets[i]);
        for (char *at = original; (at = strstr(at, log->secrets[i])) != NULL; at++)
            memset(text + (at - original), '*', n);
        for (size_t part = n < len ? n - 1 : len; cut && part > 0; part--)
            if (memcmp(original + len - part, log->secrets[i], part) == 0) {
                memset(text + len - part, '*', part);
                break;
            }
    }
}

/* Text lines stay one line: CR, LF, ESC and their kin are written as \xNN. */
static void put_plain(struct td_text *t, const char *message)
{
    for (const char *p = message; *p; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            td_text_printf(t, "\\x%02x", (unsigned char)*p);
        else
            td_text_char(t, *p);
    }
}

void td_logf(struct td_log *log, enum td_log_level level, enum td_log_channel channel,
             const char *event, const char *format, ...)
{
    char message[MESSAGE_MAX], line[TD_LOG_LINE_MAX];
    struct td_text t;
    if (!log || !log->write || level < log->level)
        return;
    va_list args;
    va_start(args, format);
    const int wanted = vsnprintf(message, sizeof message, format, args);
    if (wanted < 0)
        message[0] = '\0';
    va_end(args);
    redact(log, message, wanted >= (int)sizeof message);
    td_text_init(&t, line, sizeof line - 2);
    if (log->json) {
        td_text_put(&t, "{\"ts\":\"");
        td_text_iso(&t, log->now(log->clock));
        td_text_printf(&t, "\",\"level\":\"%s\",\"channel\":\"%s\",\"event\":", level_names[level],
                       channel_names[channel]);
        td_text_json(&t, td_str_of(event));
        td_text_put(&t, ",\"message\":");
        const size_t before = t.len;
        td_text_json(&t, td_str_of(message));
        if (td_text_full(
                &t)) { /* escapes made it too long: an honest, valid line instead of a cut one */
            t.len = before;
            t.full = false;
            td_text_put(&t, "\"(message too long)\"");
        }
        td_text_char(&t, '}');
    } else {
        td_text_iso(&t, log->now(log->clock));
        td_text_printf(&t, " %-5s %s %s ", level_names[level], channel_names[channel], event);
        put_plain(&t, message);
    }
    line[t.len] = '\n';
    log->write(log->sink, level, channel, (struct td_str){line, t.len + 1});
}
