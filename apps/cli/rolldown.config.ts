import { defineConfig, type ConfigExport } from 'rolldown'

/** One file: Node's compile cache then covers all of it, and starting costs one read. */
const config: ConfigExport = defineConfig({
  input: 'src/main.ts',
  platform: 'node',
  resolve: { conditionNames: ['@harnext/source', 'node', 'import', 'default'] },
  output: { file: 'dist/harnext.js', format: 'esm', codeSplitting: false, sourcemap: true },
})
export default config
