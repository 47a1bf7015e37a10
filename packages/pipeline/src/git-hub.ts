import { createHash } from 'node:crypto'
import { ConfigError, isJsonObject, messageOf, type Json } from '@harnext/core'
import type { Completed, Processes, ProgramCall } from './processes.ts'

/** A repository of GitHub, of which `folder` is a clone. */
export interface Repository {
  readonly folder: string
  readonly owner: string
  readonly name: string
  /** `github.com`, or the host of an own GitHub. */
  readonly host: string
}

/** The remote `origin` of a folder. Throws `ConfigError`. */
export async function repositoryOf(folder: string, processes: Processes): Promise<Repository> {
  const call = { program: 'git', args: ['remote', 'get-url', 'origin'], cwd: folder }
  const { code, stdout, stderr } = await processes.run(call)
  if (code !== 0)
    throw new ConfigError(
      `${folder} has no remote "origin" that could be a repository of GitHub: ${stderr.trim() || `git ended with ${code}`}`,
    )
  return { folder, ...parseRemote(stdout.trim()) }
}

/** Reads `https://host/owner/name.git`, `git@host:owner/name.git` and `ssh://git@host/owner/name`. Throws `ConfigError`. */
export function parseRemote(url: string): Omit<Repository, 'folder'> {
  const match =
    /^(?:https?|ssh|git):\/\/(?:[^@/]*@)?([^/:]+)(?::\d+)?\/([\w.-]+)\/([\w.-]+?)(?:\.git)?\/?$/.exec(
      url,
    ) ?? /^(?:[^@/]+@)?([^/:]+):([\w.-]+)\/([\w.-]+?)(?:\.git)?\/?$/.exec(url)
  const [, host, owner, name] = match ?? []
  if (host === undefined || owner === undefined || name === undefined)
    throw new ConfigError(
      `The remote "origin" must be https://github.com/<owner>/<name> or git@github.com:<owner>/<name>; got ${JSON.stringify(withoutUser(url))}.`,
    )
  return { host, owner, name }
}

/** The label that pins a runner to one repository: no other repository's jobs ask for it. */
export function runnerLabel({ owner, name }: Pick<Repository, 'owner' | 'name'>): string {
  const hash = createHash('sha256').update(`${owner}/${name}`.toLowerCase()).digest('hex')
  return `harnext-${hash.slice(0, 7)}`
}

/** A clone's address may hold a token. */
function withoutUser(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//…@')
}

/** GitHub by the `gh` program, which has the person's login. */
export class GitHub {
  readonly #repository: Repository
  readonly #processes: Processes

  constructor(repository: Repository, processes: Processes) {
    this.#repository = repository
    this.#processes = processes
  }

  /** Calls the REST API below the repository. Throws `ConfigError` for what GitHub refuses. */
  async api(method: 'GET' | 'POST' | 'DELETE', path: string, body?: Json): Promise<Json> {
    const { code, stdout, stderr } = await this.tryApi(method, path, body)
    if (code !== 0)
      throw new ConfigError(`GitHub refused ${method} ${this.#path(path)}: ${stderr.trim()}`)
    if (stdout.trim() === '') return null
    try {
      return JSON.parse(stdout) as Json
    } catch (error) {
      throw new ConfigError(
        `GitHub's answer to ${method} ${this.#path(path)} is not JSON: ${messageOf(error)}`,
        { cause: error },
      )
    }
  }

  /** The names of all labels of the repository. */
  async labels(): Promise<readonly string[]> {
    const names: string[] = []
    for (let page = 1; ; page += 1) {
      const answer = await this.api('GET', `labels?per_page=100&page=${page}`)
      const labels = Array.isArray(answer) ? answer : []
      names.push(...labels.flatMap(nameOf))
      if (labels.length < 100) return names
    }
  }

  /** `api`, with the outcome as it is. Throws `ConfigError` where there is no `gh`. */
  async tryApi(method: string, path: string, body?: Json): Promise<Completed> {
    const { host } = this.#repository
    const call: ProgramCall = {
      program: 'gh',
      args: [
        'api',
        ...(host === 'github.com' ? [] : ['--hostname', host]),
        '--method',
        method,
        this.#path(path),
        ...(body === undefined ? [] : ['--input', '-']),
      ],
      ...(body !== undefined && { input: JSON.stringify(body) }),
    }
    const completed = await this.#processes.run(call)
    if (completed.code === 127)
      throw new ConfigError(
        "The program gh was not found. Install GitHub's command line, and log in with: gh auth login",
      )
    return completed
  }

  #path(path: string): string {
    const { owner, name } = this.#repository
    return `repos/${owner}/${name}${path === '' ? '' : `/${path}`}`
  }
}

function nameOf(label: Json): readonly string[] {
  const name = isJsonObject(label) ? label['name'] : undefined
  return typeof name === 'string' ? [name] : []
}
