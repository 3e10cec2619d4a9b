/* desk/courier.h - takes alerts to where people are: a file, a webhook, an e-mail, the desktop; on a thread of its own.
 *
 * The trading thread puts a notice into a bounded ring and goes on: it never waits for a network, a disk or a program. A full ring drops
 * the notice and counts it. The thread writes the file first and shows the desktop's note; then come webhook and e-mail, one notice
 * after another, each with TD_COURIER_LIMIT a try and TD_COURIER_TRIES tries with growing pauses, while new notices still reach the
 * file. What is refused for good is not tried again. Webhook, e-mail and desktop take at most `per_hour` notices an hour
 * each; what is above that is counted as held back. The backlog is bounded too: the oldest notice gives way, counted as dropped.
 *
 * All sinks are off unless configured. Addresses and passwords are in no report. The desktop's note is notify-send with fixed
 * words, without a shell, and only where a session bus is named.
 *
 * Owner: the trading thread. After td_courier_open nothing is allocated by it there. Source: reliability 4, promise P19.
 */
#ifndef TD_DESK_COURIER_H
#define TD_DESK_COURIER_H

#include "desk/alertrules.h"
#include "sys/world.h"

#define TD_COURIER_LIMIT   (10 * TD_SEC)
#define TD_COURIER_TRIES   3
#define TD_COURIER_BACKLOG 64
#define TD_COURIER_CLOSING (2 * TD_SEC)         /* for what is still queued at the end */
#define TD_COURIER_FILE    (UINT64_C(16) << 20) /* then alerts.jsonl becomes alerts.jsonl.1 */

enum td_courier_sink {
    TD_SINK_FILE,
    TD_SINK_DESKTOP,
    TD_SINK_WEBHOOK,
    TD_SINK_EMAIL,
    TD_SINK_COUNT
};
const char *td_courier_sink_word(enum td_courier_sink sink);

/* Texts NULL or "" are not configured. Zero in a number takes the preset in brackets. */
struct td_courier_config {
    struct td_world *desk; /* poked when there is news */
    const char *state;     /* folder of alerts.jsonl */
    bool file, desktop;
    const char *bus;      /* address of the session bus; "": the desktop has none */
    const char *notifier; /* [notify-send] */
    const char *webhook, *ca_file;
    const char *smtp, *smtp_user, *smtp_password, *from, *to;
    const char *version;
    const char *const *secrets; /* names left out of the environment of notify-send */
    int64_t per_hour;           /* [10] */
    td_ns limit, pause;         /* [TD_COURIER_LIMIT], [1 s]: of a try, and before the second one */
    td_ns vitals;               /* between two looks at processors and memory; 0: none */
};

struct td_notice {
    td_ns at; /* wall clock */
    bool over, rule;
    uint8_t severity;        /* enum td_severity */
    double value, threshold; /* of a rule; else NaN */
    char alert[TD_RULE_NAME], text[240], action[240], account[24], mode[24];
};

struct td_delivery {
    bool on;
    uint64_t sent, failed; /* notices, after all tries */
    uint64_t held;         /* back, above per_hour */
    uint64_t dropped;      /* from the backlog */
    td_ns last_at;         /* wall clock of the last outcome; 0 none */
    char last_error[120];  /* "": none ever */
};

struct td_courier;

/* Starts the thread when a sink is on or vitals are wanted; else *out is NULL and all calls below accept that. TD_EINVAL: a
 * setting is wrong and named. TD_EUNSUP: no libcurl for webhook or e-mail. */
TD_MUST_CHECK enum td_err td_courier_open(struct td_courier **out,
                                          const struct td_courier_config *config,
                                          struct td_fail *why);
/* Gives what is queued TD_COURIER_CLOSING, ends the thread. NULL is fine. */
void td_courier_close(struct td_courier *c);

/* False: dropped, and counted. Never waits. */
bool td_courier_post(struct td_courier *c, const struct td_notice *notice);
uint64_t td_courier_dropped(const struct td_courier *c);
/* Takes in what the thread reports. True with the sink and its trouble when a delivery failed since; call until false. */
bool td_courier_next(struct td_courier *c, enum td_courier_sink *sink, char *text, size_t cap);
const struct td_delivery *td_courier_delivery(const struct td_courier *c,
                                              enum td_courier_sink sink);
/* Parts in use, 0 to 100; NaN: not known. */
void td_courier_vitals(const struct td_courier *c, double *cpu, double *memory);

/* "cpu  1 2 3 ..." of /proc/stat: ticks at work and all. TD_EPARSE. */
TD_MUST_CHECK enum td_err td_cpu_ticks(const char *text, uint64_t *busy, uint64_t *all);
/* The notice as one JSON object, for file and webhook. */
void td_notice_json(const struct td_notice *n, const char *version, struct td_text *out);
/* The notice as an e-mail, headers and body, lines end with \r\n. */
void td_notice_mail(const struct td_notice *n, const struct td_courier_config *config,
                    struct td_text *out);

#endif
