/* dash/api_answers.h - the answers that api_rows.c gives their paths; each is a td_api_fn. */
#ifndef TD_DASH_API_ANSWERS_H
#define TD_DASH_API_ANSWERS_H

#include "dash/route.h"

/* api_health.c */
td_api_fn api_health, api_live, api_ready, api_database, api_market, api_metrics;
/* api_overview.c */
td_api_fn api_status, api_pnl, api_positions, api_watchlist, api_logs, api_runner;
/* api_performance.c */
td_api_fn api_performance, api_trades, api_curve;
/* api_strategies.c */
td_api_fn api_strategies, api_execution, api_ml, api_predictions, api_portfolios;
/* api_micro.c */
td_api_fn api_micro;
/* api_allocation.c */
td_api_fn api_allocation;
/* api_risk.c */
td_api_fn api_risk, api_kelly;
/* api_safety.c */
td_api_fn api_breakers, api_orders_managed, api_validator, api_thresholds;
/* api_v1.c */
td_api_fn api_desk_status, api_desk_gates, api_symbols, api_book, api_bars, api_prints;
/* api_v1_orders.c */
td_api_fn api_orders, api_order, api_fills, api_intents, api_equity, api_events;
/* api_v1_system.c */
td_api_fn api_config, api_alerts, api_latency, api_recorder, api_scanner, api_scan_start,
    api_scan_stop, api_scan_hide, api_scan_unhide, api_journal, api_gateway, api_openapi;
/* api_recordings.c */
td_api_fn api_recordings, api_recording, api_recording_at, api_reports, api_report;
/* api_act.c */
td_api_fn api_kill_switch, api_start, api_stop;

#endif
