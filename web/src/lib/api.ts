/* lib/api.ts - the REST side: one line for each error, the header that a page of elsewhere cannot send, and the nonce of
 * dangerous actions. The cookie is HttpOnly: this code never sees a token but the one a person types. */
export class ApiError extends Error {
    status: number;
    constructor(status: number, line: string) {
        super(line);
        this.status = status;
    }
}

const MEANING: Record<number, string> = {
    0: 'the dashboard does not answer; is `tapedeck trade` still running?',
    401: 'a token is needed: log in',
    403: 'refused: this page has another origin than the server expects',
    404: 'the server does not know that',
    421: 'refused: this host name is not on the server’s list',
    429: 'too many tries; wait a minute',
    503: 'no desk runs',
};

/* The server's own line when it has one, else what the status means. */
async function lineOf(answer: Response): Promise<string> {
    try {
        const body = (await answer.json()) as { error?: unknown; reason?: unknown };
        const said = body.error ?? body.reason;
        if (typeof said === 'string' && said) return said;
    } catch {
        /* no JSON: the status has to do */
    }
    return MEANING[answer.status] ?? `the server answered ${answer.status}`;
}

async function call<T>(path: string, init: RequestInit): Promise<T> {
    let answer: Response;
    try {
        answer = await fetch(path, { ...init, credentials: 'same-origin', signal: AbortSignal.timeout(10_000) });
    } catch {
        throw new ApiError(0, MEANING[0]!);
    }
    if (!answer.ok) throw new ApiError(answer.status, await lineOf(answer));
    try {
        return (await answer.json()) as T;
    } catch {
        throw new ApiError(answer.status, `${path} is not JSON`);
    }
}

export function get<T>(path: string): Promise<T> {
    return call<T>(path, { headers: { Accept: 'application/json' } });
}

export async function post<T>(path: string, body: object): Promise<T> {
    const answer = await call<T>(path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-Tapedeck': '1' },
        body: JSON.stringify(body),
    });
    const told = answer as { ok?: boolean; error?: string };
    if (told.ok === false) throw new ApiError(200, told.error ?? 'the desk refused');
    return answer;
}

export interface Nonce {
    nonce: string;
    expires_in: number;
    confirm: string;
    consequence: string;
}

export const login = (secret: string, kind: 'token' | 'password') => post('/api/v1/login', { [kind]: secret });
export const logout = () => post('/api/v1/logout', {});
export const halt = (reason: string) => post('/api/v1/halt', { reason });
export const acknowledge = (id: string) => post('/api/v1/ack', { id });
export const nonceFor = (action: string, what: object = {}) => post<Nonce>('/api/v1/nonce', { action, ...what });
export const confirmed = (action: string, n: Nonce, reason: string, what: object = {}) =>
    post(`/api/v1/${action}`, { nonce: n.nonce, confirm: n.confirm, reason, ...what });
