#!/usr/bin/env python3
"""tests/interop/ib_async_client.py TAPEDECK WORK - ib_async takes the gateway simulator for IB Gateway.

TAPEDECK is the program, WORK a folder for a virtual environment. Ends with 77 (skipped) when ib_async can be neither
found nor installed. Runs with generated data, so that it needs no files.
"""
import json
import logging
import os
import subprocess
import sys
import time


def ensure_packages(work):
    """Runs this file again under an environment that has the package."""
    try:
        import ib_async  # noqa: F401
        return
    except ImportError:
        pass
    venv = os.path.join(work, "venv-ib")
    python = os.path.join(venv, "bin", "python")
    if "TD_INTEROP" in os.environ:
        print("SKIP ib_async_client: ib_async cannot be imported")
        sys.exit(77)
    os.makedirs(work, exist_ok=True)
    done = subprocess.run([sys.executable, "-m", "venv", venv], capture_output=True).returncode == 0
    done = done and subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "ib_async==2.0.1"],
        capture_output=True, timeout=240).returncode == 0
    if not done:
        print("SKIP ib_async_client: ib_async cannot be installed here")
        sys.exit(77)
    os.environ["TD_INTEROP"] = "1"
    os.execv(python, [python] + sys.argv)


failures = []


def check(condition, text):
    print("ok  " if condition else "FAIL", text)
    if not condition:
        failures.append(text)


class Complaints(logging.Handler):
    """Warnings and errors of the library: timeouts, messages it could not decode."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())


def wait(ib, condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        ib.sleep(0.05)
    return bool(condition())


def check_contracts(ib, stock):
    from ib_async import Future, Stock
    details = ib.reqContractDetails(stock)
    check(len(details) == 1 and details[0].contract.conId == 265598, "contract details of AAPL")
    check(details[0].minTick == 0.01 and details[0].timeZoneId == "America/New_York", "minimum tick and time zone")
    check("CLOSED" in details[0].tradingHours or "-" in details[0].tradingHours, "trading hours")
    future = ib.reqContractDetails(Future("ES", exchange="CME"))
    check(len(future) == 1 and future[0].contract.multiplier == "50", "contract details of ES")
    check(ib.reqContractDetails(Stock("NOSUCH", "SMART", "USD")) == [], "an unknown contract has no details")
    check(any(d.contract.symbol == "AAPL" for d in ib.reqMatchingSymbols("AAP")), "matching symbols")
    check(ib.reqMarketRule(26)[0].increment == 0.01, "market rule")


def check_history(ib, stock):
    bars = ib.reqHistoricalData(stock, "", "1 D", "1 min", "TRADES", True)
    check(len(bars) > 20 and all(b.low <= b.open <= b.high and b.low <= b.close <= b.high for b in bars), "minute bars")
    check(bars[0].date.tzinfo is not None and bars[0].date.strftime("%H:%M") == "09:30", "bar times carry the zone")
    days = ib.reqHistoricalData(stock, "", "1 M", "1 day", "TRADES", True)
    check(len(days) > 15, "daily bars")
    epoch = ib.reqHistoricalData(stock, "", "3600 S", "5 mins", "MIDPOINT", True, formatDate=2)
    check(len(epoch) >= 6, "midpoint bars with epoch times")
    live = ib.reqHistoricalData(stock, "", "1 D", "1 min", "TRADES", False, keepUpToDate=True)
    count, updates = len(live), []
    live.updateEvent += lambda bars, new: updates.append(new)
    check(wait(ib, lambda: len(updates) > 2), f"bars kept up to date ({count} bars, {len(updates)} updates)")
    ib.cancelHistoricalData(live)
    check(ib.reqHeadTimeStamp(stock, "TRADES", True, 1) != [], "head time stamp")


def check_market(ib, stock):
    ticker = ib.reqMktData(stock, "233")
    check(wait(ib, lambda: ticker.bid > 0 and ticker.ask > ticker.bid and ticker.last > 0 and ticker.volume > 0), "quotes and last")
    snapshot = ib.reqTickers(stock)
    check(len(snapshot) == 1 and snapshot[0].bid > 0, "snapshot")
    trades = ib.reqTickByTickData(stock, "AllLast")
    check(wait(ib, lambda: len(trades.tickByTicks) > 0), "tick-by-tick trades")
    ib.cancelTickByTickData(stock, "AllLast")
    quotes = ib.reqTickByTickData(stock, "BidAsk")
    check(wait(ib, lambda: any(hasattr(t, "bidPrice") for t in quotes.tickByTicks)), "tick-by-tick quotes")
    ib.cancelTickByTickData(stock, "BidAsk")
    bars = ib.reqRealTimeBars(stock, 5, "TRADES", False)
    check(wait(ib, lambda: len(bars) > 0), "five-second bars")
    ib.cancelRealTimeBars(bars)


def check_depth(ib, stock):
    ticker = ib.reqMktDepth(stock, numRows=10, isSmartDepth=True)
    check(wait(ib, lambda: len(ticker.domBids) == 10 and len(ticker.domAsks) == 10), "ten rows of depth on both sides")
    ib.sleep(1)
    bids, asks = [r.price for r in ticker.domBids], [r.price for r in ticker.domAsks]
    check(bids == sorted(bids, reverse=True) and asks == sorted(asks) and bids[0] < asks[0], "rows in order, not crossed")
    check(all(r.marketMaker for r in ticker.domBids), "SMART rows name their exchange")
    ib.cancelMktDepth(stock, isSmartDepth=True)
    check(len(ib.reqMktDepthExchanges()) > 3, "depth exchanges")


def check_orders(ib, stock):
    from ib_async import LimitOrder, MarketOrder
    ticker = ib.ticker(stock)
    filled = ib.placeOrder(stock, MarketOrder("BUY", 10))
    seen = []
    filled.statusEvent += lambda t: seen.append(t.orderStatus.status)
    check(wait(ib, lambda: filled.isDone()) and filled.orderStatus.status == "Filled", "a market order fills")
    check(wait(ib, lambda: filled.fills and filled.fills[0].commissionReport.execId), "execution and commission")
    check(filled.fills[0].commissionReport.commission == 1.0, "commission of 10 shares is the minimum")
    check(abs(filled.orderStatus.avgFillPrice - ticker.ask) < 1, "filled near the quote")
    working = ib.placeOrder(stock, LimitOrder("BUY", 10, round(ticker.bid * 0.9, 2)))
    check(wait(ib, lambda: working.orderStatus.status == "Submitted"), "a limit order below the market rests")
    check(len(ib.reqAllOpenOrders()) == 1 and len(ib.reqOpenOrders()) == 1, "open orders")
    working.order.lmtPrice = round(ticker.bid * 0.91, 2)
    ib.placeOrder(stock, working.order)
    ib.sleep(0.3)
    check(working.orderStatus.status == "Submitted", "a modified order goes on")
    ib.cancelOrder(working.order)
    check(wait(ib, lambda: working.orderStatus.status == "Cancelled"), "a cancelled order is cancelled")
    bad = ib.placeOrder(stock, LimitOrder("BUY", 10, 100.123))
    check(wait(ib, lambda: bad.isDone()) and any(e.errorCode == 110 for e in bad.log), "a price off the tick is refused with 110")
    state = ib.whatIfOrder(stock, LimitOrder("BUY", 100, round(ticker.bid, 2)))
    check(float(state.initMarginChange) > 0 and state.commission == 1.0, "what-if margin and commission")
    check(len(ib.reqExecutions()) == 1, "executions")
    check(len(ib.reqCompletedOrders(True)) == 2, "completed orders")


def check_account(ib, stock):
    check(wait(ib, lambda: any(p.contract.symbol == "AAPL" and p.position == 10 for p in ib.positions())), "position")
    check(wait(ib, lambda: any(i.contract.symbol == "AAPL" and i.position == 10 for i in ib.portfolio())), "portfolio")
    values = {v.tag: v.value for v in ib.accountValues() if v.currency in ("USD", "")}
    check(900000 < float(values["NetLiquidation"]) < 1100000, "net liquidation")
    summary = {v.tag: v.value for v in ib.accountSummary()}
    check(float(summary["BuyingPower"]) > 0, "account summary")
    pnl = ib.reqPnL(ib.managedAccounts()[0])
    check(wait(ib, lambda: pnl.dailyPnL == pnl.dailyPnL), "profit and loss")
    single = ib.reqPnLSingle(ib.managedAccounts()[0], "", stock.conId)
    check(wait(ib, lambda: single.position == 10), "profit and loss of the position")
    check(abs(ib.reqCurrentTime().timestamp() - time.time()) < 10 * 365 * 86400, "current time")


def run(port):
    from ib_async import IB, Stock, util
    complaints = Complaints()
    logging.getLogger("ib_async").addHandler(complaints)
    ib = IB()
    ib.RequestTimeout = 20
    started = time.monotonic()
    ib.connect("127.0.0.1", port, clientId=5, timeout=4)
    check(ib.isConnected() and time.monotonic() - started < 3, f"connected in {time.monotonic() - started:.2f} s")
    check(ib.client.serverVersion() == 178, "protocol version 178")
    check(not any("timed out" in line for line in complaints.lines), "no request of the connect timed out")
    stock = ib.qualifyContracts(Stock("AAPL", "SMART", "USD"))[0]
    check_contracts(ib, stock)
    check_history(ib, stock)
    check_market(ib, stock)
    check_depth(ib, stock)
    check_orders(ib, stock)
    check_account(ib, stock)
    other = IB()
    try:
        other.connect("127.0.0.1", port, clientId=5, timeout=2)
        check(False, "a second connection with the same client id is refused")
    except Exception:
        check(ib.isConnected(), "a second connection with the same client id is refused, the first stays")
    util.logging.getLogger("ib_async").removeHandler(complaints)
    odd = [line for line in complaints.lines if "Error for" in line or "decod" in line.lower() or "timed out" in line]
    check(not odd, f"nothing could not be decoded or timed out {odd[:3]}")
    ib.disconnect()


def main():
    program, work = sys.argv[1], sys.argv[2]
    ensure_packages(work)
    sim = subprocess.Popen([program, "sim", "--port", "0", "--json", "--no-data", "--symbols", "AAPL,ES", "--speed", "3",
                            "--start", "10:00", "--day", "2026-11-20"], stdout=subprocess.PIPE, text=True)
    try:
        run(json.loads(sim.stdout.readline())["port"])
    finally:
        sim.terminate()
        check(sim.wait(timeout=10) == 0, "the simulator ends with status 0 on SIGTERM")
    sys.exit(1 if failures else 0)


main()
