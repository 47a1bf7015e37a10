// Loaded before the program: the edit tool then reports success and writes nothing.
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'

registerHooks({
  load(url, context, next) {
    if (!url.endsWith('/tools/src/edit.ts')) return next(url, context)
    const source = readFileSync(fileURLToPath(url), 'utf8')
    const broken = source.replace('await workspace.writeFile(target, data)', '')
    if (source === broken) throw new Error('The edit tool no longer writes as this test thinks.')
    return { format: 'module-typescript', source: broken, shortCircuit: true }
  },
})
