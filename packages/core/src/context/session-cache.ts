import { ConfigError } from '../errors.ts'
import { notJson, type Awaitable, type Json, type JsonObject } from '../json.ts'
import { snapshotOf } from './snapshot.ts'

/** Where values go that were not used for long. Whoever made it removes what is left in it. */
export interface HandleStorage {
  write(handle: string, text: string): Awaitable<void>
  read(handle: string): Awaitable<string>
  remove(handle: string): Awaitable<void>
}

export interface SessionCacheOptions {
  /** Entries that a snapshot shows. @default 5 */
  readonly sampleSize?: number
  /** Values that stay in memory; the ones that were not used for longest go to `storage`. @default 10 with a storage, else all */
  readonly hotLimit?: number
  readonly storage?: HandleStorage
}

interface Entry {
  readonly snapshot: JsonObject
  readonly size: number
  /** Absent when it lies in the storage. */
  value?: Json
}

export interface HandleInfo {
  readonly handle: string
  readonly location: 'memory' | 'disk'
  /** Characters of its JSON. */
  readonly size: number
  readonly snapshot: JsonObject
}

/**
 * Large values under short names, so that a conversation holds the name and a snapshot. Values are JSON; a snapshot is made once, when
 * the value is put in. Of one name, operations take place in the order in which they were called.
 */
export class SessionCache {
  readonly #sampleSize: number
  readonly #hotLimit: number
  readonly #storage: HandleStorage | undefined
  /** In the order of their last use, the oldest first. */
  readonly #entries = new Map<string, Entry>()
  #last: Promise<unknown> = Promise.resolve()

  /** Throws `ConfigError` for a limit below 1, and for one without a storage. */
  constructor({ sampleSize = 5, hotLimit, storage }: SessionCacheOptions = {}) {
    for (const [name, value] of Object.entries({ sampleSize, hotLimit }))
      if (value !== undefined && !(Number.isInteger(value) && value >= 1))
        throw new ConfigError(`${name} must be a whole number of at least 1; got ${value}.`)
    if (hotLimit !== undefined && !storage)
      throw new ConfigError('A hotLimit needs a storage, where the values above it go.')
    this.#sampleSize = sampleSize
    this.#hotLimit = hotLimit ?? (storage ? 10 : Infinity)
    this.#storage = storage
  }

  /**
   * Keeps a value and returns its handle: the name, made an identifier, with `_2`, `_3` … where it is taken and `overwrite` is not set.
   * `semantics` joins the snapshot. Throws `ConfigError` for what is not JSON.
   */
  put(
    name: string,
    value: Json,
    options: { readonly overwrite?: boolean; readonly semantics?: JsonObject } = {},
  ): Promise<string> {
    const path = notJson(value)
    if (path !== null)
      throw new ConfigError(
        `Only JSON can be kept under a handle; what was given is not at ${path}.`,
      )
    return this.#inOrder(async () => {
      const handle = options.overwrite ? identifier(name) : this.#free(identifier(name))
      const snapshot = { ...snapshotOf(value, this.#sampleSize), ...options.semantics }
      this.#entries.delete(handle)
      this.#entries.set(handle, { snapshot, size: JSON.stringify(value).length, value })
      await this.#spill()
      return handle
    })
  }

  /** The value; it is hot again. Throws `ConfigError` that lists the handles when there is no such one. */
  get(handle: string): Promise<Json> {
    return this.#inOrder(async () => {
      const entry = this.#entry(handle)
      const value =
        entry.value ?? (JSON.parse((await this.#storage?.read(handle)) ?? 'null') as Json)
      this.#entries.delete(handle)
      this.#entries.set(handle, { ...entry, value })
      await this.#spill()
      return value
    })
  }

  has(handle: string): boolean {
    return this.#entries.has(handle)
  }

  /** As `get`, throws for a handle that is not there. */
  snapshot(handle: string): JsonObject {
    return this.#entry(handle).snapshot
  }

  /** The most recently used first. */
  list(): readonly HandleInfo[] {
    return [...this.#entries].toReversed().map(([handle, { snapshot, size, value }]) => ({
      handle,
      location: value === undefined ? 'disk' : 'memory',
      size,
      snapshot,
    }))
  }

  /** Whether there was one. */
  delete(handle: string): Promise<boolean> {
    return this.#inOrder(async () => {
      const entry = this.#entries.get(handle)
      this.#entries.delete(handle)
      if (entry) await this.#storage?.remove(handle)
      return entry !== undefined
    })
  }

  /** Forgets everything, in the storage too. */
  close(): Promise<void> {
    return this.#inOrder(async () => {
      const handles = [...this.#entries.keys()]
      this.#entries.clear()
      for (const handle of handles) await this.#storage?.remove(handle)
    })
  }

  #entry(handle: string): Entry {
    const entry = this.#entries.get(handle)
    if (entry) return entry
    const there = [...this.#entries.keys()].join(', ') || 'none'
    throw new ConfigError(
      `There is no handle ${JSON.stringify(handle)}. The handles are: ${there}.`,
    )
  }

  #free(name: string): string {
    for (let count = 1; ; count++) {
      const handle = count === 1 ? name : `${name}_${count}`
      if (!this.#entries.has(handle)) return handle
    }
  }

  async #spill(): Promise<void> {
    if (!this.#storage) return
    const hot = [...this.#entries].filter(([, { value }]) => value !== undefined)
    for (const [handle, entry] of hot.slice(0, Math.max(0, hot.length - this.#hotLimit))) {
      await this.#storage.write(handle, JSON.stringify(entry.value))
      delete entry.value
    }
  }

  #inOrder<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => {})
    return done
  }
}

/** Letters, digits and `_`, a letter first: a name that models repeat without a mistake. */
function identifier(name: string): string {
  const cleaned = name.replace(/[^A-Za-z0-9_]+/g, '_').slice(0, 64)
  return /^[A-Za-z]/.test(cleaned) ? cleaned : `value${cleaned ? `_${cleaned}` : ''}`
}
