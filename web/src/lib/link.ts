/* lib/link.ts - the one WebSocket: what is subscribed, frames in order, a fresh snapshot after a gap, reconnection.
 *
 * Frames are numbered one by one. A frame that is missing makes everything behind it worthless, so the link subscribes
 * again and ignores what comes until a full frame is there: the discipline of a market-data feed. Nothing is queued here.
 */
export interface Frame {
    type: string;
    seq?: number;
    full?: boolean;
    time?: string;
    topics?: Record<string, unknown>;
}

export type LinkState = 'connecting' | 'live' | 'resync' | 'waiting';

export interface LinkSocket {
    send(text: string): void;
    close(): void;
    onopen: (() => void) | null;
    onmessage: ((e: { data: string }) => void) | null;
    onclose: (() => void) | null;
}

export interface LinkOptions {
    open(): LinkSocket;
    onTopic(topic: string, value: unknown, full: boolean): void;
    onState(state: LinkState, retryAt: number | null): void;
    later?(ms: number, what: () => void): () => void; /* gives the call that takes it back */
    now?(): number;
}

export const BACKOFF_MS = [250, 500, 1000, 2000, 4000, 8000];

function timer(ms: number, what: () => void): () => void {
    const id = setTimeout(what, ms);
    return () => clearTimeout(id);
}

export class Link {
    gaps = 0;
    frames = 0;
    connects = 0;
    lastFrameAt = 0;
    private topics: string[] = [];
    private socket: LinkSocket | null = null;
    private isOpen = false;
    private seq: number | null = null;
    private waitsForFull = true;
    private tries = 0;
    private cancel: (() => void) | null = null;
    private o: LinkOptions;

    constructor(options: LinkOptions) {
        this.o = options;
    }

    start(): void {
        if (!this.socket) this.connect();
    }

    stop(): void {
        this.cancel?.();
        this.cancel = null;
        const socket = this.socket;
        this.socket = null;
        this.isOpen = false;
        if (socket) {
            socket.onclose = null;
            socket.onmessage = null;
            socket.close();
        }
    }

    /* Ends the connection that is there and makes a new one at once: after a login, or when a person asks. */
    restart(): void {
        this.stop();
        this.tries = 0;
        this.connect();
    }

    /* The whole list of what is wanted; the same list again asks for nothing. */
    want(topics: string[]): void {
        const next = [...new Set(topics)].sort();
        if (next.join(' ') === this.topics.join(' ')) return;
        this.topics = next;
        this.subscribe();
    }

    private connect(): void {
        this.cancel = null;
        this.seq = null;
        this.waitsForFull = true;
        this.o.onState('connecting', null);
        const socket = this.o.open();
        this.socket = socket;
        socket.onopen = () => {
            if (this.socket !== socket) return;
            this.isOpen = true;
            this.connects++;
            this.subscribe();
        };
        socket.onmessage = (e) => {
            if (this.socket === socket) this.take(e.data);
        };
        socket.onclose = () => {
            if (this.socket === socket) this.lost();
        };
    }

    private lost(): void {
        const later = this.o.later ?? timer;
        const wait = BACKOFF_MS[Math.min(this.tries++, BACKOFF_MS.length - 1)]!;
        this.socket = null;
        this.isOpen = false;
        this.o.onState('waiting', (this.o.now?.() ?? Date.now()) + wait);
        this.cancel = later(wait, () => this.connect());
    }

    private subscribe(): void {
        if (!this.isOpen || !this.socket) return;
        this.waitsForFull = true;
        this.socket.send(JSON.stringify({ type: 'subscribe', topics: this.topics }));
    }

    private take(text: string): void {
        let frame: Frame;
        try {
            frame = JSON.parse(text) as Frame;
        } catch {
            this.resync();
            return;
        }
        this.lastFrameAt = this.o.now?.() ?? Date.now();
        if (frame.type !== 'update' || typeof frame.seq !== 'number') return;
        this.frames++;
        const inOrder = this.seq === null || frame.seq === this.seq + 1;
        this.seq = frame.seq;
        if (!inOrder && !frame.full) {
            this.resync();
            return;
        }
        if (this.waitsForFull && !frame.full) return;
        if (this.waitsForFull) {
            this.waitsForFull = false;
            this.tries = 0;
            this.o.onState('live', null);
        }
        for (const [topic, value] of Object.entries(frame.topics ?? {}))
            this.o.onTopic(topic, value, frame.full === true);
    }

    private resync(): void {
        this.gaps++;
        this.o.onState('resync', null);
        this.subscribe();
    }
}
