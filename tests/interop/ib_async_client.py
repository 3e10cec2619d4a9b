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

import packages


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
    check([(s.lowEdge, s.increment) for s in ib.reqMarketRule(26)] == [(0, 0.0001), (1, 0.01)], "market rule")


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


used = set()     # "IB.method" and "Client.method" that ran
frames = []      # what the gateway sent, as lists of fields
errors = []      # (request, code, text)

# What has nothing to do with the gateway: the library's own event loop and calculations.
LOCAL = "is local to the library"
NOT_SERVED = {
    **{f"IB.{name}": LOCAL for name in (
        "run", "schedule", "sleep", "timeRange", "timeRangeAsync", "loopUntil", "waitOnUpdate", "setTimeout",
        "bracketOrder", "oneCancelsAll")},
    **{f"Client.{name}": LOCAL for name in (
        "run", "reset", "send", "sendMsg", "setConnectOptions", "updateReqId", "getReqId", "getAccounts", "isReady",
        "isConnected", "connectionStats", "connect", "disconnect", "serverVersion")},
}


def record_methods():
    """Wraps every public method of the library's two classes and its decoder."""
    import functools
    import inspect
    from ib_async import IB
    from ib_async.client import Client
    from ib_async.decoder import Decoder
    names = []
    for owner in (IB, Client):
        for name, method in inspect.getmembers(owner, inspect.isfunction):
            if name.startswith("_") or name == "waitUntil":
                continue
            key = f"{owner.__name__}.{name}"
            names.append(key)

            def wrapped(*args, __method=method, __key=key, **kwargs):
                used.add(__key)
                return __method(*args, **kwargs)
            static = isinstance(inspect.getattr_static(owner, name), staticmethod)
            whole = functools.wraps(method)(wrapped)
            setattr(owner, name, staticmethod(whole) if static else whole)
    interpret = Decoder.interpret

    def listening(self, fields):
        frames.append(list(fields))
        return interpret(self, fields)
    Decoder.interpret = listening
    return names


def report_methods(names):
    missing = [n for n in names if n not in used and n not in NOT_SERVED]
    listed = [n for n in names if n not in used and n in NOT_SERVED]
    check(not missing, f"every method is exercised or listed as not served {missing}")
    print(f"{len(names)} methods, {sum(n in used for n in names)} exercised, {len(listed)} not served")
    for name in listed:
        print(f"     {name} {NOT_SERVED[name]}")


def said(start, *fields):
    """A frame since `start` that begins with these fields; "" stands for any."""
    wanted = [str(f) for f in fields]
    for frame in frames[start:]:
        if len(frame) >= len(wanted) and all(w in ("", f) for w, f in zip(wanted, frame)):
            return frame
    return None


def fails(ib, code, call, text):
    before = len(errors)
    call()
    check(wait(ib, lambda: any(e[1] == code for e in errors[before:]), 5), f"{text} is error {code}")


def check_lists(ib, stock):
    params = ib.reqScannerParameters()
    check(params.startswith("<?xml") and "<scanCode>TOP_PERC_GAIN</scanCode>" in params, "scanner parameters")
    from ib_async import ScannerSubscription
    scan = ScannerSubscription(instrument="STK", locationCode="STK.US.MAJOR", scanCode="MOST_ACTIVE", numberOfRows=5)
    rows = ib.reqScannerData(scan)
    check([r.contractDetails.contract.symbol for r in rows] == ["AAPL"] and rows[0].rank == 0, "a scan")
    live = ib.reqScannerSubscription(scan)
    check(wait(ib, lambda: len(live) == 1), "a scanner subscription")
    ib.cancelScannerSubscription(live)
    depth = {(d.exchange, d.secType) for d in ib.reqMktDepthExchanges()}
    check({("ARCA", "STK"), ("CME", "FUT")} <= depth, "depth exchanges")
    parts = ib.reqSmartComponents("9c0001")
    check({(p.exchange, p.exchangeLetter) for p in parts} >= {("ARCA", "P"), ("NASDAQ", "Q")}, "smart components")
    hist = ib.reqHistogramData(stock, True, "1 day")
    check(len(hist) > 5 and all(h.count > 0 for h in hist), "histogram")
    schedule = ib.reqHistoricalSchedule(stock, 3)
    check(len(schedule.sessions) == 3 and schedule.timeZone == "America/New_York"
          and schedule.sessions[-1].startDateTime == "20261120-09:30:00", "historical schedule")
    ticks = ib.reqHistoricalTicks(stock, "20261120-14:40:00", "", 20, "TRADES", True)
    check(len(ticks) >= 20 and ticks[0].price > 0 and ticks[0].time <= ticks[-1].time, "historical trades")
    ticks = ib.reqHistoricalTicks(stock, "", "20261120-14:50:00", 20, "BID_ASK", True)
    check(len(ticks) >= 20 and all(t.priceBid < t.priceAsk for t in ticks), "historical quotes")
    ticks = ib.reqHistoricalTicks(stock, "", "20261120-14:50:00", 20, "MIDPOINT", True)
    check(len(ticks) >= 20 and ticks[0].price > 0, "historical middles")
    start = len(frames)
    ib.reqUserInfo() # the library drops the value of this one
    check(said(start, 107, "", "") is not None, "user info")
    ib.reqMarketDataType(1)
    fails(ib, 430, lambda: ib.reqFundamentalData(stock, "ReportSnapshot"), "fundamental data")
    fails(ib, 10276, ib.getWshMetaData, "the WSH meta data")
    from ib_async import WshEventData
    fails(ib, 10276, lambda: ib.getWshEventData(WshEventData(conId=stock.conId)), "a WSH event")
    ib.reqWshMetaData(), ib.reqWshEventData(WshEventData(conId=stock.conId))
    ib.sleep(0.2)
    ib.cancelWshMetaData(), ib.cancelWshEventData()
    fails(ib, 321, lambda: ib.requestFA(1), "advisor data of one account")
    fails(ib, 321, lambda: ib.replaceFA(1, "<ListOfGroups></ListOfGroups>"), "replacing it")


def check_news(ib, stock):
    check([p.code for p in ib.reqNewsProviders()] == ["TDSIM"], "news providers")
    news = ib.reqHistoricalNews(stock.conId, "TDSIM", "", "", 300)
    news = news if isinstance(news, list) else [news]
    check(news and all(n.headline.startswith("SIMULATED: AAPL ") for n in news), "historical news")
    article = ib.reqNewsArticle("TDSIM", news[-1].articleId)
    check(article.articleType == 0 and "opens at" in article.articleText, "news article")
    ib.reqNewsBulletins(True)
    check(wait(ib, lambda: len(ib.newsBulletins()) > 0) and "began" in ib.newsBulletins()[0].message, "bulletins")
    ib.cancelNewsBulletins()
    ib.cancelMktData(stock)
    ib.reqMktData(stock, "mdoff,292")
    check(wait(ib, lambda: len(ib.newsTicks()) > 0) and ib.newsTicks()[0].providerCode == "TDSIM", "news ticks")
    ib.cancelMktData(stock)


def check_options(ib, stock):
    from ib_async import MarketOrder, Option
    chains = ib.reqSecDefOptParams("AAPL", "", "STK", stock.conId)
    chain = next(c for c in chains if c.exchange == "SMART")
    check(chain.multiplier == "100" and len(chain.expirations) == 7 and len(chain.strikes) == 21, "option parameters")
    expiry, strike = sorted(chain.expirations)[2], sorted(chain.strikes)[8]
    option = ib.qualifyContracts(Option("AAPL", expiry, strike, "C", "SMART"))[0]
    check(option.conId >= 800000000 and option.localSymbol.startswith("AAPL  "), "an option")
    ticker = ib.reqMktData(option)
    check(wait(ib, lambda: ticker.modelGreeks and ticker.bid > 0), "option quote and computations")
    check(0 < ticker.modelGreeks.delta < 1 and ticker.bidGreeks.impliedVol < ticker.askGreeks.impliedVol, "their values")
    price = ib.calculateOptionPrice(option, 0.3, strike * 1.02)
    back = ib.calculateImpliedVolatility(option, price.optPrice, strike * 1.02)
    check(abs(back.impliedVol - 0.3) < 1e-4, f"volatility of a price {back.impliedVol}")
    bought = ib.placeOrder(option, MarketOrder("BUY", 1))
    check(wait(ib, bought.isDone) and bought.orderStatus.status == "Filled", "an option is bought")
    before = len(frames)
    ib.exerciseOptions(option, 1, 1, ib.managedAccounts()[0], 1)
    check(wait(ib, lambda: said(before, 3, "", "Filled")), "and exercised")
    ib.cancelMktData(option)


def check_order_kinds(ib, stock):
    from ib_async import LimitOrder, Order, PriceCondition, StopOrder, TagValue
    ticker = ib.reqMktData(stock)
    check(wait(ib, lambda: ticker.bid > 0 and ticker.last > 0), "a quote for the orders")
    low = round(ticker.bid * 0.9, 2)

    def place(text, status, **fields):
        order = Order(**{"action": "BUY", "totalQuantity": 10, "tif": "DAY", **fields})
        trade = ib.placeOrder(stock, order)
        check(wait(ib, lambda: trade.orderStatus.status == status), f"{text}: {status} ({trade.orderStatus.status})")
        return trade
    held = [place("market if touched", "PreSubmitted", orderType="MIT", auxPrice=low),
            place("limit if touched", "PreSubmitted", orderType="LIT", auxPrice=low, lmtPrice=low),
            place("trailing by percent", "PreSubmitted", orderType="TRAIL", action="SELL", trailingPercent=20),
            place("trailing limit", "PreSubmitted", orderType="TRAIL LIMIT", action="SELL", auxPrice=20, lmtPriceOffset=0.1),
            place("relative", "Submitted", orderType="REL", lmtPrice=low),
            place("on close", "PreSubmitted", orderType="MOC"),
            place("hidden", "Submitted", orderType="LMT", lmtPrice=low, hidden=True)]
    condition = PriceCondition(conId=stock.conId, exch="SMART", isMore=True, price=1e6)
    held.append(place("conditional", "PreSubmitted", orderType="MKT", conditions=[condition]))
    before = len(ib.openTrades())
    check(before >= len(held) and len(ib.openOrders()) == before and len(ib.orders()) >= before, "they are open")
    check(held[-1].order.conditions[0].price == 1e6 and held[-2].order.hidden, "attributes come back")
    place("market to limit", "Filled", orderType="MTL")
    algo = ib.placeOrder(stock, Order(action="BUY", totalQuantity=10, orderType="MKT", algoStrategy="Twap",
                                      algoParams=[TagValue("strategyType", "Marketable")]))
    check(wait(ib, algo.isDone) and any(e.errorCode == 201 for e in algo.log), "an algorithm is refused with 201")
    ib.reqGlobalCancel()
    check(wait(ib, lambda: all(t.isDone() for t in held)), "a global cancel ends all of them")
    bracket = ib.bracketOrder("BUY", 10, low, round(low * 1.1, 2), round(low * 0.9, 2))
    trades = [ib.placeOrder(stock, o) for o in bracket]
    check(wait(ib, lambda: trades[0].orderStatus.status == "Submitted" and trades[2].orderStatus.status == "PreSubmitted"), "a bracket")
    ib.cancelOrder(bracket[0])
    check(wait(ib, lambda: all(t.isDone() for t in trades)), "ends with its parent")
    group = ib.oneCancelsAll([LimitOrder("BUY", 10, low), StopOrder("SELL", 10, low)], "group", 1)
    trades = [ib.placeOrder(stock, o) for o in group]
    check(wait(ib, lambda: all(t.orderStatus.permId for t in trades)), "an OCA group")
    for order in group:
        ib.cancelOrder(order)
    check(len(ib.fills()) >= 2 and len(ib.executions()) >= 2 and len(ib.trades()) > 10, "fills, executions, trades")
    ib.cancelMktData(stock)


def check_account_lists(ib, stock):
    account = ib.managedAccounts()[0]
    ib.reqPositions(), ib.reqAccountUpdates(account), ib.reqAccountSummary(), ib.reqAccountUpdatesMulti(account)
    check(len(ib.accountValues(account)) > 20 and len(ib.portfolio(account)) >= 1, "values and portfolio")
    check(ib.pnl(account) and ib.pnlSingle(account), "profit and loss of the account")
    ib.cancelPnL(account), ib.cancelPnLSingle(account, "", stock.conId)
    ib.reqAutoOpenOrders(False)
    check(ib.ticker(stock) is None or ib.ticker(stock).contract.conId == stock.conId, "the ticker of a stock")
    check(isinstance(ib.tickers(), list) and isinstance(ib.pendingTickers(), list) and all(not hasattr(bars, "barSizeSetting") for bars in ib.realtimeBars()), "lists of the library")


def check_frames(ib):
    """What the library sends but has no call of its own for: asserted by the fields that come back."""
    client, start = ib.client, len(frames)
    client.queryDisplayGroups(9001), client.subscribeToGroupEvents(9002, 3), client.updateDisplayGroup(9002, "265598@SMART")
    check(wait(ib, lambda: said(start, 68, "", 9002, "265598@SMART")), "display group")
    check(said(start, 67, "", 9001, "1|2|3|4|5|6|7"), "display groups")
    client.unsubscribeFromGroupEvents(9002)
    client.verifyRequest("name", "1"), client.verifyMessage("data")
    client.verifyAndAuthRequest("name", "1", "key"), client.verifyAndAuthMessage("data", "answer")
    check(wait(ib, lambda: said(start, 66, "", "false") and said(start, 70, "", "false")), "verification is refused")
    client.reqFamilyCodes(), client.reqSoftDollarTiers(9003), client.reqManagedAccts(), client.reqIds(1)
    check(wait(ib, lambda: said(start, 9, "")), "next id")
    check(said(start, 78, 1, "DU1234567", ""), "family codes")
    check(said(start, 77, 9003, 0), "soft dollar tiers")
    check(said(start, 15, "", "DU1234567"), "accounts")
    client.setServerLogLevel(2)
    client.reqPositionsMulti(9004, "DU1234567", "")
    check(wait(ib, lambda: said(start, 72, "", 9004)), "positions of an account")
    check(said(start, 71, "", 9004, "DU1234567"), "one of them")
    client.cancelPositionsMulti(9004), client.cancelPositions()
    client.cancelAccountSummary(9005), client.cancelAccountUpdatesMulti(9006)
    check(wait(ib, lambda: said(start, 4, "", 9005, 300) and said(start, 4, "", 9006, 300)), "cancelling what is not there is 300")
    quiet = len(frames)
    for cancel in (client.cancelCalculateImpliedVolatility, client.cancelCalculateOptionPrice, client.cancelFundamentalData,
                   client.cancelHeadTimeStamp, client.cancelHistogramData, client.cancelWshMetaData, client.cancelWshEventData):
        cancel(9007)
    ib.sleep(0.3)
    check(not said(quiet, 4, "", 9007), "cancelling what was answered at once is silent")


def run(port):
    from ib_async import IB, Stock, util
    names = record_methods()
    complaints = Complaints()
    logging.getLogger("ib_async").addHandler(complaints)
    ib = IB()
    ib.RequestTimeout = 20
    ib.errorEvent += lambda request, code, text, contract: errors.append((request, code, text))
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
    check_lists(ib, stock)
    check_news(ib, stock)
    check_options(ib, stock)
    check_order_kinds(ib, stock)
    check_account_lists(ib, stock)
    check_frames(ib)
    other = IB()
    try:
        other.connect("127.0.0.1", port, clientId=5, timeout=2)
        check(False, "a second connection with the same client id is refused")
    except Exception:
        check(ib.isConnected(), "a second connection with the same client id is refused, the first stays")
    util.logging.getLogger("ib_async").removeHandler(complaints)
    odd = [line for line in complaints.lines if "Error for" in line or "decod" in line.lower() or "timed out" in line]
    check(not odd, f"nothing could not be decoded or timed out {odd[:3]}")
    check(not any(e[1] == 320 for e in errors), "no request could not be read")
    ib.disconnect()
    report_methods(names)


def main():
    program, work = sys.argv[1], sys.argv[2]
    packages.ensure(work, "venv-ib", ["ib_async"], ["ib_async==2.0.1"])
    sim = subprocess.Popen([program, "sim", "--port", "0", "--json", "--no-data", "--symbols", "AAPL,ES", "--speed", "3",
                            "--start", "10:00", "--day", "2026-11-20"], stdout=subprocess.PIPE, text=True)
    try:
        run(json.loads(sim.stdout.readline())["port"])
    finally:
        sim.terminate()
        check(sim.wait(timeout=10) == 0, "the simulator ends with status 0 on SIGTERM")
    sys.exit(1 if failures else 0)


main()
