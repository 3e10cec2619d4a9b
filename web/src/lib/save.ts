/* lib/save.ts - a table as a file of this browser; nothing leaves the machine. */
import { csv } from './rows';
import type { Column } from '../parts/Table.svelte';

export function saveCsv<T>(name: string, columns: Column<T>[], rows: T[]): void {
    const text = csv(columns.map((c) => c.name), rows.map((r) => columns.map((c) => c.value(r))));
    const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
    const a = document.createElement('a');
    a.href = url;
    a.download = name;
    a.click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
}
