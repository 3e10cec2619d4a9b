/* tests/desk/script_dial.h - a link to the scripted gateway (port 4003 of "script"), ready before anything else happens. */
#ifndef TD_TESTS_SCRIPT_DIAL_H
#define TD_TESTS_SCRIPT_DIAL_H

#include "desk/link.h"
#include "support/support.h"

static inline void script_dial(struct td_link *link, struct td_world *world, int32_t client_id)
{
    const struct td_link_config config = {.host = "script",
                                          .port = 4003,
                                          .client_id = client_id,
                                          .dial_ns = TD_SEC,
                                          .hello_ns = 10 * TD_SEC,
                                          .ready_ns = 15 * TD_SEC,
                                          .messages_per_sec = 40};
    struct td_tws_event ev;
    TD_OK_OR_FAIL(td_link_open(link, world, NULL));
    td_link_dial(link, &config);
    while (!td_link_ready(link)) {
        struct td_wake wake;
        td_world_wait(world, td_link_deadline(link), &wake);
        (void)td_link_wake(link, &wake);
        td_link_tick(link);
        while (td_link_next(link, &ev))
            assert_int_not_equal(ev.kind, TD_TWS_EV_CLOSED);
        td_link_flush(link);
    }
}

#endif
