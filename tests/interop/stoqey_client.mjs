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
const { IBApi, EventName } = createRequire(path.join(npm, "package.json"))("@stoqey/ib");

let failures = 0;
function check(condition, text) {
  console.log(condition ? "ok  " : "FAIL", text);
  failures += condition ? 0 : 1;
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
const first = await new Promise((done) => readline.createInterface({ input: sim.stdout }).once("line", done));
try {
  const { port } = JSON.parse(first);
  await checkConnect(port);
  await checkContracts();
  await checkHistory();
  const quote = await checkMarket();
  await checkDepth();
  await checkOrders(quote);
  await checkAccount();
  await checkDuplicate(port);
  const odd = since(0, "error").filter(([, code]) => code < 0 || (code >= 501 && code <= 509) || code === 320);
  check(odd.length === 0, `nothing could not be decoded ${JSON.stringify(odd.slice(0, 3))}`);
  api.disconnect();
} finally {
  sim.kill("SIGTERM");
}
check((await ended) === 0, "the simulator ends with status 0 on SIGTERM");
process.exit(failures ? 1 : 0);
