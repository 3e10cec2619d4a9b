// tests/interop/feather_arrow.mjs TOOL WORK - apache-arrow for JavaScript reads our Feather files, and we read its. Exit 77: skipped.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const npm = path.join(here, "..", "npm");
if (!existsSync(path.join(npm, "node_modules", "apache-arrow"))) {
  try {
    execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: npm, stdio: "ignore", timeout: 200000 });
  } catch {
    console.log("SKIP feather_arrow: npm packages cannot be installed here");
    process.exit(77);
  }
}
const require = createRequire(path.join(npm, "package.json"));
const arrow = await import(pathToFileURL(require.resolve("apache-arrow")).href);
const fzstd = await import(pathToFileURL(require.resolve("fzstd")).href);

function check(condition, text) {
  if (!condition) {
    console.log("FAIL", text);
    process.exit(1);
  }
}

const [tool, work] = process.argv.slice(2);
const folder = path.join(work, "feather-js");
rmSync(folder, { recursive: true, force: true });
execFileSync(tool, ["write", folder]);
const names = ["all_plain.ftr"];
if (arrow.compressionRegistry) {
  arrow.compressionRegistry.set(arrow.CompressionType.ZSTD, { decode: (b) => fzstd.decompress(b).slice() });
  names.push("all_zstd.ftr");
}
const there = (n, v) => (n % 3 ? v : null);
for (const name of names) {
  const table = arrow.tableFromIPC(readFileSync(path.join(folder, name)));
  check(table.numRows === 500 && table.batches.length === 3, `${name}: ${table.numRows} rows, ${table.batches.length} batches`);
  check(String(table.schema.fields.map((f) => f.name)) === "big,mid,small,wide,real,word,flag,at,wall,prices,sizes", `${name}: columns`);
  const at = table.schema.fields[7].type;
  check(at.timezone === "UTC" && at.unit === arrow.TimeUnit.NANOSECOND, `${name}: at is not ns UTC`);
  check(table.schema.metadata.has("pandas"), `${name}: no pandas metadata`);
  const columns = Object.fromEntries(table.schema.fields.map((f) => [f.name, table.getChild(f.name)]));
  for (let n = 0; n < 500; n++) {
    const get = (c) => columns[c].get(n);
    const bad = (c) => check(false, `${name}: row ${n} ${c}: ${get(c)}`);
    const big = there(n, BigInt(n) ** 3n - 7n);
    if (get("big") !== big) bad("big");
    if (get("mid") !== there(n, n * 3 - 700)) bad("mid");
    if (get("small") !== n - 250) bad("small");
    if (get("wide") !== 2n ** 64n - 1n - BigInt(n)) bad("wide");
    if (get("real") !== there(n, n / 8 - 3)) bad("real");
    if (get("word") !== there(n, `row ${n} \u00e9`)) bad("word");
    if (get("flag") !== there(n, n % 5 === 0)) bad("flag");
    const ms = Number((1763735400000000000n + BigInt(n) * 1000000007n) / 1000000n);
    if (n % 3 ? Math.floor(Number(get("at"))) !== ms : get("at") !== null) bad("at");
    const prices = [...get("prices")], sizes = [...get("sizes")];
    if (prices.length !== 4 || prices.some((p, l) => p !== 100 + (n + l) / 4)) bad("prices");
    if (sizes.length !== 4 || sizes.some((s, l) => s !== BigInt(n * 10 + l))) bad("sizes");
  }
  console.log(`ok apache-arrow: ${name}: 500 rows equal`);
}

// What it writes: text as a dictionary, and numbers.
const words = ["SPY", "AAPL", "SPY", "IBM"];
const table = arrow.tableFromArrays({ symbol: words, price: Float64Array.from([1.5, 2.5, 3.5, 4.5]), size: BigInt64Array.from([1n, -2n, 3n, 4n]) });
const file = path.join(folder, "theirs.ftr");
writeFileSync(file, arrow.tableToIPC(table, "file"));
const got = JSON.parse(execFileSync(tool, ["dump", file], { encoding: "utf8" }));
check(JSON.stringify(got) === JSON.stringify({ symbol: words, price: [1.5, 2.5, 3.5, 4.5], size: [1, -2, 3, 4] }), `dump: ${JSON.stringify(got)}`);
console.log("ok tapedeck reads apache-arrow's file");
