/* web/vite.config.ts - fixed names and no inline script or style: the server's content policy forbids both. */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import type { Plugin } from 'vite';

const STYLE = 'document.createElement("style")';

/* lightweight-charts brings the rules of its attribution logo in a <style>, which the policy forbids. They stand in
 * src/app.css instead; here the element becomes one that means nothing. The logo and its link stay. */
function logoWithoutStyle(): Plugin {
    return {
        name: 'logo-without-style',
        enforce: 'pre',
        transform(code, id) {
            if (!/lightweight-charts\.\w+\.mjs/.test(id)) return null;
            const single = code.replaceAll("document.createElement('style')", STYLE);
            if (single.split(STYLE).length !== 2)
                this.error('lightweight-charts no longer makes one style element: look at its logo again');
            return { code: single.replace(STYLE, 'document.createElement("template")'), map: null };
        },
    };
}

export default defineConfig({
    plugins: [logoWithoutStyle(), svelte()],
    build: {
        target: 'es2022',
        minify: 'terser',
        terserOptions: { module: true, ecma: 2022, compress: { ecma: 2022, passes: 6, pure_getters: true, unsafe: true, unsafe_arrows: true, unsafe_comps: true, unsafe_math: true, unsafe_methods: true, unsafe_proto: true, keep_fargs: false }, format: { comments: false } },
        modulePreload: false,
        cssCodeSplit: false,
        assetsInlineLimit: 0,
        reportCompressedSize: false,
        rollupOptions: {
            output: {
                entryFileNames: 'app.js',
                chunkFileNames: '[name].js',
                assetFileNames: (a) => (a.names[0]?.endsWith('.css') ? 'app.css' : '[name][extname]'),
                manualChunks: (id) =>
                    /lightweight-charts|fancy-canvas|lib\/charting/.test(id)
                        ? 'chart'
                        : id.includes('uplot') && !id.endsWith('.css')
                          ? 'plot'
                          : undefined,
            },
        },
    },
    test: { include: ['tests/**/*.test.ts'], environment: 'node' },
});
