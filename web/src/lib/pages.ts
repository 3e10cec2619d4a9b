/* lib/pages.ts - the pages: one row each, with their key after `g` and what stands in the address behind #/. */
export interface PageRow {
    id: string;
    name: string;
    key: string;
    phone: boolean; /* in the bar of a phone */
}

export const PAGES: PageRow[] = [
    { id: 'overview', name: 'Overview', key: 'o', phone: true },
    { id: 'trade', name: 'Trade', key: 't', phone: false },
    { id: 'book', name: 'Book', key: 'b', phone: false },
    { id: 'blotter', name: 'Blotter', key: 'l', phone: false },
    { id: 'risk', name: 'Positions & risk', key: 'r', phone: true },
    { id: 'scanner', name: 'Scanner', key: 's', phone: false },
    { id: 'recorder', name: 'Recorder', key: 'c', phone: false },
    { id: 'strategies', name: 'Strategies', key: 'y', phone: false },
    { id: 'watchlist', name: 'Watchlist', key: 'w', phone: false },
    { id: 'performance', name: 'Performance', key: 'p', phone: false },
    { id: 'models', name: 'Models', key: 'm', phone: false },
    { id: 'latency', name: 'Latency', key: 'n', phone: false },
    { id: 'operations', name: 'Operations', key: 'x', phone: false },
];

export interface Place {
    page: string;
    rest: string[];
    query: URLSearchParams;
}

/* "#/blotter/orders/12?state=open". An address that is none is the overview. */
export function placeOf(hash: string): Place {
    const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
    const parts = path.split('/').map((p) => {
        try {
            return decodeURIComponent(p);
        } catch {
            return '';
        }
    });
    const page = PAGES.find((p) => p.id === parts[0]);
    return { page: page?.id ?? 'overview', rest: page ? parts.slice(1).filter(Boolean) : [], query: new URLSearchParams(query) };
}

export function hashOf(page: string, rest: string[] = [], query: Record<string, string> = {}): string {
    const q = new URLSearchParams(Object.entries(query).filter(([, v]) => v)).toString();
    return `#/${[page, ...rest].map(encodeURIComponent).join('/')}${q ? '?' + q : ''}`;
}

export function go(page: string, rest: string[] = [], query: Record<string, string> = {}): void {
    location.hash = hashOf(page, rest, query);
}
