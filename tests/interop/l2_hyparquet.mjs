// tests/interop/l2_hyparquet.mjs TAPEDECK SAMPLE WORK - hyparquet reads what a backfill writes. Exit 77: skipped.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const npm = path.join(here, "..", "npm");
if (!existsSync(path.join(npm, "node_modules", "hyparquet"))) {
  try {
    execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: npm, stdio: "ignore", timeout: 200000 });
  } catch {
    console.log("SKIP l2_hyparquet: npm packages cannot be installed here");
    process.exit(77);
  }
}
const require = createRequire(path.join(npm, "package.json"));
const { parquetReadObjects, parquetMetadata } = await import(pathToFileURL(require.resolve("hyparquet")).href);
const { compressors } = await import(pathToFileURL(require.resolve("hyparquet-compressors")).href);

function check(condition, text) {
  if (!condition) {
    console.log("FAIL", text);
    process.exit(1);
  }
}

const [tapedeck, sample, work] = process.argv.slice(2);
const folder = path.resolve(work, "l2-js");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const vendor = path.join(folder, "vendor");
const base = path.join(folder, "base");
execFileSync(sample, [vendor, "plain"]);
const said = execFileSync(tapedeck, ["backfill", "--vendor", "files", "--date", "2025-03-10", "--symbol", "MSFT", "--no-fetch-bars"], {
  env: { ...process.env, VENDOR_FILES: vendor, ML_BASE_PATH: base, LOGS_PATH: path.join(folder, "logs") }, cwd: folder, encoding: "utf8",
  stdio: ["ignore", "pipe", "ignore"],
});
check(said.startsWith("SUMMARY WRITE=1 "), said);

const bytes = readFileSync(path.join(base, "Level2", "MSFT", "2025-03-10_snapshots_databento.parquet"));
const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
const names = ["timestamp_ns", "action", "side", "price", "size", "level", "exchange", "symbol", "source", "ts_recv"];
const metadata = parquetMetadata(file);
check(metadata.schema.slice(1).map((e) => e.name).join() === names.join(), `columns ${metadata.schema.map((e) => e.name)}`);
check(metadata.key_value_metadata.some((p) => p.key === "tapedeck.l2_map" && p.value === "2"), "the mapping is not named");
const rows = await parquetReadObjects({ file, compressors });

// The records once more, by the published layout.
const dbn = readFileSync(path.join(vendor, "MSFT", "2025-03-10.mbp-10.dbn"));
const actions = { A: "add", C: "delete", M: "change", T: "trade", F: "fill", R: "clear" };
const sides = { A: "S", B: "B", N: "U" };
const undefinedPrice = (1n << 63n) - 1n;
let at = 8 + dbn.readUInt32LE(4);
let n = 0;
for (; at < dbn.length; at += dbn[at] * 4, n++) {
  const r = rows[n];
  const price = dbn.readBigInt64LE(at + 16);
  const want = [dbn.readBigUInt64LE(at + 8), actions[String.fromCharCode(dbn[at + 28])], sides[String.fromCharCode(dbn[at + 29])],
    price === undefinedPrice ? null : Number(price) / 1e9, dbn.readUInt32LE(at + 24), dbn[at + 31], String(dbn.readUInt16LE(at + 2)),
    "MSFT", "databento"];
  const got = names.slice(0, 9).map((name) => r[name] ?? null);
  check(got.every((v, i) => (typeof want[i] === "bigint" ? BigInt(v) === want[i] : v === want[i])), `row ${n}: ${got} is not ${want}`);
}
check(n === rows.length, `${rows.length} rows, ${n} records`);
console.log(`ok hyparquet: ${rows.length} events`);
