// tests/interop/s3rver_sync.mjs TAPEDECK WORK - `tapedeck sync` into s3rver, killed at random moments. Exit 77: skipped.
// s3rver proves no signatures (it takes any secret); tests/history/s3_test.c does.
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import https from "node:https";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const npm = path.join(here, "..", "npm");
if (!existsSync(path.join(npm, "node_modules", "s3rver"))) {
  try {
    execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: npm, stdio: "ignore", timeout: 200000 });
  } catch {
    console.log("SKIP s3rver_sync: npm packages cannot be installed here");
    process.exit(77);
  }
}
const require = createRequire(path.join(npm, "package.json"));
const S3rver = require("s3rver");

function check(condition, text) {
  if (!condition) {
    console.log("FAIL", text);
    process.exit(1);
  }
}

const [tapedeck, work] = process.argv.slice(2);
const folder = path.join(work, "s3rver");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const [key, cert] = [path.join(folder, "key.pem"), path.join(folder, "cert.pem")];
try {
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", cert,
    "-days", "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"], { stdio: "ignore" });
} catch {
  console.log("SKIP s3rver_sync: the program openssl is not here");
  process.exit(77);
}
const server = new S3rver({ address: "127.0.0.1", port: 0, silent: true, directory: path.join(folder, "store"), key: readFileSync(key),
  cert: readFileSync(cert), configureBuckets: [{ name: "tape" }] });
const { port } = await server.run();

// What is to be copied: small files and one of three parts.
const files = new Map();
const put = (name, remote, bytes) => {
  const full = path.join(folder, "data", name);
  mkdirSync(path.dirname(full), { recursive: true });
  writeFileSync(full, bytes);
  files.set(remote, bytes);
};
for (let n = 0; n < 25; n++)
  put(`level2/SY${n}/2025-07-${10 + n}_snapshots_093000.parquet`, `desk/market_data/SY${n}/2025-07-${10 + n}_snapshots_093000.parquet`, Buffer.alloc(3000 + n, n));
put("IBDownloads/AAPL_USUSD_1 min_2025-07-29.ftr", "desk/market_data/AAPL/bars/AAPL_USUSD_1 min_2025-07-29.ftr", Buffer.from("bars"));
const big = Buffer.alloc(40 << 20);
for (let i = 0; i < big.length; i += 4) big.writeUInt32LE((i * 2654435761) >>> 0, i);
put("models/ppo/7/weights.bin", "desk/models/ppo/7/weights.bin", big);

const env = { ...process.env, S3_ENDPOINT_URL: `https://localhost:${port}`, AWS_ACCESS_KEY_ID: "S3RVER", AWS_SECRET_ACCESS_KEY: "S3RVER",
  AWS_SESSION_TOKEN: "", AWS_REGION: "us-east-1", CA_FILE: cert, TAPEDECK_STATE: path.join(folder, "state"), LOGS_PATH: path.join(folder, "logs") };
const sync = (killAfter, ...more) => new Promise((resolve) => {
  const child = spawn(tapedeck, ["sync", "--to", "s3://tape/desk", "--data", path.join(folder, "data"), "--json", ...more], { env, cwd: folder });
  let out = "", err = "";
  child.stdout.on("data", (b) => (out += b));
  child.stderr.on("data", (b) => (err += b));
  const timer = killAfter ? setTimeout(() => child.kill("SIGKILL"), killAfter) : null;
  child.on("close", (status, signal) => {
    clearTimeout(timer);
    resolve({ status, signal, err, answer: status === null ? null : JSON.parse(out || "null") });
  });
});

const dry = await sync(0, "--dry-run");
check(dry.status === 0 && dry.answer.would_send === files.size, `dry run: ${JSON.stringify(dry)}`);
let kills = 0, kept = 0, done = null;
for (let n = 0; n < 12 && !done; n++) {
  const r = await sync(120 + 90 * n);
  if (r.signal === "SIGKILL") kills++;
  else done = r;
}
done ??= await sync(0);
check(done.status === 0 && done.answer.failed === 0, `the last run: ${done.status} ${done.err} ${JSON.stringify(done.answer)}`);
check(kills > 0, "no run was killed");
kept += done.answer.parts_kept;
const again = await sync(0);
check(again.status === 0 && again.answer.same === files.size && again.answer.bytes_sent === 0, `again: ${again.err} ${JSON.stringify(again.answer)}`);

const get = (name) => new Promise((resolve, reject) => {
  const url = `https://localhost:${port}/tape/${name.split("/").map(encodeURIComponent).join("/")}`;
  https.get(url, { ca: readFileSync(cert), agent: false }, (r) => {
    const pieces = [];
    r.on("data", (b) => pieces.push(b)).on("end", () => resolve({ status: r.statusCode, bytes: Buffer.concat(pieces), headers: r.headers }));
  }).on("error", reject);
});
for (const [name, bytes] of files) {
  const r = await get(name);
  check(r.status === 200 && r.bytes.equals(bytes), `${name}: status ${r.status}, ${r.bytes.length} bytes`);
  check(r.headers["x-amz-meta-sha256"] === createHash("sha256").update(bytes).digest("hex"), `${name}: hash`);
}
console.log(`ok s3rver: ${files.size} objects equal after ${kills} kills, ${kept} parts kept by the last run`);
await server.close();
process.exit(0);
