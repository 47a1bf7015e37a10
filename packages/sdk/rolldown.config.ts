import { defineConfig, type ConfigExport } from 'rolldown'

/** One file for each entry, and for what they share: many modules take long to import. */
const config: ConfigExport = defineConfig({
  input: {
    index: 'src/index.ts',
    errors: 'src/errors.ts',
    hooks: 'src/hooks.ts',
    'settings-entry': 'src/settings-entry.ts',
  },
  platform: 'node',
  external: /^(node:|@harnext\/|yaml$|smol-toml$)/,
  output: {
    dir: 'dist',
    format: 'esm',
    sourcemap: true,
    // They are in the declarations.
    comments: { jsdoc: false },
    chunkFileNames: 'shared/[name].js',
    // What several entries need at once is one file; what is loaded on first use stays apart.
    codeSplitting: { groups: [{ name: 'common', tags: ['$initial'], minShareCount: 2 }] },
    cleanDir: true,
  },
})
export default config
