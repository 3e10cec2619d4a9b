/* base/log.h - log lines: formatted here, written elsewhere.
 *
 * A line has a level, a channel (which file it goes to), an event name and a message. Secrets are
 * redacted by value before a line leaves this file, and control bytes are escaped. The sink must not
 * block: sys/logfile puts lines into a ring that its own thread writes. Lines longer than
 * TD_LOG_LINE_MAX are cut. One td_log may be shared by threads when its sink says so.
 */
#ifndef TD_BASE_LOG_H
#define TD_BASE_LOG_H

#include "base/text.h"

#define TD_LOG_LINE_MAX    1024
#define TD_LOG_SECRETS_MAX 16

enum td_log_level { TD_LOG_DEBUG, TD_LOG_INFO, TD_LOG_WARN, TD_LOG_ERROR };
enum td_log_channel { TD_LOG_TRADING, TD_LOG_API, TD_LOG_PERFORMANCE };

/* Takes one finished line with its newline. */
typedef void td_log_sink_fn(void *sink, enum td_log_level level, enum td_log_channel channel,
                            struct td_str line);
typedef td_ns td_log_clock_fn(void *clock);

struct td_log {
    enum td_log_level level; /* lower ones are dropped */
    bool json;               /* JSON lines instead of text */
    td_log_sink_fn *write;
    void *sink;
    td_log_clock_fn *now;
    void *clock;
    const char *secrets[TD_LOG_SECRETS_MAX]; /* values that never appear; owned by the caller */
    size_t secret_count;
};

/* Adds a value to redact. Values shorter than 4 characters are refused (they would hide words). */
void td_log_hide(struct td_log *log, const char *secret);

/* Formats and hands on one line. A NULL log or one without sink drops it. */
void td_logf(struct td_log *log, enum td_log_level level, enum td_log_channel channel,
             const char *event, const char *format, ...) TD_PRINTF(5, 6);

/* "debug", "info", "warn", "error"; TD_EPARSE for others (case-insensitive, "warning" accepted). */
const char *td_log_level_name(enum td_log_level level);
TD_MUST_CHECK enum td_err td_log_level_parse(struct td_str name, enum td_log_level *out);

#endif
