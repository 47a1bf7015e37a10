import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { ConfigError, isJsonObject, messageOf, type Workspace } from '@harnext/core'
import type { McpToolDefinition } from './connection.ts'
import { isStdio, type McpServerConfig } from './server-config.ts'

/**
 * What tools were when a call of theirs was permitted. A tool that is another one now (its program, its description or its arguments
 * changed) is asked for again, whatever rules say.
 */
export interface PinStore {
  /** The hash that was kept for a tool; `undefined` for one that never ran. */
  get(key: string): Promise<string | undefined>
  set(key: string, hash: string): Promise<void>
}

/** Kept as long as the process lives. */
export function memoryPins(): PinStore {
  const pins = new Map<string, string>()
  return {
    get: async (key) => pins.get(key),
    set: async (key, hash) => void pins.set(key, hash),
  }
}

/** Kept in a JSON file. Throws `ConfigError` for a file that cannot be read: it would permit what it was there to stop. */
export function filePins(path: string, files: Pick<Workspace, 'writeFile'>): PinStore {
  let writing: Promise<void> = Promise.resolve()
  const read = (): Promise<{ readonly [key: string]: string }> => readPins(path)
  return {
    get: async (key) => {
      const pins = await read()
      return Object.hasOwn(pins, key) ? pins[key] : undefined
    },
    set(key, hash) {
      const write = async (): Promise<void> => {
        const pins = await read()
        if (Object.hasOwn(pins, key) && pins[key] === hash) return
        const text = `${JSON.stringify({ ...pins, [key]: hash }, null, 2)}\n`
        await files.writeFile(path, new TextEncoder().encode(text), { mode: 0o600 })
      }
      writing = writing.then(write, write)
      return writing
    },
  }
}

async function readPins(path: string): Promise<{ readonly [key: string]: string }> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw new ConfigError(`${path} cannot be read: ${messageOf(error)}`, { cause: error })
  }
  try {
    const value: unknown = JSON.parse(text)
    if (isJsonObject(value)) return value as { readonly [key: string]: string }
  } catch (error) {
    throw new ConfigError(`${path} cannot be read as JSON: ${messageOf(error)}`, { cause: error })
  }
  throw new ConfigError(`${path} must hold a JSON object.`)
}

/** Of all that makes a tool what it is: the program or address behind it, and what it says of itself. */
export function hashOf(config: McpServerConfig, tool: McpToolDefinition): string {
  const origin = isStdio(config) ? [config.command, config.args ?? []] : [config.url]
  const { name, title = '', description = '', inputSchema } = tool
  const text = JSON.stringify([origin, name, title, description, inputSchema])
  return createHash('sha256').update(text).digest('hex')
}
