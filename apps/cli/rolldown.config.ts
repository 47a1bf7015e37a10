import { defineConfig, type ConfigExport } from 'rolldown'
import { thirdParty } from './third-party.ts'

/**
 * One file: Node's compile cache then covers all of it, and starting costs one read. What is imported on first use stays in it and is
 * evaluated on first use. Names are kept, so that the trace of a mistake can be read.
 */
const config: ConfigExport = defineConfig({
  input: 'src/main.ts',
  platform: 'node',
  plugins: [thirdParty()],
  // Whoever wants it installs it beside harnext: it starts programs of its own folder.
  external: ['@anthropic-ai/sandbox-runtime'],
  resolve: { conditionNames: ['@harnext/source', 'node', 'import', 'default'] },
  output: {
    file: 'dist/harnext.js',
    format: 'esm',
    codeSplitting: false,
    minify: { mangle: false, compress: true, codegen: { removeWhitespace: true } },
  },
})
export default config
