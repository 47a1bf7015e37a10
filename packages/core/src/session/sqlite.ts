import { ConfigError } from '../errors.ts'
import { isJsonObject } from '../json.ts'

/** Loads sqlite on first use, without its warning that it is experimental, and with every other. */
export function sqlite(): typeof import('node:sqlite') {
  const original: typeof process.emitWarning = Reflect.get(process, 'emitWarning')
  const quiet = (warning: string | Error, ...rest: unknown[]): void => {
    const [options] = rest
    const type = isJsonObject(options) ? options['type'] : options
    if (type === 'ExperimentalWarning' && String(warning).startsWith('SQLite')) return
    Reflect.apply(original, process, [warning, ...rest])
  }
  process.emitWarning = quiet
  try {
    // Synchronous, so that nothing else can warn meanwhile.
    const module = process.getBuiltinModule('node:sqlite') as
      | typeof import('node:sqlite')
      | undefined
    if (module) return module
  } finally {
    process.emitWarning = original
  }
  throw new ConfigError(
    'Sessions in files need node:sqlite, which this build of Node.js does not have.',
  )
}
