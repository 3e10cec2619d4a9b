/* desk/settings.c - the table of settings. */
#include "desk/settings.h"

#define AT(m)         .into = offsetof(struct td_settings, m)
#define TEXT          .type = TD_OPT_STR
#define PATH          .type = TD_OPT_PATH
#define FLAG          .type = TD_OPT_FLAG
#define INT(l, h)     .type = TD_OPT_INT, .low = (l), .high = (h)
#define NUM(l, h)     .type = TD_OPT_NUM, .low = (l), .high = (h)
#define PART(l, h, n) .type = TD_OPT_NUM, .low = (l), .high = (h), .per = (n) /* l/n to h/n */
#define KEY(k)        .name = k, .env = k

/* Limits of external signals: a row each, by their own table. */
#define ML_TYPE_UNITS TD_OPT_NUM
#define ML_TYPE_PART  TD_OPT_NUM
#define ML_TYPE_MONEY TD_OPT_NUM
#define ML_TYPE_COUNT TD_OPT_INT
#define ML_ROW(id, unit, key, value, most, meaning)                                                \
    {KEY(key),                                                                                     \
     .preset = sizeof(value) > 1 ? (value) : NULL,                                                 \
     .type = ML_TYPE_##unit,                                                                       \
     .low = 0,                                                                                     \
     .high = (most),                                                                               \
     AT(ml_limit[TD_MLLIMIT_##id]),                                                                \
     .help = (meaning)},

const struct td_opt td_settings_table[] = {
    {KEY("IB_HOST"), .preset = "127.0.0.1", TEXT, AT(host), .help = "gateway host"},
    {KEY("IB_PORT"), TEXT, AT(port), .help = "preferred gateway port, tried first"},
    {KEY("IB_GATEWAY_PAPER_PORT"), .preset = "4002", TEXT, AT(gateway_paper_port),
     .help = "IB Gateway, paper"},
    {KEY("IB_PAPER_PORT"), .preset = "7497", TEXT, AT(paper_port), .help = "TWS, paper"},
    {KEY("IB_GATEWAY_LIVE_PORT"), .preset = "4001", TEXT, AT(gateway_live_port),
     .help = "IB Gateway, live"},
    {KEY("IB_LIVE_PORT"), .preset = "7496", TEXT, AT(live_port), .help = "TWS, live"},
    {KEY("IB_ALLOW_WINDOWS"), .preset = "0", FLAG, AT(allow_windows),
     .help = "also try the port proxies 4003 and 4004"},
    {KEY("IB_CLIENT_ID"), .preset = "2011", INT(0, 2147483000), AT(client_id),
     .help = "base client id"},
    {KEY("IB_CONNECT_TIMEOUT"), .preset = "20", INT(1, 600), AT(connect_timeout_s),
     .help = "seconds from dialling to ready"},
    {KEY("IB_PROTOCOL"), .preset = "text", TEXT, .choices = "text|protobuf", AT(protocol),
     .help = "form of the API's messages; protobuf is version 213 and needs a gateway that has it"},
    {KEY("IB_PAPER_TRADING"), .preset = "1", FLAG, AT(paper),
     .help = "paper account; live also needs --live and a confirmation file"},
    {KEY("IB_ACCOUNT"), TEXT, AT(account), .help = "account to use when the login has several"},
    {KEY("IB_USERNAME"), TEXT, AT(username), .secret = true,
     .help = "gateway login, for starting a gateway"},
    {KEY("IB_PASSWORD"), TEXT, AT(password), .secret = true,
     .help = "gateway password, for starting a gateway"},
    {KEY("IB_GATEWAY_MODE"), TEXT, .choices = "paper|live", AT(gateway_mode),
     .help = "what a gateway on another machine is logged in for; its files say it on this one"},
    {KEY("IB_GATEWAY_START_CMD"), TEXT, AT(gateway_start_cmd),
     .help = "program that starts a gateway when none runs; our secrets are not in its "
             "environment"},
    {KEY("IB_GATEWAY_START_TIMEOUT"), .preset = "180", INT(1, 3600), AT(gateway_start_timeout_s),
     .help = "seconds to wait for a started gateway"},
    {KEY("IB_GATEWAY_CHECK_INTERVAL"), .preset = "2", INT(1, 60), AT(gateway_check_s),
     .help = "seconds between looks at a starting gateway"},
    {KEY("IB_POST_LISTENER_GRACE"), .preset = "30", INT(0, 600), AT(gateway_grace_s),
     .help = "seconds for the second login factor"},
    {KEY("IB_INTERACTIVE"), .preset = "1", FLAG, AT(interactive),
     .help = "ask on a terminal which gateway to start"},
    {KEY("IB_LINUX_GATEWAY_PATH"), PATH, AT(linux_gateway),
     .help = "program of IB Gateway; empty: the newest below IB_JTS_LINUX_DIR"},
    {KEY("IB_JTS_LINUX_DIR"), .preset = "~/Jts", PATH, AT(jts_folder),
     .help = "folder IB Gateway is installed in"},
    {KEY("IB_WINDOWS_GATEWAY_EXE"), PATH, AT(windows_gateway),
     .help = "IB Gateway of Windows, with IB_ALLOW_WINDOWS"},
    {KEY("IB_WINDOWS_TWS_EXE"), PATH, AT(windows_tws),
     .help = "TWS of Windows, with IB_ALLOW_WINDOWS"},
    {KEY("IBC_PATH"), PATH, AT(ibc_folder),
     .help = "folder of the login controller IBC; empty: none"},
    {KEY("IBC_AUTO_RESTART"), .preset = "11:45 PM", TEXT, AT(ibc_auto_restart),
     .help = "daily restart of the gateway, hh:mm AM or PM; empty: its own setting"},
    {KEY("IBC_COLD_RESTART"), TEXT, AT(ibc_cold_restart),
     .help = "Sunday full restart, hh:mm, when somebody can approve the login; empty: none"},
    {KEY("IBC_CLOSEDOWN_AT"), TEXT, AT(ibc_closed_down),
     .help = "when the gateway ends for good, e.g. Friday 22:00; empty: never"},
    {KEY("IBC_EXISTING_SESSION"), .preset = "primary", TEXT,
     .choices = "primary|primaryoverride|secondary|manual", AT(ibc_session),
     .help = "when the login is in use elsewhere; secondary never evicts another"},
    {KEY("IBC_READ_ONLY"), .preset = "1", FLAG, AT(ibc_read_only),
     .help = "read-only API: no order can leave"},
    {KEY("IBC_COMMAND_PORT"), .preset = "0", INT(0, 65535), AT(ibc_command_port),
     .help = "port for soft restarts, on loopback only; 0: off"},
    {KEY("XVFB"), .preset = "Xvfb", PATH, AT(xvfb),
     .help = "program that gives a display when DISPLAY is not set"},
    {KEY("GATEWAY_WINDOW_DAILY"), .preset = "23:30-01:45", TEXT, AT(window_daily),
     .help = "the broker's nightly reset, New York time"},
    {KEY("GATEWAY_WINDOW_WEEKLY"), .preset = "Fri 22:45-Sun 02:00", TEXT, AT(window_weekly),
     .help = "the broker's weekend, New York time"},
    {KEY("GATEWAY_WEEKLY_LOGIN"), .preset = "Sun 10:00", TEXT, AT(weekly_login),
     .help = "when somebody can approve the weekly login, New York time"},
    {KEY("XDG_RUNTIME_DIR"), PATH, AT(runtime_folder),
     .help = "folder for locks of client ids; empty: below TAPEDECK_STATE"},
    {KEY("ML_BASE_PATH"), .preset = "~/Machine Learning", PATH, AT(base_path), .help = "data root"},
    {KEY("DATA_PATH_OVERRIDE"), PATH, AT(data_override),
     .help = "data root when exported; wins over ML_BASE_PATH"},
    {KEY("LOGS_PATH"), .preset = "logs", PATH, AT(logs_path), .help = "folder of the log files"},
    {KEY("TAPEDECK_STATE"), .preset = "state", PATH, AT(state_path),
     .help = "folder of journal, orders.db and control socket"},
    {KEY("TAPEDECK_DATA"), PATH, AT(market_data),
     .help = "folder of recorded market data for the simulator"},
    {KEY("LOG_LEVEL"), .preset = "INFO", TEXT, AT(log_level), .help = "debug, info, warn or error"},
    {KEY("LOG_FORMAT"), .preset = "text", TEXT, .choices = "text|json", AT(log_format),
     .help = "form of the log lines"},
    {KEY("ALLOW_ORDERS"), .preset = "0", FLAG, AT(allow_orders),
     .help = "first of three: orders may leave at all"},
    {KEY("DRY_RUN"), .preset = "1", FLAG, AT(dry_run), .help = "second: 0 lets orders leave"},
    {KEY("ENABLE_ORDER_EXEC"), .preset = "0", FLAG, AT(order_exec),
     .help = "third: the executor is armed"},
    {KEY("LIVE_CONFIRM_FILE"), .preset = "state/live.confirm", PATH, AT(live_confirm_file),
     .help = "must hold the account's name for live trading"},
    {KEY("KILL_SWITCH_FILE"), PATH, AT(kill_switch_file),
     .help = "while this file is there trading is halted; empty: kill_switch.lock in the state "
             "folder. data/kill_switch.lock halts as well"},
    {KEY("USER_SETTINGS_FILE"), .preset = "user_settings.json", PATH, AT(user_settings_file),
     .help = "symbols and the day's loss limit of the older system: default.symbols, "
             "default.max_daily_loss"},
    {KEY("MAX_DAILY_LOSS_PCT"), .preset = "0.02", NUM(0, 1), AT(max_daily_loss_e9),
     .help = "loss of the day that stops trading, as a fraction of equity"},
    {KEY("RISK_MAX_DAILY_LOSS_PCT"), NUM(0, 1), AT(risk_daily_loss_e9),
     .help = "the same; the smallest of the three counts"},
    {KEY("MAX_DAILY_LOSS"), NUM(0, 9000000000), AT(max_loss_money_e9), .help = "the same in money"},
    {KEY("DEFAULT_CASH"), .preset = "100000", NUM(1, 9000000000), AT(default_cash_e9),
     .help = "equity the loss limit is a fraction of, until the account tells"},
    {KEY("MAX_TRADES_PER_DAY"), .preset = "20", INT(0, 100000), AT(max_trades),
     .help = "orders a day"},
    {KEY("EXECUTION_MAX_DAILY_TRADES"), INT(0, 1000), AT(execution_trades),
     .help = "the same; the smallest that is set counts"},
    {KEY("MAX_DAILY_TRADES"), INT(0, 1000), AT(daily_trades), .help = "the same"},
    {KEY("MAX_POSITION_EXPOSURE"), .preset = "3", NUM(0, 9000000000), AT(max_position_e9),
     .help = "largest position in a symbol, contracts or shares"},
    {KEY("MAX_ORDER_SIZE"), .preset = "2", NUM(0, 9000000000), AT(max_order_size_e9),
     .help = "largest order, contracts or shares"},
    {KEY("ORDER_QTY_LIMIT"), NUM(0, 9000000000), AT(order_qty_limit_e9),
     .help = "the same; the smaller counts"},
    {KEY("RISK_MAX_OPEN_POSITIONS"), .preset = "20", INT(1, 100), AT(risk_open_positions),
     .help = "symbols held at a time"},
    {KEY("MAX_OPEN_POSITIONS"), INT(1, 100), AT(open_positions),
     .help = "the same; the smaller counts"},
    {KEY("RISK_MAX_LEVERAGE"), .preset = "2", NUM(1, 4), AT(max_leverage_e9),
     .help = "value of all positions as a multiple of equity"},
    {KEY("MAX_SYMBOL_EXPOSURE_PCT"), .preset = "0.2", NUM(0, 4), AT(max_symbol_exposure_e9),
     .help = "value of a symbol's position as a fraction of equity"},
    {KEY("RISK_MAX_SECTOR_EXPOSURE"), NUM(0, 1), AT(max_sector_exposure_e9),
     .help = "value of a sector's positions as a fraction of equity; empty: not looked at"},
    {KEY("RISK_CORRELATION_LIMIT"), NUM(0, 1), AT(correlation_limit_e9),
     .help = "highest correlation of a new symbol with one that is held; empty: not looked at"},
    {KEY("RISK_MAX_HEAT"), NUM(0, 1), AT(max_heat_e9),
     .help = "money at risk to all stops as a fraction of the positions; empty: not looked at"},
    {KEY("RISK_POSITION_SIZING"), .preset = "fixed", TEXT, .choices = "fixed|atr|kelly|advanced",
     AT(sizing), .help = "how much an entry is, of a strategy that leaves it to the desk"},
    {KEY("RISK_MAX_POSITION_PCT"), .preset = "0.02", PART(1, 1000, 10000), AT(max_position_part_e9),
     .help = "part of the equity in one such entry; of atr, the part at risk"},
    {KEY("DATA_STALENESS_SECONDS"), .preset = "60", INT(1, 3600), AT(data_staleness_s),
     .help = "data older than this are no basis for an entry"},
    {KEY("CIRCUIT_BREAKER_THRESHOLD"), .preset = "5", INT(1, 1000), AT(breaker_failures),
     .help = "failures in a row that open a circuit breaker: orders, data, broker"},
    {KEY("CIRCUIT_BREAKER_TIMEOUT"), .preset = "300", INT(1, 86400), AT(breaker_timeout_s),
     .help = "seconds after the last failure before it is tried again"},
    {KEY("KILL_DAILY_LOSS_PCT"), .preset = "0.05", NUM(0, 1), AT(kill_day_loss_e9),
     .help = "loss of the day that halts trading until a person resumes, as a fraction of equity; "
             "0: off"},
    {KEY("KILL_POSITION_LOSS_PCT"), .preset = "0.02", NUM(0, 1), AT(kill_position_loss_e9),
     .help = "the same of an open position"},
    {KEY("KILL_LOSING_STREAK"), .preset = "5", INT(0, 1000), AT(kill_losses),
     .help = "round trips lost in a row that halt it; 0: off"},
    {KEY("KILL_DRAWDOWN_PCT"), .preset = "0.1", NUM(0, 1), AT(kill_drawdown_e9),
     .help = "fall of equity below its highest that halts it; 0: off"},
    {KEY("KILL_BAD_DATA"), .preset = "1", FLAG, AT(kill_bad_data),
     .help = "market data that keep failing their checks halt it"},
    {KEY("FEE_PLAN"), .preset = "fixed", TEXT, .choices = "fixed|tiered", AT(fee_plan),
     .help = "pricing plan of the account, for the fees that are expected"},
    {KEY("STOP_LOSS_MONITOR"), .preset = "1", FLAG, AT(stop_monitor),
     .help = "a stop for what is held and has none by its strategy"},
    {KEY("RISK_STOP_LOSS_PCT"), .preset = "0.02", PART(1, 1000, 10000), AT(stop_loss_e9),
     .help = "its distance, as a fraction of the average price"},
    {KEY("RISK_USE_TRAILING_STOP"), .preset = "0", FLAG, AT(trailing_stop),
     .help = "it follows the best price"},
    {KEY("RISK_TRAILING_STOP_PCT"), .preset = "0.015", PART(1, 1000, 10000), AT(trailing_stop_e9),
     .help = "at this fraction of it"},
    {KEY("RISK_BROKER_STOPS"), .preset = "1", FLAG, AT(broker_stops),
     .help = "the same stop also rests at the broker, good till cancelled; the monitor is the "
             "second line"},
    {KEY("RISK_MIN_VOLUME"), NUM(0, 9000000000), AT(min_volume_e9),
     .help = "least volume of the symbol's day; empty: not looked at"},
    {KEY("RISK_MIN_MARKET_CAP"), NUM(0, 9000000000), AT(min_market_cap_e9),
     .help = "least market value of a company, millions; empty: not looked at"},
    {KEY("DAY_TRADE_CHECK"), .preset = "0", FLAG, AT(day_trade_check),
     .help = "no entry when the account has no day trade left (pattern day trader rule)"},
    {KEY("RISK_MAX_ORDER_NOTIONAL"), .preset = "10000", NUM(0, 9000000000),
     AT(max_order_notional_e9), .help = "largest order value"},
    {KEY("RISK_MAX_DAILY_NOTIONAL"), .preset = "100000", NUM(0, 9000000000),
     AT(max_daily_notional_e9), .help = "sum of order values a day"},
    {KEY("PRICE_COLLAR_PCT"), .preset = "2", NUM(0, 100), AT(collar_e9),
     .help = "order prices at most this far from the middle, percent"},
    {KEY("PRICE_COLLAR_LOW_PCT"), .preset = "5", NUM(0, 100), AT(collar_low_e9),
     .help = "the same for prices below 5, percent"},
    {KEY("MAX_SPREAD_PERCENT"), .preset = "1.0", NUM(0, 100), AT(max_spread_percent_e9),
     .help = "widest spread to trade in, percent"},
    {KEY("MAX_OPEN_ORDERS"), .preset = "4", INT(0, 1000), AT(max_open_orders),
     .help = "working orders per symbol"},
    {KEY("MAX_ORDERS_PER_MINUTE"), .preset = "10", INT(0, 255), AT(max_orders_per_minute),
     .help = "orders a minute"},
    {KEY("DEDUP_WINDOW_SECONDS"), .preset = "5", INT(0, 3600), AT(dedup_window_s),
     .help = "the same order again within this is refused"},
    {KEY("DECISION_LATENCY_MS"), .preset = "100", INT(1, 60000), AT(decision_latency_ms),
     .help = "a decision older than this is dropped"},
    {KEY("QUOTE_AGE_MS"), .preset = "2000", INT(1, 600000), AT(quote_age_ms),
     .help = "a quote older than this is no basis for an order"},
    {KEY("DISK_FLOOR_MB"), .preset = "256", INT(0, 1000000), AT(disk_floor_mb),
     .help = "less free space than this closes the order gate"},
    {KEY("MARKET_DATA_LINES"), .preset = "100", INT(1, 1024), AT(quote_slots),
     .help = "market data lines of the account; more symbols take turns"},
    {KEY("DEPTH_LINES"), .preset = "3", INT(1, 60), AT(depth_slots),
     .help = "market depth lines of the account; more symbols take turns"},
    {KEY("TICK_LINES"), .preset = "3", INT(1, 60), AT(tick_slots),
     .help = "tick-by-tick lines of the account; more symbols take turns"},
    {KEY("TAPEDECK_WAIVE"), TEXT, AT(waive),
     .help = "start-up checks that need no answer: completed-orders, quotes"},
    {KEY("GATEWAY_RESTART_AT"), TEXT, AT(restart_at),
     .help = "HH:MM in New York when the gateway restarts itself; orders stop 2 minutes before"},
    {KEY("SYMBOL_ALLOWLIST"), .type = TD_OPT_LIST, AT(allowlist),
     .help = "symbols that may be traded; empty: those of the command"},
    {KEY("RESTRICTED_SYMBOLS"), .type = TD_OPT_LIST, AT(restricted),
     .help = "symbols that may not be entered, whatever the allow-list says"},
    {KEY("EXECUTION_SHORT_SELLING"), .preset = "0", FLAG, AT(short_selling),
     .help = "selling what is not held"},
    {KEY("ALLOW_OUTSIDE_RTH"), .preset = "0", FLAG, AT(outside_rth),
     .help = "orders outside regular trading hours"},
    {KEY("ML_SIGNALS_FILE"), PATH, AT(ml_file),
     .help = "file with external signals, a JSON object a line, that trade follows; empty: none"},
    TD_MLLIMITS(ML_ROW) /* a row each */
    {KEY("ML_MODEL_SCORE"), PART(0, 1000, 1000), AT(ml_score_e9),
     .help = "score of the model where its signals do not tell model_score; empty: not known"},
    {KEY("ML_BASE_POSITION_PCT"), .preset = "0.01", PART(1, 1000, 10000), AT(ml_base_e9),
     .help = "part of the equity an external signal of full confidence is sized to"},
    {KEY("ML_STOP_LOSS_PCT"), .preset = "0.02", PART(0, 500, 1000), AT(ml_stop_e9),
     .help = "distance of the stop of what an external signal opens, as a fraction of the price; "
             "0: none"},
    {KEY("ML_PRICE_TOLERANCE"), .preset = "0.001", PART(0, 50, 1000), AT(ml_tolerance_e9),
     .help = "how far the price may have gone since an external signal that does not say it"},
    {KEY("ML_MAX_EXECUTION_SECONDS"), .preset = "300", INT(1, 86400), AT(ml_span_s),
     .help = "how long an external signal that does not say it may take"},
    {KEY("DATABENTO_API_KEY"), TEXT, AT(databento_key), .secret = true,
     .help = "Databento key, for backfill"},
    {KEY("DATABENTO_ENABLE_BACKFILL"), .preset = "0", FLAG, AT(databento_enabled),
     .help = "data may be bought from Databento"},
    {KEY("DATABENTO_DATASET"), .preset = "XNAS.ITCH", TEXT, AT(databento_dataset),
     .help = "dataset of backfilled level-2 data"},
    {KEY("DATABENTO_SCHEMA"), .preset = "mbp-10", TEXT, .choices = "mbp-1|mbp-10|mbo",
     AT(databento_schema), .help = "schema of backfilled level-2 data"},
    {KEY("DATABENTO_URL"), .preset = "https://hist.databento.com/v0", TEXT, AT(databento_url),
     .help = "address of the historical interface"},
    {KEY("CA_FILE"), PATH, AT(ca_file),
     .help = "certificates to trust for HTTPS instead of the system's"},
    {KEY("NEWS_API_KEY"), TEXT, AT(news_key), .secret = true, .help = "MarketAux key, for news"},
    {KEY("MARKETAUX_URL"), .preset = "https://api.marketaux.com/v1/news/all", TEXT,
     AT(marketaux_url), .help = "address of MarketAux"},
    {KEY("ALPHA_VANTAGE_API_KEY"), TEXT, AT(alphavantage_key), .secret = true,
     .help = "Alpha Vantage key, for news"},
    {KEY("ALPHA_VANTAGE_URL"), .preset = "https://www.alphavantage.co/query", TEXT,
     AT(alphavantage_url), .help = "address of Alpha Vantage"},
    {KEY("SENTIMENT_LEXICON"), PATH, AT(sentiment_lexicon),
     .help = "rated words for news, in VADER's form; empty: news has no score of ours"},
    {KEY("SENTIMENT_EMOJI"), PATH, AT(sentiment_emoji),
     .help = "what emoji mean, in VADER's form; empty: they mean nothing"},
    {KEY("S3_ENDPOINT_URL"), TEXT, AT(s3_endpoint),
     .help = "https address of an S3-compatible store; empty: AWS in AWS_REGION"},
    {KEY("AWS_REGION"), .preset = "us-east-1", TEXT, AT(s3_region), .help = "region of the bucket"},
    {KEY("AWS_ACCESS_KEY_ID"), TEXT, AT(s3_key), .secret = true,
     .help = "key of the object store, for sync"},
    {KEY("AWS_SECRET_ACCESS_KEY"), TEXT, AT(s3_secret), .secret = true,
     .help = "its secret, for sync"},
    {KEY("AWS_SESSION_TOKEN"), TEXT, AT(s3_token), .secret = true,
     .help = "token of a temporary key; empty: none"},
    {KEY("DUCKDB_LIBRARY"), PATH, AT(duckdb_library),
     .help = "libduckdb.so, for query; empty: beside the program, the system's, the npm folder's"},
    {KEY("DUCKDB_MEMORY_MB"), .preset = "512", INT(64, 1048576), AT(duckdb_memory_mb),
     .help = "memory a query may take before it goes to the disk"},
    {KEY("BACKFILL_VENDOR"), .preset = "databento", TEXT, .choices = "databento|files",
     AT(backfill_vendor), .help = "where historical level-2 data comes from"},
    {KEY("VENDOR_FILES"), PATH, AT(vendor_files),
     .help = "folder of the vendor files: SYMBOL/DAY.SCHEMA.dbn.zst"},
    {KEY("L2_BACKFILL_WINDOW_ET"), .preset = "09:00-11:00", TEXT, AT(l2_window),
     .help = "slice of the day that is backfilled, HH:MM-HH:MM of New York"},
    {KEY("L2_TRADING_WINDOW_ET"), .preset = "09:00-11:00", TEXT, AT(l2_trading_window),
     .help = "the slice is cut to this window"},
    {KEY("L2_ENFORCE_TRADING_WINDOW"), .preset = "1", FLAG, AT(l2_enforce_window),
     .help = "whether it is cut"},
    {KEY("L2_MAX_WORKERS"), .preset = "0", INT(0, 32), AT(l2_workers),
     .help = "backfill tasks at a time; 0: L2_BACKFILL_CONCURRENCY, else 4"},
    {KEY("L2_BACKFILL_CONCURRENCY"), .preset = "0", INT(0, 32), AT(l2_concurrency),
     .help = "the older name of L2_MAX_WORKERS"},
    {KEY("L2_TASK_BACKOFF_BASE_MS"), .preset = "250", INT(1, 600000), AT(l2_backoff_base_ms),
     .help = "pause after the first failed try of a task; it doubles, +-20 %"},
    {KEY("L2_TASK_BACKOFF_MAX_MS"), .preset = "2000", INT(1, 600000), AT(l2_backoff_max_ms),
     .help = "longest such pause; below the base: the base"},
    {KEY("L2_MAX_ROWS_PER_TASK"), .preset = "0", INT(0, 1000000000), AT(l2_rows_max),
     .help = "keep the first N records of a task; 0: all"},
    {KEY("ML_BACKUP_PATH"), .preset = "~/T7 Backup/Machine Learning", PATH, AT(backup_path),
     .help = "mirror of what is imported, when that folder is there"},
    {KEY("WARRIOR_TRADES_FILENAME"), TEXT, AT(trades_file),
     .help = "name of the trade list; empty: WarriorTrading_Trades.csv, then .xlsx"},
    {KEY("TRAIN_LIST_PREFIX"), .preset = "Train_List-", TEXT, AT(train_prefix),
     .help = "begin of the names of train lists"},
    {KEY("SYMBOL_MAPPING_FILE"), .preset = "config/symbol_mapping.json", PATH, AT(symbol_mapping),
     .help = "what the vendor calls our symbols"},
    {KEY("LEVEL2_DIRNAME"), .preset = "Level2", TEXT, AT(level2_folder),
     .help = "folder of backfilled level-2 files below the base"},
    {KEY("IB_DOWNLOADS_DIRNAME"), .preset = "IBDownloads", TEXT, AT(downloads_folder),
     .help = "folder of downloaded bars below the base"},
    {KEY("CONTRACTS_DIR"), .preset = "contracts", PATH, AT(contracts_folder),
     .help = "folder of export schemas and promotion rules; only read"},
    {KEY("L2_SKIP_WEEKENDS"), .preset = "1", FLAG, AT(skip_weekends),
     .help = "no backfill tasks on Saturday and Sunday"},
    {KEY("BAR_LOOKBACK_DAYS_SEC_1"), .preset = "5", INT(1, 366), AT(lookback_sec),
     .help = "trading days that update keeps second bars of, the last one included"},
    {KEY("BAR_LOOKBACK_DAYS_MIN_1"), .preset = "5", INT(1, 366), AT(lookback_min),
     .help = "the same of minute bars"},
    {KEY("BAR_LOOKBACK_DAYS_HOUR_1"), .preset = "30", INT(1, 366), AT(lookback_hour),
     .help = "the same of hour bars"},
    {0},
};

static const char *look_up(void *arg, const char *key)
{
    enum td_origin source;
    return td_environ_get(arg, key, &source);
}

enum td_err td_settings_load(struct td_settings *s, const struct td_environ *env,
                             struct td_fail *why)
{
    memset(s, 0, sizeof *s);
    const union {
        const struct td_environ *in;
        void *out;
    } arg = {env};
    return td_opt_defaults(td_settings_table, s, look_up, arg.out, why);
}

void td_settings_runtime(const struct td_settings *s, char *out, size_t cap)
{
    struct td_text t;
    td_text_init(&t, out, cap);
    if (s->runtime_folder && *s->runtime_folder)
        td_text_printf(&t, "%s/tapedeck", s->runtime_folder);
    else if (s->state_path && *s->state_path)
        td_text_printf(&t, "%s/run", s->state_path);
    if (td_text_full(&t))
        out[0] = '\0';
}

void td_settings_secrets(const char **out, size_t cap)
{
    size_t n = 0;
    for (const struct td_opt *row = td_settings_table; row->name; row++)
        if (row->secret) {
            TD_REQUIRE(n + 1 < cap);
            out[n++] = row->env;
        }
    out[n] = NULL;
}
