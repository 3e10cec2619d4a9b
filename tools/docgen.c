/* tools/docgen.c - pages made from the program's tables, to stdout: docgen errors|settings|journal|fault-scripts|gateway|
 * connection|dbn|indicators|features|strategies|signals-input|api. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dash/openapi.h"
#include "desk/alert.h"
#include "desk/budget.h"
#include "desk/checklist.h"
#include "desk/codes.h"
#include "desk/connectivity.h"
#include "desk/market.h"
#include "desk/pacer.h"
#include "desk/pulse.h"
#include "desk/ibc.h"
#include "desk/manager.h"
#include "desk/reload.h"
#include "desk/settings.h"
#include "desk/verdict.h"
#include "signal/deviations.h"
#include "signal/feature.h"
#include "signal/indicator.h"
#include "signal/micro.h"
#include "sim/script.h"
#include "strat/strat.h"
#include "trade/journal.h"
#include "trade/mlquality.h"
#include "trade/mlrisk.h"
#include "wire/dbn_layout.h"

static char bytes[131072];

static void put_errors(struct td_text *t)
{
    size_t count;
    const struct td_code *codes = td_code_table(&count);
    td_text_put(t,
                "# Errors\n\nMade from the tables by `make docs`.\n\n## Ours\n\n"
                "A command that ends with one of these prints one line and leaves with this exit "
                "status: 1 failure,\n"
                "2 usage or connection. A command may say its own rule in its page (docs/cmd).\n\n"
                "| name | exit | meaning |\n| --- | --- | --- |\n");
    for (int e = 0; e < TD_ERR_COUNT; e++)
        td_text_printf(t, "| %s | %d | %s |\n", td_err_name((enum td_err)e),
                       td_err_exit((enum td_err)e), td_err_text((enum td_err)e));
    td_text_put(
        t, "\n## The broker's\n\nCodes of TWS and IB Gateway, as `tapedeck explain` tells them. "
           "Kinds: notice "
           "(nothing ends), warning (the\nrequest or order lives), error (the request or order it "
           "names has "
           "failed), connection, local (made by client\nlibraries, never sent by a gateway).\n\n"
           "| code | kind | meaning | what to do |\n| --- | --- | --- | --- |\n");
    for (size_t i = 0; i < count; i++) {
        td_text_put(t, "| ");
        td_code_print(&codes[i], t);
        td_text_printf(t, " | %s | %s | %s |\n", td_code_kind_name(codes[i].kind), codes[i].meaning,
                       codes[i].action);
    }
}

static void put_form(const struct td_opt *row, struct td_text *t)
{
    if (row->type == TD_OPT_FLAG)
        td_text_put(t, "1 or 0");
    else if (row->choices)
        for (const char *p = row->choices; *p; p++)
            td_text_put(t, *p == '|' ? " or " : (char[]){*p, '\0'});
    else
        td_opt_form(row, t);
    if (row->low || row->high) {
        td_text_put(t, ", ");
        td_opt_range(row, t);
    }
}

static void put_settings(struct td_text *t)
{
    td_text_put(
        t,
        "# Settings\n\nMade from the table by `make docs`. A command-line option wins over the "
        "process "
        "environment, that over `.env` in the\nworking folder, that over the default. `tapedeck "
        "config` "
        "shows each value and where it came from; secrets are masked\nthere and never logged.\n\n"
        "All settings are taken or none. A value of the wrong form or out of its range, two that "
        "contradict each other, a key\ntwice and a key that is one slip away from one of ours "
        "are refused with file, line and reason, and the command ends with\nits exit status "
        "before it opens a session. Keys that are nobody's are left alone: other programs share "
        "`.env`.\n\n"
        "## Reading again\n\n"
        "SIGHUP and `tapedeck reload` make a running desk read `.env` and `USER_SETTINGS_FILE` "
        "again, as a whole. Either all of it\nis valid and counts between two turns, after its "
        "records (SETTINGS, [journal.md](journal.md)) are on the disk, or all of it\nis refused "
        "and what was in force stays. After a refused reading no entry is decided or leaves, "
        "exits pass, and orders that\nwork stay; a good reading or `tapedeck resume` ends that. "
        "Entries that were approved before a change and still wait for the\ndisk are not sent.\n\n"
        "The column *again* says what a reading may do. *when smaller* and its kin: a stricter "
        "value counts, and can be taken back to\nthat of the start; a looser one waits for a "
        "start. So a file that was cut closes and never opens. The environment of the\nprocess "
        "and options of the command are not read again: they stay. A file that was there at the "
        "start and is gone, changes\nwhile it is read, or that somebody else may write is "
        "refused. `default.max_daily_loss` counts when smaller, `default.symbols`\nat the next "
        "start.\n\n"
        "## The table\n\n"
        "| key | form | default | again | meaning |\n| --- | --- | --- | --- | --- |\n");
    for (const struct td_opt *row = td_settings_table; row->name; row++) {
        td_text_printf(t, "| %s | ", row->name);
        put_form(row, t);
        td_text_printf(t, " | %s | %s | %s%s |\n", row->preset ? row->preset : "",
                       td_reload_words(td_reload_way(row->name)), row->help,
                       row->secret ? " (secret)" : "");
    }
}

static void put_journal(struct td_text *t)
{
    td_text_printf(
        t,
        "# The journal\n\nMade from the table of records by `make docs`. The journal is the truth "
        "about orders; "
        "`orders.db` and the audit log\nare made from it. Files `NNNN.tdj`, from `0001.tdj` on "
        "without a hole, in "
        "`<state>/journal`; one process at a time holds\nthe lock file `lock` there. Each start of "
        "a process begins "
        "a new file, and so does one that has grown past %llu MiB.\nNumbers are little-endian. "
        "Times are ns since "
        "1970-01-01 UTC. Prices, sizes and money are in 1e-9 of a unit; unset is\n2^63 - 1.\n\n",
        (unsigned long long)(TD_JOURNAL_FILE_MAX >> 20));
    td_text_put(
        t, "## Head of a file, 64 bytes\n\n| offset | bytes | what |\n| --- | --- | --- |\n"
           "| 0 | 8 | `TDJRNL`, a zero byte, a byte 1 |\n| 8 | 4 | version: 2; files of version 1 "
           "are read, its orders had the fields up to text |\n"
           "| 12 | 4 | number of the file, as in its name |\n| 16 | 8 | when it was begun |\n"
           "| 24 | 16 | chain hash of the last record of the file before; zeros in the first |\n"
           "| 40 | 20 | zero |\n| 60 | 4 | CRC-32C of bytes 0..59 |\n\n");
    td_text_put(
        t,
        "## Frame of a record\n\n| offset | bytes | what |\n| --- | --- | --- |\n"
        "| 0 | 4 | n, length of the body |\n| 4 | 4 | CRC-32C of everything behind it in this "
        "frame |\n"
        "| 8 | 4 | offset in the file of the first frame of the same commit |\n| 12 | n | body |\n"
        "| 12 + n | 16 | chain hash: BLAKE2b, 16 bytes, of the chain hash before and the body |\n\n"
        "A commit writes its frames at once and syncs; only then may an order's bytes leave. A "
        "power cut can "
        "leave any part of\nthe last commit: a frame that is not whole is a torn end when no whole "
        "frame of a "
        "later commit stands behind it in the\nnewest file, and is cut at the next start. Anything "
        "else that "
        "does not fit is damage, and nothing trades on it.\n\n");
    td_text_printf(t,
                   "## Body\n\n| offset | bytes | what |\n| --- | --- | --- |\n| 0 | 8 | number of "
                   "the record, from 1 "
                   "on without a hole |\n| 8 | 8 | time |\n| 16 | 2 | type |\n| 18 | | the fields "
                   "of the type |\n\n"
                   "At most %d bytes. A text is its length (u16) and its bytes, without a zero at "
                   "the end.\n\n",
                   TD_RECORD_BYTES_MAX);
    td_text_put(t, "## Types\n\n");
    td_record_describe(t);
    td_text_put(
        t,
        "\nThe texts of STOP and RECON end with `state`, 8 hex digits that name the layout of the "
        "state, a colon and 16 hex\ndigits: a hash over the state before the record, orders, "
        "executions, positions, counters and halts, member by\nmember. Whoever replays the journal "
        "to there has the same: `tapedeck replay` and `tapedeck journal verify` compare it.\n\n"
        "## Snapshots\n\n`NNNN.snap` beside `NNNN.tdj` is the state before the first record of "
        "that "
        "file, written when the file is begun. A start\nbegins with the newest one that fits the "
        "chain hash at the head of its file, when `orders.db` and the audit log hold\nthat much, "
        "and "
        "reads the records behind it; older files are taken on trust then, and `tapedeck journal "
        "verify` reads\nthem all. A damaged one, one of another layout or of another chain is as "
        "if "
        "it were not there: snapshots only save time,\nand may be deleted. The newest three are "
        "kept. 80 bytes of head: `TDSNAP`, a zero byte, a byte 1; number of the file\n(u32); "
        "CRC-32C "
        "of the last record (u32); its number (u64); its chain hash (16); hash of the layout "
        "(u64); "
        "length of the\nbody (u64); CRC-32C of the body (u32); zeros; CRC-32C of bytes 0..75 "
        "(u32). "
        "The body is the state, member by member, in\nthe order of the tables in "
        "src/trade/snapshot.c.\n");
}

static void put_limits(struct td_text *t)
{
    td_text_put(t,
                "\n## Limits\n\nWhere several settings are about one limit, the most restrictive "
                "counts; `tapedeck status --gates` shows which that\nis, in a running desk. A "
                "limit that may be off is off unless its setting is given; one that is on and "
                "whose fact is\nnot known refuses. Parts are of equity, which is DEFAULT_CASH "
                "until the account tells.\n\n| limit | is | missing |\n| --- | --- | --- |\n");
    for (int i = 0; i < TD_LIMIT_COUNT; i++)
        td_text_printf(t, "| %s | %s | %s |\n", td_limit_name((enum td_limit)i),
                       td_limit_meaning((enum td_limit)i),
                       td_limit_needed((enum td_limit)i) ? "refuses" : "is off");
}

static void put_gates(struct td_text *t)
{
    td_text_put(t,
                "# Gates\n\nMade from the tables of gates and limits by `make docs`. An intent "
                "becomes an order only when every gate is open; all\nare asked for every order, in "
                "this order, and the first closed one is the reason that is journaled. What is "
                "not\nknown closes a gate. Orders that only make a position smaller, with all "
                "that already works counted, pass the gates\nthat say so: a halt never traps a "
                "position. Cancels are never asked. A change of a working order is asked as if "
                "it\nwere a new one in place of the old.\n\n");
    td_gate_describe(t);
    put_limits(t);
}

static void put_gateway_life(struct td_text *t)
{
    td_text_put(
        t,
        "# The gateway's life\n\nMade from the tables by `make docs`. `tapedeck gateway` shows and "
        "starts a gateway by hand, `tapedeck doctor` examines\nit, and `run` starts one when it "
        "needs one. All of them, and the running desk, go by one state machine "
        "(`src/desk/manager.h`).\nNo program is ever ended by it, and nothing is started on a fact "
        "that could not be read.\n\n## States\n\n"
        "| state | meaning | enter | leave | limit | when it stays there |\n"
        "| --- | --- | --- | --- | --- | --- |\n");
    for (int i = 0; i < TD_MANAGER_STATES; i++) {
        const struct td_manager_row *r = &td_manager_rows[i];
        td_text_printf(t, "| %s | %s | %s | %s | %s | %s |\n", r->name, r->meaning, r->enter,
                       r->leave, r->limit, r->human);
    }
    td_text_put(t, "\nAn alert comes within 3 failures or 5 minutes without READY, outside the "
                   "broker's windows; inside one it waits until\n10 minutes behind it. It names "
                   "the state, since when, the tries, the next one, the cause and what to do. Its "
                   "words:");
    for (int i = 0; i < TD_MANAGER_ALERTS; i++)
        td_text_printf(t, "%s %s", i ? "," : "", td_manager_alert_word((enum td_manager_alert)i));
    td_text_put(t, ".\n");
}

static void put_gateway(struct td_text *t)
{
    size_t count;
    const struct td_ibc_status *statuses = td_ibc_status_table(&count);
    put_gateway_life(t);
    td_text_put(t, "\n## Verdicts\n\nWhat one handshake finds, and how `tapedeck probe` and "
                   "`tapedeck gateway handshake` end.\n\n| verdict | exit | meaning | what to do "
                   "|\n| --- | --- | --- | --- |\n");
    for (int i = 0; i < TD_PROBES; i++)
        td_text_printf(t, "| %s | %d | %s | %s |\n", td_probe_rows[i].name, td_probe_rows[i].exit,
                       td_probe_rows[i].meaning, td_probe_rows[i].action);
    td_text_put(t, "\n## IBC\n\nWith `IBC_PATH`, `IB_USERNAME` and `IB_PASSWORD` set, and IB "
                   "Gateway installed below `IB_JTS_LINUX_DIR`, the login is IBC's\nwork. Its "
                   "`config.ini` is written below the runtime folder, mode 0600, from these keys; "
                   "login and password stand in it\nalone, in no argument, environment or "
                   "log.\n\n| key | why |\n| --- | --- |\n");
    for (size_t i = 0; i < td_ibc_key_count; i++)
        td_text_printf(t, "| %s | %s |\n", td_ibc_keys[i].key, td_ibc_keys[i].why);
    td_text_put(t, "\n| exit status | meaning | what to do |\n| --- | --- | --- |\n");
    for (size_t i = 0; i < count; i++)
        td_text_printf(t, "| %d | %s | %s |\n", statuses[i].status, statuses[i].meaning,
                       statuses[i].action);
    td_text_put(t, "\n## By hand\n\nWhat no program should do for you: approve the second "
                   "factor; answer a dialog in the gateway's window; re-arm an API that\nhangs "
                   "(Configure, API, Precautions, Apply; then Settings, Apply; or change the port "
                   "and change it back); remove a stale\n`autorestart` file from the settings "
                   "folder.\n");
}

/* --- the connection --- */

static void put_connection_words(struct td_text *t)
{
    td_text_put(
        t,
        "# A connection that can be left alone\n\nMade from the tables by `make docs`. `trade`, "
        "`record` and `run` stay on one connection (`src/desk/connection.h`): the manager "
        "decides\nwhen to "
        "connect ([gateway.md](gateway.md)), the link counts and paces what is sent, the market "
        "keeps "
        "the subscriptions true, and\n`tapedeck status` shows all of it. `probe` makes one "
        "handshake.\n\n"
        "## What happens when\n\n| when | then |\n| --- | --- |\n"
        "| the socket ends | quotes and books are void, the gate is closed, the manager connects "
        "again; an unfinished handshake is reset, a finished session closed in order |\n"
        "| a session is ready | contracts are qualified, everything is subscribed under new ids, "
        "orders, executions and positions are looked up; the gate opens when the checklist is "
        "complete |\n"
        "| 1100, 2110 | gate closed, everything stale, nothing is asked for; outside the reset "
        "windows "
        "trading is halted after 5 minutes, until `tapedeck resume` |\n"
        "| 1101 | everything is subscribed again under new ids, then the look-up |\n"
        "| 1102, a farm back | the look-up after 1102; every subscription must show data within 30 "
        "s, "
        "or it is asked for again |\n");
    td_text_printf(
        t,
        "| a subscription is silent for %lld s in an open market | stale within the next second: "
        "no "
        "decision uses it; cancelled and asked for under a new id, at most every 30 s, after %d "
        "tries "
        "without data an alert and pauses up to 5 minutes |\n"
        "| 101, 309, 10190 | the budget shrinks to what stands; one slot more is tried every %lld "
        "minutes |\n"
        "| more symbols than slots | the longest holder gives way after %lld s, unless it has a "
        "position |\n"
        "| error 100 | rate halved, gate closed for 10 s, %d messages a second given back every 10 "
        "s "
        "|\n",
        (long long)(TD_MARKET_SILENT / TD_SEC), TD_MARKET_TRIES,
        (long long)(TD_BUDGET_AGAIN / TD_MIN), (long long)(TD_BUDGET_DWELL / TD_SEC), TD_PACE_STEP);
    td_text_printf(
        t,
        "| no byte for %lld s | the gateway is asked for its time; no answer in %lld s closes the "
        "gate, a second miss drops the socket; not inside reset windows |\n"
        "| our wall clock jumps by more than %lld s | gate closed until the gateway's time agrees "
        "within 2 s |\n"
        "| we were stopped for more than %lld s | the look-up; orders decided more than 2 s ago "
        "are "
        "not sent |\n"
        "| 326 | a trading client tries the same id again and tells after 120 s; `record` and "
        "`run` "
        "take the next of their three ids |\n"
        "| 2105, 2157 | no history, no contract is asked for until the farm is back; `run` waits "
        "ten minutes "
        "at most, and asks again for what an outage swallowed |\n"
        "| another account, or a live one on a paper plan | the gate is latched shut until a "
        "restart, "
        "with an alert |\n"
        "| GATEWAY_RESTART_AT, a reset window | the gate closes two minutes before, and opens with "
        "the look-up of the session behind it; when the restart does not come, with a look-up 5 "
        "minutes after its time |\n"
        "| 10197 | the data of that line waits 5 minutes; told every 15 minutes at most |\n"
        "| a damaged message about orders | the look-up; any other is counted and skipped |\n"
        "| a market data farm away for 5 minutes, three handshakes failed | a soft restart of a "
        "gateway on this "
        "machine, when IBC_COMMAND_PORT is set: once an hour, never with an order in flight; else "
        "an alert |\n"
        "| GATEWAY_WEEKLY_LOGIN | an alert to approve it, and half an hour later one when no "
        "session is ready |\n"
        "| a broken frame | the connection is dropped and made again |\n"
        "| the manager needs a human | one alert, hourly reminders, and a connect every ten "
        "minutes "
        "that shows whether somebody acted |\n\n",
        (long long)(TD_PULSE_SILENCE / TD_SEC), (long long)(TD_PULSE_ANSWER / TD_SEC),
        (long long)(TD_PULSE_JUMP / TD_SEC), (long long)(TD_PULSE_STOPPED / TD_SEC));
}

static void put_farms(struct td_text *t)
{
    size_t count;
    const struct td_farm_row *rows = td_farm_rows(&count);
    td_text_put(
        t,
        "## Farms\n\nA flap concerns the contracts a farm feeds. Farms with other names, and "
        "contracts that no "
        "row names, are always concerned.\n\n"
        "| name begins with | kind | security types | currencies |\n| --- | --- | --- | --- |\n");
    for (size_t i = 0; i < count; i++)
        td_text_printf(t, "| %s | %s | %s | %s |\n", rows[i].prefix,
                       td_farm_kind_word(rows[i].kind), rows[i].sec_types,
                       *rows[i].currencies ? rows[i].currencies : "all");
    td_text_put(t, "\n");
}

static void put_pace(struct td_text *t)
{
    size_t count;
    const struct td_pace_rule *rules = td_pacer_rules(&count);
    td_text_put(t, "## Pace\n\nNever more than so many in any window of that length. Cancels go "
                   "before requests, orders before both.\n\n"
                   "| what | at most | in seconds |\n| --- | --- | --- |\n");
    for (size_t i = 0; i < count; i++)
        td_text_printf(t, "| %s | %d | %lld |\n", rules[i].what, (int)rules[i].count,
                       (long long)(rules[i].window / TD_SEC));
    td_text_printf(t, "| historical requests in flight | %d | |\n\n", TD_PACE_IN_FLIGHT);
}

static void put_connectivity(struct td_text *t)
{
    static const struct {
        uint32_t bit;
        const char *word;
    } words[] = {{TD_CONN_CLOSE, "close the gate"},
                 {TD_CONN_RESUBSCRIBE, "subscribe again"},
                 {TD_CONN_VERIFY, "verify every line"},
                 {TD_CONN_BARS, "doubt live bars"},
                 {TD_CONN_SYNC, "look up"},
                 {TD_CONN_SLOW, "slow down"},
                 {TD_CONN_ALERT, "alert"},
                 {TD_CONN_TELL, "log"}};
    size_t count;
    const struct td_conn_row *rows = td_connectivity_table(&count);
    td_text_put(t, "## Notices\n\nA repeat changes nothing and is only counted.\n\n"
                   "| code | meaning | to do |\n| --- | --- | --- |\n");
    for (size_t i = 0; i < count; i++) {
        const char *between = "";
        td_text_printf(t, "| %d | %s | ", (int)rows[i].code, rows[i].meaning);
        for (size_t w = 0; w < TD_COUNT(words); w++)
            if (rows[i].todo & words[w].bit) {
                td_text_printf(t, "%s%s", between, words[w].word);
                between = ", ";
            }
        td_text_put(t, *between ? " |\n" : "none |\n");
    }
}

static void put_connection(struct td_text *t)
{
    put_connection_words(t);
    td_text_put(t,
                "## Start-up checklist\n\nThe order gate opens when each item is confirmed, or "
                "waived (TAPEDECK_WAIVE). What the gateway must answer\nmust be there within two "
                "minutes, else the connection is dropped with an alert.\n\n"
                "| item | confirmed by | asked again after | waivable |\n| --- | --- | --- | --- "
                "|\n");
    for (int i = 0; i < TD_CHECK_COUNT; i++) {
        const struct td_check_row *row = td_checklist_row((enum td_check)i);
        td_text_printf(t, "| %s | %s | ", row->word, row->how);
        if (row->limit)
            td_text_printf(t, "%lld s", (long long)(row->limit / TD_SEC));
        td_text_printf(t, " | %s |\n", row->waivable ? "yes" : "no");
    }
    td_text_char(t, '\n');
    put_pace(t);
    put_farms(t);
    put_connectivity(t);
    td_text_put(t, "\n## Alerts\n\nWritten to error.log when they begin, reminded of after the "
                   "pause, listed by `tapedeck status` until they are over.\n\n"
                   "| word | pause | what a human should do |\n| --- | --- | --- |\n");
    for (int k = 0; k < TD_ALERT_COUNT; k++)
        td_text_printf(t, "| %s | %lld min | %s |\n", td_alert_word((enum td_alert_kind)k),
                       (long long)(td_alert_pause((enum td_alert_kind)k) / TD_MIN),
                       td_alert_action((enum td_alert_kind)k));
}

/* ---- DBN ---- */

static const char dbn_head[] =
    "# Databento Binary Encoding\n\n"
    "`src/wire/dbn*`: metadata and records of DBN 1 to 3, read and written without I/O, by the "
    "tables below "
    "(`dbn_layout*.c`).\n`tapedeck dbn` ([page](../cmd/dbn.md)) shows and converts files.\n\n"
    "A file is zstd frames one behind the other (skippable ones among them) or plain bytes: "
    "metadata, then records to the "
    "end.\nWhat it is, is told by its bytes. A fragment is records alone; the length of its first "
    "record tells the "
    "version. A file is\nwhole when it ends at the end of a record and of a frame; anything else "
    "is torn, which is told with "
    "the place.\n\n"
    "## Names and values\n\n"
    "The names below are the keys of `dbn cat --json`, the heads of CSV and the columns of "
    "Parquet. JSON nests the levels of a "
    "book in\n`levels`, without the two digits at the end. Behind them stand `ts_out`, when the "
    "file has it, and `symbol`: "
    "what the metadata call\nthe instrument on the UTC day of `ts_recv` (`ts_event` where there is "
    "none); null when they do "
    "not say.\n\n"
    "| type | bytes | not given | JSON, CSV | Parquet |\n| --- | --- | --- | --- | --- |\n"
    "| u8 u16 i8 i16 i32 | 1 2 4 | largest, where marked | number | INT32 |\n"
    "| u32 | 4 | largest, where marked | number | INT64 |\n"
    "| u64 | 8 | | number | INT64, unsigned |\n"
    "| i64, qty32 | 8, 4 | largest, where marked | number | INT64 |\n"
    "| price | 8 | INT64_MAX | exact decimal of the 1e-9 units | DOUBLE, or `--prices fixed`: "
    "INT64 of 1e-9 |\n"
    "| time | 8 | UINT64_MAX | ns since 1970 UTC | INT64 timestamp, ns UTC |\n"
    "| letter | 1 | 0 | text of one | UTF8 |\n"
    "| text | | | text up to the first NUL | UTF8; a byte that is no ASCII becomes `?` |\n\n"
    "Not given is null in JSON and Parquet, and nothing in CSV. qty32 is an i32 that version 3 "
    "made an i64. A field marked with * "
    "can be\nnot given. Numbers are little-endian, at any alignment.\n\n"
    "`convert`, and `cat --upgrade`, show old records in the form of version 3: fields by name, "
    "widened; what the old form had "
    "not is\nnot given, or `N` for `leg_side`; what version 3 no longer has is dropped. `cat` "
    "alone shows what is there.\n\n"
    "## Metadata\n\n"
    "`DBN`, version u8, length u32 of what follows (100 bytes to 64 MiB), then at these "
    "offsets:\n\n"
    "| field | version 1 | 2 and 3 |\n| --- | --- | --- |\n"
    "| dataset, 16 characters | 8 | 8 |\n| schema u16, 0xffff mixed | 24 | 24 |\n"
    "| start, end, limit u64 | 26, 34, 42 | 26, 34, 42 |\n| records u64, no longer filled | 50 | "
    "|\n"
    "| stype_in, stype_out, ts_out u8 | 58 | 50 |\n| width of a symbol u16 (22 in version 1; at "
    "most 255) | | 53 |\n"
    "| length of a schema definition u32, always 0 | 108 | 108 |\n\n"
    "From 112 on: symbols, partial, not found (a count u32, then fields of that width each), and "
    "mappings: a count, then each a "
    "symbol, a\ncount and intervals of two dates u32 (yyyymmdd, the second exclusive) and a "
    "symbol. Version 3 ends with zeros up "
    "to a\nmultiple of 8. With ts_out every record ends with 8 more bytes, the vendor's time of "
    "sending.\n\n"
    "## Limits\n\n"
    "Windows of zstd frames up to 8 MiB, metadata up to 64 MiB, symbols up to 255 characters; "
    "records longer than their table are "
    "taken and\ntheir rest is not shown; types without a table are passed on raw. Old DBZ files "
    "(version 0) are refused.\n\n"
    "## Records\n\nAll begin with the header: length u8 in words of 4 bytes, rtype u8, "
    "publisher_id u16, instrument_id u32, "
    "ts_event u64.\n";

static const char *dbn_type_word(const struct td_dbn_field *f)
{
    static const char *const words[] = {
        [TD_DBN_U8] = "u8",     [TD_DBN_U16] = "u16",   [TD_DBN_U32] = "u32",
        [TD_DBN_U64] = "u64",   [TD_DBN_I8] = "i8",     [TD_DBN_I16] = "i16",
        [TD_DBN_I32] = "i32",   [TD_DBN_I64] = "i64",   [TD_DBN_QTY32] = "qty32",
        [TD_DBN_PX] = "price",  [TD_DBN_TIME] = "time", [TD_DBN_CHAR] = "letter",
        [TD_DBN_TEXT] = "text", [TD_DBN_PAD] = ""};
    return words[f->type];
}

static void put_dbn_rows(const struct td_dbn_layout *l, struct td_text *t)
{
    for (uint16_t i = 0; i < l->count; i++) {
        const struct td_dbn_field *f = &l->fields[i];
        const bool marked =
            f->fill == TD_DBN_NONE && f->type != TD_DBN_PX && f->type != TD_DBN_TIME;
        if (f->at < TD_DBN_HEAD || f->type == TD_DBN_PAD || f->level > 1)
            continue;
        td_text_printf(t, "| %d | %s | %s%s", f->at, f->name, dbn_type_word(f), marked ? "*" : "");
        if (f->type == TD_DBN_TEXT)
            td_text_printf(t, " of %d", f->bytes);
        td_text_printf(t, " | %s |\n", f->meaning ? f->meaning : "");
    }
    if (l->levels > 1)
        td_text_printf(t, "\nThe last six again for levels 01 to %02d, 32 bytes each.\n",
                       l->levels - 1);
}

static void put_dbn(struct td_text *t)
{
    size_t count;
    const struct td_dbn_layout *l = td_dbn_layouts(&count);
    td_text_put(t, dbn_head);
    for (; count > 0; count--, l++) {
        td_text_printf(t, "\n### %s", l->name);
        if (l->since > 1 || l->until < 3)
            td_text_printf(t, l->since == l->until ? ", version %d" : ", versions %d to %d",
                           l->since, l->until);
        td_text_printf(t, "\n\n%d bytes; rtype", l->bytes);
        for (size_t i = 0; i < sizeof l->rtypes; i++)
            if (i == 0 || l->rtypes[i] != l->rtypes[0])
                td_text_printf(t, " 0x%02x", l->rtypes[i]);
        td_text_put(t, ".\n\n| offset | name | type | meaning |\n| --- | --- | --- | --- |\n");
        put_dbn_rows(l, t);
    }
}

/* A cell of a table: a bar would end it. */
static void put_cell(struct td_text *t, const char *text)
{
    for (const char *p = text; *p; p++) {
        if (*p == '|')
            td_text_char(t, '\\');
        td_text_char(t, *p);
    }
}

static void put_indicator(struct td_text *t, const struct td_indicator *row)
{
    double params[TD_IND_PARAMS_MAX];
    td_indicator_presets(row, params);
    td_text_printf(t, "| %s | %s | %s | ", row->name, row->talib ? row->talib : "",
                   row->tulip ? row->tulip : "");
    for (int32_t k = 0; k < td_indicator_inputs(row); k++)
        td_text_printf(t, "%s%s", k ? ", " : "", row->inputs[k]);
    td_text_put(t, " | ");
    for (int32_t k = 0; k < td_indicator_params(row); k++)
        td_text_printf(t, "%s%s=%.10g", k ? ", " : "", row->params[k].name, row->params[k].preset);
    td_text_put(t, " | ");
    for (int32_t k = 0; k < td_indicator_outputs(row); k++)
        td_text_printf(t, "%s%s", k ? ", " : "", row->outputs[k]);
    td_text_printf(t, " | %d | ", td_indicator_lookback(row, params));
    put_cell(t, row->formula);
    td_text_put(t, " | ");
    put_cell(t, row->source);
    td_text_put(t, " |\n");
}

static void put_indicators(struct td_text *t)
{
    static const char *const groups[] = {"trend", "momentum", "volatility", "volume", "statistics",
                                         "price", "cycle",    "candle",     "math"};
    td_text_printf(t,
                   "# Indicators\n\nMade from the tables by `make docs`. %zu rows; `tapedeck "
                   "indicators describe NAME` "
                   "tells a row's parameters with their ranges.\nOne step function drives batch "
                   "and streaming; a value "
                   "never knows a later bar.\n\n"
                   "- Conventions are TA-Lib's where it has the function. Bars count from 0; "
                   "`first` is the bar of the first value with the "
                   "presets.\n"
                   "- A bar with NaN or an infinity is as if it had not come: NaN there in batch, "
                   "refused in streaming. Rows that say "
                   "\"prices above 0\" treat a price that is not the same way.\n"
                   "- Flat input: RSI, CMO, WILLR, STOCH, MFI, CCI, ADX, ULTOSC, CORREL, BETA, "
                   "STOCHRSI and TRIX are 0, KAMA is the price, AROON "
                   "100, the Bollinger bands lie on their middle.\n"
                   "- Zero is told from rounding by the size of the values, never by a fixed "
                   "number: cheap instruments have indicators too.\n"
                   "- Recursive rows (EMA, RMA, KAMA, HT_*) depend on where the series began: live "
                   "and backtest agree when both begin at the same "
                   "bar.\n",
                   td_indicator_count());
    for (size_t g = 0; g < TD_COUNT(groups); g++) {
        bool any = false;
        for (size_t i = 0; i < td_indicator_count(); i++) {
            const struct td_indicator *row = td_indicator_at(i);
            if (strcmp(row->group, groups[g]) != 0)
                continue;
            if (!any)
                td_text_printf(t,
                               "\n## %c%s\n\n| name | TA-Lib | Tulip | inputs | parameters | "
                               "outputs | first | formula | source "
                               "|\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
                               groups[g][0] - 'a' + 'A', groups[g] + 1);
            any = true;
            put_indicator(t, row);
        }
    }
    td_text_put(t, "\n## Book and trades\n\nFeatures told event by event (signal/micro.h): a trade "
                   "is judged by the book before it, a crossed or stale book gives NaN.\n\n"
                   "| name | formula | source |\n| --- | --- | --- |\n");
    for (int i = 0; i < TD_MICRO_COUNT; i++) {
        td_text_printf(t, "| %s | ", td_micro_rows[i].name);
        put_cell(t, td_micro_rows[i].formula);
        td_text_printf(t, " | %s |\n", td_micro_rows[i].source);
    }
    td_text_put(t, "\n## Where others differ\n\nTheir own vectors are compared in tests/signal; "
                   "what does not hold, and why:\n\n"
                   "| library | there | row | does otherwise |\n| --- | --- | --- | --- |\n");
    for (const struct td_deviation *d = td_deviations; d->library; d++) {
        td_text_printf(t, "| %s | %s | %s | ", d->library, d->theirs, d->row ? d->row : "");
        put_cell(t, d->what);
        td_text_put(t, " |\n");
    }
}

static void put_feature(struct td_text *t, const struct td_feature_row *row)
{
    static struct td_feature_set set;
    const struct td_indicator *op = td_feature_op(td_str_of(row->op));
    td_feature_set_init(&set, td_str_of("page"), 1);
    TD_REQUIRE(td_feature_set_add(&set, td_str_of(row->name), NULL) == TD_OK);
    td_text_printf(t, "| %s | %s | %s | %s | %s | %d | ", row->name, row->op,
                   row->inputs ? row->inputs : "", row->params ? row->params : "",
                   row->output ? row->output : "", td_feature_at(&set, 0)->lookback);
    put_cell(t, row->words ? row->words : op->formula);
    td_text_put(t, " |\n");
}

static void put_feature_inputs(struct td_text *t)
{
    td_text_put(t, "\n## Inputs of a bar\n\n| name | what |\n| --- | --- |\n");
    for (int i = 0; i < TD_BAR_MICRO; i++)
        td_text_printf(t, "| %s | %s |\n", td_bar_input_name(i), td_bar_input_help(i));
    td_text_put(
        t,
        "| mid, spread, ... | the features of book and trades, [indicators.md](indicators.md) |\n");
    td_text_put(
        t,
        "\n## Books and trades\n\n"
        "A file of books gives a bar for each instant that has one: snapshots of a recording or a "
        "backfill (`bid_prices` and so on), on the clock of `timestamp`; "
        "`--trades` names an event table whose trades happened between them. A Databento file "
        "(mbo, mbp-10, mbp-1, tbbo) has both, on the clock of `ts_recv`: the book where the "
        "venue's event ends. Books marked as gap or stale are refused like crossed ones. "
        "Without trades, what only they tell is null.\n\n"
        "A set may change the settings by a line before its features, `micro tick=0.25 "
        "sweep_qty=20`; they are part of its hash.\n\n"
        "| setting | preset | range | what |\n| --- | --- | --- | --- |\n");
    for (const struct td_micro_setting *s = td_micro_settings; s->name; s++)
        td_text_printf(t, "| %s | %.15g | %.15g to %.15g | %s |\n", s->name, s->preset, s->least,
                       s->most, s->help);
}

static void put_features(struct td_text *t)
{
    td_text_printf(
        t,
        "# Features\n\nMade from the tables by `make docs`. %zu rows; `tapedeck features` lists, "
        "describes, computes "
        "and checks them.\n\n"
        "A feature is an operation (an indicator of [indicators.md](indicators.md), or an own "
        "step) over inputs of a bar or other "
        "features. Batch and streaming are one step; a value never knows a later bar.\n\n"
        "- `first` is the bar of the first value; a bar with a missing input gives none and leaves "
        "no trace in the state.\n"
        "- `name@60` is the feature of the bars of 60 minutes made of the given ones, seen once "
        "their bar has closed: at a multiple of the "
        "frame on the local clock or at the end of the session, in a gap with the first bar behind "
        "it. `@1440` is a session.\n"
        "- Every indicator is a feature too: `RSI`, or `MACD.macdhist` for an output, with its "
        "presets.\n"
        "- A set's hash covers names, order, operations, formulas, parameters, inputs, frames, "
        "scaling and version.\n"
        "- Calendar inputs are of the bar's start on the local clock; news is counted from its "
        "time of publication on.\n"
        "\n## Sets\n\n| set | version | features | hash | what for |\n| --- | --- | --- | --- | "
        "--- |\n",
        td_feature_row_count());
    for (const struct td_feature_builtin *b = td_feature_builtins; b->name; b++) {
        static struct td_feature_set set;
        TD_REQUIRE(td_feature_set_builtin(&set, td_str_of(b->name), NULL) == TD_OK);
        td_text_printf(t, "| %s | %d | %d | %016llx | %s |\n", b->name, b->version, set.count,
                       (unsigned long long)td_feature_set_hash(&set), b->help);
    }
    const char *group = "";
    for (size_t i = 0; i < td_feature_row_count(); i++) {
        const struct td_feature_row row = td_feature_row_at(i);
        if (strcmp(group, row.group) != 0)
            td_text_printf(t,
                           "\n## Group %s\n\n| name | operation | inputs | parameters | output | "
                           "first | formula |\n"
                           "| --- | --- | --- | --- | --- | --- | --- |\n",
                           row.group);
        group = row.group;
        put_feature(t, &row);
    }
    td_text_put(t, "\n## Own steps\n\n| name | inputs | formula |\n| --- | --- | --- |\n");
    for (const struct td_indicator *op = td_rows_feature; op->name; op++) {
        td_text_printf(t, "| %s |", op->name);
        for (int32_t k = 0; k < td_indicator_inputs(op); k++)
            td_text_printf(t, " %s", op->inputs[k]);
        td_text_put(t, " | ");
        put_cell(t, op->formula);
        td_text_put(t, " |\n");
    }
    put_feature_inputs(t);
}

static void put_strategy(struct td_text *t, const struct td_strat *s)
{
    td_text_printf(t, "\n## %s\n\n%s. ", s->name, s->help);
    if (s->scope == TD_SCOPE_EACH)
        td_text_put(t, "One instance for every symbol.\n");
    else
        td_text_printf(t, "One instance for all symbols, %u at least.\n", s->legs_min);
    td_text_put(t, "\n| parameter | preset | range | what |\n| --- | --- | --- | --- |\n");
    for (uint32_t i = 0; i < s->param_count; i++) {
        const struct td_strat_param *p = &s->params[i];
        td_text_printf(t, "| %s | %g | %g to %g | ", p->name, p->preset, p->low, p->high);
        put_cell(t, p->help);
        td_text_put(t, " |\n");
    }
}

static void put_strategies(struct td_text *t)
{
    td_text_put(
        t, "# Strategies\n\nMade from the tables by `make docs`. `trade --strategy NAME... --param "
           "NAME=VALUE` runs them;\nthe rule of each stands at the head of its file in "
           "`src/strat/`.\n\n"
           "- None decides by a bar, print or quote without a price above 0.\n"
           "- None sends anything while an order of the instrument works, but `spread` its own "
           "quotes.\n"
           "- None enters what cannot be traded (sma_cross leaves that to the gates). Shorts only "
           "where short selling is allowed.\n"
           "- Stops and targets are watched by the strategy itself on bars and prints, the same "
           "in a backtest and live; the\n  distance goes with the entry, for sizing.\n"
           "- What the gates refuse is asked for again with the next bar, and on prints, quotes "
           "and books once a second at most.\n"
           "- A size of 0 leaves the size to the desk.\n\nYours, in a shared object: "
           "[own-strategies.md](own-strategies.md).\n");
    for (const struct td_strat *const *s = td_strategies; *s; s++)
        put_strategy(t, *s);
}

static void put_signals_head(struct td_text *t)
{
    td_text_put(
        t,
        "# Signals of models outside\n\nMade from the tables by `make docs`. A model elsewhere appends lines to a file, "
        "or writes one to the control\nsocket; `trade` follows them through the same gates as a strategy.\n\n"
        "```sh\ntapedeck trade --symbols SPY --strategy none --signals signals.jsonl\n"
        "tapedeck status\n```\n\n`--strategy none` trades signals alone; beside strategies they share positions and "
        "limits. ML_SIGNALS_FILE is the same\nas `--signals`. `tapedeck report signals` tells what became of them.\n\n"
        "## A line\n\nOne JSON object of plain values, at most 1000 bytes, and its end of line:\n\n```json\n"
        "{\"signal_id\":\"m1-000017\",\"symbol\":\"SPY\",\"signal_type\":\"BUY\",\"confidence\":0.82,"
        "\"target_quantity\":2,\"signal_timestamp\":\"2025-11-21T14:30:00.250Z\",\"model_version\":\"m1:3.2\","
        "\"strategy_name\":\"alpha\",\"urgency\":\"HIGH\",\"price\":601.25,\"model_score\":0.71}\n```\n\n"
        "A field that is not in the table, stands there twice or is out of its range makes the line none: it is told "
        "and counted,\nand nothing is kept of it.\n\n");
    td_mlsignal_describe(t);
    td_text_put(
        t,
        "\nBUY and SELL are orders of that quantity, not positions to be reached. CLOSE_LONG and CLOSE_SHORT close "
        "what is held in\ntheir direction, or the part that target_quantity says, and never open the other side. HOLD "
        "sends nothing.\n\n"
        "| urgency | sent as |\n| --- | --- |\n"
        "| NORMAL | a limit at the mark, the middle of the quote: it may rest until its time is over |\n"
        "| HIGH | a limit at `price` and the tolerance (of a CLOSE: at the mark and the tolerance) |\n"
        "| CRITICAL | at market |\n\n"
        "What a BUY or SELL opens gets a stop at ML_STOP_LOSS_PCT from the mark, as a bracket. A CLOSE ends the brackets "
        "of its\nsymbol first. A CLOSE goes by the market, however far it has gone since the signal.\n\n");
}

static void put_signals_flow(struct td_text *t)
{
    td_text_put(
        t,
        "## States\n\n| state | means |\n| --- | --- |\n"
        "| RECEIVED | it is being judged, within one turn |\n"
        "| VALIDATED | rules and gates let it pass; journaled before its order. A CLOSE waits here for brackets to end |\n"
        "| REJECTED | a rule or a gate refused it: the reason names it |\n"
        "| EXECUTING | its order is at the broker, or on its way |\n"
        "| EXECUTED | all of it is filled; a HOLD at once |\n"
        "| FAILED | its order ended otherwise |\n"
        "| TIMEOUT | its time is over: the rest was cancelled |\n\n"
        "Each is a SIGNAL record of the journal. After a restart the same ids are known and what was in execution is "
        "followed to its\nend; what was VALIDATED and has no order is FAILED. The newest 4096 signals are kept.\n\n"
        "## Rules\n\nAsked in this order, before the gates ([gates.md](gates.md)); the first that refuses is the reason. "
        "What is not known\nrefuses. CLOSE_LONG, CLOSE_SHORT and whatever makes a position smaller pass the rules that say "
        "so, and a halt lets\nCLOSE_LONG and CLOSE_SHORT pass.\n\n");
    td_mlrisk_describe(t);
    td_text_put(
        t,
        "\nRefusals count as signals of the hour and are journaled; past that limit, and for an id that is known, they are "
        "only counted\n(`passed_over` of `status --json`), and told in the log once a second. The exposure of a strategy is "
        "that of the orders under\nits name, within what is held. Values are compared after the order.\n\n"
        "A signal without target_quantity is sized: equity x ML_BASE_POSITION_PCT x max(0.1, c) x model score x max(0.1, c), "
        "c its\nconfidence, over the price, in whole units rounded down, then cut to what these limits and the gates' "
        "ORDER_SIZE and ORDER_VALUE\nleave. 100,000 of equity, confidence 0.8 and score 0.9 are 576: 5 shares at 100. With "
        "a target_quantity it is that or nothing.\n\n"
        "## The file\n\nIt is read four times a second from where it ended when the desk began, at most 16 KiB at a time. "
        "Half a line waits for its\nrest. Append whole lines; a file that is truncated or replaced is noticed and told, and "
        "read on from its end: what stands\nin it then is passed over. One that is not there is read from its begin when "
        "it comes.\n\n"
        "## The control socket\n\n`signal JSON` to `<state>/control.sock` answers with one line of JSON: `state`, "
        "`reason`, `order` and what else is known;\n`ok` is false for a refusal. `signals` answers with the quality report "
        "and the newest hundred.\n\n"
        "## Quality\n\n`tapedeck report signals [--day DAY] [--json]` reads the journal; no desk need run.\n\n"
        "| measure | of a signal whose order is over |\n| --- | --- |\n"
        "| way | from signal_timestamp to receipt |\n"
        "| latency | from receipt to its end |\n"
        "| slippage | average fill against `price` (the mark at receipt where it is not told), in basis points; above 0 is "
        "worse, below 0 an improvement |\n"
        "| alignment | filled / wanted |\n"
        "| score | 100 - 40 x slippage / tolerance - 30 x latency / time it had - 30 x (1 - alignment), each part within 0 and "
        "1; 0 when nothing filled |\n\n"
        "Alerts need five signals at least:\n\n| alert | when |\n| --- | --- |\n");
    for (int i = 0; i < TD_MLALERT_COUNT; i++)
        td_text_printf(t, "| %s | %s |\n", td_mlalert_name((enum td_mlalert)i),
                       td_mlalert_meaning((enum td_mlalert)i));
}

static void put_signals_input(struct td_text *t)
{
    put_signals_head(t);
    put_signals_flow(t);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*put)(struct td_text *t);
    } pages[] = {{"errors", put_errors},
                 {"settings", put_settings},
                 {"journal", put_journal},
                 {"gates", put_gates},
                 {"fault-scripts", td_script_describe},
                 {"gateway", put_gateway},
                 {"connection", put_connection},
                 {"dbn", put_dbn},
                 {"indicators", put_indicators},
                 {"features", put_features},
                 {"strategies", put_strategies},
                 {"signals-input", put_signals_input},
                 {"api", td_api_page_put}};
    struct td_text t;
    td_text_init(&t, bytes, sizeof bytes);
    for (size_t i = 0; i < TD_COUNT(pages) && argc == 2; i++)
        if (strcmp(argv[1], pages[i].name) == 0)
            pages[i].put(&t);
    if (t.len == 0 || td_text_full(&t)) {
        (void)fprintf(
            stderr,
            "docgen errors|settings|journal|gates|fault-scripts|gateway|connection|dbn|indicators|"
            "features|strategies|signals-input|api\n");
        return EXIT_FAILURE;
    }
    return fwrite(t.buf, 1, t.len, stdout) == t.len ? EXIT_SUCCESS : EXIT_FAILURE;
}
