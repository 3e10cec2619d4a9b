// tests/interop/stoqey_client.mjs TAPEDECK - @stoqey/ib takes the gateway simulator for IB Gateway. Exit 77: skipped.
// Runs with generated data, so that it needs no files.
import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import readline from "node:readline";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const npm = path.join(here, "..", "npm");
if (!existsSync(path.join(npm, "node_modules", "@stoqey", "ib"))) {
  try {
    execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: npm, stdio: "ignore", timeout: 200000 });
  } catch {
    console.log("SKIP stoqey_client: npm packages cannot be installed here");
    process.exit(77);
  }
}
const { IBApi, IBApiNext, EventName, DurationUnit, ScanCode } = createRequire(path.join(npm, "package.json"))("@stoqey/ib");

let failures = 0;
function check(condition, text) {
  console.log(condition ? "ok  " : "FAIL", text);
  failures += condition ? 0 : 1;
}

// Which methods of the library's two classes ran.
const used = new Set();
const names = [];
for (const [owner, type] of [["IBApi", IBApi], ["IBApiNext", IBApiNext]])
  for (const name of Object.getOwnPropertyNames(type.prototype)) {
    const method = Object.getOwnPropertyDescriptor(type.prototype, name).value;
    if (typeof method !== "function" || name === "constructor") continue;
    names.push(`${owner}.${name}`);
    type.prototype[name] = function (...args) {
      used.add(`${owner}.${name}`);
      return method.apply(this, args);
    };
  }
const notServed = {
  "IBApi.disableUseV100Plus": "the protocol before version 100 is not spoken",
  "IBApiNext.insertAtMapIndex": "is local to the library",
};
function reportMethods() {
  const missing = names.filter((n) => !used.has(n) && !notServed[n]);
  const listed = names.filter((n) => !used.has(n) && notServed[n]);
  check(missing.length === 0, `every method is exercised or listed as not served ${missing.join(" ")}`);
  console.log(`${names.length} methods, ${names.filter((n) => used.has(n)).length} exercised, ${listed.length} not served`);
  for (const name of listed) console.log(`     ${name} ${notServed[name]}`);
}

const stock = { symbol: "AAPL", secType: "STK", exchange: "SMART", currency: "USD" };
const events = []; // everything the client decoded, in order
let api;

// The events of one name that came since `from`, as lists of arguments.
const since = (from, name) => events.slice(from).filter((e) => e.name === name).map((e) => e.args);
async function until(condition, seconds = 10) {
  const end = Date.now() + seconds * 1000;
  while (!condition() && Date.now() < end) await new Promise((done) => setTimeout(done, 20));
  return condition();
}
// Calls, waits for an event of that name that fits, and gives all of that name since the call.
async function ask(call, name, fits = () => true) {
  const from = events.length;
  call();
  const came = await until(() => since(from, name).some((args) => fits(...args)));
  if (!came) check(false, `no ${name} came`);
  return since(from, name);
}

async function checkConnect(port) {
  api = new IBApi({ host: "127.0.0.1", port, clientId: 9 });
  api.on(EventName.error, (error, code, id) => events.push({ name: "error", args: [error.message, code, id] }));
  for (const name of Object.values(EventName))
    if (!["all", "result", "received", "sent", "error"].includes(name)) api.on(name, (...args) => events.push({ name, args }));
  const started = Date.now();
  const ids = await ask(() => api.connect(), "nextValidId");
  check(ids[0]?.[0] === 1 && Date.now() - started < 3000, `ready after ${Date.now() - started} ms`);
  check(await until(() => since(0, "managedAccounts")[0]?.[0] === "DU1234567"), "account");
  check(since(0, "server")[0][0] === 193, "protocol version 193");
}

async function checkContracts() {
  await ask(() => api.reqContractDetails(1, stock), "contractDetailsEnd");
  const details = since(0, "contractDetails")[0][1];
  check(details.contract.conId === 265598 && details.minTick === 0.01 && details.longName === "APPLE INC", "contract details");
  check(details.timeZoneId === "America/New_York" && /\d{8}:\d{4}-\d{8}:\d{4}/.test(details.tradingHours), "hours and zone");
  const errors = await ask(() => api.reqContractDetails(2, { ...stock, symbol: "NOSUCH" }), "error", (_t, _c, id) => id === 2);
  check(errors.some(([, code, id]) => code === 200 && id === 2), "an unknown contract is error 200");
}

async function checkHistory() {
  const finished = (_id, time) => String(time).startsWith("finished");
  const bars = await ask(() => api.reqHistoricalData(10, stock, "", "1 D", "1 min", "TRADES", 1, 1, false), "historicalData", finished);
  check(bars.length > 20 && bars.slice(0, -1).every(([, , open, high, low, close]) => low <= open && open <= high && low <= close && close <= high),
        `minute bars (${bars.length - 1})`);
  check(/^\d{8} 09:30:00 America\/New_York$/.test(bars[0]?.[1]), "bar times carry the zone");
  const days = await ask(() => api.reqHistoricalData(11, stock, "", "1 M", "1 day", "TRADES", 1, 2, false), "historicalData", finished);
  check(days.length > 15 && /^\d{8}$/.test(days[0][1]), "daily bars");
  const live = await ask(() => api.reqHistoricalData(12, stock, "", "1 D", "1 min", "TRADES", 0, 2, true), "historicalDataUpdate");
  check(live.length > 0, "bars kept up to date");
  api.cancelHistoricalData(12);
}

async function checkMarket() {
  const from = events.length;
  api.reqMktData(20, stock, "", false, false);
  const price = (type) => since(from, "tickPrice").filter(([id, t]) => id === 20 && t === type).at(-1)?.[2];
  check(await until(() => price(1) > 0 && price(2) > price(1) && price(4) > 0), "bid, ask and last");
  check(await until(() => since(from, "tickSize").some(([, type, size]) => type === 8 && size > 0)), "volume");
  check(since(from, "marketDataType")[0]?.[1] === 1 && since(from, "tickReqParams").length === 1, "data type and parameters");
  await ask(() => api.reqMktData(21, stock, "", true, false), "tickSnapshotEnd", (id) => id === 21);
  const trades = await ask(() => api.reqTickByTickData(22, stock, "AllLast", 0, false), "tickByTickAllLast");
  check(trades[0]?.[3] > 0, "tick-by-tick trades");
  api.cancelTickByTickData(22);
  const quotes = await ask(() => api.reqTickByTickData(23, stock, "BidAsk", 0, false), "tickByTickBidAsk");
  check(quotes[0]?.[3] > quotes[0]?.[2], "tick-by-tick quotes");
  api.cancelTickByTickData(23);
  const bars = await ask(() => api.reqRealTimeBars(24, stock, 5, "TRADES", false), "realtimeBar");
  check(bars[0]?.[1] % 5 === 0, "five-second bars");
  api.cancelRealTimeBars(24);
  return () => [price(1), price(2)];
}

// Rows applied as a list that shifts and as a table that is overwritten give the same book.
async function checkDepth() {
  const from = events.length;
  api.reqMktDepth(30, stock, 10, true);
  await until(() => since(from, "updateMktDepthL2").length > 200, 10);
  api.cancelMktDepth(30, true);
  const list = [[], []];
  const table = [new Map(), new Map()];
  for (const [, row, maker, operation, side, px, size] of since(from, "updateMktDepthL2")) {
    if (operation === 0) list[side].splice(row, 0, [px, size, maker]);
    else if (operation === 1) list[side][row] = [px, size, maker];
    else list[side].splice(row, 1);
    if (operation === 2) table[side].delete(row);
    else table[side].set(row, [px, size, maker]);
  }
  check(since(from, "updateMktDepthL2").length > 200, "depth moves");
  check(list[0].length === 10 && list[1].length === 10, "ten rows on both sides");
  check([0, 1].every((side) => JSON.stringify(list[side]) === JSON.stringify(list[side].map((_r, row) => table[side].get(row)))),
        "list and table reading agree");
  check(list[1][0][0] < list[0][0][0] && list[1].every((r, i) => i === 0 || r[0] < list[1][i - 1][0]), "rows in order, not crossed");
  const extra = await ask(() => { for (const id of [31, 32, 33, 34]) api.reqMktDepth(id, stock, 5, true); }, "error", (_t, code) => code === 309);
  check(extra.some(([, code, id]) => code === 309 && id === 34), "the fourth depth subscription is error 309");
  for (const id of [31, 32, 33]) api.cancelMktDepth(id, true);
}

async function checkOrders(quote) {
  const status = (id) => since(0, "orderStatus").filter(([order]) => order === id).at(-1)?.[1];
  const limit = (px) => Math.round(px * 100) / 100;
  const order = { action: "BUY", totalQuantity: 10, tif: "DAY", transmit: true, account: "DU1234567", orderRef: "stoqey-1" };
  const from = events.length;
  api.placeOrder(1, stock, { ...order, orderType: "MKT" });
  check(await until(() => status(1) === "Filled"), "a market order fills");
  check(await until(() => since(from, "commissionReport").length > 0), "commission");
  const order_of = events.slice(from).map((e) => e.name).filter((n) => ["openOrder", "orderStatus", "execDetails", "commissionReport"].includes(n));
  check(order_of.join(" ") === "openOrder orderStatus execDetails openOrder orderStatus commissionReport", `order of events: ${order_of.join(" ")}`);
  const [, , execution] = since(from, "execDetails")[0];
  check(execution.side === "BOT" && execution.shares === 10 && /^[0-9a-f]{8}\.[0-9a-f]{8}\.01\.01$/.test(execution.execId), "execution");
  api.placeOrder(2, stock, { ...order, orderType: "LMT", lmtPrice: limit(quote()[0] * 0.9), orderRef: "stoqey-2" });
  check(await until(() => status(2) === "Submitted"), "a limit order below the market rests");
  const open = await ask(() => api.reqAllOpenOrders(), "openOrderEnd");
  check(open.length === 1 && since(from, "openOrder").at(-1)[0] === 2, "open orders");
  const cancels = await ask(() => api.cancelOrder(2), "error", (_t, code) => code === 202);
  check(status(2) === "Cancelled" && cancels.some(([, code, id]) => code === 202 && id === 2), "a cancelled order is cancelled");
  const refused = await ask(() => api.placeOrder(3, stock, { ...order, orderType: "LMT", lmtPrice: 100.123 }), "error", (_t, _c, id) => id === 3);
  check(refused.some(([, code]) => code === 110), "a price off the tick is refused with 110");
  const unknown = await ask(() => api.cancelOrder(77), "error", (_t, _c, id) => id === 77);
  check(unknown.some(([, code]) => code === 10147), "cancelling an unknown order is 10147");
  await ask(() => api.reqExecutions(40, {}), "execDetailsEnd");
  await ask(() => api.reqCompletedOrders(true), "completedOrdersEnd");
  check(since(0, "completedOrder").length === 2, "completed orders");
}

async function checkAccount() {
  await ask(() => api.reqPositions(), "positionEnd");
  check(since(0, "position").some(([, contract, size]) => contract.symbol === "AAPL" && size === 10), "position");
  await ask(() => api.reqAccountUpdates(true, "DU1234567"), "accountDownloadEnd");
  check(since(0, "updateAccountValue").some(([key, value]) => key === "NetLiquidation" && Number(value) > 900000), "account values");
  check(since(0, "updatePortfolio").some(([contract, size]) => contract.symbol === "AAPL" && size === 10), "portfolio");
  await ask(() => api.reqAccountSummary(50, "All", "NetLiquidation,BuyingPower"), "accountSummaryEnd");
  check(since(0, "accountSummary").length === 2, "account summary");
  await ask(() => api.reqPnL(51, "DU1234567", ""), "pnl");
  await ask(() => api.reqCurrentTime(), "currentTime");
}

// The call must end in an error of that code, for that id or for none.
async function fails(call, wanted, text) {
  const from = events.length;
  call();
  check(await until(() => since(from, "error").concat(since(from, "info")).some(([, code]) => code === wanted)), `${text} is error ${wanted}`);
}
// The first answer of that name.
async function first(call, name, fits) {
  return (await ask(call, name, fits)).find((args) => !fits || fits(...args)) ?? [];
}

async function checkLists() {
  const [xml] = await first(() => api.reqScannerParameters(), "scannerParameters");
  check(xml?.startsWith("<?xml") && xml.includes("<scanCode>HOT_BY_VOLUME</scanCode>"), "scanner parameters");
  const scan = { instrument: "STK", locationCode: "STK.US.MAJOR", scanCode: ScanCode.MOST_ACTIVE, numberOfRows: 5 };
  const rows = await ask(() => api.reqScannerSubscription(60, scan), "scannerData", (id) => id === 60);
  check(rows.length === 1 && rows[0][1] === 0 && rows[0][2].contract.symbol === "AAPL", "a scan");
  await fails(() => api.cancelScannerSubscription(60), 162, "a cancelled scan");
  const [, parts] = await first(() => api.reqSmartComponents(61, "9c0001"), "smartComponents");
  check([...parts.values()].some(([exchange, letter]) => exchange === "ARCA" && letter === "P"), "smart components");
  const [exchanges] = await first(() => api.reqMktDepthExchanges(), "mktDepthExchanges");
  check(exchanges.some((e) => e.exchange === "CME" && e.secType === "FUT"), "depth exchanges");
  const [, increments] = await first(() => api.reqMarketRule(26), "marketRule");
  check(increments[0].increment === 0.0001 && increments[1].lowEdge === 1 && increments[1].increment === 0.01, "market rule");
  const [, found] = await first(() => api.reqMatchingSymbols(62, "AAP"), "symbolSamples");
  check(found.some((d) => d.contract.symbol === "AAPL"), "matching symbols");
  const [, head] = await first(() => api.reqHeadTimestamp(63, stock, "TRADES", true, 1), "headTimestamp");
  check(/^\d{8}/.test(head), "head time stamp");
  api.cancelHeadTimestamp(63);
  const [, prices] = await first(() => api.reqHistogramData(64, stock, true, 1, DurationUnit.DAY), "histogramData");
  check(prices.length > 5 && prices.every((p) => p.price > 0 && p.size > 0), "histogram");
  api.cancelHistogramData(64);
  const [, trades] = await first(() => api.reqHistoricalTicks(65, stock, "20261120-14:40:00", null, 20, "TRADES", true, false), "historicalTicksLast");
  check(trades.length >= 20 && trades[0].price > 0, "historical trades");
  const [, quotes] = await first(() => api.reqHistoricalTicks(66, stock, "", "20261120-14:50:00", 20, "BID_ASK", true, true), "historicalTicksBidAsk");
  check(quotes.length >= 20 && quotes.every((q) => q.priceBid < q.priceAsk), "historical quotes");
  const [, middles] = await first(() => api.reqHistoricalTicks(67, stock, "", "20261120-14:50:00", 20, "MIDPOINT", true, true), "historicalTicks");
  check(middles.length >= 20 && middles[0].price > 0, "historical middles");
  const [, id] = await first(() => api.reqUserInfo(68), "userInfo");
  check(id === "", "user info");
  api.reqMarketDataType(1);
  api.setServerLogLevel(2);
}

async function checkNews() {
  const [providers] = await first(() => api.reqNewsProviders(), "newsProviders");
  check(providers[0]?.providerCode === "TDSIM" || providers[0]?.code === "TDSIM", `news providers ${JSON.stringify(providers)}`);
  const news = await ask(() => api.reqHistoricalNews(70, 265598, "TDSIM", "", "", 300), "historicalNewsEnd");
  check(news[0][1] === false, "the end of the news");
  const last = since(0, "historicalNews").at(-1);
  check(last[2] === "TDSIM" && last[4].startsWith("SIMULATED: AAPL opens at "), "historical news");
  const [, type, text] = await first(() => api.reqNewsArticle(71, "TDSIM", last[3]), "newsArticle");
  check(type === 0 && text.includes("opens at"), "news article");
  const [, , bulletin, origin] = await first(() => api.reqNewsBulletins(true), "updateNewsBulletin");
  check(bulletin?.includes("began") && origin === "TDSIM", "bulletins");
  api.cancelNewsBulletins();
  const [, , provider] = await first(() => api.reqMktData(72, stock, "mdoff,292", false, false), "tickNews");
  check(provider === "TDSIM", "news ticks");
  api.cancelMktData(72);
  await fails(() => api.reqFundamentalData(73, stock, "ReportSnapshot"), 430, "fundamental data");
  api.cancelFundamentalData(73);
  await fails(() => api.reqWshMetaData(74), 10276, "the WSH meta data");
  await fails(() => api.reqWshEventData(75, 265598), 10276, "a WSH event");
  api.reqCancelWshMetaData(74);
  api.reqCancelWshEventData(75);
}

async function checkOptions() {
  const chains = await ask(() => api.reqSecDefOptParams(80, "AAPL", "", "STK", 265598), "securityDefinitionOptionParameterEnd");
  check(chains.length === 1, "the end of the option parameters");
  const [, exchange, under, , multiplier, expirations, strikes] = since(0, "securityDefinitionOptionParameter")[0];
  check(exchange === "SMART" && under === 265598 && String(multiplier) === "100" && expirations.length === 7 && strikes.length === 21, "option parameters");
  const option = { symbol: "AAPL", secType: "OPT", exchange: "SMART", currency: "USD", lastTradeDateOrContractMonth: expirations[2],
                   strike: strikes[8], right: "C", multiplier: 100 };
  const computed = (type) => (id, t) => id === 81 && t === type;
  const from = events.length;
  const [, , , vol, delta] = await first(() => api.reqMktData(81, option, "", false, false), "tickOptionComputation", computed(13));
  check(vol > 0 && delta > 0 && delta < 1, `option model ${vol} ${delta}`);
  check(await until(() => since(from, "tickPrice").some(([id, t, px]) => id === 81 && t === 1 && px > 0)), "option quote");
  api.cancelMktData(81);
  const [, , , , , price] = await first(() => api.calculateOptionPrice(82, option, 0.3, strikes[8] * 1.02), "tickOptionComputation", (id) => id === 82);
  const [, , , back] = await first(() => api.calculateImpliedVolatility(83, option, price, strikes[8] * 1.02), "tickOptionComputation", (id) => id === 83);
  check(Math.abs(back - 0.3) < 1e-4, `volatility of a price ${back}`);
  api.cancelCalculateOptionPrice(82);
  api.cancelCalculateImpliedVolatility(83);
  await first(() => api.placeOrder(4, option, { action: "BUY", totalQuantity: 1, orderType: "MKT", tif: "DAY", transmit: true, account: "DU1234567" }),
              "orderStatus", (id, status) => id === 4 && status === "Filled");
  await first(() => api.exerciseOptions(5, option, 1, 1, "DU1234567", 1), "orderStatus", (id, status) => id === 5 && status === "Filled");
  check(since(from, "execDetails").some(([, c, e]) => c.secType === "STK" && e.shares === 100 && e.price === strikes[8]), "an exercised option brings the stock");
}

async function checkAdministration() {
  const [, list] = await first(() => api.queryDisplayGroups(90), "displayGroupList");
  check(list === "1|2|3|4|5|6|7", "display groups");
  await first(() => api.subscribeToGroupEvents(91, 3), "displayGroupUpdated", (id, info) => id === 91 && info === "none");
  const [, shown] = await first(() => api.updateDisplayGroup(91, "265598@SMART"), "displayGroupUpdated", (_id, info) => info !== "none");
  check(shown === "265598@SMART", "a display group changes");
  api.unsubscribeFromGroupEvents(91);
  const [codes] = await first(() => api.reqFamilyCodes(), "familyCodes");
  check(codes.length === 1 && (codes[0].accountID ?? codes[0].accountId) === "DU1234567", `family codes ${JSON.stringify(codes)}`);
  const [, tiers] = await first(() => api.reqSoftDollarTiers(92), "softDollarTiers");
  check(tiers.length === 0, "soft dollar tiers");
  check((await first(() => api.reqManagedAccts(), "managedAccounts"))[0] === "DU1234567", "managed accounts");
  check((await first(() => api.reqIds(1), "nextValidId"))[0] > 5, "next id");
  await fails(() => api.requestFA(1), 321, "advisor data of one account");
  await fails(() => api.replaceFA(93, 1, "<ListOfGroups></ListOfGroups>"), 321, "replacing it");
  await ask(() => api.reqPositionsMulti(94, "DU1234567", ""), "positionMultiEnd");
  check(since(0, "positionMulti").some(([id, account, , contract]) => id === 94 && account === "DU1234567" && contract.symbol === "AAPL"), "positions of an account");
  api.cancelPositionsMulti(94);
  await ask(() => api.reqAccountUpdatesMulti(95, "DU1234567", "", false), "accountUpdateMultiEnd");
  check(since(0, "accountUpdateMulti").some(([, , , key, value]) => key === "NetLiquidation" && Number(value) > 900000), "values of an account");
  api.cancelAccountUpdatesMulti(95);
  const single = await first(() => api.reqPnLSingle(96, "DU1234567", "", 265598), "pnlSingle");
  check(single[1] > 0, "profit and loss of a position");
  api.cancelPnLSingle(96);
  api.cancelPnL(51);
  api.cancelAccountSummary(50);
  api.cancelPositions();
  await ask(() => api.reqOpenOrders(), "openOrderEnd");
  api.reqAutoOpenOrders(false);
  const ids = since(0, "openOrder").length;
  api.placeOrder(200, stock, { action: "BUY", totalQuantity: 10, orderType: "LIT", auxPrice: 10, lmtPrice: 10, tif: "GTC", transmit: true, account: "DU1234567", hidden: true });
  check(await until(() => since(0, "openOrder").length > ids), "a held order");
  check(since(0, "openOrder").at(-1)[2].hidden === true, "its attributes come back");
  await first(() => api.reqGlobalCancel(), "orderStatus", (id, status) => id === 200 && status === "Cancelled");
}

// ---- the promise and observable interface ----

let next;
function observe(observable, fits, seconds = 10) {
  return new Promise((done) => {
    const timer = setTimeout(() => { subscription?.unsubscribe(); done(undefined); }, seconds * 1000);
    let subscription = undefined, over = false;
    const end = (value) => { over = true; clearTimeout(timer); done(value); setTimeout(() => subscription?.unsubscribe(), 0); };
    subscription = observable.subscribe({ next: (value) => { if (!over && fits(value)) end(value); }, error: (e) => { if (!over) end({ failed: e }); } });
  });
}
const all = (update) => (update.all ? (update.all instanceof Map ? [...update.all.values()] : update.all) : []);

async function nextLists() {
  check(Math.abs((await next.getCurrentTime()) - Date.parse("2026-11-20T15:00:00Z") / 1000) < 3600, "next: current time");
  check((await next.getManagedAccounts())[0] === "DU1234567", "next: accounts");
  check((await next.getContractDetails(stock))[0].contract.conId === 265598, "next: contract details");
  check((await next.getSecDefOptParams("AAPL", "", "STK", 265598)).length === 2, "next: option parameters");
  check(/^\d{8}/.test(await next.getHeadTimestamp(stock, "TRADES", true, 1)), "next: head time stamp");
  const bars = await next.getHistoricalData(stock, undefined, "1 D", "5 mins", "TRADES", 1, 2);
  check(bars.length > 4 && bars.every((b) => b.low <= b.open && b.open <= b.high), "next: bars");
  check((await observe(next.getHistoricalTicksMid(stock, "", "20261120-14:50:00", 20, true), (t) => t.length >= 20))?.length >= 20, "next: middles");
  check((await observe(next.getHistoricalTicksBidAsk(stock, "", "20261120-14:50:00", 20, true, true), (t) => t.length >= 20))?.length >= 20, "next: quotes");
  check((await observe(next.getHistoricalTicksLast(stock, "20261120-14:40:00", null, 20, true), (t) => t.length >= 20))?.length >= 20, "next: trades");
  check((await next.getMarketDepthExchanges()).length > 3, "next: depth exchanges");
  check((await next.getScannerParameters()).includes("TOP_PERC_LOSE"), "next: scanner parameters");
  const scan = await observe(next.getMarketScanner({ instrument: "STK", locationCode: "STK.US", scanCode: ScanCode.MOST_ACTIVE, numberOfRows: 5 }), (u) => all(u).length === 1);
  check(all(scan ?? {})[0]?.contract?.contract.symbol === "AAPL", "next: a scan");
  check((await next.getHistogramData(stock, true, 1, DurationUnit.DAY)).length > 5, "next: histogram");
  check((await next.getMatchingSymbols("AAP"))[0].contract.symbol === "AAPL", "next: matching symbols");
  check((await next.getUserInfo()) === "", "next: user info");
  check((await next.getMarketRule(26))[1].increment === 0.01, "next: market rule");
  const refused = await next.getFundamentalData(stock, "ReportSnapshot").catch((e) => e);
  check(refused?.code === 430, "next: fundamental data is error 430");
}

async function nextStreams() {
  next.setMarketDataType(1);
  const value = (update, type) => update.all?.get(type)?.value;
  const quote = await observe(next.getMarketData(stock, null, false, false), (u) => value(u, 1) > 0 && value(u, 2) > value(u, 1));
  check(quote && !quote.failed, "next: market data");
  const snapshot = await next.getMarketDataSnapshot(stock, "", false);
  check(snapshot.get(1)?.value > 0, "next: snapshot");
  const depth = await observe(next.getMarketDepth(stock, 5, true), (u) => u.all?.bids.size === 5 && u.all.asks.size === 5);
  check(depth?.all.bids.get(0).price < depth?.all.asks.get(0).price, "next: depth");
  check((await observe(next.getHistoricalDataUpdates(stock, "1 min", "TRADES", 2), (b) => b.close > 0))?.close > 0, "next: bars kept up to date");
  check((await observe(next.getTickByTickAllLastDataUpdates(stock), (t) => t.price > 0))?.price > 0, "next: tick-by-tick");
  check((await observe(next.getRealTimeBars(stock, "BID", false), (b) => b.close > 0))?.close > 0, "next: five-second bars");
  return value(quote, 1);
}

async function nextOrders(bid) {
  const order = { action: "BUY", totalQuantity: 10, orderType: "LMT", lmtPrice: Math.round(bid * 90) / 100, tif: "DAY", transmit: true, account: "DU1234567" };
  const id = await next.getNextValidOrderId();
  check(id > 0, "next: order id");
  next.placeOrder(id, stock, order);
  const mine = (orders) => orders.find((o) => o.orderId === id);
  const open = await observe(next.getOpenOrders(), (u) => mine(all(u)));
  check(mine(all(open ?? {}))?.order.lmtPrice === order.lmtPrice, "next: an open order");
  next.modifyOrder(id, stock, { ...order, lmtPrice: order.lmtPrice - 1 });
  await new Promise((done) => setTimeout(done, 300));
  check(mine(await next.getAllOpenOrders())?.order.lmtPrice === order.lmtPrice - 1, "next: a changed order");
  next.cancelOrder(id);
  await new Promise((done) => setTimeout(done, 300));
  check(!mine(await next.getAllOpenOrders()), "next: a cancelled order");
  const other = await next.placeNewOrder(stock, { ...order, orderType: "MKT", lmtPrice: undefined });
  check(other > id, "next: a new order");
  await new Promise((done) => setTimeout(done, 500));
  check((await next.getExecutionDetails({})).some((e) => e.execution.orderId === other), "next: executions");
  check((await next.getCommissionReport({})).length > 0, "next: commissions");
  next.cancelAllOrders({});
  const auto = await observe(next.getAutoOpenOrders(false), () => true, 1);
  check(!auto?.failed, "next: auto open orders of another client id are not an error");
}

async function nextAccount() {
  const summary = await observe(next.getAccountSummary("All", "NetLiquidation"), (u) => u.all?.get("DU1234567")?.get("NetLiquidation"));
  check(Number(summary?.all.get("DU1234567").get("NetLiquidation").get("USD").value) > 900000, "next: account summary");
  const updates = await observe(next.getAccountUpdates("DU1234567"), (u) => u.all?.value?.get("DU1234567")?.get("NetLiquidation"));
  check(updates && !updates.failed, "next: account updates");
  const positions = await observe(next.getPositions(), (u) => u.all?.get("DU1234567")?.length > 0);
  check(positions?.all.get("DU1234567").some((p) => p.contract.symbol === "AAPL"), "next: positions");
  check((await observe(next.getPnL("DU1234567"), (p) => p.dailyPnL !== undefined))?.dailyPnL !== undefined, "next: profit and loss");
  check((await observe(next.getPnLSingle("DU1234567", "", 265598), (p) => p.position > 0))?.position > 0, "next: of a position");
}

async function checkNext(port) {
  next = new IBApiNext({ host: "127.0.0.1", port, reconnectInterval: 0 });
  next.connect(33);
  await until(() => next.isConnected);
  await nextLists();
  await nextOrders(await nextStreams());
  await nextAccount();
  next.disconnect();
}

async function checkDuplicate(port) {
  let code = 0, closed = false;
  const other = new IBApi({ host: "127.0.0.1", port, clientId: 9 });
  other.on(EventName.error, () => {});
  other.on(EventName.info, (_text, number) => { code = code || number; }); // errors about no request come as info
  other.on(EventName.disconnected, () => { closed = true; });
  other.connect();
  check(await until(() => code === 326 && closed), "a second connection with the same client id is error 326 and closed");
  await ask(() => api.reqCurrentTime(), "currentTime");
}

const sim = spawn(process.argv[2], ["sim", "--port", "0", "--json", "--no-data", "--symbols", "AAPL,ES", "--speed", "3",
                                    "--start", "10:00", "--day", "2026-11-20"], { stdio: ["ignore", "pipe", "inherit"] });
const ended = new Promise((done) => sim.on("exit", done));
const hello = await new Promise((done) => readline.createInterface({ input: sim.stdout }).once("line", done));
try {
  const { port } = JSON.parse(hello);
  await checkConnect(port);
  await checkContracts();
  await checkHistory();
  const quote = await checkMarket();
  await checkDepth();
  await checkOrders(quote);
  await checkAccount();
  await checkLists();
  await checkNews();
  await checkOptions();
  await checkAdministration();
  await checkNext(port);
  await checkDuplicate(port);
  const odd = since(0, "error").filter(([, code]) => code < 0 || (code >= 501 && code <= 509) || code === 320);
  check(odd.length === 0, `nothing could not be decoded ${JSON.stringify(odd.slice(0, 3))}`);
  api.disconnect();
  reportMethods();
} finally {
  sim.kill("SIGTERM");
}
check((await ended) === 0, "the simulator ends with status 0 on SIGTERM");
process.exit(failures ? 1 : 0);
