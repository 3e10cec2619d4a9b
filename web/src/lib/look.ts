/* lib/look.ts - colours of the theme for what is drawn on canvas. */
export function colour(name: string): string {
    return getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
}

/* A canvas as large as its box in device pixels; true when it changed. */
export function fit(canvas: HTMLCanvasElement): boolean {
    const scale = devicePixelRatio || 1;
    const w = Math.max(1, Math.round(canvas.clientWidth * scale));
    const h = Math.max(1, Math.round(canvas.clientHeight * scale));
    if (canvas.width === w && canvas.height === h) return false;
    canvas.width = w;
    canvas.height = h;
    return true;
}
