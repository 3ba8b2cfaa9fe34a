// dist/: the command line in small pieces that load only what a command needs, and the library beside it. Running from
// src would double the start-up time. The command line is CommonJS because an ES module that imports node:fs makes Node
// load its streams, and every module of a chunk through promises: a fifth of the time of a list.

import { defineConfig } from 'rolldown';

export default defineConfig([
  {
    // The supervisor of background processes is a program of its own, which roo starts.
    input: { main: 'src/cli/main.ts', supervisor: 'src/workspace/processes/supervisor-main.ts' },
    logLevel: 'warn',
    platform: 'node',
    // Native and optional: it is looked for when a keychain is needed.
    external: ['@napi-rs/keyring'],
    output: {
      dir: 'dist',
      format: 'cjs',
      entryFileNames: '[name].cjs',
      chunkFileNames: 'chunks/[name]-[hash].cjs',
      minify: true,
      // Each file costs a start more than the code in it: what many parts share stands in one. Measured with `list`: 47
      // files take 2.1× of bare node, these 7 take 1.8×; a share of 2 (all in one) or of 8 is slower again.
      codeSplitting: { groups: [{ name: 'shared', test: /\/src\//, minShareCount: 4 }] },
      cleanDir: true,
    },
  },
  {
    input: { index: 'src/index.ts' },
    logLevel: 'warn',
    platform: 'node',
    external: /^[^./]/,
    output: {
      dir: 'dist/library',
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: 'chunks/[name]-[hash].js',
    },
  },
]);
