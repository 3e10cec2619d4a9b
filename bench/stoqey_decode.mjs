// Messages per second that @stoqey/ib decodes alone: node stoqey_decode.mjs TAPE
// The tokens are split outside the clock; the clock covers enqueueMessage and process, events go to a counter.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(new URL("../tests/npm/package.json", import.meta.url));
const { Decoder } = require("@stoqey/ib/dist/core/io/decoder.js");

const bytes = readFileSync(process.argv[2]);
const messages = [];
for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const tokens = bytes.toString("latin1", at + 4, at + 4 + length).split("\0");
    tokens.pop(); // what follows the last terminator
    messages.push(tokens);
    at += 4 + length;
}

let events = 0;
const decoder = new Decoder({
    serverVersion: 187,
    emitEvent: () => { events++; },
    emitInfo: () => {},
    emitError: (text) => { throw new Error(text); },
});

function play() {
    const start = process.hrtime.bigint();
    for (const tokens of messages) {
        decoder.enqueueMessage(tokens);
        decoder.process();
    }
    return messages.length / (Number(process.hrtime.bigint() - start) / 1e9);
}

play();
play();
const rates = [];
for (let run = 0; run < 7; run++) {
    events = 0;
    rates.push(play());
    if (events !== messages.length) throw new Error(`${events} events of ${messages.length} messages`);
}
rates.sort((a, b) => a - b);
console.log(Math.round(rates[3]));
