/* desk/station_words.c - what a line to the station does, and what it answers: one row per word. */
#include <ctype.h>
#include <stdio.h>

#include "desk/ask.h"
#include "desk/station_inner.h"

#define LISTED_MAX 8 /* refused symbols named in an error */

/* What a word does for the symbols behind it. False: it did not for one, and *t says why. */
typedef bool station_act_fn(struct td_station *s, const char *symbol, struct td_text *t);

static bool act_start(struct td_station *s, const char *symbol, struct td_text *t)
{
    struct td_fail why = {0};
    if (station_find(s, td_market_symbol(symbol)))
        return true; /* it is recorded: nothing changes */
    const enum td_err err = station_start(s, symbol, td_world_now(s->world), &why);
    if (err)
        td_text_put(t, why.text);
    return !err;
}

static bool act_stop(struct td_station *s, const char *symbol, struct td_text *t)
{
    struct station_session *session = station_find(s, td_market_symbol(symbol));
    if (session)
        station_stop(s, session);
    else
        td_text_printf(t, "%.24s is not recorded", symbol);
    return session != NULL;
}

static bool act_hide(struct td_station *s, const char *symbol, struct td_text *t)
{
    const bool safe = td_symbol_is_safe(td_str_of(symbol));
    if (safe && station_hide(s, symbol))
        return true;
    if (safe)
        td_text_printf(t, "%.24s: %d symbols are hidden, which is as many as there can be", symbol,
                       TD_STATIONFILE_HIDDEN);
    else
        td_text_printf(t, "\"%.24s\" is no symbol", symbol);
    return false;
}

static bool act_unhide(struct td_station *s, const char *symbol, struct td_text *t)
{
    (void)t;
    station_unhide(s, symbol);
    return true;
}

static void stop_everything(struct td_station *s)
{
    station_stop_all(s);
}

static void unhide_everything(struct td_station *s)
{
    station_unhide(s, NULL);
}

static const struct {
    const char *word, *form;
    station_act_fn *act;              /* NULL: it only tells */
    void (*all)(struct td_station *); /* NULL: "all" is a symbol like any other */
    bool rows;
} words[] = {
    {"rows", "rows", NULL, NULL, true},
    {"sessions", "sessions", NULL, NULL, false},
    {"start", "start SYMBOL...", act_start, NULL, false},
    {"stop", "stop SYMBOL...|all", act_stop, stop_everything, false},
    {"hide", "hide SYMBOL...", act_hide, NULL, false},
    {"unhide", "unhide SYMBOL...|all", act_unhide, unhide_everything, false},
};

/* ---- telling ---- */

const char *station_status_word(void *station, const char *symbol)
{
    const struct td_station *s = station;
    const struct td_slot_session *slot = td_depthslots_find(&s->slots, td_str_of(symbol));
    return td_slot_state_word(slot ? (enum td_slot_state)slot->state : TD_SLOT_NONE);
}

static void put_session(struct td_station *s, const struct station_session *from, struct td_json *j)
{
    const struct td_str symbol = td_str_of(from->symbol);
    const struct td_recording_line *line = &s->result.lines[from->line];
    const struct td_slot_session *slot = td_depthslots_find(&s->slots, symbol);
    const uint32_t place = td_depthslots_place(&s->slots, symbol);
    td_json_object(j);
    td_json_key_text(j, "symbol", from->symbol);
    td_json_key_text(j, "status", station_status_word(s, from->symbol));
    td_json_key(j, "depth_comes");
    td_json_bool(j, slot && slot->state == TD_SLOT_DEPTH);
    td_json_key(j, "place");
    if (place)
        td_json_i64(j, place);
    else
        td_json_null(j);
    td_json_key(j, "started");
    td_json_iso(j, from->started);
    td_json_key_i64(j, "ticks", (int64_t)line->ticks);
    td_json_key_i64(j, "messages", (int64_t)line->messages);
    td_json_key_i64(j, "snapshots", (int64_t)line->snapshots);
    td_json_key_i64(j, "gaps", (int64_t)line->gaps);
    td_json_key_i64(j, "dropped", (int64_t)line->dropped);
    td_json_key_i64(j, "attempts", slot ? slot->attempts : 0);
    td_json_key_text(j, "trouble", from->trouble[0] ? from->trouble : NULL);
    td_json_object_end(j);
}

static void put_slots(const struct td_station *s, struct td_json *j)
{
    td_json_key(j, "slots");
    td_json_object(j);
    td_json_key_i64(j, "held", s->slots.held);
    td_json_key_i64(j, "of", s->slots.slots_max);
    td_json_key_i64(j, "granted", s->slots.slots);
    td_json_key_i64(j, "queued", s->slots.queued);
    td_json_object_end(j);
}

static void put_etfs(const struct td_station *s, struct td_json *j)
{
    td_json_key(j, "etfs");
    td_json_object(j);
    td_json_key_bool(j, "excluded", !s->config.scan.etfs);
    td_json_key_i64(j, "known", s->funds);
    td_json_object_end(j);
}

static void put_sessions(struct td_station *s, struct td_json *j)
{
    put_slots(s, j);
    put_etfs(s, j);
    td_json_key(j, "sessions");
    td_json_array(j);
    for (uint32_t i = 0; i < TD_DEPTHSLOTS_SESSIONS; i++)
        if (s->sessions[i].symbol[0])
            put_session(s, &s->sessions[i], j);
    td_json_array_end(j);
    td_json_key(j, "hidden");
    td_json_array(j);
    for (uint32_t i = 0; i < s->file.hidden_count; i++)
        td_json_text(j, s->file.hidden[i]);
    td_json_array_end(j);
    td_json_key_text(j, "output", s->config.output);
    td_json_key(j, "recorder_connected");
    td_json_bool(j, td_recording_connected(s->recording));
    td_json_key(j, "scanner_connected");
    td_json_bool(j, td_link_ready(s->scan_link));
    td_json_key_text(j, "ended", s->ended[0] ? s->ended : NULL);
}

/* When a symbol of the table was asked for last. */
static void put_last_scan(const struct td_scan_view *view, struct td_json *j)
{
    td_ns last = 0;
    for (uint32_t i = 0; i < view->table->seen; i++)
        last = view->told[i].asked > last ? view->told[i].asked : last;
    td_json_key(j, "last_scan");
    if (last)
        td_json_iso(j, last);
    else
        td_json_null(j);
}

static void put_table(struct td_station *s, struct td_json *j)
{
    struct td_scan_table table;
    struct td_scan_view view;
    struct td_fail why = {0};
    if (td_station_view(s, s->block, &table, &view, &why) != TD_OK) {
        td_json_key(j, "table");
        td_json_null(j);
        td_json_key_text(j, "table_reason", why.text);
        return;
    }
    put_last_scan(&view, j);
    td_json_key(j, "table");
    td_scan_json(j, &view);
}

/* ---- doing ---- */

static void to_upper(struct td_str from, char *out, size_t cap)
{
    (void)td_str_copy(from, out, cap);
    for (char *c = out; *c; c++)
        *c = (char)toupper((unsigned char)*c);
}

/* Each symbol for itself: what cannot be done for one is told, and done for the others. */
static bool do_word(struct td_station *s, size_t word, struct td_str rest, struct td_text *t)
{
    int done = 0, failed = 0;
    if (words[word].all && td_str_is(rest, "all")) {
        words[word].all(s);
        return true;
    }
    for (; rest.len; done++) {
        struct td_str symbol = {0};
        struct td_text one;
        char name[32], why[200];
        (void)td_str_split(&rest, ' ', &symbol);
        rest = td_str_trim(rest);
        to_upper(symbol, name, sizeof name);
        td_text_init(&one, why, sizeof why);
        if (words[word].act(s, name, &one))
            continue;
        if (failed < LISTED_MAX)
            td_text_printf(t, "%s%s", failed ? "; " : "", why);
        failed++;
    }
    if (!done)
        td_text_printf(t, "a symbol is needed: %s", words[word].form);
    return done && !failed;
}

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

static void run_word(struct td_station *s, size_t word, struct td_str rest, struct td_json *j)
{
    char text[1200];
    struct td_text t;
    td_text_init(&t, text, sizeof text);
    const bool good = !words[word].act || do_word(s, word, rest, &t);
    if (words[word].act)
        station_save(s);
    td_json_key_bool(j, "ok", good);
    if (!good)
        td_json_key_text(j, "error", text);
    if (words[word].rows)
        put_table(s, j);
    put_sessions(s, j);
}

struct td_str td_station_answer(struct td_station *s, const char *line)
{
    struct td_text t;
    struct td_json j;
    struct td_str rest = td_str_trim(td_str_of(line)), word = {0};
    size_t known = 0;
    (void)td_str_split(&rest, ' ', &word);
    rest = td_str_trim(rest);
    while (known < TD_COUNT(words) && !td_str_is(word, words[known].word))
        known++;
    td_text_init(&t, s->answer, TD_STATION_ANSWER);
    td_json_init(&j, &t, false);
    td_json_object(&j);
    if (known < TD_COUNT(words))
        run_word(s, known, rest, &j);
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

/* ---- the other end ---- */

enum td_err td_station_ask(struct td_world *world, const char *state, const char *line, char *out,
                           size_t cap, struct td_fail *why)
{
    char path[800];
    (void)snprintf(path, sizeof path, "%s/%s", state, TD_STATION_SOCKET);
    const enum td_err err = td_ask(world, path, line, out, cap, why);
    if (err == TD_ENOENT || err == TD_EUNREACH)
        return td_fail_set(why, err,
                           "no scanner runs with state folder %s (tapedeck scan --serve --state %s "
                           "starts one)",
                           state, state);
    return err;
}
