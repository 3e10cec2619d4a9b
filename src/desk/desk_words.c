/* desk/desk_words.c - what a line to the control socket makes the desk do: one row per word. */
#include <stdio.h>

#include "desk/desk_inner.h"
#include "desk/signalreport.h"

#define ANSWER 196608 /* every list of it is bounded (desk_state.c, desk_gates.c) */

/* Does it: NULL, or why not, for the answer. `rest` is what stands behind the word. */
typedef const char *act_fn(struct td_desk *d, struct td_str rest);
/* Tells how things are after it. */
typedef void put_fn(struct td_desk *d, struct td_str rest, struct td_json *j);

struct control_word {
    const char *word, *form;
    act_fn *act; /* NULL: nothing is done */
    put_fn *put;
};

static void to_text(struct td_str from, char *out, size_t cap)
{
    (void)td_str_copy(from, out, cap); /* a reason that is too long is cut */
}

/* --- what is done --- */

static const char *act_halt(struct td_desk *d, struct td_str rest)
{
    char reason[120];
    to_text(rest, reason, sizeof reason);
    desk_halt(d, reason);
    return NULL;
}

static const char *act_resume(struct td_desk *d, struct td_str rest)
{
    char reason[120];
    to_text(rest, reason, sizeof reason);
    if (!rest.len)
        return "a reason is needed: what was looked at, and why trading may go on";
    if (desk_switch_file(d))
        return "the kill switch file is still there: remove it first";
    desk_resume(d, reason);
    return NULL;
}

static const char *act_reload(struct td_desk *d, struct td_str rest)
{
    (void)rest;
    return desk_reload(d);
}

static const char *act_accept(struct td_desk *d, struct td_str rest)
{
    char symbol[TD_SYMBOL_CHARS], reason[120];
    struct td_str word = {0};
    (void)td_str_split(&rest, ' ', &word);
    rest = td_str_trim(rest);
    to_text(word, symbol, sizeof symbol);
    to_text(rest, reason, sizeof reason);
    if (!word.len || !rest.len)
        return "a symbol and a reason are needed: what was looked at";
    return desk_accept(d, symbol, reason) == TD_OK ? NULL : "nothing is known of that symbol";
}

static const char *act_ack(struct td_desk *d, struct td_str rest)
{
    struct td_str word = {0};
    (void)td_str_split(&rest, ' ', &word);
    if (!word.len)
        return "the word of an active alert is needed: tapedeck status shows them";
    return desk_acknowledge(d, word, td_str_trim(rest));
}

static const char *act_cancel(struct td_desk *d, struct td_str rest)
{
    char reason[120];
    struct td_str word = {0};
    (void)td_str_split(&rest, ' ', &word);
    rest = td_str_trim(rest);
    const bool all = td_str_is(word, "all");
    to_text(rest, reason, sizeof reason);
    if ((!all && !td_str_is(word, "own")) || !rest.len)
        return "own or all, and a reason, are needed";
    desk_cancel_all(d, reason);
    return all && desk_cancel_global(d, reason) != TD_OK
               ? "there is no session: only our own orders were asked to end"
               : NULL;
}

static bool is_go(struct td_str rest)
{
    return td_str_is(rest, "go") || td_str_starts(rest, "go ");
}

static const char *act_flatten(struct td_desk *d, struct td_str rest)
{
    char reason[120];
    if (!is_go(rest))
        return NULL; /* a preview */
    to_text(td_str_trim((struct td_str){rest.p + 2, rest.len - 2}), reason, sizeof reason);
    if (!td_link_ready(d->link))
        return "there is no session with the gateway: nothing can be closed now";
    (void)desk_flatten(d, *reason ? reason : "by hand");
    return NULL;
}

static const char *act_signal(struct td_desk *d, struct td_str rest)
{
    const struct td_mlsignal_row *row = &d->signals.answer;
    desk_take_signal(d, rest);
    if (d->signals.trouble[0])
        return d->signals.trouble;
    return row->state == TD_MLS_REJECTED || row->state == TD_MLS_FAILED ? row->reason : NULL;
}

static const char *find_gates(struct td_desk *d, struct td_str rest)
{
    char symbol[TD_SYMBOL_CHARS];
    uint32_t line;
    to_text(rest, symbol, sizeof symbol);
    return !rest.len || desk_line_of(d, symbol, &line) ? NULL : "this desk has no such symbol";
}

/* --- what is told --- */

static void put_all(struct td_desk *d, struct td_str rest, struct td_json *j)
{
    (void)rest;
    desk_put_status(d, j);
}

static void put_reload(struct td_desk *d, struct td_str rest, struct td_json *j)
{
    (void)rest;
    desk_put_reload(d, j);
}

static void put_gates(struct td_desk *d, struct td_str rest, struct td_json *j)
{
    char symbol[TD_SYMBOL_CHARS];
    to_text(rest, symbol, sizeof symbol);
    desk_put_gates(d, symbol, j);
}

static void put_signal(struct td_desk *d, struct td_str rest, struct td_json *j)
{
    (void)rest;
    desk_put_signal_answer(d, j);
}

static void put_signals(struct td_desk *d, struct td_str rest, struct td_json *j)
{
    (void)rest;
    td_signal_report_put(&d->blotter, INT64_MIN, INT64_MAX, j);
}

static void put_flatten(struct td_desk *d, struct td_str rest, struct td_json *j)
{
    if (!is_go(rest))
        desk_put_flatten(d, j);
    desk_put_status(d, j);
}

static const struct control_word words[] = {
    {"status", "status", NULL, put_all},
    {"gates", "gates [SYMBOL]", find_gates, put_gates},
    {"halt", "halt [REASON]", act_halt, put_all},
    {"resume", "resume REASON", act_resume, put_all},
    {"accept", "accept SYMBOL REASON", act_accept, put_all},
    {"ack", "ack WORD [NOTE]", act_ack, put_all},
    {"reload", "reload", act_reload, put_reload},
    {"cancel-all", "cancel-all own|all REASON", act_cancel, put_all},
    {"flatten", "flatten [go REASON]", act_flatten, put_flatten},
    {"signal", "signal JSON", act_signal, put_signal},
    {"signals", "signals", NULL, put_signals},
};

static void put_unknown(struct td_json *j)
{
    char text[300];
    struct td_text t;
    td_text_init(&t, text, sizeof text);
    td_text_put(&t, "unknown word; known are ");
    for (size_t i = 0; i < TD_COUNT(words); i++)
        td_text_printf(&t, "%s%s", i ? ", " : "", words[i].form);
    td_json_key_bool(j, "ok", false);
    td_json_key_text(j, "error", text);
}

static void run_word(struct td_desk *d, const struct control_word *w, struct td_str rest,
                     struct td_json *j)
{
    const char *trouble = w->act ? w->act(d, rest) : NULL;
    td_json_key_bool(j, "ok", !trouble);
    if (trouble)
        td_json_key_text(j, "error", trouble);
    w->put(d, rest, j);
}

struct td_str desk_answer(struct td_desk *d, const char *line)
{
    static char text[ANSWER];
    struct td_text t;
    struct td_json j;
    struct td_str rest = td_str_trim(td_str_of(line)), word = {0};
    const struct control_word *known = NULL;
    (void)td_str_split(&rest, ' ', &word);
    rest = td_str_trim(rest);
    for (size_t i = 0; i < TD_COUNT(words); i++)
        if (td_str_is(word, words[i].word))
            known = &words[i];
    td_text_init(&t, text, sizeof text);
    td_json_init(&j, &t, false);
    td_json_object(&j);
    if (known)
        run_word(d, known, rest, &j);
    else
        put_unknown(&j);
    td_json_object_end(&j);
    td_text_char(&t, '\n');
    if (td_text_full(&t)) {
        td_text_reset(&t);
        td_text_put(&t, "{\"ok\":false,\"error\":\"the answer does not fit\"}\n");
    }
    return (struct td_str){t.buf, t.len};
}
