/* store/capture.h - the capture log: what a recording writes the moment it happens.
 *
 * A Parquet file without its footer is unreadable, so a recording in progress appends to this log beside
 * its target, and store/session.h turns the log into the finished files. The log is the truth until they
 * are published. Every byte is laid down in docs/format.md#capture-log.
 *
 * Writer: one owner, holds the file's lock. Bytes are on the disk when td_capture_sync has returned, not
 * before. After a failed write or sync the writer refuses everything (fsync is never retried); what was
 * synced before stays readable.
 * Reader: streams with one buffer. A torn tail is cut and counted; a damaged record ends the reading and
 * is told apart from a tear; nothing behind it is trusted.
 */
#ifndef TD_STORE_CAPTURE_H
#define TD_STORE_CAPTURE_H

#include "market/event.h"
#include "sys/world.h"

#define TD_CAPTURE_SUFFIX     ".capture"
#define TD_CAPTURE_LEVELS_MAX 64 /* rows per side of a snapshot */
#define TD_CAPTURE_SYMBOL     24
#define TD_CAPTURE_BUFFER     32768

/* Facts of a session, written once at the head of its log. Texts are NUL-terminated. */
struct td_session_facts {
    char symbol[TD_CAPTURE_SYMBOL]; /* safe as a file name (td_symbol_is_safe) */
    char day[16];                   /* YYYY-MM-DD, trading day in New York */
    char time[8];                   /* HHMMSS, New York */
    char local_iso[40];             /* recording_date: local ISO time of the start */
    int32_t levels;                 /* rows per side of each snapshot, 1..TD_CAPTURE_LEVELS_MAX */
    int32_t interval_ms;
    bool paper;
    bool smart; /* SMART depth: several venues in one book */
    td_ns start_ns;
};

/* The book at one instant. Rows past the live ones are zero. */
struct td_snap {
    td_ns at_ns;      /* instant of the snapshot: everything received up to here is in it */
    td_ns recv_ns;    /* receipt of the last message in it, 0 none */
    td_ns venue_ns;   /* that message's venue stamp, 0 none */
    uint64_t seq;     /* messages of this session in it: 1-based number of the last one, 0 none */
    uint32_t quality; /* flags of market/book.h */
    bool generated;   /* some of it was made by the simulator's generator */
    td_px px[2][TD_CAPTURE_LEVELS_MAX]; /* [enum td_side][row] */
    td_qty qty[2][TD_CAPTURE_LEVELS_MAX];
};

enum td_capture_kind {
    TD_CAPTURE_MESSAGE = 1, /* td_event: TD_EV_DEPTH, TD_EV_DEPTH_RESET or TD_EV_GAP */
    TD_CAPTURE_SNAP = 2,
    TD_CAPTURE_END = 3,  /* the recording ended in order */
    TD_CAPTURE_TICK = 4, /* td_event: TD_EV_QUOTE or TD_EV_TRADE; not among the numbered messages */
};

struct td_capture {
    struct td_world *world;
    struct td_file file;
    enum td_err failed; /* first failure; TD_OK while healthy */
    size_t group_bytes;
    size_t used;
    uint64_t bytes; /* appended so far, buffered ones included */
    uint64_t messages;
    uint64_t snapshots;
    struct td_snap last; /* snapshots are written as changes from here; zero at first */
    uint8_t buf[TD_CAPTURE_BUFFER];
};

/* Creates the log at `path` (TD_EEXIST when something is there), takes its lock, writes and syncs the head.
 * group_bytes: 0 hands every record to the OS at once; else records wait in memory until that many bytes
 * are there (<= TD_CAPTURE_BUFFER) or flush or sync is called. */
TD_MUST_CHECK enum td_err td_capture_open(struct td_capture *c, struct td_world *world,
                                          const char *path, const struct td_session_facts *facts,
                                          size_t group_bytes, struct td_fail *why);
/* Appends. TD_ENOSPC, TD_EIO; afterwards that error again for every call. TD_EINVAL: another event kind.
 * `image`: not a message of the venue but a row of the book at the session's start. */
TD_MUST_CHECK enum td_err td_capture_message(struct td_capture *c, const struct td_event *ev,
                                             bool image);
/* A quote or a trade; other kinds are TD_EINVAL. */
TD_MUST_CHECK enum td_err td_capture_tick(struct td_capture *c, const struct td_event *ev);
TD_MUST_CHECK enum td_err td_capture_snap(struct td_capture *c, const struct td_snap *snap,
                                          int32_t levels);
TD_MUST_CHECK enum td_err td_capture_flush(struct td_capture *c);
TD_MUST_CHECK enum td_err td_capture_sync(struct td_capture *c);
/* Appends the end record and syncs. */
TD_MUST_CHECK enum td_err td_capture_seal(struct td_capture *c);
/* Gives up file and lock; whatever was not flushed is gone. Accepts a zeroed one, and twice. */
void td_capture_close(struct td_capture *c);

struct td_capture_record {
    enum td_capture_kind kind;
    uint64_t seq;          /* MESSAGE: its number, from 1 */
    bool image;            /* MESSAGE */
    struct td_event event; /* MESSAGE, TICK */
    struct td_snap snap;   /* SNAP */
};

enum td_capture_end {
    TD_CAPTURE_SEALED, /* ended by its end record                                 */
    TD_CAPTURE_OPEN,   /* ends with a whole record, without an end record: killed */
    TD_CAPTURE_TORN,   /* the last record is incomplete; cut_bytes of it were cut */
    TD_CAPTURE_DAMAGED, /* a record does not match its checksum or is impossible; cut_bytes are not trusted */
};

struct td_capture_reader {
    struct td_world *world;
    struct td_file file;
    struct td_session_facts facts;
    uint64_t size;   /* of the file, at open */
    uint64_t offset; /* of the next record   */
    uint64_t messages;
    enum td_capture_end end; /* valid when next has said TD_ENODATA */
    uint64_t cut_bytes;
    /* private */
    struct td_snap last;
    size_t have;
    size_t at;
    uint8_t buf[TD_CAPTURE_BUFFER];
};

/* Reads the head. TD_ENODATA: the log was cut off within its head, so there is nothing to recover.
 * TD_ECORRUPT: the head is damaged. TD_EVERSION: a newer format. TD_EPARSE: not a capture log. */
TD_MUST_CHECK enum td_err td_capture_reader_open(struct td_capture_reader *r,
                                                 struct td_world *world, const char *path,
                                                 struct td_fail *why);
/* The next record. TD_ENODATA: no more; `end` and `cut_bytes` say how the log ended. TD_EIO. */
TD_MUST_CHECK enum td_err td_capture_next(struct td_capture_reader *r,
                                          struct td_capture_record *out);
void td_capture_reader_close(struct td_capture_reader *r);

#endif
