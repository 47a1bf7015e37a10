import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ConfigError, isJsonObject, messageOf } from '@harnext/core'
import { lockFile, type FileLock } from '@harnext/core/node'
import type { LoginStore, StoredLogin } from './login.ts'

export interface FileLogin extends Required<LoginStore> {
  /** Resolves to whether there was one. */
  remove(): Promise<boolean>
}

/**
 * The login at one address, in a file of its own (mode 0600) below `folder`. Programs that share it renew it one after another. It belongs to the address, not to a name: whoever gives the
 * name to another server gets nothing. Throws `ConfigError` for a file that cannot be read or written.
 */
export function fileLogin(folder: string, url: string): FileLogin {
  const name = createHash('sha256').update(url).digest('hex').slice(0, 16)
  const file = path.join(folder, `${name}.json`)
  const lock = path.join(folder, `${name}.lock`)
  const exclusively = async <T>(work: () => Promise<T>): Promise<T> => {
    const held = await locked(folder, lock, url)
    try {
      return await work()
    } finally {
      held.close()
    }
  }
  return {
    get: async () => (await readLogin(file, url)) ?? {},
    exclusively,
    async set(login) {
      const temporary = path.join(folder, `.${randomBytes(6).toString('hex')}.tmp`)
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        const text = `${JSON.stringify({ url, ...login }, null, 2)}\n`
        await writeFile(temporary, text, { mode: 0o600, flag: 'wx' })
        await rename(temporary, file)
      } catch (error) {
        // What went wrong first is what counts.
        await rm(temporary, { force: true }).catch(() => {})
        throw new ConfigError(
          `The login at ${url} cannot be kept in ${folder}: ${messageOf(error)}`,
          {
            cause: error,
          },
        )
      }
    },
    async remove() {
      if ((await readLogin(file, url)) === null) return false
      return exclusively(async () => {
        const wasThere = (await readLogin(file, url)) !== null
        await rm(file, { force: true })
        await rm(lock, { force: true })
        return wasThere
      })
    },
  }
}

async function locked(folder: string, lock: string, url: string): Promise<FileLock> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return await lockFile(lock)
  } catch (error) {
    throw new ConfigError(`The login at ${url} cannot be changed: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

async function readLogin(file: string, url: string): Promise<StoredLogin | null> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new ConfigError(`${file} cannot be read: ${messageOf(error)}`, { cause: error })
  }
  const value = parsed(text)
  if (isJsonObject(value) && value['url'] === url) return value
  throw new ConfigError(
    `${file} must hold the login at ${url} as JSON; take it away and log in again.`,
  )
}

/** What it says about what is wrong would hold a part of the text, and that is secret. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
