// tests/interop/parquet_hyparquet.mjs SAMPLE WORK - hyparquet reads what tapedeck writes. Exit 77: skipped.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const npm = path.join(here, "..", "npm");
if (!existsSync(path.join(npm, "node_modules", "hyparquet"))) {
  try {
    execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: npm, stdio: "ignore", timeout: 200000 });
  } catch {
    console.log("SKIP parquet_hyparquet: npm packages cannot be installed here");
    process.exit(77);
  }
}
const require = createRequire(path.join(npm, "package.json"));
const { parquetReadObjects, parquetMetadata, parquetSchema } = await import(pathToFileURL(require.resolve("hyparquet")).href);
const { compressors } = await import(pathToFileURL(require.resolve("hyparquet-compressors")).href);

function check(condition, text) {
  if (!condition) {
    console.log("FAIL", text);
    process.exit(1);
  }
}

const [sample, work] = process.argv.slice(2);
const folder = path.join(work, "sample-js");
rmSync(folder, { recursive: true, force: true });
execFileSync(sample, [folder]);
const name = readdirSync(path.join(folder, "SPY")).find((n) => n.includes("_snapshots_"));
const bytes = readFileSync(path.join(folder, "SPY", name));
const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
const expected = JSON.parse(readFileSync(path.join(folder, "expected.json"), "utf8"));

const metadata = parquetMetadata(file);
check(metadata.key_value_metadata.some((p) => p.key === "pandas"), "no pandas metadata");
const recv = parquetSchema(metadata).children.find((c) => c.element.name === "recv_ns").element;
check(recv.logical_type.type === "TIMESTAMP" && recv.logical_type.isAdjustedToUTC && recv.logical_type.unit === "NANOS",
  "recv_ns is not ns UTC");
const rows = await parquetReadObjects({ file, compressors });
check(rows.length === expected.length, `${rows.length} rows, ${expected.length} expected`);
const nanos = (v) => (v instanceof Date ? BigInt(v.getTime()) : BigInt(v) / 1000000n);
rows.forEach((row, n) => {
  const want = expected[n];
  check(row.timestamp === want.timestamp, `row ${n}: timestamp ${row.timestamp}`);
  for (const key of ["bid_prices", "bid_sizes", "ask_prices", "ask_sizes"]) {
    check(row[key].length === 10, `row ${n}: ${key} has ${row[key].length}`);
    row[key].forEach((v, i) => check(Number(v) === want[key][i], `row ${n}: ${key}[${i}] is ${v}`));
  }
  for (const key of ["recv_ns", "venue_ns"])
    check(nanos(row[key]) === BigInt(want[key]) / 1000000n, `row ${n}: ${key} is ${row[key]}`);
  check(row.quality === want.quality && row.generated === want.generated && Number(row.seq) === want.seq,
    `row ${n}: quality, generated or seq`);
});
console.log(`ok hyparquet: ${rows.length} snapshots equal`);
