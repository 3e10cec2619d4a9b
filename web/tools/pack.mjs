/* web/tools/pack.mjs - a .gz beside each file of dist, for the server's table, and the size of the whole.
 * Ends with 1 when the bundle is larger than its bound, or when a page could not run under the content policy. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import zopfli from '@gfx/zopfli';

const BYTES_MAX = 130_000; /* gzipped, all files together */
const dist = new URL('../dist/', import.meta.url);
let sum = 0;
for (const name of readdirSync(dist).sort()) {
    if (name.endsWith('.gz') || !statSync(new URL(name, dist)).isFile()) continue;
    const raw = readFileSync(new URL(name, dist));
    /* Zopfli is plain gzip, some 4 % smaller; no name and no time inside: the same bytes every time. */
    const packed = Buffer.from(await zopfli.gzipAsync(raw, { numiterations: 15 }));
    if (!gunzipSync(packed).equals(raw)) throw new Error(`${name}: packed wrongly`);
    writeFileSync(new URL(name + '.gz', dist), packed);
    sum += packed.length;
    console.log(`${name.padEnd(14)} ${String(raw.length).padStart(8)} ${String(packed.length).padStart(8)} gz`);
}
console.log(`${'in all'.padEnd(14)} ${''.padStart(8)} ${String(sum).padStart(8)} gz, at most ${BYTES_MAX}`);
const html = readFileSync(new URL('index.html', dist), 'utf8');
if (/<style|style=|<script(?![^>]* src=)|https?:\/\//.test(html)) {
    console.error('index.html: inline script, inline style or an address of elsewhere');
    process.exit(1);
}
if (sum > BYTES_MAX) {
    console.error(`the bundle is larger than ${BYTES_MAX} bytes`);
    process.exit(1);
}
