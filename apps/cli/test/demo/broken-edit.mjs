// Loaded before the program: puts an edit tool in the place of the real one that reports success and writes nothing.
import { registerHooks } from 'node:module'

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    if (!url.endsWith('/tools/src/edit.ts')) return loaded
    const source = `${loaded.source}`.replace('await workspace.writeFile(target, data)', '')
    if (source === `${loaded.source}`)
      throw new Error('The edit tool no longer writes as this test thinks.')
    return { ...loaded, source }
  },
})
