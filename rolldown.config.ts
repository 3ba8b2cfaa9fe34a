// dist/: the command line as small chunks that load only what a command needs, and the library entry beside it.
// Running from src would double the start-up time.

import { defineConfig } from 'rolldown';

export default defineConfig({
  input: { main: 'src/cli/main.ts', index: 'src/index.ts' },
  platform: 'node',
  output: {
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
    cleanDir: true,
  },
});
