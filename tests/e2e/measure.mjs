/* tests/e2e/measure.mjs [--only paint,heat,memory] [--minutes 3] [--tapedeck PROGRAM] - first paint from loopback, the heatmap's frames with
 * an hour of 20 levels, the page's memory over some minutes. Over the stand-in; memory over `demo --serve` of the program when
 * one is named. Prints one line of JSON; no bound is judged here. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

const option = (name, preset) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : preset);
const only = option('--only', 'paint,heat,memory').split(',');
const minutes = Number(option('--minutes', 3));
const program = option('--tapedeck', null);
const root = fileURLToPath(new URL('../../', import.meta.url));
const { chromium } = createRequire(root + 'web/package.json')('playwright-core');
const { startStandIn } = await import(root + 'web/dev/server.mjs');
const server = await startStandIn({ speed: 1 });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--enable-precise-memory-info', '--js-flags=--expose-gc'] });
const result = {};

/* First paint: ten cold contexts, the median. */
async function measurePaint() {
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
}

/* Heatmap: the pages' own store, picture and marks; an hour of 20 levels a side in the window or scrolled by one column a frame. */
async function measureHeat() {
    const vite = await import(root + 'web/node_modules/vite/dist/node/index.js');
    const entry = { name: 'entry', enforce: 'pre', resolveId: (id) => (/(^|\/)entry$/.test(id) ? '\0entry' : null), load: (id) => (id === '\0entry' ? `export * from '${root}web/src/lib/heat.ts'; export * from '${root}web/src/lib/heatmarks.ts';` : null) };
    const bundle = await vite.build({ root: root + 'web', configFile: false, logLevel: 'error', plugins: [entry], build: { write: false, lib: { entry: 'entry', formats: ['iife'], name: 'Heat', fileName: 'heat' } } });
    const bench = await browser.newPage({ viewport: { width: 1366, height: 768 } });
    await bench.addScriptTag({ content: (Array.isArray(bundle) ? bundle[0] : bundle).output[0].code + ';globalThis.Heat = Heat;' });
    await bench.addStyleTag({ content: ':root { --up: #3fb68b; --down: #e8645f; --muted: #8793a1; --line: #242c36; --good: #3fb68b; --bad: #e8645f; --panel: #141920; --text: #d6dce4 }' });
    result.heatmap = await bench.evaluate(async () => {
        const { HeatStore, HeatPicture, drawMarks, COLUMNS, COLUMN_MS, LEVELS } = globalThis.Heat;
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
            const time = new Date(begin + c * COLUMN_MS).toISOString();
            store.takeBook({ time, quality: c % 900 < 30 ? ['gap'] : [], bids: side(0, -1), asks: side(1, 1) });
            if (c % 4 === 0) store.takePrints([{ n: c + 1, time, price: mid / 100, size: 1 + random() * 900, aggressor: c % 8 ? 'buy' : 'sell' }]);
        };
        for (let c = 0; c < COLUMNS; c++) put(c);
        const HOUR = (3600 * 1000) / 1100;
        const view = (c, msPerPx, by) => ({ endMs: begin + c * COLUMN_MS, msPerPx, middle: mid / 100 + by, tick: 0.01, tickPx: 6, contrast: 1, log: true });
        const done = () => canvas.getContext('2d').getImageData(0, 0, 1, 1); /* everything queued is done */
        const run = async (msPerPx, frames, move, marks) => {
            const picture = new HeatPicture(canvas);
            const middle = mid;
            const draw = (f) => {
                if (move) put(COLUMNS + f);
                const v = { ...view(COLUMNS + (move ? f : 0), msPerPx, 0), middle: middle / 100 + (move ? 0 : (f % 2) * 0.01) };
                picture.draw(store, v, 'dark');
                if (marks) drawMarks(canvas, store, v, 'exchange', 1);
            };
            draw(0);
            const from = performance.now();
            for (let f = 1; f <= frames; f++) draw(f);
            done();
            return Math.round((frames * 1000) / (performance.now() - from));
        };
        /* As the page does it: one frame when the browser asks for one, each a little further zoomed, the hour in view. */
        const zoom = async () => {
            const picture = new HeatPicture(canvas);
            let frames = 0;
            const from = performance.now();
            await new Promise((end) => {
                const frame = () => {
                    const v = view(COLUMNS, HOUR * (0.9 + 0.1 * Math.cos(frames / 20)), 0);
                    picture.draw(store, v, 'dark');
                    drawMarks(canvas, store, v, 'exchange', 1);
                    frames++;
                    if (performance.now() - from < 4000) requestAnimationFrame(frame);
                    else end();
                };
                requestAnimationFrame(frame);
            });
            return Math.round((frames * 1000) / (performance.now() - from));
        };
        return {
            whole_hour_redrawn_frames_s: await run(HOUR, 120, false, false),
            whole_hour_redrawn_with_marks_frames_s: await run(HOUR, 120, false, true),
            whole_hour_zoomed_animation_frames_s: await zoom(), /* 60 is all that is asked for */
            whole_hour_scroll_frames_s: await run(HOUR, 600, true, false),
            scroll_frames_s: await run(250, 600, true, false),
        };
    });
    await bench.close();
}

/* The address of `demo --serve`, and the call that ends it. */
async function startDemo() {
    const folder = mkdtempSync(tmpdir() + '/measure-');
    const port = await new Promise((done) => {
        const s = createServer().listen(0, '127.0.0.1', () => {
            const { port: free } = s.address();
            s.close(() => done(free));
        });
    });
    const child = spawn(program, ['demo', '--serve', '--folder', folder + '/demo', '--record-seconds', '5', '--trade-seconds', '5', '--speed', '10'], { cwd: folder, env: { ...process.env, DASH_PORT: String(port) }, stdio: 'ignore' });
    const close = async () => {
        const gone = new Promise((done) => child.once('exit', done));
        if (child.exitCode === null) child.kill('SIGTERM');
        else return;
        await gone;
        rmSync(folder, { recursive: true, force: true });
    };
    const url = `http://127.0.0.1:${port}`;
    for (let tries = 0; tries < 180; tries++) {
        const rows = await fetch(url + '/api/v1/symbols').then((r) => r.json()).catch(() => null);
        if (rows?.symbols?.length) return { url, symbol: rows.symbols[0].symbol, close };
        await new Promise((done) => setTimeout(done, 1000));
    }
    await close();
    throw new Error(`${program} demo --serve did not come up in three minutes`);
}

/* Memory: the book page with all its pushes, after a forced collection each minute. The first two minutes fill what is kept. */
async function measureMemory() {
    const live = program ? await startDemo() : { url: server.url, symbol: 'SPY', close: async () => {} };
    const page = await browser.newPage({ viewport: { width: 1366, height: 768 } });
    const inside = await page.context().newCDPSession(page);
    await inside.send('Performance.enable');
    const counts = async () => Object.fromEntries((await inside.send('Performance.getMetrics')).metrics.filter((m) => ['Nodes', 'JSEventListeners'].includes(m.name)).map((m) => [m.name, m.value]));
    await page.goto(`${live.url}/#/book/${live.symbol}`);
    const heap = [];
    const seen = [];
    for (let i = 0; i <= minutes; i++) {
        await page.waitForTimeout(i ? 60000 : 8000);
        heap.push(await page.evaluate(() => (globalThis.gc?.(), globalThis.gc?.(), Math.round(performance.memory.usedJSHeapSize / 1e4) / 100)));
        seen.push(await counts());
        console.error(`minute ${i}: ${heap.at(-1)} MB, ${JSON.stringify(seen.at(-1))}`);
    }
    const slope = (from) => {
        const rest = heap.map((mb, i) => [i, mb]).slice(from);
        const mean = (k) => rest.reduce((sum, r) => sum + r[k], 0) / rest.length;
        const [x, y] = [mean(0), mean(1)];
        return Math.round((rest.reduce((sum, r) => sum + (r[0] - x) * (r[1] - y), 0) / rest.reduce((sum, r) => sum + (r[0] - x) ** 2, 0)) * 10000) / 10;
    };
    result.memory = { over: program ? 'demo --serve' : 'the stand-in', minutes, heap_mb: heap, slope_kb_per_minute: slope(heap.length > 4 ? 2 : 0), slope_of_the_second_half: slope(Math.floor(heap.length / 2)), first: seen[0], last: seen.at(-1) };
    result.memory.book_frames_s = await page.evaluate(() => new Promise((done) => {
        let n = 0;
        const from = performance.now();
        const tick = () => (n++, performance.now() - from < 3000 ? requestAnimationFrame(tick) : done(Math.round((n * 1000) / (performance.now() - from))));
        requestAnimationFrame(tick);
    }));
    await page.close();
    await live.close();
}

if (only.includes('paint')) await measurePaint();
if (only.includes('heat')) await measureHeat();
if (only.includes('memory')) await measureMemory();
await browser.close();
await server.close();
console.log(JSON.stringify(result));
