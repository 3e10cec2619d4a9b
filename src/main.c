/* main.c - the table of subcommands.
 *
 * Adding one: a file cmd/<name>.c with its function and options, a row here, `make docs` for its page
 * docs/cmd/<name>.md, and a test. See CONTRIBUTING.md.
 */
#include "cmd/cmd.h"

static const struct td_cmd commands[] = {
    {.name = "demo",
     .run = cmd_demo,
     .flags = TD_CMD_GATEWAY,
     .help = "the whole job in under a minute against the built-in simulator",
     .about = "Starts `tapedeck sim` on a free port, runs `run`, records depth, trades the "
              "baseline on paper through the gates.",
     .options = cmd_demo_options,
     .output = "steps and a table, or with --json one object",
     .files = {"<folder>/<time>/level2", "<folder>/<time>/data", "<folder>/<time>/state"},
     .needs = {"optional:libzip"},
     .examples = {"tapedeck demo", "tapedeck demo --json", "tapedeck demo --serve"}},
    {.name = "run",
     .run = cmd_run,
     .flags = TD_CMD_GATEWAY,
     .help = "download bars, store and analyse them, tell signals",
     .about =
         "Attaches to the gateway that runs. When none listens, starts IB_GATEWAY_START_CMD (a "
         "program and its words, no shell),\n"
         "waits for it, and ends it afterwards. Only what is missing on disk is asked for.\n"
         "\n"
         "Exit status: 0 when a symbol succeeded, or after Ctrl-C; 1 when none did, or when "
         "no gateway runs and neither\n"
         "IB_GATEWAY_START_CMD nor IB_USERNAME and IB_PASSWORD are set; 2 for a bad option, "
         "or a gateway that is unreachable\n"
         "or does not answer.",
     .options = cmd_run_options,
     .output = "a table per symbol, or with --json one object",
     .aliases = {"run_trading_fully_automated"},
     .files = {"<output>/<SYMBOL>_<duration>_<bar size>_<stamp>.parquet",
               "<output>/<SYMBOL>_<duration>_<bar size>_<stamp>.csv",
               "<output>/trading_summary_<stamp>.txt"},
     .needs = {"config:IB_HOST", "config:IB_PORT", "config:IB_GATEWAY_START_CMD"},
     .examples = {"tapedeck run --symbols AAPL MSFT",
                  "tapedeck run --symbols AAPL --duration \"5 D\" --bar-size \"5 mins\"",
                  "tapedeck run --symbols AAPL --no-save --json"}},
    {.name = "record",
     .run = cmd_record,
     .flags = TD_CMD_GATEWAY,
     .help = "record market depth to Parquet",
     .about = "Writes <output>/<SYMBOL>/<day>_snapshots_<time>.parquet, _messages_.json and "
              "session_stats_.json. A kill at any\n"
              "moment loses nothing synced: the next start, or --recover, finishes the files from "
              "the capture log.",
     .options = cmd_record_options,
     .output = "a table per symbol, or with --json one object",
     .aliases = {"record_depth"},
     .files = {"<output>/<SYMBOL>/<day>_snapshots_<time>.parquet",
               "<output>/<SYMBOL>/<day>_messages_<time>.json",
               "<output>/<SYMBOL>/session_stats_<day>_<time>.json"},
     .needs = {"config:IB_HOST", "config:IB_PORT"},
     .examples = {"tapedeck record --symbol AAPL --levels 10 --interval 100 --duration 60",
                  "tapedeck record --recover ./data/level2"}},
    {.name = "analyze",
     .run = cmd_analyze,
     .help = "measure a day of level-2 data",
     .about =
         "Spread, depth, order flow imbalance, volume profile, price impact, resiliency, "
         "persistence, spoofing candidates and\n"
         "quality, from recordings and backfills, whatever their length: docs/analyzer.md has "
         "every figure with its formula.\n"
         "A figure that cannot be made is null, with the reason. Exit status 1 when there is no "
         "data: it says what was looked for.",
     .options = cmd_analyze_options,
     .output = "a table, or with --json the report",
     .aliases = {"analyze_depth"},
     .files = {"<output>", "<SYMBOL>_<DATE>_evolution.svg", "<SYMBOL>_<DATE>_evolution.png",
               "<SYMBOL>_<DATE>_report.html"},
     .needs = {"optional:libpng"},
     .examples = {"tapedeck analyze --data-dir ./data/level2 --symbol AAPL --date 2025-07-29",
                  "tapedeck analyze -d ~/level2 -s AAPL --date 2025-07-29 -o report.json --plot "
                  "--html"}},
    {.name = "trade",
     .run = cmd_trade,
     .flags = TD_CMD_GATEWAY | TD_CMD_MONEY,
     .help = "run a strategy through the gates against the gateway",
     .about = "Orders leave only with ALLOW_ORDERS=1, DRY_RUN=0 and ENABLE_ORDER_EXEC=1 and every "
              "other gate open; otherwise each\n"
              "decision is journaled as denied, with the gate that refused it. An order's record "
              "is on the disk before its bytes exist.",
     .options = cmd_trade_options,
     .output = "a summary, or with --json one object",
     .aliases = {"runner_async", "run_adaptive_trading"},
     .files = {"<state>/journal/NNNN.tdj", "<state>/orders.db", "<state>/trade_audit_log.jsonl"},
     .needs = {"config:ALLOW_ORDERS", "config:DRY_RUN", "config:ENABLE_ORDER_EXEC"},
     .examples = {"tapedeck trade --symbols SPY --duration 60",
                  "tapedeck trade --symbols SPY,AAPL --size 1 --bar-size '1 min'"}},
    {.name = "sim",
     .run = cmd_sim,
     .flags = TD_CMD_GATEWAY,
     .help = "simulate IB Gateway on a TCP port",
     .about = "Clients of the TWS API take it for IB Gateway. It plays recorded market data where "
              "there is some and generated\n"
              "order flow elsewhere, says which on the screen, and matches orders with its own "
              "exchange. See docs/simulator.md.",
     .options = cmd_sim_options,
     .output = "which source plays for each symbol, or with --json one JSON line once it listens",
     .needs = {"config:TAPEDECK_DATA", "optional:libzip"},
     .examples = {"tapedeck sim", "tapedeck sim --port 0 --json --symbols SPY,AAPL --speed 10",
                  "tapedeck sim --fault drop-after:20",
                  "tapedeck sim --script examples/faults/orders-doubled-after-restart.fault"}},
    {.name = "simulate",
     .run = cmd_simulate,
     .help = "trials of the whole product in the simulated world, from seeds",
     .about = "Desk, journal, gateway and exchange live one or more market days in one thread, and "
              "what can go wrong does: connections,\nmessages, orders, clocks, disks and "
              "processes that end before any system call. What must hold is judged with the "
              "gateway's\nown books. A seed plays the same day again, bit for bit. Exit status: 0 "
              "all held; 1 something did not; 2 bad options.",
     .options = cmd_simulate_options,
     .output = "the story of a seed, or the sums of a sweep; with --json a line for each trial",
     .needs = {NULL},
     .examples = {"tapedeck simulate --seed 42", "tapedeck simulate --seeds 1..1000 --twice",
                  "tapedeck simulate --seed 7 --faults 10,11,12 --log"}},
    {.name = "backtest",
     .run = cmd_backtest,
     .help = "strategies over recorded days, as fast as it computes",
     .about =
         "The desk of live trading, with its gates and its journal, trades recorded days in a "
         "simulated world. The limits are those of the\nsettings. A strategy sees a bar when "
         "the next begins, and nothing fills at a price of before. The same options give the "
         "same\njournal, bit for bit. See docs/backtest.md. Exit status: 0 played; 1 a damaged "
         "file, or --out\nholds a run; 2 bad options, or no data.",
     .options = cmd_backtest_options,
     .output = "a table of the results, or with --json one object",
     .files = {"<out>/journal/NNNN.tdj", "<out>/orders.db", "<out>/trade_audit_log.jsonl",
               "<out>/equity.csv"},
     .needs = {"config:TAPEDECK_DATA", "optional:libzip"},
     .examples =
         {"tapedeck backtest --symbols SPY --from 2013-10-07 --to 2013-10-11 --data DIR",
          "tapedeck backtest --strategy momentum --symbols SPY --from 2013-10-07 --data DIR "
          "--size 100 --out runs/1"}},
    {.name = "fault",
     .run = cmd_fault,
     .flags = TD_CMD_OPERANDS,
     .help = "make something go wrong in a running simulator",
     .about = "Words are one action of docs/fault-scripts.md, or `status`. Quote an action that "
              "holds a negative number or commas.",
     .options = cmd_fault_options,
     .output = "one JSON line: ok, error, clients, accepted, requests, orders, fills, market_time",
     .examples = {"tapedeck fault --control sim.sock link-lost",
                  "tapedeck fault --control sim.sock drop order-status 3",
                  "tapedeck fault --control sim.sock 'foreign-fill SPY -3'"}},
    {.name = "scan",
     .run = cmd_scan,
     .flags = TD_CMD_GATEWAY,
     .help = "what gaps up on unusual volume, now or at any past minute",
     .about = "Live: the gateway's lists of gainers and most active stocks, with bars and quotes "
              "of each; "
              "a table drawn anew on a\nterminal, else one table. With --from-store: the same "
              "table of any "
              "past minute, from stored bars and LEAN data.\nWhat is not known is \"-\", and null "
              "with its "
              "reason in --json. Columns to sort by: symbol, price, gap_pct, rvol, volume,\nadv20, "
              "previous_close, open, last, spread, halted, why, reason. docs/scanner.md has every "
              "definition.\n"
              "\n"
              "With --serve it stays and records: --start and --stop, in another terminal, or the "
              "dashboard's page say whom. Ticks\nbegin at once, depth when one of the slots is "
              "free, the others wait in their order.\n"
              "\n"
              "Exit status: 0 also when nothing is listed, or after Ctrl-C; 1 when nothing is "
              "stored of the "
              "day, or no scanner serves;\n2 for a bad option, or a gateway that is unreachable.",
     .options = cmd_scan_options,
     .output = "a table, or with --json one object",
     .aliases = {"gap_recorder_ui"},
     .files = {"<state>/scan.conf", "<state>/gap_recorder_state.json", "<state>/scan.sock",
               "<output>/<SYMBOL>/<day>_ticks_<time>.parquet"},
     .needs = {"config:IB_HOST", "config:IB_PORT", "config:TAPEDECK_DATA", "optional:libzip"},
     .examples = {"tapedeck scan --min-gap 4 --min-rvol 2 --price 1:30",
                  "tapedeck scan --from-store 2014-06-06 --at 10:00 --price :1000 --min-rvol 0",
                  "tapedeck scan --from-store 2014-03-31 --basis last --adv-days 5 --json",
                  "tapedeck scan --serve", "tapedeck scan --start AAPL,NVDA"}},
    {.name = "probe",
     .run = cmd_probe,
     .flags = TD_CMD_GATEWAY,
     .help = "look for a gateway and tell what was found",
     .about =
         "Exit status: 0 ready; 2 refused: nobody listens, or a bad option. Where something does "
         "listen, the status says\n"
         "what is wrong, because each asks for another action: 3 mute, 4 half-armed, 5 version, 6 "
         "wrong-account, 7 busy-id,\n"
         "8 stranger (not the TWS API), 9 closed, 10 protocol (no protobuf), 11 order-ids. The "
         "words stand in the key verdict; "
         "docs/gateway.md explains them.",
     .options = cmd_probe_options,
     .output = "one JSON line: connected, verdict, host, port, clientId, candidates, accounts, "
               "serverVersion, protocol, hint",
     .aliases = {"ib_probe"},
     .needs = {"config:IB_HOST", "config:IB_PORT", "config:IB_CLIENT_ID"},
     .examples = {"tapedeck probe", "tapedeck probe --port 4002 --timeout 5"}},
    {.name = "gateway",
     .run = cmd_gateway,
     .flags = TD_CMD_GATEWAY | TD_CMD_OPERANDS,
     .help = "see, start and wait for a gateway",
     .about =
         "The word is the action:\n"
         "  status     who listens on the plan's ports, read from the kernel without connecting\n"
         "  plan       the ports in their order, and every way to start a gateway with its reason\n"
         "  explain    in words, what start would do now and why; nothing is done\n"
         "  handshake  one handshake, and the verdict by name\n"
         "  wait       until a gateway is ready, for --timeout seconds; starts nothing\n"
         "  start      shake hands with the one that listens; else start one and wait for it. It "
         "goes on afterwards.\n"
         "Exit status: 0 done and ready; status: 1 when nobody listens; handshake: as `tapedeck "
         "probe`; wait and start:\n"
         "1 nobody listened in time, or nothing could be started, 2 the handshake failed.",
     .options = cmd_gateway_options,
     .output = "lines, or with --json one object",
     .aliases = {"start_gateway.sh"},
     .files = {"<runtime>/ibc/config.ini", "<runtime>/gateway-start.log"},
     .needs = {"config:IB_GATEWAY_START_CMD", "config:IBC_PATH", "config:IB_JTS_LINUX_DIR",
               "optional:Xvfb"},
     .examples = {"tapedeck gateway status", "tapedeck gateway explain", "tapedeck gateway start",
                  "tapedeck gateway wait --timeout 300"}},
    {.name = "doctor",
     .run = cmd_doctor,
     .flags = TD_CMD_GATEWAY,
     .help = "examine gateway, machine and settings, and say what to do",
     .about =
         "Every finding is ok, warn or bad. What cannot be known is told with its reason. "
         "Nothing is changed, and no\nconnection or program of others is ended. Exit status: 0 "
         "when nothing is bad, else 1; 2 for a bad option.",
     .options = cmd_doctor_options,
     .output = "a line per check, or with --json one object: ok, checks",
     .aliases = {"diagnose_gateway_api", "verify_setup"},
     .needs = {"config:IB_HOST", "config:IB_PORT", "config:IBC_PATH"},
     .examples = {"tapedeck doctor", "tapedeck doctor --json"}},
    {.name = "status",
     .run = cmd_status,
     .flags = TD_CMD_ASKS,
     .help = "what a running desk does, holds and refuses",
     .about =
         "Positions, working orders (ours, unknown and foreign ones), contracts that wait for a "
         "person, brackets, guards,\nconnection and alerts. --gates shows each gate as it would "
         "answer now to one more unit of each symbol at market,\nits limit, the setting that made "
         "it so, and whether orders that only reduce pass it.",
     .options = cmd_status_options,
     .output = "a table, or with --json the desk's answer",
     .needs = {"config:TAPEDECK_STATE"},
     .examples = {"tapedeck status", "tapedeck status --json", "tapedeck status --gates"}},
    {.name = "halt",
     .run = cmd_halt,
     .flags = TD_CMD_MONEY | TD_CMD_ASKS,
     .help = "stop new risk at once and cancel working orders",
     .about =
         "Sticky: the halt is in the journal and survives a restart, until `tapedeck "
         "resume`. Without a socket the same is\ndone by a file, KILL_SWITCH_FILE or "
         "data/kill_switch.lock, at every order, within 50 ms while one works and else within "
         "a second, and by\nthe signal SIGUSR1. What only makes a position smaller still passes.",
     .options = cmd_halt_options,
     .output = "a line of how the desk stands after it, or with --json its status",
     .needs = {"config:TAPEDECK_STATE"},
     .examples = {"tapedeck halt --reason 'news'"}},
    {.name = "dash",
     .run = cmd_dash,
     .flags = TD_CMD_SERVES,
     .help = "serve the dashboard of a state folder",
     .about = "Shows what is in the state folder, and what its desk says when one runs: `trade` "
              "has the same "
              "dashboard built in.\nServes DASH_HOST and DASH_PORT until Ctrl-C "
              "(docs/dashboard.md). The "
              "tokens are in <state>/dash_tokens.json.",
     .options = cmd_dash_options,
     .output = "a line with its address; with --hash-password the hash",
     .files = {"<state>/dash_tokens.json"},
     .needs = {"config:DASH_HOST", "config:DASH_PORT"},
     .examples = {"tapedeck dash", "tapedeck dash --state state --port 5556"}},
    {.name = "reload",
     .run = cmd_reload,
     .flags = TD_CMD_ASKS,
     .help = "make a running desk read its settings files again",
     .about = "The desk reads .env and USER_SETTINGS_FILE as a whole: all of it counts, or nothing "
              "does and the line is named.\nA reload makes trading stricter and takes that back, "
              "never looser than at the start (docs/settings.md). After a\nrefused one no entry "
              "leaves until a good reload or `tapedeck resume`. SIGHUP does the same. Exit status: "
              "0 taken;\n1 refused, or no desk runs there; 2 it does not answer.",
     .options = cmd_reload_options,
     .output = "a line per setting that changes or waits for a restart, or with --json the desk's "
               "answer",
     .examples = {"tapedeck reload", "tapedeck reload --json"}},
    {.name = "resume",
     .run = cmd_resume,
     .flags = TD_CMD_MONEY | TD_CMD_ASKS,
     .help = "allow new risk again after a halt",
     .about = "Refused without a reason, and while the kill switch file is there.",
     .options = cmd_resume_options,
     .output = "a line of how the desk stands after it, or with --json its status",
     .needs = {"config:TAPEDECK_STATE"},
     .examples = {"tapedeck resume --reason 'checked'"}},
    {.name = "flatten",
     .run = cmd_flatten,
     .flags = TD_CMD_MONEY | TD_CMD_ASKS,
     .help = "close everything that is held, at market",
     .about = "Shows what would be closed, which orders would be cancelled, and which gate would "
              "refuse. With --yes it is done:\nentries are cancelled, targets and stops end, then "
              "the rest is sold or bought at market through the gates, and the\nresult is waited "
              "for. Positions of symbols this desk does not trade are shown and left.\n\nExit "
              "status: 0 shown, or flat; 1 not flat in time, or no desk runs; 2 for a bad option.",
     .options = cmd_flatten_options,
     .output = "a table, or with --json the desk's answer",
     .needs = {"config:TAPEDECK_STATE"},
     .examples = {"tapedeck flatten", "tapedeck flatten --yes --reason 'end of the week'"}},
    {.name = "accept",
     .run = cmd_accept,
     .flags = TD_CMD_MONEY | TD_CMD_OPERANDS | TD_CMD_ASKS,
     .help = "let a frozen or reduce-only contract trade again",
     .about = "For a person who has looked at what `tapedeck status` says about it. The word is "
              "the symbol. Orders of it that were\nfrozen are looked up at the broker once more.",
     .options = cmd_accept_options,
     .output = "a line of how the desk stands after it, or with --json its status",
     .needs = {"config:TAPEDECK_STATE"},
     .examples = {"tapedeck accept SPY --reason 'one of the two was cancelled by hand'"}},
    {.name = "ack",
     .run = cmd_ack,
     .flags = TD_CMD_OPERANDS | TD_CMD_ASKS,
     .help = "say that a person has seen an active alert",
     .about =
         "The word is the alert's, as `tapedeck status` shows it. It stays active and visible, and "
         "nobody is reminded of it until\nit is over; when it comes again it is a new one. Nothing "
         "is decided by it (docs/alerts.md).",
     .options = cmd_ack_options,
     .output = "a line of how the desk stands after it, or with --json its status",
     .needs = {"config:TAPEDECK_STATE"},
     .examples = {"tapedeck ack stale-data --note 'the exchange is closed early today'"}},
    {.name = "cancel-all",
     .run = cmd_cancel_all,
     .flags = TD_CMD_MONEY | TD_CMD_ASKS,
     .help = "ask the broker to end all working orders",
     .about = "Our own; with --foreign every order of the account. Nothing is halted: a strategy "
              "may want new ones, and targets and\nstops of what is held are placed again "
              "(`tapedeck flatten` closes it, `tapedeck halt` stops entries).",
     .options = cmd_cancel_all_options,
     .output = "a line of how the desk stands after it, or with --json its status",
     .needs = {"config:TAPEDECK_STATE"},
     .examples = {"tapedeck cancel-all --reason 'wrong size'",
                  "tapedeck cancel-all --foreign --reason 'start anew'"}},
    {.name = "report",
     .run = cmd_report,
     .flags = TD_CMD_OPERANDS,
     .help = "what was traded, what it made, what failed",
     .about =
         "The word is the report:\n"
         "  today      fills, quantities and profit by symbol of the present exchange day\n"
         "  pnl        profit by exchange day and symbol, commissions apart\n"
         "  failed     orders that were rejected, abandoned, or whose fate is not known, and why\n"
         "  fills      every execution with its symbol and profit\n"
         "  denied     what the gates refused, by gate\n"
         "  readiness  hours on paper, trades, crashes and result, from the journal\n"
         "  signals    external signals by state, latency, slippage and score, from the journal\n"
         "With --html the word is a file: the evening report as one page that fetches nothing "
         "(docs/report.md).\n"
         "All but readiness and signals read orders.db; other questions: tapedeck query, "
         "docs/database.md.",
     .options = cmd_report_options,
     .output = "a table, or with --json an array of objects; with --html the name of the page",
     .files = {"report-<day>.html"},
     .needs = {"config:TAPEDECK_STATE"},
     .examples = {"tapedeck report today", "tapedeck report pnl --since 2026-11-01 --json",
                  "tapedeck report failed --day 2026-11-20", "tapedeck report --html --data ./data",
                  "tapedeck report --html friday.html "
                  "--day 2026-11-20"}},
    {.name = "verify",
     .run = cmd_verify,
     .flags = TD_CMD_GATEWAY,
     .help = "six core checks against the built-in simulator; readiness for live trading",
     .about =
         "The checks of the older systems, each really done in a folder of its own: a session with "
         "the simulator, decisions\nwithin 100 ms whose journal replays to the same state, orders "
         "through every gate to fills with equal positions and a\nwhole audit log, memory below "
         "6000 MB. What learns is not built, and is told as such: neither passed nor failed.\n"
         "With --readiness the desk of --state is judged as well: 24 h on paper, 10 trades, no "
         "crash, a result of 0 or better,\nsix of six.\n\n"
         "Exit status: 0; 1 when a check failed, or with --readiness when it is not ready; 2 for a "
         "bad option.",
     .options = cmd_verify_options,
     .output = "a table with times, or with --json one object",
     .aliases = {"verify_trading_intelligence", "test_production_readiness"},
     .files = {"<folder>/<time>/state", "<folder>/<time>/logs"},
     .examples = {"tapedeck verify", "tapedeck verify --readiness --json"}},
    {.name = "replay",
     .run = cmd_replay,
     .help = "a journal once more: the same state, the one that was told, and orders.db's",
     .about = "Replays the journal twice and prints the hash of the state both times; compares the "
              "states that STOP and RECON records\ntell, and every order and position with "
              "orders.db. Decisions are not made anew: the market's events are not in the "
              "journal.\n\nExit status: 0; 1 when something differs or is damaged.",
     .options = cmd_replay_options,
     .output = "lines, or with --json one object",
     .needs = {"config:TAPEDECK_STATE"},
     .examples = {"tapedeck replay", "tapedeck replay --journal backup/journal --json"}},
    {.name = "journal",
     .run = cmd_journal,
     .flags = TD_CMD_OPERANDS,
     .help = "look into the order journal, check it, make its files anew",
     .about =
         "The word is the action:\n"
         "  verify   every file with every check: records, bytes, a torn end, the chain; the "
         "states "
         "that STOP and RECON\n           records tell against the records, and the snapshots\n"
         "  cat      its records, one a line\n"
         "  rebuild  orders.db and the audit log anew, and what the ones that are there lack; with "
         "--force in their place;\n           with --postgres the tables in PostgreSQL "
         "(docs/database.md)\n"
         "A running desk is not disturbed by verify and cat. Exit status: 0; 1 when the journal is "
         "damaged: it says where and\nwhat to do; 2 for a bad option. docs/journal.md has the "
         "form.",
     .options = cmd_journal_options,
     .output = "a table or lines, or with --json an object (verify) or one per line (cat)",
     .files = {"<output>/orders.db", "<output>/trade_audit_log.jsonl"},
     .needs = {"config:TAPEDECK_STATE", "config:DATABASE_URL"},
     .examples = {"tapedeck journal verify", "tapedeck journal cat --type ORDER EXEC --symbol SPY",
                  "tapedeck journal cat --since 2026-11-20 --json",
                  "tapedeck journal rebuild --output rebuilt",
                  "tapedeck journal rebuild --postgres"}},
    {.name = "dbn",
     .run = cmd_dbn,
     .flags = TD_CMD_OPERANDS,
     .help = "look into Databento files and convert them",
     .about =
         "The first word is the action, then the file (.dbn, .dbn.zst or a fragment, told by its "
         "bytes):\n"
         "  info FILE...  version, dataset, schema, symbols, records by type, times, sha256 of the "
         "unpacked bytes\n"
         "  cat FILE      its records, one a line; with --json every field\n"
         "  convert FILE  its records in the form of version 3 as Parquet or CSV, whole or not at "
         "all\n"
         "Columns and keys: docs/wire/dbn.md. Exit status: 0 read to its end; 1 torn or damaged: "
         "what "
         "was readable is told;\n2 for a bad option.",
     .options = cmd_dbn_options,
     .output =
         "info: lines, or with --json an object (an array for several files); cat: a table, or "
         "JSON lines; convert: a line, or an object",
     .files = {"<out>.parquet", "<out>.csv"},
     .examples = {"tapedeck dbn info ES.mbo.dbn.zst", "tapedeck dbn cat ES.mbo.dbn.zst --limit 20",
                  "tapedeck dbn cat ES.mbo.dbn.zst --json --symbol ESM4",
                  "tapedeck dbn convert ES.mbo.dbn.zst --out ES.parquet",
                  "tapedeck dbn convert ES.mbo.dbn.zst --to csv"}},
    {.name = "strategies",
     .run = cmd_strategies,
     .flags = TD_CMD_OPERANDS,
     .help = "list the strategies, and check one in a shared object",
     .about =
         "The first word is the action:\n"
         "  list        the built-in strategies (docs/strategies.md has their parameters)\n"
         "  check FILE  loads a shared object in a process of its own and tells name and "
         "parameters\n"
         "  host FILE   that process; trade and check start it, nobody else\n"
         "How to write one: docs/own-strategies.md. Exit status: 0; 1 the object cannot be run, "
         "with the reason; 2 for a bad word.",
     .options = cmd_strategies_options,
     .output = "lines, or with --json an array or an object",
     .examples = {"tapedeck strategies list", "tapedeck strategies list --json"}},
    {.name = "indicators",
     .run = cmd_indicators,
     .flags = TD_CMD_OPERANDS,
     .help = "list, describe and compute technical indicators",
     .about =
         "The first word is the action:\n"
         "  list           every indicator with TA-Lib's and Tulip's names\n"
         "  describe NAME  inputs, parameters with ranges, outputs, first bar, formula, source\n"
         "  run NAME       computes it over a CSV, Parquet or Feather file, oldest row first\n"
         "NAME is ours, TA-Lib's or Tulip's, in any case. Inputs are the file's columns of the "
         "same "
         "name in any case; real\nfalls back to close, real0 to high, real1 to low. Values before "
         "the first "
         "are null (empty in CSV), as is a bar\nwith a missing value. All rows: "
         "docs/indicators.md. Exit "
         "status: 0 computed; 1 the file cannot be used: a missing\ncolumn, a cell that is no "
         "number, "
         "times that do not rise, too few rows; 2 for a bad NAME, parameter or option.",
     .options = cmd_indicators_options,
     .output = "list, describe: lines, or JSON; run: CSV, or with --json an object of arrays, one "
               "for each output",
     .files = {"<out>.csv", "<out>.parquet"},
     .examples =
         {"tapedeck indicators list", "tapedeck indicators describe macd",
          "tapedeck indicators run RSI --in SPY.csv",
          "tapedeck indicators run bbands --opt timeperiod=20 nbdevup=2.5 --in SPY.parquet --json",
          "tapedeck indicators run ADX --opt timeperiod=7 --in SPY.csv --out adx.parquet"}},
    {.name = "features",
     .run = cmd_features,
     .flags = TD_CMD_OPERANDS,
     .help = "list, describe, compute, check and keep features of bars",
     .about =
         "The first word is the action:\n"
         "  list          the sets that are built in, and every feature they may have\n"
         "  describe SET  its vector, hash, scaling and first full row\n"
         "  run SET       computes it over a file of bars\n"
         "  check SET     is it honest on these bars? Values of a beginning against the whole run, "
         "values when later rows\n"
         "                change, rows until the beginning is forgotten, columns that follow or "
         "are a later return or\n"
         "                price, constant columns, missing values. SET may be a ready file of "
         "columns, row by row with\n"
         "                the bars: it is judged by its columns alone\n"
         "  store SET     keeps it by day below <data>/features, only the days that are not there "
         "yet\n"
         "  index         what is kept; ten versions of a set at most, the lowest go\n"
         "SET is built in, or a text as --save writes it: \"set NAME VERSION\", then a feature on "
         "each line. A feature of\n"
         "a slower frame has its minutes behind an @ (rsi_14@60) and is seen once its bar has "
         "closed. Inputs that the\n"
         "file does not have are null and named. A file of books gives a bar for each instant "
         "that has one. All features\n"
         "and the settings of those of books: docs/features.md. Exit status: 0 done, for check "
         "without a fault; 1 check\n"
         "found faults, or the file cannot be used; 2 for a bad SET or option.",
     .options = cmd_features_options,
     .output = "lines, or JSON; run: one line, or with --json an object of arrays, one for each "
               "feature; check: a line "
               "for each column, or an object",
     .files = {"<out>.parquet", "<out>.csv", "<root>/news/<SYMBOL>/<UTC day>.jsonl",
               "<root>/features/<set>/<version>/<SYMBOL>/<day>.parquet",
               "<root>/features/index.db"},
     .examples =
         {"tapedeck features describe omega47",
          "tapedeck features run bars --in SPY.parquet --out features.parquet",
          "tapedeck features run omega30 --in SPY.csv --scale zscore --fit 5000 --save "
          "omega.set --json",
          "tapedeck features run micro --in ES.mbo.dbn.zst --calendar none --out ES.parquet",
          "tapedeck features check omega47 --in SPY.parquet",
          "tapedeck features store bars --in SPY.parquet --symbol SPY"}},
    {.name = "backfill",
     .run = cmd_backfill,
     .flags = TD_CMD_GATEWAY,
     .help = "history for what was traded: level-2 from the vendor, bars from the gateway",
     .about =
         "Tasks are symbols and days: of the trade list (WarriorTrading_Trades.csv or .xlsx below "
         "the "
         "data root), of a train list,\nor of the options. For each the window "
         "L2_BACKFILL_WINDOW_ET "
         "of its New York day is fetched once and written as\nParquet; what is there is skipped "
         "before anything is asked. What the vendor sent is kept beside it, so that no\nslice is "
         "paid for twice. Nothing is bought unless DATABENTO_ENABLE_BACKFILL is 1.\n\n"
         "Each task ends as WRITE, SKIP, EMPTY (the vendor has nothing) or ERROR; the last line of "
         "stdout counts them. Exit\nstatus: 0; 1 with --strict when a task failed, or when the "
         "result could not be booked; 2 for a bad option.",
     .options = cmd_backfill_options,
     .aliases = {"auto_backfill_from_warrior"},
     .output = "one line: SUMMARY WRITE=n SKIP=n EMPTY=n ERROR=n total=n concurrency=n "
               "duration=n.nnns; with --json or --dry-run one object",
     .files = {"<root>/Level2/<SYMBOL>/<day>_snapshots_databento.parquet",
               "<root>/Level2/<SYMBOL>/<day>_book_databento.parquet",
               "<root>/Level2/<SYMBOL>/<day>_<schema>.dbn.zst",
               "<root>/IBDownloads/<SYMBOL>_USUSD_<bar size>_<day>.ftr",
               "<root>/backfill_l2_manifest.jsonl, backfill_l2_summary.json",
               "<root>/bars_download_manifest.jsonl, bars_coverage_manifest.json"},
     .needs = {"config:ML_BASE_PATH", "config:DATABENTO_API_KEY",
               "config:DATABENTO_ENABLE_BACKFILL", "config:IB_HOST"},
     .examples = {"tapedeck backfill --dry-run", "tapedeck backfill --last 5 --max-cost 20",
                  "tapedeck backfill --date 2025-07-29 --symbol AAPL --no-fetch-bars",
                  "tapedeck backfill --vendor files --since 30 --strict"}},
    {.name = "news",
     .run = cmd_news,
     .flags = TD_CMD_OPERANDS,
     .help = "headlines about symbols: fetched, imported, scored",
     .about =
         "The first word is the action:\n"
         "  fetch         articles of --symbols from --source since --since\n"
         "  import FILE   articles of JSON Lines or CSV: symbol, published_at, title and more\n"
         "  score TEXT    how a text sounds\n"
         "Each article is kept once. Its score is VADER's compound, -1 to 1, of title and summary, "
         "with the lexicon "
         "SENTIMENT_LEXICON;\nwithout one it is null. News is advice to strategies and never an "
         "order.\n\n"
         "Exit status: 0; 1 when a source failed; 2 for a bad option.",
     .options = cmd_news_options,
     .output = "a line for each new article and one of counts, or with --json objects; score: an "
               "object for each text",
     .files = {"<root>/news/<SYMBOL>/<UTC day>.jsonl"},
     .needs = {"config:NEWS_API_KEY", "config:ALPHA_VANTAGE_API_KEY", "config:SENTIMENT_LEXICON",
               "config:SENTIMENT_EMOJI"},
     .examples = {"tapedeck news fetch --symbols AAPL,MSFT --since 3",
                  "tapedeck news import headlines.csv --dry-run",
                  "tapedeck news score \"Not bad at all\""}},
    {.name = "import",
     .run = cmd_import,
     .flags = TD_CMD_OPERANDS,
     .help = "bring old workbooks, CSV, Feather and LEAN archives into Parquet",
     .about =
         "The word is a file or folder; else ML_BASE_PATH. Forms are told by their bytes: .xlsx, "
         "CSV (comma, semicolon, tab), Feather,\nand LEAN zip archives of US equity bars are read; "
         "Parquet is read under the names .ftr and .feather and else left as it is;\nother forms "
         "are refused by name. Lists and books (failed, downloaded, downloadable, warrior, train "
         "list) become metadata_tables,\neverything else a series of its symbol and bar size. A "
         "file that cannot be read is refused with its place and reason, and\nthe next one "
         "follows.\n\n"
         "Exit status: 0 when no file failed; 1 when one did; 2 for a bad option.",
     .options = cmd_import_options,
     .aliases = {"migrate_excel_to_parquet"},
     .output = "the counts and every refusal, or with --json one object",
     .files = {"<root>/metadata_tables/<kind>_<stamp>.parquet",
               "<root>/metadata_tables/<kind>_latest.parquet",
               "<root>/parquet_data/<SYMBOL>/<bar size>/..."},
     .needs = {"config:ML_BASE_PATH", "config:DATA_PATH_OVERRIDE", "config:ML_BACKUP_PATH",
               "optional:libzip", "optional:expat"},
     .examples = {"tapedeck import --dry-run", "tapedeck import ~/old --root ~/data --json",
                  "tapedeck import prices.xlsx --symbol AAPL --bar-size '1 min'"}},
    {.name = "inventory",
     .run = cmd_inventory,
     .help = "what lies in a data folder: files, symbols, days",
     .about =
         "Looks at names and sizes only; as scan_data it prints JSON without being asked. With "
         "--splits it reads the bars below\nIBDownloads and parquet_data and shows where the price "
         "fell or rose overnight by the ratio of a split: bars written\nbefore are stale, those of "
         "a file with both are mixed. The confidence is 0.7 for an exact ratio, less the further "
         "it "
         "is off,\nand 0.3 more on three times the volume.",
     .options = cmd_inventory_options,
     .aliases = {"scan_data"},
     .output = "a table, or with --json one object: scan_summary, files_by_type, feather_analysis, "
               "splits, recommendations, next_steps",
     .examples = {"tapedeck inventory --scan-path ~/data",
                  "tapedeck inventory --scan-path ~/data --splits --factors ~/lean/factor_files",
                  "tapedeck inventory --file-types parquet,csv --no-detail --json"}},
    {.name = "update",
     .run = cmd_update,
     .flags = TD_CMD_GATEWAY,
     .help = "bring hour, minute and second bars of symbols up to date",
     .about =
         "For each symbol and each of the last trading days (BAR_LOOKBACK_DAYS_...) the files "
         "<SYMBOL>_USUSD_<bar size>_<day>.ftr:\n"
         "1 hour of the day, 1 min from the day before to 11:00, 1 sec from 09:00 to 11:00, New "
         "York time. Only what is missing is\n"
         "asked for, at the broker's pace: 60 requests in ten minutes; a new day of a symbol takes "
         "six. Attaches to a gateway that\nruns; starts none. Then the coverage is derived anew.",
     .options = cmd_update_options,
     .aliases = {"update_data", "run_data_update"},
     .output = "a line of counts, or with --json one object; with --dry-run what would be asked "
               "for, as one object",
     .files = {"<base>/IBDownloads/<SYMBOL>_USUSD_<bar size>_<day>.ftr",
               "<base>/bars_download_manifest.jsonl", "<base>/bars_coverage_manifest.json"},
     .needs = {"config:ML_BASE_PATH", "config:IB_HOST", "config:IB_PORT",
               "config:BAR_LOOKBACK_DAYS_SEC_1", "config:BAR_LOOKBACK_DAYS_MIN_1",
               "config:BAR_LOOKBACK_DAYS_HOUR_1"},
     .examples = {"tapedeck update --symbols AAPL,MSFT",
                  "tapedeck update --use-warrior-list --timeframes \"1 hour,1 min\"",
                  "tapedeck update --list watch.txt --date 2025-09-04 --dry-run"}},
    {.name = "coverage",
     .run = cmd_coverage,
     .help = "derive which days of bars are on the disk",
     .about = "Reads bars_download_manifest.jsonl and writes bars_coverage_manifest.json. Each day "
              "a file covers is booked; of several\nfiles for a day the newest wins. Broken lines "
              "and lines of other versions are counted and left out.",
     .options = cmd_coverage_options,
     .aliases = {"build_bars_coverage"},
     .output = "one JSON line: wrote, entry_count",
     .files = {"<root>/bars_coverage_manifest.json"},
     .needs = {"config:ML_BASE_PATH"},
     .examples = {"tapedeck coverage", "tapedeck coverage --from-manifest m.jsonl --out c.json"}},
    {.name = "manifest",
     .run = cmd_manifest,
     .flags = TD_CMD_OPERANDS,
     .help = "validate and build export manifests of models, and their figures",
     .about =
         "The word is the action:\n"
         "  validate  schema, alias, artifacts, metrics, and the thresholds of "
         "promotion.rule.json\n"
         "  build     writes a manifest; with --validate only one that passes\n"
         "  metrics   Sharpe ratio (252 periods a year) and largest drawdown of a series\n"
         "The folder CONTRACTS_DIR is only read. Exit status: 0 when everything passed, 1 when "
         "not, 2 for a bad option.",
     .options = cmd_manifest_options,
     .aliases = {"validate_export_manifest", "build_export_manifest", "evaluate_and_emit_metrics"},
     .output = "validate: ok, errors, warnings and more as one JSON line; build: the manifest, or "
               "the verdict; metrics: one JSON line",
     .files = {"<out>"},
     .needs = {"config:CONTRACTS_DIR"},
     .examples = {"tapedeck manifest validate --manifest export.json --model-dir models/m1",
                  "tapedeck manifest build --model-id m1 --version 3 --artifact-type onnx "
                  "--artifact-path m1.onnx --production-alias m1 --returns returns.csv --out "
                  "export.json",
                  "tapedeck manifest metrics --returns 0.01,-0.02,0.03"}},
    {.name = "sync",
     .run = cmd_sync,
     .help = "copy recordings, models and journals to an S3-compatible store",
     .about =
         "What is there with the same SHA-256 is not sent again, nothing is deleted there, and a "
         "run that was ended at any\nmoment goes on where it was: large files go in parts. Keys:\n"
         "  market_data/SYMBOL/...   Level2, level2, parquet_data; bars of IBDownloads in bars/\n"
         "  models/, features/       the folders of those names\n"
         "  backups/                 lists and manifests of the data root; journal and audit log "
         "of the state folder\n"
         "Files that are being written stay here. Exit status: 0 all is there; 1 something failed "
         "and is named; 2 the store\ncannot be reached, or a bad option.",
     .options = cmd_sync_options,
     .output = "a line per file that was sent and a summary, or with --json one object",
     .files = {"<state>/sync-upload.txt", "<state>/sync.lock"},
     .needs = {"config:AWS_ACCESS_KEY_ID", "config:AWS_SECRET_ACCESS_KEY", "config:S3_ENDPOINT_URL",
               "config:AWS_REGION"},
     .examples = {"tapedeck sync --to s3://tape/desk1 --dry-run", "tapedeck sync --to s3://tape",
                  "tapedeck sync --to s3://tape --data ./data --json"}},
    {.name = "query",
     .run = cmd_query,
     .flags = TD_CMD_OPERANDS,
     .help = "SQL over recordings, bars and orders",
     .about =
         "One statement that reads, run by DuckDB in memory; nothing is changed, installed or "
         "fetched. Tables:\n"
         "  snapshots   symbol, ts, bid_prices, bid_sizes, ask_prices, ask_sizes, file: live and "
         "backfilled books\n"
         "  levels      symbol, ts, side, level, price, size, file: the same, a row per side and "
         "level\n"
         "  l2_events   event tables of backfilled level-2 data\n"
         "  bars        symbol, bar_size, day, ts (New York wall clock), open, high, low, close, "
         "volume, wap, count, file\n"
         "  orders, executions, trades, positions, account, signals, events   orders.db "
         "(docs/database.md)\n"
         "Other files by name: FROM 'x.parquet', read_csv('x.csv'). Exit status: 0 answered; 1 no "
         "DuckDB, or refused because it\ndoes more than read; 2 a bad statement or option.",
     .options = cmd_query_options,
     .output = "a table, CSV with --csv, or with --json an array of objects",
     .needs = {"config:ML_BASE_PATH", "config:TAPEDECK_STATE", "config:DUCKDB_MEMORY_MB",
               "optional:libduckdb"},
     .examples = {"tapedeck query \"SELECT symbol, count(*) FROM snapshots GROUP BY ALL\"",
                  "tapedeck query \"SELECT day, max(high) FROM bars WHERE symbol = 'SPY' GROUP BY "
                  "day ORDER BY day\" --csv",
                  "tapedeck query \"FROM orders WHERE status = 'rejected'\" --json"}},
    {.name = "explain",
     .run = cmd_explain,
     .flags = TD_CMD_OPERANDS,
     .help = "what a broker error code means and what to do",
     .about = "Words are error codes of TWS and IB Gateway, exit statuses of the login controller "
              "(ibc-87; ibc for all) and\n"
              "numbered faults (F7; faults for all). Without one, every error code that is known.",
     .options = cmd_explain_options,
     .output = "two lines per code, or with --json an array",
     .examples = {"tapedeck explain 354", "tapedeck explain 1100 1101 --json",
                  "tapedeck explain ibc-87 F7"}},
    {.name = "config",
     .run = cmd_config,
     .help = "resolved settings and where each came from",
     .options = cmd_config_options,
     .output = "a table, or with --json an object of settings",
     .aliases = {"validate_env"},
     .needs = {"config:.env"},
     .examples = {"tapedeck config", "tapedeck config --json"}},
    {.name = "describe",
     .run = cmd_describe,
     .help = "describe every command",
     .options = cmd_describe_options,
     .output = "a list of commands, or with --all a JSON array of descriptions",
     .examples = {"tapedeck describe", "tapedeck describe --all"}},
    {0},
};

int main(int argc, char **argv)
{
    return td_cmd_main(commands, TD_VERSION, TD_COMMIT, argc, argv);
}
