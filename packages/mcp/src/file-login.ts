import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ConfigError, isJsonObject, messageOf } from '@harnext/core'
import type { LoginStore, StoredLogin } from './login.ts'

/**
 * The login at one address, in a file of its own (mode 0600) below `folder`. It belongs to the address, not to a name: whoever gives the
 * name to another server gets nothing. Throws `ConfigError` for a file that cannot be read or written.
 */
export function fileLogin(
  folder: string,
  url: string,
): LoginStore & { remove(): Promise<boolean> } {
  const name = createHash('sha256').update(url).digest('hex').slice(0, 16)
  const file = path.join(folder, `${name}.json`)
  return {
    get: async () => (await readLogin(file, url)) ?? {},
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
    /** Resolves to whether there was one. */
    async remove() {
      const wasThere = (await readLogin(file, url)) !== null
      await rm(file, { force: true })
      return wasThere
    },
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
