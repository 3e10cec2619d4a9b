/* desk/settings.h - every setting from outside, in one table: name, type, range, default, meaning.
 *
 * Resolution per key: command-line option (of the commands that have one), process environment, `.env`,
 * default. `tapedeck config` prints the table with each value and where it came from; docs/settings.md is
 * generated from it. Ports are kept as text and judged by desk/plan.h, which drops bad ones with a warning.
 */
#ifndef TD_DESK_SETTINGS_H
#define TD_DESK_SETTINGS_H

#include "base/opt.h"
#include "sys/environ.h"
#include "trade/risk.h"

struct td_settings {
    const char *host, *port, *live_port, *paper_port, *gateway_live_port, *gateway_paper_port;
    int64_t client_id, connect_timeout_s;
    bool paper, allow_windows;
    const char *account, *username, *password;
    const char *gateway_start_cmd;
    int64_t gateway_start_timeout_s, gateway_check_s, gateway_grace_s;
    const char *base_path, *data_override, *logs_path, *state_path, *market_data;
    const char *log_level, *log_format;
    bool allow_orders, dry_run, order_exec;
    const char *live_confirm_file;
    int64_t max_daily_loss_e9, default_cash_e9, max_position_e9, max_order_size_e9,
        max_order_notional_e9, max_daily_notional_e9, collar_e9, max_spread_percent_e9;
    int64_t max_trades, max_open_orders, max_orders_per_minute, dedup_window_s, decision_latency_ms,
        quote_age_ms, disk_floor_mb;
    int64_t quote_slots, depth_slots, tick_slots;
    const char *waive, *restart_at;
    struct td_opt_list allowlist;
    bool short_selling, outside_rth;
    const char *databento_key;
};

extern const struct td_opt td_settings_table[];

/* Resolves all settings; the texts live in `env` or in the table. TD_EINVAL names key and form. */
TD_MUST_CHECK enum td_err td_settings_load(struct td_settings *s, const struct td_environ *env,
                                           struct td_fail *why);
/* The risk limits the settings ask for. */
void td_settings_limits(const struct td_settings *s, struct td_limits *out);

#endif
