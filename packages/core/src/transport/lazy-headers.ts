/**
 * Headers of an answer as they came over the wire. Reading them, by name or one after the other, makes nothing but a map; the platform's
 * are made for whoever changes them.
 */
export class LazyHeaders implements Headers {
  readonly #raw: readonly string[]
  #read: ReadonlyMap<string, string> | undefined
  #all: Headers | undefined

  /** `raw`: names and values in turn. */
  constructor(raw: readonly string[]) {
    this.#raw = raw
  }

  get all(): Headers {
    return (this.#all ??= toHeaders(this.#raw))
  }
  get(name: string): string | null {
    return this.#all ? this.#all.get(name) : (this.#values.get(name.toLowerCase()) ?? null)
  }
  has(name: string): boolean {
    return this.get(name) !== null
  }
  append(name: string, value: string): void {
    this.all.append(name, value)
  }
  delete(name: string): void {
    this.all.delete(name)
  }
  set(name: string, value: string): void {
    this.all.set(name, value)
  }
  getSetCookie(): string[] {
    return this.all.getSetCookie()
  }
  get forEach(): Headers['forEach'] {
    return this.all.forEach.bind(this.all)
  }
  keys(): ReturnType<Headers['keys']> {
    return this.all.keys()
  }
  values(): ReturnType<Headers['values']> {
    return this.all.values()
  }
  /** Sorted by name, as the standard has it. */
  entries(): ReturnType<Headers['entries']> {
    // Cookies are the one header that stays several.
    const isPlain = !this.#all && !this.#values.has('set-cookie')
    return isPlain ? [...this.#values].toSorted(byName).values() : this.all.entries()
  }
  [Symbol.iterator](): ReturnType<Headers['entries']> {
    return this.entries()
  }

  get #values(): ReadonlyMap<string, string> {
    return (this.#read ??= toMap(this.#raw))
  }
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1
}

function toMap(raw: readonly string[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (let at = 0; at < raw.length; at += 2) {
    const name = (raw[at] as string).toLowerCase()
    const value = raw[at + 1] as string
    const before = values.get(name)
    values.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return values
}

function toHeaders(raw: readonly string[]): Headers {
  const headers = new Headers()
  for (let at = 0; at < raw.length; at += 2)
    headers.append(raw[at] as string, raw[at + 1] as string)
  return headers
}
