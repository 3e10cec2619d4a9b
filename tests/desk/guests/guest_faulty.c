/* tests/desk/guests/guest_faulty.c - a strategy in a shared object that buys two with a stop, and once they are held goes wrong in
 * the way its parameter `mode` says. */
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "strat/guest.h"

enum mode {
    SOUND,
    HANG,
    SPIN,
    DEAF_SPIN, /* and ignores SIGTERM */
    FLOOD,
    CRASH,
    EXIT,
    BYTES,
    LONG_FRAME,
    HUGE_COUNT,
    PAST_COUNT,
    WRONG_LEG,
    NOT_A_NUMBER,
    WRONG_KIND,
    ANSWERS_TWICE,
    CLOSES,
    EATS_MEMORY,
    LATE,
    INIT_FAILS,
    INIT_HANGS,
    INIT_CRASHES,
    FORKS, /* sound, but tries to */
    EAGER, /* sound, and asks at every print while it holds nothing and nothing is pending */
};

static const struct td_strat_param table[] = {{"mode", 0, 0, 100, "what goes wrong"}};

struct state {
    int mode, seen;
    td_ns wanted; /* when it asked last */
};

static const struct td_strat faulty;

static void for_ever(void)
{
    for (volatile int i = 0;; i = i + 1) {
    }
}

static enum td_err init(void *memory, const struct td_strat_setup *setup, struct td_fail *why)
{
    struct state *s = memory;
    s->mode = (int)setup->params[0];
    if (s->mode == INIT_HANGS)
        (void)pause();
    if (s->mode == INIT_CRASHES)
        abort();
    return s->mode == INIT_FAILS ? td_fail_set(why, TD_EINVAL, "not with these numbers") : TD_OK;
}

static void say_frame(const struct td_guest_head *head)
{
    (void)!write(0, head, sizeof *head);
}

static size_t break_channel(const struct state *s)
{
    static const char noise[70000];
    struct td_guest_head head = {0x54444731u, TD_GUEST_INTENTS, 0xfffffff0u};
    if (s->mode == BYTES)
        (void)!write(0, noise, sizeof noise);
    if (s->mode == LONG_FRAME)
        say_frame(&head);
    if (s->mode == ANSWERS_TWICE) {
        struct td_guest_answer twice = {.seq = 1};
        head.len = sizeof twice;
        say_frame(&head);
        (void)!write(0, &twice, sizeof twice);
    }
    if (s->mode == CLOSES) {
        (void)shutdown(0, SHUT_RDWR);
        (void)pause();
    }
    return 0;
}

static size_t end_process(const struct state *s)
{
    if (s->mode == CRASH)
        (void)raise(SIGSEGV);
    if (s->mode == EXIT)
        _exit(3);
    if (s->mode == EATS_MEMORY)
        for (size_t size = 1 << 20;; size += 1 << 20) {
            char *p = malloc(size);
            if (!p)
                abort();
            memset(p, 1, size);
        }
    return 0;
}

static size_t write_nonsense(const struct state *s, const struct td_event *event,
                             const struct td_view *view, struct td_intent *out)
{
    const size_t n = s->mode == FLOOD ? TD_INTENTS_MAX : 1;
    for (size_t i = 0; i < n; i++) {
        td_intent_init(&out[i], &faulty, event, view);
        out[i].kind = TD_INTENT_CANCEL;
        out[i].tag = 77;
    }
    if (s->mode == WRONG_LEG)
        out->leg = 5;
    if (s->mode == NOT_A_NUMBER)
        out->strength = 0.0 / (double)(s->seen - s->seen);
    if (s->mode == WRONG_KIND)
        out->kind = 200;
    return s->mode == HUGE_COUNT ? SIZE_MAX : s->mode == PAST_COUNT ? TD_INTENTS_MAX + 1 : n;
}

static size_t go_wrong(struct state *s, const struct td_event *event, const struct td_view *view,
                       struct td_intent *out)
{
    switch (s->mode) {
    case SOUND:
    case EAGER:
        return 0;
    case FORKS:
        return fork() >= 0 ? write_nonsense(s, event, view, out) : 0;
    case DEAF_SPIN:
        (void)signal(SIGTERM, SIG_IGN);
        for_ever();
        return 0;
    case SPIN:
        for_ever();
        return 0;
    case HANG:
        (void)pause();
        return 0;
    case LATE:
        (void)usleep(200000);
        return 0;
    case FLOOD:
    case HUGE_COUNT:
    case PAST_COUNT:
    case WRONG_LEG:
    case NOT_A_NUMBER:
    case WRONG_KIND:
        return write_nonsense(s, event, view, out);
    case CRASH:
    case EXIT:
    case EATS_MEMORY:
        return end_process(s);
    default:
        return break_channel(s);
    }
}

static size_t on_event(void *memory, const struct td_event *event, const struct td_view *view,
                       struct td_intent *out)
{
    struct state *s = memory;
    const struct td_leg *leg = view->leg;
    if (event->kind != TD_EV_TRADE || td_px_is_none(leg->quote.bid))
        return 0;
    if (leg->position.e9 && !leg->pending.e9 && ++s->seen > 20)
        return go_wrong(s, event, view, out);
    if ((event->recv_ns - s->wanted < TD_SEC && s->mode != EAGER) || leg->position.e9 ||
        leg->pending.e9)
        return 0;
    s->wanted = event->recv_ns;
    td_intent_market(out, &faulty, event, view, TD_QTY(2));
    out->protect = (td_px){leg->quote.bid.e9 / 100 * 90 / 10000000 * 10000000};
    return 1;
}

static const struct td_strat faulty = {
    .name = "faulty",
    .help = "goes wrong",
    .state_size = sizeof(struct state),
    .params = table,
    .param_count = TD_COUNT(table),
    .init = init,
    .on_event = on_event,
};

TD_STRATEGY(faulty);
