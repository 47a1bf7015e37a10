import { constants, open } from 'node:fs/promises'
import { messageOf } from '@harnext/core'
import { UsageError } from './usage-error.ts'

/**
 * Before anything is paid for: a file that is written later can be. One that is not there is left to its writer. Throws `UsageError` for
 * what cannot be written, and for a named pipe that nobody reads: writing to it would wait.
 */
export async function checkWritable(option: string, file: string): Promise<void> {
  try {
    const handle = await open(file, constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK)
    await handle.close()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return
    throw new UsageError(`${option} needs a file that can be written: ${messageOf(error)}`, {
      cause: error,
    })
  }
}
