import { defineConfig, type ConfigExport } from 'rolldown'

/** One file: many modules take long to import. */
const config: ConfigExport = defineConfig({
  input: { index: 'src/index.ts' },
  platform: 'node',
  external: /^(node:|@harnext\/|@modelcontextprotocol\/)/,
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
