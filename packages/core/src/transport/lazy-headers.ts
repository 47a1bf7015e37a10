import type { IncomingMessage } from 'node:http'

/** Headers of an answer as Node has them. The platform's are made for whoever wants more than one by its name. */
export class LazyHeaders implements Headers {
  readonly #message: IncomingMessage
  #all: Headers | undefined

  constructor(message: IncomingMessage) {
    this.#message = message
  }

  get all(): Headers {
    return (this.#all ??= toHeaders(this.#message.rawHeaders))
  }
  get(name: string): string | null {
    const value = this.#message.headers[name.toLowerCase()]
    return this.#all || typeof value === 'object' ? this.all.get(name) : (value ?? null)
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
  entries(): ReturnType<Headers['entries']> {
    return this.all.entries()
  }
  [Symbol.iterator](): ReturnType<Headers['entries']> {
    return this.all.entries()
  }
}

function toHeaders(raw: readonly string[]): Headers {
  const headers = new Headers()
  for (let at = 0; at < raw.length; at += 2)
    headers.append(raw[at] as string, raw[at + 1] as string)
  return headers
}
