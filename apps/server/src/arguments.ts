import { parseArgs } from 'node:util'
import { ConfigError, messageOf, nearest } from '@harnext/core'

/** What the command line asks for. */
export interface Arguments {
  readonly host?: string
  readonly port: number
  readonly cwd: string
  readonly provider?: string
  readonly model?: string
  readonly permissionMode?: string
  readonly help: boolean
  readonly version: boolean
}

const DEFAULT_PORT = 4747

const options = {
  host: { type: 'string' },
  port: { type: 'string' },
  cwd: { type: 'string' },
  provider: { type: 'string' },
  model: { type: 'string' },
  'permission-mode': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const

export const help: string = `Usage: harnext-server [options]

Serves sessions and runs of harnext in one folder over HTTP, to programs on this
machine that know its token. It prints its address and, unless one was given,
its token; Ctrl-C stops it and keeps the sessions.

Options:
  --cwd <folder>             what the agent works in; default: this folder
  --port <number>            default ${DEFAULT_PORT}; 0: any that is free
  --host <name>              127.0.0.1 (default), localhost or ::1; no other one
  --provider <id>            default: the first whose key is found
  --model <id>               default: the provider's best for agents
  --permission-mode <mode>   plan, manual, accept_edits, auto (default), bypass
  -v, --version              print the version
  -h, --help                 print this

Environment:
  HARNEXT_SERVER_TOKEN       the token: at least 16 characters; default: a random one
  HARNEXT_HOME               where sessions and settings are; default ~/.harnext
  ANTHROPIC_API_KEY, ...     the key of a provider

Exit codes: 0 stopped, 1 failed, 2 usage or configuration.
`

/** Reads the arguments behind the program's name. Pure. Throws `ConfigError`. */
export function readArguments(args: readonly string[]): Arguments {
  const { host, port = String(DEFAULT_PORT), cwd = '.', ...rest } = parse(args)
  const { provider, model, 'permission-mode': permissionMode } = rest
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw new ConfigError(`--port must be a whole number from 0 to 65535; got ${quote(port)}.`)
  return {
    ...(host !== undefined && { host }),
    port: Number(port),
    cwd,
    ...(provider !== undefined && { provider }),
    ...(model !== undefined && { model }),
    ...(permissionMode !== undefined && { permissionMode }),
    help: rest.help === true,
    version: rest.version === true,
  }
}

function parse(args: readonly string[]) {
  const names = args.flatMap((argument) => /^--([^=]+)/.exec(argument)?.[1] ?? [])
  const unknown = names.find((name) => !Object.hasOwn(options, name))
  if (unknown !== undefined) {
    const near = nearest(unknown, Object.keys(options))
    const hint = near === undefined ? 'See harnext-server --help.' : `Did you mean --${near}?`
    throw new ConfigError(`There is no option ${quote(`--${unknown}`)}. ${hint}`)
  }
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (error) {
    throw new ConfigError(messageOf(error), { cause: error })
  }
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text)
}
