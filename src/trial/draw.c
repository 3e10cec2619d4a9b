/* trial/draw.c - the table of what may go wrong, and the drawing. */
#include "trial/draw.h"

#include <stdio.h>

#include "base/num.h"
#include "base/text.h"

#define QUIET (230 * TD_SEC) /* at the end: three looks for a lost order take two minutes */
#define FIRST (20 * TD_SEC)  /* the first seconds are calm */
#define CAMERA_SHARE                                                                               \
    10 /* one seed of so many: recording and reading back costs three days without */
#define FLOOD_STREAM  UINT64_C(0x666c6f6f64)
#define CAMERA_STREAM UINT64_C(0x63616d657261) /* an independent stream of each seed */
#define ALGOS_SALT    UINT64_C(318070849536)
#define FAULTS_MAX    40 /* of a script's 64 steps */

/* One thing that may go wrong: its number in the catalogue, and the words of a script. %S a symbol, %N 1 to 4, %T 1 to
 * 20 seconds, %Q -5 to 5 units, %K a message about orders, %B bytes. A line that begins with "on" waits for its event. */
struct wrong {
    uint8_t fault;
    const char *words;
};

static const struct wrong table[] = {
    {1, "split %B"},
    {2, "join 0.3"},
    {3, "garbage"},
    {4, "garbage 0"},
    {5, "shorten %K %N"},
    {5, "lengthen %K %N"},
    {5, "field %K 2 x %N"},
    {5, "frame 777|1|2"},
    {7, "mute-hello"},
    {8, "mute-after-hello"},
    {9, "next-id 1"},
    {9, "rollback 1"},
    {9, "restart %T rollback"},
    {10, "reset"},
    {10, "cut-order"},
    {10, "drop-after 30"},
    {10, "on place-order:%N reset"},
    {10, "on request place-order:%N reset"},
    {11, "lose-order"},
    {11, "on place-order:%N restart %T"},
    {12, "drop order-status %N"},
    {12, "drop open-order %N"},
    {12, "drop execution-data %N"},
    {12, "drop commission-report %N"},
    {12, "on place-order:%N drop order-status 3"},
    {13, "clone-order"},
    {14, "repeat-fill"},
    {14, "correct-fill %Q"},
    {14, "bust-fill"},
    {15, "delay order-status %T %N"},
    {15, "delay open-order %T %N"},
    {15, "delay execution-data %T %N"},
    {15, "repeat order-status %N"},
    {15, "repeat execution-data %N"},
    {16, "status Submitted"},
    {16, "status PreSubmitted"},
    {16, "status PendingCancel"},
    {17, "on cancel-order:%N fill-order"},
    {17, "on cancel-order:%N fill-order 50"},
    {17, "fill-order 50"},
    {18, "reject-change 201 %N"},
    {18, "reject-change 110 %N"},
    {18, "reject-order 201 %N"},
    {18, "reject-order 110 %N"},
    {19, "status Inactive"},
    {20, "foreign-order %S %Q 1"},
    {20, "foreign-fill %S %Q"},
    {21, "position %S %Q"},
    {22, "drop open-order-end 1"},
    {22, "drop position-end 1"},
    {22, "drop execution-data-end 1"},
    {22, "drop completed-orders-end 1"},
    {23, "link-lost"},
    {23, "link-back 1101"},
    {23, "link-back 1102"},
    {24, "notice 1100 Connectivity between IBKR and Trader Workstation has been lost."},
    {24, "notice 1102 Connectivity between IBKR and Trader Workstation has been restored."},
    {25, "kill-feeds %S"},
    {25, "notice 2103 Market data farm connection is broken:usfarm"},
    {25, "notice 2104 Market data farm connection is OK:usfarm"},
    {26, "busy-id %T"},
    {27, "rate"},
    {28, "history-error 162 1 Historical Market Data Service error message:no data"},
    {30, "restart %T"},
    {31, "notice 10197 No market data during competing live session"},
    {32, "depth %S 9 1 1 1 1"},
    {32, "depth %S 0 delete ask 0 0"},
    {33, "depth-reset %S"},
    {33, "late-updates %N"},
    {34, "request-error %S 101 Max number of tickers has been reached"},
    {35, "tick %S 1 -1"},
    {35, "tick %S 2 0"},
    {35, "tick %S 1 1.7976931348623157E308"},
    {36, "halt %S"},
    {36, "resume %S"},
    {37, "bars duplicate"},
    {37, "bars disorder"},
    {38, "clock-step 3600"},
    {38, "clock-step -3600"},
    {39, "stop-process 60"},
    {44, "kill-client"},
    {44, "halt-desk"},
    {44, "resume-desk"},
    {42, "crash-client"},
    {10, "sever"},
    {0, "heal"},
    {0, "heal"},
    {0, "heal"},
};

/* What ends the trouble: everything lasting, whoever is away, and our own halt. */
static const char *const peace[] = {"heal",        "link-back 1102", "resume *",
                                    "resume-desk", "split 0",        "join 0"};

static const char *const kinds[] = {"order-status", "open-order", "execution-data", "position"};

struct pen {
    struct td_rng *rng;
    const struct td_trial_plan *plan;
    struct td_text t;
};

static int64_t between(struct td_rng *rng, int64_t low, int64_t high)
{
    return td_rng_between(rng, low, high);
}

static void put_letter(struct pen *pen, char letter)
{
    const struct td_trial_plan *p = pen->plan;
    int64_t units;
    switch (letter) {
    case 'S':
        td_text_put(&pen->t, p->symbols[td_rng_below(pen->rng, p->symbol_count)]);
        return;
    case 'K':
        td_text_put(&pen->t, kinds[td_rng_below(pen->rng, TD_COUNT(kinds))]);
        return;
    case 'N':
        td_text_i64(&pen->t, between(pen->rng, 1, 4));
        return;
    case 'T':
        td_text_i64(&pen->t, between(pen->rng, 1, 20));
        return;
    case 'B':
        td_text_i64(&pen->t, between(pen->rng, 1, 9));
        return;
    case 'Q':
        units = between(pen->rng, 1, 5);
        td_text_i64(&pen->t, td_rng_below(pen->rng, 2) ? units : -units);
        return;
    default:
        TD_REQUIRE(false);
    }
}

static void put_words(struct pen *pen, const char *words)
{
    for (; *words; words++) {
        if (*words == '%')
            put_letter(pen, *++words);
        else
            td_text_char(&pen->t, *words);
    }
}

static enum td_err add_line(struct td_trial_plan *p, struct td_rng *rng, td_ns at,
                            const char *words, struct td_fail *why)
{
    char line[256];
    struct pen pen = {.rng = rng, .plan = p};
    td_text_init(&pen.t, line, sizeof line);
    if (strncmp(words, "on ", 3) != 0)
        td_text_printf(&pen.t, "at %lld:%02lld.%03lld ", (long long)(at / TD_MIN),
                       (long long)(at / TD_SEC % 60), (long long)(at / TD_MS % 1000));
    put_words(&pen, words);
    const enum td_err err = td_script_line(&p->script, (struct td_str){pen.t.buf, pen.t.len}, why);
    return err ? td_fail_add(why, err, "line \"%.*s\" of the drawn script", (int)pen.t.len,
                             pen.t.buf)
               : TD_OK;
}

/* Rows whose fault is wanted. */
static const struct wrong *draw_row(struct td_rng *rng, uint64_t wanted)
{
    for (;;) {
        const struct wrong *row = &table[td_rng_below(rng, TD_COUNT(table))];
        if (row->fault == 0 || wanted >> row->fault & 1)
            return row;
    }
}

static enum td_err draw_script(struct td_trial_plan *p, struct td_rng *rng, uint64_t wanted,
                               struct td_fail *why)
{
    const int64_t count = wanted ? between(rng, 4, 24) : 0;
    enum td_err err = TD_OK;
    td_script_init(&p->script);
    for (int64_t i = 0; i < count && !err; i++) {
        const struct wrong *row = draw_row(rng, wanted);
        p->faults += row->fault != 0;
        err = add_line(p, rng, between(rng, FIRST, p->trouble), row->words, why);
    }
    for (size_t i = 0; i < TD_COUNT(peace) && !err && wanted; i++)
        err = add_line(p, rng, p->trouble + (td_ns)i * TD_MS, peace[i], why);
    return err;
}

/* In order of time. */
static void sort_acts(struct td_trial_act *acts, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++)
        for (uint32_t k = i; k > 0 && acts[k].at < acts[k - 1].at; k--) {
            const struct td_trial_act later = acts[k - 1];
            acts[k - 1] = acts[k];
            acts[k] = later;
        }
}

static void draw_act(struct td_trial_act *a, struct td_rng *rng, td_ns trouble)
{
    static const enum td_err disk_errors[] = {TD_EIO, TD_ENOSPC};
    *a = (struct td_trial_act){.at = between(rng, FIRST, trouble),
                               .kind = (enum td_trial_act_kind)td_rng_below(rng, 5),
                               .count = 1 + td_rng_below(rng, 400)};
    if (a->kind == TD_ACT_DISK)
        a->disk = (struct td_sim_fault){.op = (enum td_sim_op)td_rng_below(rng, TD_SIM_ANY + 1),
                                        .nth = 1 + td_rng_below(rng, 20),
                                        .err = disk_errors[td_rng_below(rng, 2)],
                                        .forever = td_rng_below(rng, 2) != 0};
}

/* F40-F42 and F44 are the world's: disks, tails of the journal, signals. */
static void draw_acts(struct td_trial_plan *p, struct td_rng *rng, uint64_t wanted)
{
    const bool any = wanted >> 40 & 0x1f;
    const int64_t count = any ? between(rng, 0, 8) : 0;
    for (int64_t i = 0; i < count; i++)
        draw_act(&p->acts[p->act_count++], rng, p->trouble);
    sort_acts(p->acts, p->act_count);
    p->faults += p->act_count;
}

/* F54: a strategy that floods, from a stream of its own. */
static void draw_flood(struct td_trial_plan *p, const struct td_trial_config *config)
{
    struct td_rng rng;
    td_rng_init(&rng, config->seed ^ FLOOD_STREAM);
    p->flood = td_rng_below(&rng, 8) == 0 && p->monkey && config->faults >> 54 & 1;
    p->orders_per_minute = p->flood ? between(&rng, 3, 60) : 255;
    p->faults += p->flood;
}

/* The recorder has a stream of its own: what is drawn for the desk is the same with and without it. */
static void draw_camera(struct td_trial_plan *p, const struct td_trial_config *config)
{
    struct td_rng rng;
    td_rng_init(&rng, config->seed ^ CAMERA_STREAM);
    const bool drawn = td_rng_below(&rng, CAMERA_SHARE) == 0;
    p->camera = config->camera == TD_TRIAL_CAMERA_ALWAYS ||
                (config->camera == TD_TRIAL_CAMERA_DRAWN && drawn && !config->die_at);
    p->camera_symbols = (uint32_t)between(&rng, 1, p->symbol_count);
    p->camera_levels = (int32_t)between(&rng, 3, 10);
    p->camera_interval_ms = (int32_t)between(&rng, 200, 3000);
    p->camera_rotate = between(&rng, 15, 120) * TD_SEC;
    const int64_t count = config->faults >> 40 & 0x1f ? between(&rng, 0, 6) : 0;
    for (int64_t i = 0; i < count && p->camera; i++)
        draw_act(&p->camera_acts[p->camera_act_count++], &rng, p->trouble);
    sort_acts(p->camera_acts, p->camera_act_count);
    p->faults += p->camera_act_count;
}

/* One process, one moment: a busy market of one symbol, so that orders are on their way at every call. */
static void plan_death(struct td_trial_plan *p, const struct td_trial_config *config)
{
    p->symbols[0] = "IBM";
    p->symbol_count = 1;
    p->day = 20412; /* Friday 2025-11-21 */
    p->speed = 60;
    p->monkey = true;
    p->monkey_rate = 200;
    p->trouble = 40 * TD_SEC;
    p->duration = p->trouble + QUIET;
    p->acts[0] = (struct td_trial_act){
        .at = FIRST, .kind = config->power ? TD_ACT_CRASH : TD_ACT_DIE, .count = config->die_at};
    p->act_count = p->faults = 1;
}

/* Every other seed works some of its orders by algorithms: drawn beside the others, so that those are what they were. The
 * number is one by which the seeds of tests/seeds that are older than algorithms have none. */
static double draw_algos(uint64_t seed)
{
    struct td_rng rng;
    td_rng_init(&rng, seed ^ ALGOS_SALT);
    return td_rng_below(&rng, 2) == 0 ? (double)between(&rng, 200, 900) : 0;
}

/* Sessions of the years around now, so that both changes of the clocks and half days are among them. */
static int64_t draw_day(struct td_rng *rng)
{
    int64_t day = 20089 + between(rng, 0, 2 * 365); /* from 2025-01-01 on */
    while ((day + 4) % 7 == 0 || (day + 4) % 7 == 6)
        day++;
    return day;
}

static void draw_symbols(struct td_trial_plan *p, struct td_rng *rng, uint32_t wanted)
{
    static const char *const names[TD_TRIAL_SYMBOLS_MAX] = {"THIN", "QUIET", "IBM",  "CALM",
                                                            "MILD", "ES",    "SLOW", "AIG"};
    const uint32_t first = (uint32_t)td_rng_below(rng, TD_TRIAL_SYMBOLS_MAX);
    p->symbol_count = wanted ? wanted : (uint32_t)between(rng, 1, 3);
    for (uint32_t i = 0; i < p->symbol_count; i++)
        p->symbols[i] = names[(first + i) % TD_TRIAL_SYMBOLS_MAX];
}

enum td_err td_trial_draw(const struct td_trial_config *config, struct td_trial_plan *out,
                          struct td_fail *why)
{
    struct td_rng rng;
    if (config->days < 1 || config->days > 30 || config->symbols > TD_TRIAL_SYMBOLS_MAX)
        return td_fail_set(why, TD_EINVAL, "a trial has 1 to 30 days and at most %d symbols",
                           TD_TRIAL_SYMBOLS_MAX);
    memset(out, 0, sizeof *out);
    td_rng_init(&rng, config->seed);
    draw_symbols(out, &rng, config->symbols);
    out->day = draw_day(&rng);
    out->speed = between(&rng, 60, 120);
    out->depth_rows = td_rng_below(&rng, 4) ? 0 : 5;
    out->monkey = td_rng_below(&rng, 4) != 0;
    out->monkey_rate = (double)between(&rng, 1, 20);
    out->monkey_algos = draw_algos(config->seed);
    out->position_max = between(&rng, 3, 30);
    out->order_max = between(&rng, 1, 4);
    out->world =
        (struct td_simworld_options){.seed = config->seed,
                                     .latency_max = between(&rng, 1, 40) * TD_MS,
                                     .odd = config->faults ? (uint32_t)td_rng_below(&rng, 60) : 0,
                                     .disk_bytes = 0};
    /* A session and half an hour of it before and after, at the market's speed. */
    out->trouble = config->days * (8 * TD_HOUR / out->speed);
    out->duration = out->trouble + QUIET;
    draw_acts(out, &rng, config->faults);
    if (config->die_at)
        plan_death(out, config);
    draw_camera(out, config);
    draw_flood(out, config);
    const enum td_err err = draw_script(out, &rng, config->faults, why);
    out->script.seed = config->seed;
    return err;
}

void td_trial_tell(const struct td_trial_plan *p, char *out, size_t cap)
{
    struct td_text t;
    char date[32];
    struct td_text d;
    td_text_init(&d, date, sizeof date);
    td_text_iso(&d, p->day * TD_DAY);
    td_text_init(&t, out, cap);
    td_text_printf(&t, "%.10s at %lldx", date, (long long)p->speed);
    for (uint32_t i = 0; i < p->symbol_count; i++)
        td_text_printf(&t, "%s%s", i ? "," : ", ", p->symbols[i]);
    if (p->monkey && !p->flood && p->monkey_algos > 0)
        td_text_printf(&t, ", algos %.0f", p->monkey_algos);
    td_text_printf(&t, ", %s%s, depth %d, position %lld, latency %lld ms, odd %u, %u faults",
                   p->flood    ? "flooding monkey"
                   : p->monkey ? "monkey"
                               : "sma_cross",
                   p->camera ? " recorded" : "", (int)p->depth_rows, (long long)p->position_max,
                   (long long)(p->world.latency_max / TD_MS), p->world.odd, p->faults);
}
