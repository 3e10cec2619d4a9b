/* tests/e2e/measure.mjs - first paint from loopback, the heatmap's frames with an hour of 20 levels, the page's memory over
 * some minutes. Over the stand-in; MINUTES [3]. Prints one line of JSON; no bound is judged here. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { chromium } = createRequire(root + 'web/package.json')('playwright-core');
const { startStandIn } = await import(root + 'web/dev/server.mjs');
const server = await startStandIn({ speed: 1 });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--enable-precise-memory-info', '--js-flags=--expose-gc'] });
const result = {};

/* First paint: ten cold contexts, the median. */
const paints = [];
const mounts = [];
for (let i = 0; i < 10; i++) {
    const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
    const page = await context.newPage();
    await page.goto(server.url + '/#/overview');
    await page.waitForTimeout(700);
    paints.push(await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null));
    mounts.push(await page.evaluate(() => performance.getEntriesByName('mounted')[0].startTime));
    await context.close();
}
result.mounted_ms = mounts.sort((a, b) => a - b).map(Math.round);
result.first_paint_ms = paints.filter((p) => p !== null).sort((a, b) => a - b).map(Math.round);

/* Heatmap: the pages' own store and picture, an hour of 20 levels a side, scrolled by one column a frame. */
const vite = await import(root + 'web/node_modules/vite/dist/node/index.js');
const bundle = await vite.build({ root: root + 'web', configFile: false, logLevel: 'error', build: { write: false, lib: { entry: root + 'web/src/lib/heat.ts', formats: ['iife'], name: 'Heat', fileName: 'heat' } } });
const heat = (Array.isArray(bundle) ? bundle[0] : bundle).output[0].code;
const bench = await browser.newPage({ viewport: { width: 1366, height: 768 } });
await bench.addScriptTag({ content: heat + ';globalThis.Heat = Heat;' });
result.heatmap = await bench.evaluate(async () => {
    const { HeatStore, HeatPicture, COLUMNS, COLUMN_MS, LEVELS } = globalThis.Heat;
    const canvas = Object.assign(document.createElement('canvas'), { width: 1100, height: 640 });
    document.body.append(canvas);
    const store = new HeatStore();
    const begin = Math.floor(1.7e12 / COLUMN_MS) * COLUMN_MS;
    let mid = 10000;
    let seed = 1;
    const random = () => ((seed = (seed * 16807) % 2147483647) / 2147483647);
    const put = (c) => {
        mid += random() < 0.1 ? (random() < 0.5 ? 1 : -1) : 0;
        const side = (from, by) => Array.from({ length: LEVELS }, (_, i) => [(mid + from + i * by) / 100, 1 + Math.floor(random() * 5000)]);
        store.takeBook({ time: new Date(begin + c * COLUMN_MS).toISOString(), quality: [], bids: side(0, -1), asks: side(1, 1) });
    };
    for (let c = 0; c < COLUMNS; c++) put(c);
    const run = async (msPerPx, frames, move) => {
        const picture = new HeatPicture(canvas);
        const view = (c) => ({ endMs: begin + c * COLUMN_MS, msPerPx, middle: mid / 100, tick: 0.01, tickPx: 6, contrast: 1, log: true });
        const middle = mid / 100;
        picture.draw(store, { ...view(COLUMNS), middle }, 'dark');
        const from = performance.now();
        for (let f = 0; f < frames; f++) {
            if (move) put(COLUMNS + f);
            picture.draw(store, { ...view(COLUMNS + f), middle: move ? middle : middle + (f % 2) * 0.01 }, 'dark');
        }
        canvas.getContext('2d').getImageData(0, 0, 1, 1); /* everything queued is done */
        return Math.round((frames * 1000) / (performance.now() - from));
    };
    return {
        scroll_frames_s: await run(250, 600, true),
        whole_hour_scroll_frames_s: await run((3600 * 1000) / 1100, 600, true),
        whole_hour_redrawn_frames_s: await run((3600 * 1000) / 1100, 60, false),
    };
});
await bench.close();

/* Memory: the book page with all its pushes. */
const page = await browser.newPage({ viewport: { width: 1366, height: 768 } });
await page.goto(server.url + '/#/book/SPY');
const minutes = Number(process.env.MINUTES ?? 3);
result.heap_mb = [];
for (let i = 0; i <= minutes * 2; i++) {
    await page.waitForTimeout(i ? 30000 : 8000);
    result.heap_mb.push(await page.evaluate(() => (globalThis.gc?.(), Math.round(performance.memory.usedJSHeapSize / 1e5) / 10)));
}
result.book_frames_s = await page.evaluate(() => new Promise((done) => {
    let n = 0;
    const from = performance.now();
    const tick = () => (n++, performance.now() - from < 3000 ? requestAnimationFrame(tick) : done(Math.round((n * 1000) / (performance.now() - from))));
    requestAnimationFrame(tick);
}));
await browser.close();
await server.close();
console.log(JSON.stringify(result));
