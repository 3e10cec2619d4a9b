/* store/recorded_inner.h - what the files of recorded days share; nobody else includes it. */
#ifndef TD_STORE_RECORDED_INNER_H
#define TD_STORE_RECORDED_INNER_H

#include "store/depth_cursor.h"
#include "store/recorded.h"

struct td_recorded {
    struct td_world *world;
    const char *folder;
    struct td_recorded_session *sessions; /* [TD_RECORDED_SESSIONS] */
    size_t count, looked;
    bool cut, listed;
    td_ns listed_at; /* monotonic */
    /* the one open file */
    struct td_depth_cursor *cursor; /* NULL: none */
    struct td_depth_source facts;
    char path[TD_PATH_MAX];
    struct td_depth_span *spans; /* [TD_RECORDED_GROUPS] of its groups */
    size_t groups;
    struct td_recorded_column *columns; /* [TD_RECORDED_COLUMNS] */
};

/* Opens the session's file and reads the times of its groups, unless it is the one that is open. */
TD_MUST_CHECK enum td_err recorded_use(struct td_recorded *r, const struct td_recorded_session *s,
                                       struct td_fail *why);
void recorded_drop(struct td_recorded *r);
/* Looks into a file that was only listed. What is wrong with it becomes its `problem`. */
void recorded_look(struct td_recorded *r, struct td_recorded_session *s);

#endif
