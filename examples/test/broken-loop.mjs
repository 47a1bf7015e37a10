// Preloaded, it takes the loop away from whatever runs: an example that does not notice has asserted nothing.
import { registerHooks } from 'node:module'

registerHooks({
  load(url, context, next) {
    if (!url.endsWith('/core/src/run/loop.ts')) return next(url, context)
    const source = "export async function* loop() { throw new Error('The loop is broken.') }"
    return { format: 'module', shortCircuit: true, source }
  },
})
