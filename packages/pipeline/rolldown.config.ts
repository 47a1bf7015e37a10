import { defineConfig, type ConfigExport } from 'rolldown'

/** One file for each entry, and for what they share: many modules take long to import. */
const config: ConfigExport = defineConfig({
  input: {
    index: 'src/index.ts',
  },
  platform: 'node',
  external: /^(node:|@harnext\/)/,
  output: {
    dir: 'dist',
    format: 'esm',
    sourcemap: true,
    // They are in the declarations.
    comments: { jsdoc: false },
    chunkFileNames: 'shared/[name].js',
    cleanDir: true,
  },
})
export default config
