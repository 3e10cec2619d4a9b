/* trial/judge.h - what must hold, judged by code that is not the code under test.
 *
 * The oracle is the gateway's ledger: what it received, filled and holds. The journal is read again from the disk by a
 * blotter of the judge's own. td_judge_look after every turn of the desk, td_judge_end when peace has come. The first
 * thing that does not hold is kept in words; what comes after it is its consequence.
 */
#ifndef TD_TRIAL_JUDGE_H
#define TD_TRIAL_JUDGE_H

#include "trial/stage.h"
#include "trial/witness.h"

struct td_judge {
    char what[240]; /* empty: all held so far */
    uint64_t checks;
    uint32_t orders_seen; /* of the ledger */
    td_ns minute[256];    /* when the newest orders that add risk came, of a flood */
    uint32_t minute_count;
    td_ns halted_since; /* monotonic; 0: the desk is not halted */
    uint64_t turns;
    struct td_arena arena; /* of the second blotter */
    void *memory;
    struct td_blotter again;
    uint64_t hash; /* of all records */
    uint32_t orders, changes, frozen, parents;
    char (*refs)[40]; /* of the journal's orders */
    uint32_t ref_cap;
    struct td_witness witness; /* of the recorder's files */
};

TD_MUST_CHECK enum td_err td_judge_open(struct td_judge *j, struct td_fail *why);
void td_judge_close(struct td_judge *j);
bool td_judge_held(const struct td_judge *j);
/* After a turn of the desk. */
void td_judge_look(struct td_judge *j, struct td_stage *s);
/* Nothing is on its way between the two: the session is ready, no order waits for the disk, the positions are equal. */
bool td_judge_settled(const struct td_stage *s);
/* After the trouble: everything has an end, and both sides agree. `refused`: why the last start was, if it was. */
void td_judge_end(struct td_judge *j, struct td_stage *s, const char *refused);
/* The recorder's files: after a process of its has ended, and at the end, when it was stopped. */
void td_judge_camera(struct td_judge *j, struct td_stage *s, bool end);

#endif
