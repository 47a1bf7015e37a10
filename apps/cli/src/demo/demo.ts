import { join } from 'node:path'
import { jsonlStore } from '@harnext/core/node'
import type { Io } from '../io.ts'
import { programOf } from '../program.ts'
import { isColoured } from '../render/style.ts'
import { showDemo } from './demo-show.ts'

/** `harnext demo`. Its sessions go where all others are, so that the commands it ends with work. Resolves to the exit code. */
export async function runDemo(io: Io): Promise<number> {
  const aborter = new AbortController()
  const removers = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) =>
    io.onSignal(signal, () => aborter.abort()),
  )
  try {
    return await showDemo({
      write: (text) => void io.stdout.write(text),
      store: jsonlStore({ home: io.env['HARNEXT_HOME'] || join(io.home, '.harnext') }),
      env: io.env,
      command: [process.execPath, ...process.execArgv, process.argv[1] ?? 'harnext'],
      invocation: programOf(io.env),
      color: isColoured(io.stdout, io.env),
      signal: aborter.signal,
    })
  } finally {
    for (const remove of removers) remove()
  }
}
