/* desk/settings.h - every setting from outside, in one table: name, type, range, default, meaning.
 *
 * Resolution per key: command-line option (of the commands that have one), process environment, `.env`,
 * default. `tapedeck config` prints the table with each value and where it came from; docs/settings.md is
 * generated from it. Ports are kept as text and judged by desk/plan.h, which drops bad ones with a warning.
 *
 * All settings are taken or none: a value of the wrong form or out of its range, two that contradict each other, and a
 * key of `.env` that is one slip away from one of ours are refused with the line. Keys that are nobody's are left alone:
 * other programs share the file.
 */
#ifndef TD_DESK_SETTINGS_H
#define TD_DESK_SETTINGS_H

#include "base/opt.h"
#include "sys/environ.h"
#include "trade/mlrisk.h"
#include "trade/risk.h"

struct td_settings {
    const char *host, *port, *live_port, *paper_port, *gateway_live_port, *gateway_paper_port;
    int64_t client_id, connect_timeout_s;
    const char *protocol;
    bool paper, allow_windows;
    const char *account, *username, *password;
    const char *gateway_start_cmd, *gateway_mode;
    int64_t gateway_start_timeout_s, gateway_check_s, gateway_grace_s;
    bool interactive;
    const char *linux_gateway, *jts_folder, *windows_gateway, *windows_tws;
    const char *ibc_folder, *ibc_auto_restart, *ibc_cold_restart, *ibc_closed_down, *ibc_session;
    bool ibc_read_only;
    int64_t ibc_command_port;
    const char *xvfb;
    const char *window_daily, *window_weekly, *weekly_login, *runtime_folder;
    const char *base_path, *data_override, *logs_path, *state_path, *market_data;
    const char *log_level, *log_format;
    bool allow_orders, dry_run, order_exec;
    const char *live_confirm_file, *kill_switch_file, *user_settings_file;
    int64_t max_daily_loss_e9, default_cash_e9, max_position_e9, max_order_size_e9,
        max_order_notional_e9, max_daily_notional_e9, collar_e9, max_spread_percent_e9;
    int64_t risk_daily_loss_e9, max_loss_money_e9, order_qty_limit_e9, collar_low_e9,
        max_leverage_e9, max_symbol_exposure_e9, max_sector_exposure_e9, correlation_limit_e9,
        max_heat_e9, min_volume_e9, min_market_cap_e9;
    int64_t user_loss_money_e9; /* of user_settings.json: no row of the table */
    int64_t execution_trades, daily_trades, risk_open_positions, open_positions;
    bool day_trade_check;
    const char *sizing;
    int64_t max_position_part_e9, stop_loss_e9, trailing_stop_e9;
    int64_t data_staleness_s, breaker_failures, breaker_timeout_s;
    int64_t kill_day_loss_e9, kill_position_loss_e9, kill_drawdown_e9, kill_losses;
    bool kill_bad_data;
    const char *fee_plan;
    const char *algo, *algo_span; /* desk/algo_preset.h */
    int64_t algo_slices, algo_participation_e9, algo_display_e9, algo_spread_bps_e9;
    bool stop_monitor, trailing_stop, broker_stops;
    int64_t max_trades, max_open_orders, max_orders_per_minute, dedup_window_s, decision_latency_ms,
        strategy_deadline_ms, quote_age_ms, disk_floor_mb;
    int64_t quote_slots, depth_slots, tick_slots;
    const char *waive, *restart_at;
    struct td_opt_list allowlist, restricted;
    bool short_selling, outside_rth;
    int64_t
        ml_limit[TD_MLLIMIT_COUNT]; /* in the order of its table; 0 of one without a preset: off */
    int64_t ml_base_e9, ml_stop_e9, ml_tolerance_e9, ml_span_s, ml_score_e9;
    const char *ml_file;
    const char *databento_key, *databento_dataset, *databento_schema, *databento_url, *ca_file;
    bool databento_enabled;
    const char *news_key, *marketaux_url, *alphavantage_key, *alphavantage_url, *sentiment_lexicon,
        *sentiment_emoji;
    const char *s3_endpoint, *s3_region, *s3_key, *s3_secret, *s3_token;
    const char *database_url, *postgres_schema; /* desk/pgfollow.h */
    const char *duckdb_library;
    int64_t duckdb_memory_mb;
    bool monitoring, alert_file, alert_desktop;
    int64_t health_check_s, alert_per_hour;
    const char *alert_webhook, *alert_email, *alert_from, *alert_smtp, *alert_smtp_user,
        *alert_smtp_password, *session_bus;
    const char *backfill_vendor, *vendor_files;
    const char *backup_path, *trades_file, *train_prefix, *symbol_mapping, *level2_folder,
        *downloads_folder, *contracts_folder;
    bool skip_weekends, l2_enforce_window;
    const char *l2_window, *l2_trading_window;
    int64_t l2_workers, l2_concurrency, l2_backoff_base_ms, l2_backoff_max_ms, l2_rows_max;
    const char *dash_host, *dash_cert, *dash_key, *dash_hash, *dash_recordings;
    int64_t dash_port, dash_ws_port;
    struct td_opt_list dash_names;
    int64_t lookback_sec, lookback_min, lookback_hour; /* trading days of `update` */
};

#define TD_SETTINGS_MAX 256 /* rows of the table */

extern const struct td_opt td_settings_table[];

/* Resolves all settings; the texts live in `env` or in the table. TD_EINVAL names file and line, key and form; *s is
 * untouched then. */
TD_MUST_CHECK enum td_err td_settings_load(struct td_settings *s, const struct td_environ *env,
                                           struct td_fail *why);
/* The same from the file alone, for reading it again: a row whose exported[row] is set keeps what `before` has for it. */
TD_MUST_CHECK enum td_err td_settings_load_file(struct td_settings *s, const struct td_environ *env,
                                                const bool *exported,
                                                const struct td_settings *before,
                                                struct td_fail *why);
/* The lists hold pointers into themselves: assignment does not copy them. */
void td_settings_copy(struct td_settings *to, const struct td_settings *from);
/* The folder for locks and other files of the running session: <XDG_RUNTIME_DIR>/tapedeck, else <state>/run. */
void td_settings_runtime(const struct td_settings *s, char *out, size_t cap);
/* The names of the secret settings, for td_child_config.drop: out[cap] ends with NULL. */
void td_settings_secrets(const char **out, size_t cap);
/* The risk limits the settings ask for, of an account of that equity (unset: DEFAULT_CASH). Where several settings are
 * about one limit, the most restrictive counts, and `key` says which that was. */
void td_settings_limits(const struct td_settings *s, td_cash equity, struct td_limits *out);
/* The limits of signals of models outside. */
void td_settings_mllimits(const struct td_settings *s, struct td_mllimits *out);

#endif
