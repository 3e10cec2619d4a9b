//! tests/interop/rust/text - rust-ibapi 2.9.2 against the simulator, at server version 200 in text.
#[path = "../../common.rs"]
mod common;

use common::{Report, Sim};
use ibapi::accounts::types::AccountGroup;
use ibapi::accounts::{AccountSummaryResult, PositionUpdate};
use ibapi::client::blocking::Client;
use ibapi::contracts::Contract;
use ibapi::market_data::historical::{BarSize, ToDuration, WhatToShow};
use ibapi::market_data::realtime::MarketDepths;
use ibapi::market_data::TradingHours;
use ibapi::orders::{order_builder, Action, CancelOrder, ExecutionFilter, Executions, Orders, PlaceOrder};
use std::time::{Duration, Instant};

const WAIT: Duration = Duration::from_secs(10);

fn data(r: &mut Report, client: &Client, aapl: &Contract) {
    let details = client.contract_details(aapl).expect("contract details");
    r.expect(details.len() == 1 && details[0].contract.contract_id == 265598, "contract details");
    r.expect(client.contract_details(&Contract::stock("NOSUCH").build()).is_err(), "unknown contract");
    let bars = client
        .historical_data(aapl, None, 1.days(), BarSize::Min5, WhatToShow::Trades, TradingHours::Regular)
        .expect("history");
    r.expect(bars.bars.len() >= 6, "bars of half an hour");
    r.expect(bars.bars.iter().all(|b| b.high >= b.low && b.low > 0.0 && b.volume > 0.0), "bars are bars");
    let depth = client.market_depth(aapl, 5, true).expect("depth");
    let mut rows = 0;
    let until = Instant::now() + WAIT;
    while rows < 100 && Instant::now() < until {
        match depth.next_timeout(WAIT) {
            Some(MarketDepths::MarketDepthL2(row)) => {
                r.expect((0..5).contains(&row.position) && row.price > 0.0 || row.operation == 2, "a depth row");
                rows += 1;
            }
            other => r.expect(false, &format!("depth: {other:?}")),
        }
    }
    r.expect(rows == 100, "100 depth rows");
    drop(depth);
    let ticks = client.tick_by_tick_last(aapl, 0, false).expect("tick by tick");
    let tick = ticks.next_timeout(WAIT);
    r.expect(tick.is_some_and(|t| t.price > 0.0 && t.size > 0.0), "a trade");
}

fn orders(r: &mut Report, client: &Client, aapl: &Contract) {
    let id = client.next_order_id();
    let order = order_builder::market_order(Action::Buy, 10.0);
    let mut seen = (false, false, false, false);
    let updates = client.place_order(id, aapl, &order).expect("place");
    let until = Instant::now() + WAIT;
    while seen != (true, true, true, true) && Instant::now() < until {
        match updates.next_timeout(Duration::from_secs(1)) {
            Some(PlaceOrder::OpenOrder(o)) => seen.0 = o.order_id == id && o.order.total_quantity == 10.0,
            Some(PlaceOrder::OrderStatus(s)) => seen.1 |= s.status == "Filled" && s.filled == 10.0,
            Some(PlaceOrder::ExecutionData(e)) => seen.2 = e.execution.order_id == id && e.execution.shares == 10.0,
            Some(PlaceOrder::CommissionReport(c)) => seen.3 = c.commission == 1.0,
            Some(PlaceOrder::Message(m)) => r.expect(false, &format!("order: {m}")),
            None => {
                if let Some(error) = updates.error() {
                    r.expect(false, &format!("order: {error}"));
                }
            }
        }
    }
    r.expect(seen == (true, true, true, true), &format!("an order is told whole: {seen:?}"));
    drop(updates);
    let second = client.next_order_id();
    let limit = order_builder::limit_order(Action::Buy, 5.0, 100.0);
    client.submit_order(second, aapl, &limit).expect("submit");
    std::thread::sleep(Duration::from_millis(300));
    let open: Vec<_> = client.all_open_orders().expect("open orders").iter().collect();
    r.expect(
        open.iter().any(|o| matches!(o, Orders::OrderData(d) if d.order_id == second && d.order.limit_price == Some(100.0))),
        "the open order is listed, and the list ends",
    );
    let mut cancelled = false;
    for update in client.cancel_order(second, "").expect("cancel").timeout_iter(Duration::from_secs(2)) {
        cancelled |= matches!(update, CancelOrder::OrderStatus(s) if s.status == "Cancelled");
    }
    r.expect(cancelled, "the cancel");
    let completed: Vec<_> = client.completed_orders(false).expect("completed").iter().collect();
    r.expect(completed.len() >= 2, "completed orders are listed, and the list ends");
    let executions: Vec<_> = client.executions(ExecutionFilter::default()).expect("executions").iter().collect();
    r.expect(
        executions.iter().any(|e| matches!(e, Executions::ExecutionData(d) if d.execution.order_id == id)),
        "executions are listed, and the list ends",
    );
}

fn account(r: &mut Report, client: &Client) {
    let positions = client.positions().expect("positions");
    let (mut held, mut ended) = (0.0, false);
    while let Some(update) = positions.next_timeout(WAIT) {
        match update {
            PositionUpdate::Position(p) => held = p.position,
            PositionUpdate::PositionEnd => {
                ended = true;
                break;
            }
        }
    }
    r.expect(ended && held == 10.0, "positions");
    let summary = client
        .account_summary(&AccountGroup("All".to_string()), &["NetLiquidation"])
        .expect("summary");
    let (mut net, mut ended) = (false, false);
    while let Some(line) = summary.next_timeout(WAIT) {
        match line {
            AccountSummaryResult::Summary(s) => net = s.tag == "NetLiquidation" && s.account == "DU1234567",
            AccountSummaryResult::End => {
                ended = true;
                break;
            }
        }
    }
    r.expect(net && ended, "account summary");
    r.expect(client.server_time().is_ok(), "the time");
}

fn main() {
    let sim = Sim::start(&std::env::args().nth(1).expect("usage: ibapi-text TAPEDECK"));
    let mut r = Report::default();
    let client = Client::connect(&sim.address, 41).expect("connect");
    r.expect(client.server_version() == 200, "the version is 200");
    r.expect(client.managed_accounts().is_ok_and(|a| a == ["DU1234567"]), "managed accounts");
    let aapl = Contract::stock("AAPL").build();
    data(&mut r, &client, &aapl);
    orders(&mut r, &client, &aapl);
    account(&mut r, &client);
    drop(client);
    drop(sim);
    std::process::exit(r.close("rust-ibapi 2.9.2, text at 200"));
}
