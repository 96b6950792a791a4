import { defineConfig } from 'vite';

/** Paths are relative, so that the build works below any PUBLIC_URL: the page's `<base>` says which. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    // Named chunks, for the test that adds up what a first visit loads.
    manifest: true,
  },
});
