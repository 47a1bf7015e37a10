interface Builtins {
  readonly http: typeof import('node:http')
  readonly https: typeof import('node:https')
  readonly zlib: typeof import('node:zlib')
  readonly stream: typeof import('node:stream')
}

/** A module of Node, loaded at its first use and unknown to bundlers: the same code runs where there is no Node and is not called. */
export function builtin<Name extends keyof Builtins>(name: Name): Builtins[Name] {
  return process.getBuiltinModule(`node:${name}`) as Builtins[Name]
}
