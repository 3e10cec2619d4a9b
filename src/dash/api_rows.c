/* dash/api_rows.c - the paths of the API: the original's, and ours below /api/v1. */
#include "dash/api_answers.h"

#define GET            .method = TD_METHOD_GET
#define POST           .method = TD_METHOD_POST
#define OPEN           .access = TD_ACCESS_OPEN
#define READ           .access = TD_ACCESS_READ
#define TRADE          .access = TD_ACCESS_TRADE
#define PATH(text, fn) .path = (text), .answer = (fn)

const struct td_route td_api_routes[] = {
    {GET, OPEN, PATH("/health", api_health), .help = "whether the dashboard answers",
     .schema = "{status,timestamp}"},
    {GET, OPEN, PATH("/api/health", api_health), .help = "the same",
     .schema = "{status,timestamp}"},
    {GET, OPEN, PATH("/health/live", api_live), .help = "whether the process lives",
     .schema = "{status,timestamp,service}"},
    {GET, OPEN, PATH("/health/ready", api_ready),
     .help = "whether database, settings and disk are there; else 503",
     .schema = "{timestamp,service,ready,checks{database,config,filesystem}}"},
    {GET, READ, PATH("/health/runner", api_runner), .help = "whether a desk runs",
     .schema = "{status,timestamp,message,session_start}"},
    {GET, READ, PATH("/metrics", api_metrics), .help = "metrics for Prometheus",
     .schema = "text, see Metrics"},
    {GET, READ, PATH("/api/database/health", api_database),
     .help = "orders.db; 500 when it cannot be read",
     .schema = "{status,table_count|error,timestamp}"},
    {GET, READ, PATH("/api/market/status", api_market), .help = "NYSE by the calendar",
     .schema = "{is_open,session,current_time,status_text[,next_open,seconds_until_open,"
               "time_until_open]}"},
    {GET, READ, PATH("/api/status", api_status), .help = "everything in short",
     .schema = "{trading_status{is_trading,connected,market_open,mode,session_start,message,detail,"
               "runner_state,tws_health,tws_running,gateway_running,symbols_count},pnl,metrics,"
               "positions_count,ml_status}"},
    {GET, READ, PATH("/api/runner/status", api_runner), .help = "as /health/runner",
     .schema = "{status,timestamp,message,session_start}"},
    {GET, READ, PATH("/api/pnl", api_pnl), .help = "profit, after fees",
     .schema = "{total,unrealized,realized,daily}"},
    {GET, READ, PATH("/api/positions", api_positions), .help = "what is held",
     .schema = "{positions[{symbol,quantity,entry_price,current_price,market_value,unrealized_pnl,"
               "unrealized_pnl_pct,side,entry_time,strategy,ml_signal}]}"},
    {GET, READ, PATH("/api/watchlist", api_watchlist), .help = "the desk's symbols",
     .schema = "{watchlist[{symbol,current_price,quantity,avg_cost,pnl,notes,has_position}]}"},
    {GET, READ, PATH("/api/ml/status", api_ml), .help = "models; there are none yet",
     .schema = "{models_trained,feature_count,accuracy,confidence,models[],active_predictions,"
               "avg_confidence,market_sentiment{bullish,bearish,neutral},last_prediction_time,"
               "top_features[]}"},
    {GET, READ, PATH("/api/ml/predictions", api_predictions), .help = "of models; there are none",
     .schema = "{predictions[]}"},
    {GET, READ, PATH("/api/performance", api_performance), .help = "today, 7 days, 30 days, all",
     .schema = "{summary{total_return,total_pnl,total_sharpe,total_drawdown,win_rate,total_trades,"
               "winning_trades,losing_trades},daily,weekly,monthly,all{return_pct,pnl,trades,"
               "volatility,sharpe,max_drawdown}}"},
    {GET, READ, PATH("/api/equity-curve", api_curve), .help = "profit by exchange day",
     .schema = "{equity_curve[{date,pnl,cumulative_pnl,equity}]}"},
    {GET, READ, PATH("/api/trades", api_trades),
     .help = "executions, newest first: ?days=30, ?symbol=, ?limit= (DASHBOARD_TRADE_LIMIT, 1000)",
     .schema = "{trades[{id,symbol,side,quantity,price,timestamp,slippage,commission,notional,"
               "cash_impact,realized_pnl,strategy}],summary{total_trades,buy_trades,sell_trades,"
               "total_volume,total_commission,avg_trade_size}}"},
    {GET, READ, PATH("/api/strategies/status", api_strategies),
     .help = "strategies, what each made",
     .schema = "{active_strategies{ml_enhanced,microstructure,portfolio_manager,smart_execution},"
               "performance_by_strategy{name{fills,realized_pnl,commission,net_pnl}},last_updated,"
               "instances[]}"},
    {GET, READ, PATH("/api/microstructure/metrics", api_micro),
     .help = "of the first symbol watched, or ?symbol=",
     .schema = "{symbol,order_flow_imbalance{current,avg_1h,trend,signal},book_pressure,"
               "tick_direction,spread_analysis{current_bps,avg_bps,widening,liquidity},"
               "tick_momentum{score,direction,strength,trades_analyzed},ensemble_metrics{"
               "combined_score,confidence,active_signals,last_signal},performance{scope,"
               "trades_today,win_rate,avg_profit_bps,sharpe_ratio}}"},
    {GET, READ, PATH("/api/portfolios", api_portfolios), .help = "the account",
     .schema = "{portfolios[{id,equity}]}"},
    {GET, READ, PATH("/api/portfolio/allocation", api_allocation),
     .help = "value of each position as a part of the equity",
     .schema = "{method,allocations{},risk_budget{},correlation_matrix{avg_correlation,"
               "max_correlation,diversification_ratio},rebalance{last,next_due,drift}}"},
    {GET, READ, PATH("/api/execution/status", api_execution), .help = "how orders are worked",
     .schema = "{active_algorithm,orders{pending,completed,cancelled},performance{avg_slippage_bps,"
               "market_impact_bps,total_saved_bps},algorithms_available[],current_orders[{symbol,"
               "algo,progress,slices}],algorithms_used{},avg_slippage,market_impact,fill_rate,"
               "avg_fill_time,executions_today,algorithm_performance{}}"},
    {GET, READ, PATH("/api/risk/status", api_risk), .help = "risk as it stands",
     .schema = "{enabled,kelly_sizing{enabled,current_positions{sym{kelly_fraction,win_rate,edge}},"
               "portfolio_kelly},kill_switches{active,triggered_count,last_trigger,limits{"
               "daily_loss{limit,current},consecutive_losses{limit,current},max_drawdown{limit,"
               "current},position_loss{limit,per_position}}},correlation_limits{max_correlation,"
               "max_correlated_exposure,high_correlations[]},risk_metrics{total_exposure,leverage,"
               "var_95,sharpe_ratio,max_drawdown,current_capital,total_pnl,daily_pnl}}"},
    {GET, READ, PATH("/api/risk/kelly/{symbol}", api_kelly),
     .help = "Kelly's formula on the last 100 round trips of a symbol; fewer than 30 prove nothing",
     .schema = "{symbol,kelly_fraction,half_kelly,quarter_kelly,win_rate,avg_win,avg_loss,edge,"
               "odds,trade_count,recommended_position_size,confidence_level}"},
    {GET, READ, PATH("/api/safety/circuit-breakers", api_breakers), .help = "circuit breakers",
     .schema = "{breakers{name{}},open_count,open_breakers[],any_open}"},
    {GET, READ, PATH("/api/safety/order-manager", api_orders_managed),
     .help = "orders ever, and now",
     .schema = "{statistics{total_orders,successful_fills,partial_fills,cancellations,rejections,"
               "errors,timeouts,total_retries,fill_rate,rejection_rate},active_orders[{id,symbol,"
               "side,status,filled}]}"},
    {GET, READ, PATH("/api/safety/data-validator", api_validator), .help = "checks of market data",
     .schema = "{total_validations,passed,failed_stale,failed_spread,failed_price,failed_volume,"
               "failed_anomaly,pass_rate}"},
    {GET, READ, PATH("/api/safety/thresholds", api_thresholds), .help = "settings as text",
     .schema = "{max_open_positions,max_orders_per_minute,stop_loss_percent,take_profit_percent,"
               "data_staleness_seconds,max_spread_percent,circuit_breaker_threshold,"
               "circuit_breaker_timeout}"},
    {GET, READ, PATH("/api/logs", api_logs), .help = "the journal's last 100, newest first, UTC",
     .schema = "{logs[\"HH:MM:SS - text\"]}"},
    {GET, READ, PATH("/api/market-data/{symbol}", api_bars), .help = "bars as /api/v1/bars; ?from=",
     .schema = "{symbol,span_s,bars[{time,open,high,low,close,volume}]}"},
    {POST, .access = TD_ACCESS_TRADE, PATH("/api/risk/kill-switch", api_kill_switch),
     .help = "status; reset is resume; disable is refused", .nonce = "resume",
     .body = "{action: reset, disable or status; reset: nonce,confirm,reason}",
     .schema = "{success,message,status} or {active,triggered,can_trade}"},
    {POST, .access = TD_ACCESS_TRADE, PATH("/api/start", api_start), .nonce = "resume",
     .help = "ends a halt; the desk itself is started by tapedeck trade; 503 without one",
     .body = "{symbols?,nonce,confirm,reason}",
     .schema = "{status: started or already_running,symbols}"},
    {POST, .access = TD_ACCESS_TRADE, PATH("/api/stop", api_stop), .help = "halt: no new risk",
     .body = "{reason?}", .schema = "{status: stopped}"},

    {GET, READ, PATH("/api/v1/status", api_desk_status),
     .help = "the desk's status as tapedeck status --json has it", .schema = "see tapedeck status"},
    {GET, READ, PATH("/api/v1/gates", api_desk_gates), .help = "what each gate says now: ?symbol=",
     .schema = "{ok,symbols,symbols_asked,gates[{gate,open,closed_for[],limit,value,setting,"
               "reducing,looks_at,closed_means}]}"},
    {GET, READ, PATH("/api/v1/symbols", api_symbols), .help = "quotes of all symbols watched",
     .schema = "{symbols[{symbol,last,bid,ask,bid_size,ask_size,time,age_ms,generated,status,"
               "events,gaps}]}"},
    {GET, READ, PATH("/api/v1/books/{symbol}", api_book), .help = "the book",
     .schema = "{symbol,time,quality[],bids[[price,size]],asks[[price,size]],microprice,imbalance,"
               "ofi,cvd}"},
    {GET, READ, PATH("/api/v1/bars/{symbol}", api_bars), .help = "bars: ?from= ISO time",
     .schema = "{symbol,span_s,bars[{time,open,high,low,close,volume}]}"},
    {GET, READ, PATH("/api/v1/trades/{symbol}", api_prints),
     .help = "prints of the market: ?after= number",
     .schema = "{symbol,newest,trades[{n,time,price,size,aggressor,exchange}]}"},
    {GET, READ, PATH("/api/v1/orders", api_orders),
     .help = "orders, newest first: ?state=open, done or all, ?limit=500",
     .schema = "{orders[rows of the table orders]}"},
    {GET, READ, PATH("/api/v1/orders/{id}", api_order),
     .help = "an order and all that happened to it",
     .schema = "{order{},timeline[{time,event,code,text}],fills[]}"},
    {GET, READ, PATH("/api/v1/fills", api_fills), .help = "executions: ?days=1, ?limit=1000",
     .schema = "{fills[{id,order_id,time,symbol,side,quantity,price,commission,pnl,currency,"
               "exec_id,corrected}]}"},
    {GET, READ, PATH("/api/v1/intents", api_intents),
     .help = "what strategies wanted, newest first: ?limit=500",
     .schema = "{intents[{id,time,symbol,strategy,side,approved,gate,reason}]}"},
    {GET, READ, PATH("/api/v1/equity", api_equity),
     .help = "realized profit after fees, by execution, the newest 5000",
     .schema = "{points[{time,realized,equity}]}"},
    {GET, READ, PATH("/api/v1/events", api_events),
     .help = "the journal, newest first: ?limit=200, ?after= id",
     .schema = "{events[{id,time,event,symbol,code,text,order_id}]}"},
    {GET, READ, PATH("/api/v1/config", api_config), .help = "settings and their sources, masked",
     .schema = "{settings[{key,value,source,meaning}]}"},
    {GET, READ, PATH("/api/v1/alerts", api_alerts), .help = "what a person should look at",
     .schema = "{alerts[{word,since,tries,next_try,text,action}]}"},
    {GET, READ, PATH("/api/v1/latency", api_latency),
     .help = "where an order's time goes, stage by stage",
     .schema = "{stages:[{stage,what,count,p50_us,p99_us,p999_us,max_us,sum_us}],last_tick_age_s,"
               "messages_per_second}"},
    {GET, READ, PATH("/api/v1/scanner", api_scanner),
     .help = "the scanner that serves: its table, and who is recorded with which status",
     .schema = "{rows[{symbol,price,gap_pct,rvol,volume,adv20,previous_close,open,last,spread,"
               "halted,why,reason,exchange,updated,status}],scan{day,time,note,seen,listed,"
               "dropped{}},last_scan,slots{held,of,granted,queued},etfs{excluded,known},sessions[{"
               "symbol,status,depth_comes,place,started,ticks,messages,snapshots,gaps,dropped,"
               "attempts,trouble}],hidden[],output,ended,recorder_connected,scanner_connected[,"
               "reason]}",
     .scans = true},
    {POST, TRADE, PATH("/api/v1/scanner/start", api_scan_start),
     .help = "records symbols: ticks at once, depth when a slot is free",
     .schema = "{ok[,error],slots{},sessions[]}", .body = "{symbols[]}", .scans = true},
    {POST, TRADE, PATH("/api/v1/scanner/stop", api_scan_stop),
     .help = "ends recordings; their files are made", .schema = "{ok[,error],slots{},sessions[]}",
     .body = "{symbols[]} or {all:true}", .scans = true},
    {POST, TRADE, PATH("/api/v1/scanner/hide", api_scan_hide),
     .help = "symbols that the scanner does not list", .schema = "{ok[,error],hidden[]}",
     .body = "{symbols[]}", .scans = true},
    {POST, TRADE, PATH("/api/v1/scanner/unhide", api_scan_unhide), .help = "lists them again",
     .schema = "{ok[,error],hidden[]}", .body = "{symbols[]} or {all:true}", .scans = true},
    {GET, READ, PATH("/api/v1/recorder", api_recorder), .help = "events and gaps by symbol",
     .schema = "{symbols[{symbol,events,gaps}],recorder}"},
    {GET, READ, PATH("/api/v1/recordings", api_recordings),
     .help = "recorded days below DASH_RECORDINGS; files are looked into as time allows: ask again "
             "until complete",
     .schema = "{folder,complete,cut,symbols[{symbol,days[{day,looked,bytes,rows,bad,grade,first,"
               "last,problem,sessions[{first,last,rows}]}]}],reason}"},
    {GET, READ, PATH("/api/v1/recordings/{symbol}", api_recording),
     .help = "columns of a recorded day: ?day=, ?from= and ?to= ISO times, ?levels=20, "
             "?columns=600 (at most 1500); what was not read begins at until",
     .schema = "{symbol,day,step_ms,until,columns[{time,quality[],bids[[price,size]],"
               "asks[[price,size]],books}],trades}"},
    {GET, READ, PATH("/api/v1/recordings/{symbol}/at", api_recording_at),
     .help = "the newest recorded book at or before an instant: ?day=, ?time=, ?levels=20",
     .schema = "{symbol,day,time,quality[],bids[[price,size]],asks[[price,size]],before,after}"},
    {GET, READ, PATH("/api/v1/reports", api_reports),
     .help = "evening reports in the state folder, newest first",
     .schema = "{reports[{day,bytes}],reason}"},
    {GET, READ, PATH("/api/v1/reports/{day}", api_report),
     .help = "the evening report of a day as a page; it may run nothing", .schema = "text/html"},
    {GET, READ, PATH("/api/v1/journal", api_journal), .help = "how far the journal is",
     .schema = "{last_record,durable,waiting,ok,projected,disk_ok}"},
    {GET, READ, PATH("/api/v1/gateway", api_gateway), .help = "session, connection and checklist",
     .schema = "{mode,account,session,connection{},missing,checklist[],clock{},market_data{}}"},
    {GET, READ, PATH("/api/v1/openapi.json", api_openapi), .help = "this page as OpenAPI 3",
     .schema = "OpenAPI 3.0"},
    {0},
};
