#!/usr/bin/env python3
"""tests/interop/ibapi_client.py TAPEDECK WORK - the broker's own Python client takes the simulator for IB Gateway, twice.

Once as it is: it offers v100..225 and is answered in text at 200. Once with its lowest version raised to 213, so that it
speaks protobuf alone. Both sessions do the same; what does not depend on the moment must be the same in both.
TAPEDECK is the program, WORK a folder for a virtual environment. Ends with 77 (skipped) when the client can be neither
found nor installed. Runs with generated data, so that it needs no files.
"""
import enum
import json
import logging
import os
import subprocess
import sys
import threading
import time

import packages

PACKAGES = ["nautilus_ibapi==10.46.1", "protobuf==5.29.5"]


failures = []
complaints = []


def expect(true, what):
    if not true:
        failures.append(what)
        print("FAIL", what, flush=True)


class Complaints(logging.Handler):
    """The client logs what it cannot decode and goes on: here that is a failure."""

    def emit(self, record):
        complaints.append(record.getMessage()[:300])


def plain(value):
    """Any argument of a callback as numbers, texts, lists and dictionaries."""
    if isinstance(value, (int, float, str, bool)) or value is None:
        return value
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, (set, frozenset)):
        return sorted(plain(v) for v in value)
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if hasattr(value, "__dict__") and not isinstance(value, enum.Enum):
        return {k: plain(v) for k, v in vars(value).items()}
    return str(value)


def make_client():
    from ibapi.client import EClient
    from ibapi.wrapper import EWrapper

    class Client(EWrapper, EClient):
        """Keeps every callback as (name, arguments) in order."""

        def __init__(self):
            EWrapper.__init__(self)
            EClient.__init__(self, self)
            self.calls = []
            self.more = threading.Condition()

        def keep(self, name, args):
            with self.more:
                self.calls.append((name, [plain(a) for a in args]))
                self.more.notify_all()

        def wait(self, name, accept=lambda args: True, seconds=8, since=0):
            """Arguments of the first such call at or after `since`; None when none came in time."""
            until = time.monotonic() + seconds
            with self.more:
                at = since
                while True:
                    for i in range(at, len(self.calls)):
                        if self.calls[i][0] == name and accept(self.calls[i][1]):
                            return self.calls[i][1]
                    at = len(self.calls)
                    left = until - time.monotonic()
                    if left <= 0 or not self.more.wait(left):
                        if time.monotonic() >= until:
                            return None

        def all(self, name, accept=lambda args: True):
            with self.more:
                return [a for n, a in self.calls if n == name and accept(a)]

    def recorder(name):
        def call(self, *args, **kwargs):
            self.keep(name, list(args) + list(kwargs.values()))
        return call

    for name in dir(EWrapper):
        if not name.startswith("_") and not name.endswith("ProtoBuf") and name not in ("logAnswer", "winError"):
            if callable(getattr(EWrapper, name)):
                setattr(Client, name, recorder(name))
    return Client()


def stock(symbol="AAPL"):
    from ibapi.contract import Contract
    c = Contract()
    c.symbol, c.secType, c.exchange, c.currency = symbol, "STK", "SMART", "USD"
    return c


def limit(quantity, price):
    from decimal import Decimal
    from ibapi.order import Order
    o = Order()
    o.action, o.orderType, o.totalQuantity, o.lmtPrice, o.tif = "BUY", "LMT", Decimal(quantity), price, "DAY"
    o.orderRef = "interop"
    return o


def by_id(number):
    return lambda args: args and args[0] == number


def ask_reference(c, found):
    """Answers that do not depend on the moment."""
    c.reqContractDetails(101, stock())
    c.reqMatchingSymbols(102, "AAP")
    c.reqMktDepthExchanges()
    c.reqFamilyCodes()
    c.reqSoftDollarTiers(104)
    c.reqUserInfo(105)
    c.reqNewsProviders()
    c.reqManagedAccts()
    details = c.wait("contractDetails", by_id(101))
    expect(details is not None, "contract details")
    expect(c.wait("contractDetailsEnd", by_id(101)) is not None, "end of contract details")
    found["details"] = details and details[1]
    rules = str((details or [0, {}])[1].get("marketRuleIds", "")).split(",")[0]
    if rules:
        c.reqMarketRule(int(rules))
        found["rule"] = c.wait("marketRule")
        expect(found["rule"] and found["rule"][1], "market rule")
    found["samples"] = c.wait("symbolSamples", by_id(102))
    expect(found["samples"] and found["samples"][1], "matching symbols")
    for name in ("mktDepthExchanges", "newsProviders", "familyCodes", "managedAccounts"):
        found[name] = c.wait(name)
        expect(found[name] is not None, name)
    for name, number in (("softDollarTiers", 104), ("userInfo", 105)):
        found[name] = c.wait(name, by_id(number))
        expect(found[name] is not None, name)
    c.reqContractDetails(109, stock("NOSUCH"))
    missing = c.wait("error", lambda a: a[0] == 109)
    expect(missing is not None and 200 in missing, "error 200 for an unknown contract")


def ask_history(c, found, end):
    """Bars and ticks of the evening before: the same whenever they are asked."""
    c.reqHistoricalData(201, stock(), end, "1 D", "30 mins", "TRADES", 1, 2, False, [])
    c.reqHeadTimeStamp(202, stock(), "TRADES", 1, 2)
    c.reqHistogramData(203, stock(), True, "1 day")
    expect(c.wait("historicalDataEnd", by_id(201)) is not None, "end of historical bars")
    found["bars"] = c.all("historicalData", by_id(201))
    expect(len(found["bars"]) > 5, "historical bars")
    found["head"] = c.wait("headTimestamp", by_id(202))
    expect(found["head"] is not None, "head timestamp")
    histogram = c.wait("histogramData", by_id(203))
    expect(histogram is not None and len(histogram[1]) > 0, "histogram: %s" %
           (histogram or c.wait("error", by_id(203), 1)))
    c.reqHistoricalTicks(204, stock(), "", end, 20, "TRADES", 1, True, [])
    c.reqHistoricalTicks(205, stock(), "", end, 20, "BID_ASK", 1, True, [])
    c.reqHistoricalTicks(206, stock(), "", end, 20, "MIDPOINT", 1, True, [])
    for name, number in (("historicalTicksLast", 204), ("historicalTicksBidAsk", 205), ("historicalTicks", 206)):
        answer = c.wait(name, lambda a, n=number: a[0] == n)
        refused = None if answer else c.wait("error", lambda a, n=number: a[0] == n, 1)
        expect(answer is not None or refused is not None, name)
        found[name] = answer


def ask_market(c, found, symbol):
    c.reqMarketDataType(1)
    c.reqMktData(301, stock(symbol), "233,236", False, False, [])
    c.reqMktDepth(302, stock(symbol), 5, True, [])
    c.reqTickByTickData(303, stock(symbol), "BidAsk", 0, False)
    c.reqRealTimeBars(304, stock(symbol), 5, "TRADES", False, [])
    c.reqHistoricalData(305, stock(symbol), "", "1 D", "1 min", "TRADES", 0, 2, True, [])
    expect(c.wait("tickPrice", lambda a: a[0] == 301 and a[1] == 1 and a[2] > 0) is not None, "bid price")
    expect(c.wait("tickSize", by_id(301)) is not None, "tick size")
    expect(c.wait("tickReqParams", by_id(301)) is not None, "tick parameters")
    depth = c.wait("updateMktDepthL2", by_id(302))
    expect(depth is not None, "level-2 row")
    if depth:
        expect(depth[1] >= 0 and depth[2] and depth[3] in (0, 1, 2) and depth[4] in (0, 1) and depth[5] > 0 and
               depth[7] is True, "a level-2 row's members: %s" % depth)
    quote = c.wait("tickByTickBidAsk", by_id(303))
    expect(quote is not None and 0 < quote[2] < quote[3], "tick-by-tick quote: %s" % quote)
    bar = c.wait("realtimeBar", by_id(304), 12)
    expect(bar is not None and bar[3] >= bar[4] > 0, "real-time bar: %s" % bar)
    expect(c.wait("historicalDataUpdate", by_id(305), 12) is not None, "bar update")
    for cancel in (lambda: c.cancelMktData(301), lambda: c.cancelMktDepth(302, True),
                   lambda: c.cancelTickByTickData(303), lambda: c.cancelRealTimeBars(304),
                   lambda: c.cancelHistoricalData(305)):
        cancel()
    c.cancelMktData(399)
    expect(c.wait("error", lambda a: a[0] == 399 and 300 in a) is not None, "error 300 for an unknown line")
    found["tick_kinds"] = sorted({a[1] for a in c.all("tickPrice", by_id(301)) if a[1] in (1, 2)})


def ask_account(c, found, account):
    c.reqAccountSummary(401, "All", "NetLiquidation,BuyingPower")
    c.reqPositions()
    c.reqAccountUpdates(True, account)
    c.reqPnL(402, account, "")
    c.reqPositionsMulti(403, account, "")
    c.reqAccountUpdatesMulti(404, account, "", True)
    for name, accept in (("accountSummaryEnd", by_id(401)), ("positionEnd", lambda a: True),
                         ("accountDownloadEnd", lambda a: True), ("pnl", by_id(402)),
                         ("positionMultiEnd", by_id(403)), ("accountUpdateMultiEnd", by_id(404))):
        expect(c.wait(name, accept) is not None, name)
    summary = c.all("accountSummary", by_id(401))
    expect({a[2] for a in summary} == {"NetLiquidation", "BuyingPower"}, "both summary tags: %s" % summary)
    found["currency"] = sorted({a[4] for a in summary})
    c.cancelAccountSummary(401)
    c.cancelPositions()
    c.reqAccountUpdates(False, account)
    c.cancelPnL(402)
    c.cancelPositionsMulti(403)
    c.cancelAccountUpdatesMulti(404)


# What the broker gives each order of its own, what text carries for completed orders alone, and a member that is
# written as "unset" in text and left out of protobuf.
OWN = ("permId", "orderId", "clientId", "parentPermId", "sharesAllocation", "filledQuantity", "routeMarketableToBbo",
       "shareholder", "displaySize")


def comparable(order):
    return {k: v for k, v in order.items() if k not in OWN}


def ask_orders(c, found):
    from ibapi.execution import ExecutionFilter
    from ibapi.order_cancel import OrderCancel
    from decimal import Decimal
    first = c.wait("nextValidId")[0]
    last = float(found["bars"][-1][1]["close"])
    low = round(last / 2, 2)
    c.placeOrder(first, stock(), limit(10, low))
    opened = c.wait("openOrder", by_id(first))
    expect(opened is not None, "open order")
    if opened:
        order = opened[2]
        expect(order["action"] == "BUY" and order["orderType"] == "LMT" and order["tif"] == "DAY" and
               Decimal(order["totalQuantity"]) == 10 and abs(order["lmtPrice"] - low) < 1e-9 and
               order["orderRef"] == "interop", "the order as sent: %s" % order)
        found["order"] = {k: v for k, v in comparable(order).items() if k not in ("lmtPrice",)}
        # The right of what is no option: "?" in text, nothing in protobuf.
        expect(opened[1]["right"] == ("?" if c.serverVersion() <= 200 else ""), "the right of a stock: %s" % opened[1])
        found["order_contract"] = {k: v for k, v in opened[1].items() if k != "right"}
    expect(c.wait("orderStatus", lambda a: a[0] == first and a[1] in ("PreSubmitted", "Submitted")) is not None,
           "order status")
    changed = limit(20, low)
    c.placeOrder(first, stock(), changed)
    expect(c.wait("openOrder", lambda a: a[0] == first and Decimal(a[2]["totalQuantity"]) == 20) is not None,
           "changed order")
    c.reqOpenOrders()
    expect(c.wait("openOrderEnd") is not None, "end of open orders")
    c.cancelOrder(first, OrderCancel())
    expect(c.wait("orderStatus", lambda a: a[0] == first and a[1] == "Cancelled") is not None, "cancelled")
    what_if = limit(10, low)
    what_if.whatIf = True
    c.placeOrder(first + 1, stock(), what_if)
    margin = c.wait("openOrder", by_id(first + 1))
    expect(margin is not None and float(margin[3]["initMarginChange"]) > 0, "what-if margin")
    market = limit(5, 0)
    market.orderType = "MKT"
    c.placeOrder(first + 2, stock(), market)
    filled = c.wait("orderStatus", lambda a: a[0] == first + 2 and a[1] == "Filled")
    expect(filled is not None and Decimal(filled[2]) == 5 and filled[4] > 0, "filled: %s" % filled)
    done = c.wait("execDetails", lambda a: a[2]["orderId"] == first + 2)
    expect(done is not None and Decimal(done[2]["shares"]) > 0 and done[2]["side"] == "BOT", "execution: %s" % done)
    expect(c.wait("commissionAndFeesReport") is not None, "commission")
    c.reqExecutions(501, ExecutionFilter())
    expect(c.wait("execDetailsEnd", by_id(501)) is not None, "end of executions")
    expect(len(c.all("execDetails", by_id(501))) > 0, "executions on request")
    c.reqCompletedOrders(False)
    expect(c.wait("completedOrdersEnd") is not None, "end of completed orders")
    states = {a[2]["status"] for a in c.all("completedOrder")}
    expect("Cancelled" in states or len(c.all("completedOrder")) > 0, "completed orders: %s" % states)
    bad = limit(1, 1.2345)
    c.placeOrder(first + 3, stock(), bad)
    refused = c.wait("error", lambda a: a[0] == first + 3)
    expect(refused is not None and 110 in refused, "error 110 off the tick grid: %s" % refused)


def keep_pace(c):
    """The gateway takes 50 messages a second from all clients together."""
    send = c.conn.sendMsg

    def paced(msg):
        time.sleep(0.025)
        return send(msg)

    c.conn.sendMsg = paced


def session(port, lowest, number, end, symbol):
    """`symbol` is watched live: tick-by-tick of an instrument may be asked for once in 15 seconds."""
    import ibapi.client
    ibapi.client.MIN_CLIENT_VER = lowest
    c = make_client()
    found = {}
    c.connect("127.0.0.1", port, number)
    keep_pace(c)
    reader = threading.Thread(target=c.run, daemon=True)
    reader.start()
    expect(c.wait("nextValidId") is not None, "nextValidId from %d" % lowest)
    accounts = c.wait("managedAccounts")
    expect(accounts is not None, "managedAccounts from %d" % lowest)
    found["version"] = c.serverVersion()
    account = accounts[0].split(",")[0]
    c.reqCurrentTime()
    expect(c.wait("currentTime") is not None, "current time")
    c.reqCurrentTimeInMillis()
    expect(c.wait("currentTimeInMillis") is not None, "current time in milliseconds")
    ask_reference(c, found)
    ask_history(c, found, end)
    ask_market(c, found, symbol)
    ask_account(c, found, account)
    ask_orders(c, found)
    c.disconnect()
    reader.join(5)
    return found


def differences(a, b, where=""):
    """Places where two plain values differ."""
    if isinstance(a, dict) and isinstance(b, dict):
        out = []
        for key in sorted(set(a) | set(b)):
            out += differences(a.get(key), b.get(key), "%s.%s" % (where, key))
        return out
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        return [d for i, (x, y) in enumerate(zip(a, b)) for d in differences(x, y, "%s[%d]" % (where, i))]
    return [] if a == b or (a in (None, [], {}) and b in (None, [], {})) else ["%s: %r in text, %r in protobuf" % (where, a, b)]


def without_ids(found):
    """Answers carry their request's number first, which both sessions chose alike."""
    return {k: v for k, v in found.items() if k != "version"}


def main():
    tapedeck, work = sys.argv[1], sys.argv[2]
    packages.ensure(work, "venv-ibapi", ["ibapi.client"], PACKAGES)
    logging.getLogger().addHandler(Complaints(level=logging.ERROR))
    sim = subprocess.Popen([tapedeck, "sim", "--port", "0", "--no-data", "--symbols", "AAPL,MSFT", "--seed", "11",
                            "--speed", "5", "--day", "2025-06-11", "--start", "10:00", "--duration", "120", "--json"],
                           stdout=subprocess.PIPE, text=True)
    try:
        port = json.loads(sim.stdout.readline())["port"]
        text = session(port, 100, 31, "20250610 16:00:00 America/New_York", "AAPL")
        proto = session(port, 213, 32, "20250610 16:00:00 America/New_York", "MSFT")
    finally:
        sim.terminate()
        sim.wait(10)
    expect(text["version"] == 200, "text is answered at 200: %s" % text["version"])
    expect(proto["version"] == 213, "protobuf is answered at 213: %s" % proto["version"])
    differing = differences(without_ids(text), without_ids(proto))
    for line in differing[:20]:
        expect(False, "the two forms differ: " + line)
    for line in complaints[:10]:
        expect(False, "the client complained: " + line)
    print("ibapi: text at 200 and protobuf at 213, %d answers compared, %d failures" %
          (len(without_ids(text)), len(failures)))
    sys.exit(1 if failures else 0)


main()
