/* tests/e2e/replay.mjs - a recorded day scrubbed in a real browser, over `tapedeck dash` without a desk: at each instant the ladder is
 * what hyparquet, a reader we did not write, finds in the recorder's files.
 *
 * BASE_URL names the dashboard, RECORDINGS the recorder's folder (tests/e2e/run.sh makes both). Pictures go to E2E_OUT.
 * Ends with 0 when all passed, 1 else. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const npm = root + 'tests/npm';
if (!existsSync(npm + '/node_modules/hyparquet')) execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: npm, stdio: 'ignore', timeout: 200000 });
const reader = createRequire(npm + '/package.json');
const { parquetReadObjects } = await import(pathToFileURL(reader.resolve('hyparquet')).href);
const { compressors } = await import(pathToFileURL(reader.resolve('hyparquet-compressors')).href);
const { chromium } = createRequire(root + 'web/package.json')('playwright-core');
const { BASE_URL: base, RECORDINGS: folder, E2E_OUT: out = root + 'build/e2e/program' } = process.env;
const ROWS = 12; /* of the ladder, a side */

function check(what, fact) {
    if (!fact) throw new Error(what);
}
async function until(what, fact, seconds = 10) {
    const end = Date.now() + seconds * 1000;
    while (!(await fact())) {
        if (Date.now() > end) throw new Error(`not in ${seconds} s: ${what}`);
        await new Promise((r) => setTimeout(r, 30));
    }
}

/* Every snapshot of the files: [ISO text, bids, asks], levels without size left out. */
const names = readdirSync(`${folder}/SPY`).filter((n) => n.endsWith('.parquet')).sort();
const rows = [];
for (const n of names) {
    const bytes = readFileSync(`${folder}/SPY/${n}`);
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    for (const r of await parquetReadObjects({ file, compressors })) {
        const side = (px, qty) => px.map((p, i) => [p, Number(qty[i])]).filter(([, q]) => q > 0).slice(0, ROWS);
        rows.push([r.timestamp, side(r.bid_prices, r.bid_sizes), side(r.ask_prices, r.ask_sizes)]);
    }
}
rows.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
check(`${names.length} files, ${rows.length} snapshots`, names.length >= 2 && rows.length > 500);
/* The newest at or before an instant of whole milliseconds; ISO texts of one form and zone are ordered as times are. */
const rowAt = (ms) => rows.findLast(([t]) => t <= new Date(ms).toISOString().replace('Z', '000+00:00'));

mkdirSync(out, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const page = await browser.newPage({ viewport: { width: 1366, height: 768 } });
const complaints = [];
page.on('pageerror', (e) => complaints.push(e.message));
page.on('console', (m) => ['error', 'warning'].includes(m.type()) && !/willReadFrequently/.test(m.text()) && complaints.push(m.text()));
const text = (selector) => page.locator(selector).first().innerText();

/* What the ladder shows: [bids, asks], best first. */
const ladder = () =>
    page.evaluate(() => {
        const number = (e) => Number(e.textContent.replace(/[^\d.]/g, ''));
        const side = (name) => [...document.querySelectorAll('.ladder .rung')].filter((r) => r.querySelector(`.${name} i`)).map((r) => [number(r.querySelector('.at')), number(r.querySelector(`.${name} em`))]).filter(([, size]) => size > 0);
        return [side('bids'), side('asks').reverse()];
    });

let compared = 0;
async function sameBook(ms) {
    const row = rowAt(ms);
    const want = JSON.stringify([row[1], row[2]]);
    await until(`the book of ${row[0]} at ${new Date(ms).toISOString()}: ${want}`, async () => (await text('section[aria-label=Ladder] .note')) !== 'playing' && JSON.stringify(await ladder()) === want);
    compared++;
}

try {
    await page.goto(`${base}/#/recorder`);
    await until('a square for the day', async () => (await page.locator('[data-test=square]').count()) >= 1);
    await until('its quality', async () => /●|▲|■/.test(await text('[data-test=square]')));
    await page.screenshot({ path: `${out}/recorder.png` });
    await page.locator('[data-test=square]').last().click();
    await until('REPLAY', async () => (await text('[data-test=mode]')).includes('REPLAY'));
    const slider = page.locator('[data-test=slider]');
    await until('the slider', async () => (await slider.count()) === 1);
    const first = Number(await slider.getAttribute('min'));
    const last = Number(await slider.getAttribute('max'));
    const ms = (row) => Math.ceil(Date.parse(row[0].slice(0, 23) + 'Z') + Number(row[0].slice(23, 26)) / 1000);
    check(`the slider spans the files: ${first} ${last}`, first === ms(rows[0]) && last === ms(rows.at(-1)));
    await sameBook(first);
    for (const part of [0.97, 0.11, 0.5, 0.03, 0.74, 0.26, 0.499, 0.501, 0.88]) {
        const at = first + Math.round(((last - first) * part) / 100) * 100;
        await slider.fill(String(at));
        await sameBook(at);
    }
    /* Steps meet every snapshot, over the edge of two files too. */
    const edge = rows.findIndex(([t]) => t > rows[0][0].slice(0, 11) && ms(rows.find((r) => r[0] === t)) - first >= 58_000);
    let i = rows.indexOf(rowAt(first + 58_000));
    check('an instant near the edge', edge > 0 && i > 0);
    await page.evaluate((to) => { /* steps that come before the server has told the neighbours of the new place */
        const range = document.querySelector('[data-test=slider]');
        range.value = to;
        range.dispatchEvent(new Event('input', { bubbles: true }));
        for (let n = 0; n < 3; n++) document.querySelector('[aria-label="One snapshot on"]').click();
    }, first + 58_000);
    await sameBook(ms(rows[(i += 3)]));
    for (let n = 0; n < 25; n++) {
        await page.locator('[aria-label="One snapshot on"]').click();
        await sameBook(ms(rows[++i]));
    }
    await page.screenshot({ path: `${out}/scrubbed.png` });
    await until('a coloured heatmap', () =>
        page.evaluate(() => {
            const c = document.querySelector('.heat canvas');
            const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
            const seen = new Set();
            for (let k = 0; k < d.length; k += 4 * 37) seen.add((d[k] << 16) | (d[k + 1] << 8) | d[k + 2]);
            return seen.size > 8;
        }));
    const there = await text('[data-test=at]');
    await until('the address has it', async () => page.url().includes('at='));
    await page.reload();
    await until('the deep link comes back', async () => (await text('[data-test=at]')) === there);
    await sameBook(ms(rows[i]));
    /* To the end at 60 times the speed. */
    while ((await text('[data-test=speed]')) !== '60×') await page.locator('[data-test=speed]').click();
    await page.locator('[data-test=play]').click();
    await until('it ends by itself at the end', async () => Number(await slider.inputValue()) >= last - 100 && (await text('[data-test=play]')).includes('play'), 20);
    await sameBook(last);
    check(complaints.join('; '), complaints.length === 0);
    console.log(`ok    a recorded day: ${names.length} files, ${rows.length} snapshots, ${compared} books compared with hyparquet's`);
} catch (e) {
    await page.screenshot({ path: `${out}/failed.png` });
    console.log(`FAIL  a recorded day: ${e.message}\n${complaints.join('\n')}`);
    process.exitCode = 1;
}
await browser.close();
