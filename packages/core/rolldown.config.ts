import { defineConfig, type ConfigExport } from 'rolldown'

/** One file for each entry, and for what they share: a hundred modules take four times as long to import. */
const config: ConfigExport = defineConfig({
  input: {
    index: 'src/index.ts',
    node: 'src/node.ts',
    provider: 'src/provider.ts',
    testing: 'src/testing.ts',
  },
  platform: 'neutral',
  external: /^node:/,
  output: {
    dir: 'dist',
    format: 'esm',
    sourcemap: true,
    chunkFileNames: 'shared/[name].js',
    // What several entries need at once is one file; what is loaded on first use stays apart.
    codeSplitting: { groups: [{ name: 'common', tags: ['$initial'], minShareCount: 2 }] },
    cleanDir: true,
  },
})
export default config
