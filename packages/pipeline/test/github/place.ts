import { execFile } from 'node:child_process'
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { machineProcesses, type Processes } from '../../src/processes.ts'
import { temporary } from '../temporary.ts'
import { githubServer, type GitHubServer } from './server.ts'

const run = promisify(execFile)

/** A repository on the GitHub of the tests, and a clone of it. */
export interface Place {
  readonly root: string
  /** A clone with one commit, whose remote `origin` says GitHub. */
  readonly clone: string
  /** The repository itself. */
  readonly origin: string
  /** Holds `gh`. */
  readonly bin: string
  readonly server: GitHubServer
  /** As the owner of the repository. */
  readonly processes: Processes
  git(...args: readonly string[]): Promise<string>
}

export async function makePlace(): Promise<Place> {
  const root = await temporary()
  const [clone, origin, bin] = ['clone', 'origin.git', 'bin'].map((name) =>
    path.join(root, name),
  ) as [string, string, string]
  await mkdir(bin)
  await copyFile(path.join(import.meta.dirname, 'gh.mjs'), path.join(bin, 'gh'))
  await chmod(path.join(bin, 'gh'), 0o755)
  await writeFile(path.join(bin, 'package.json'), '{"type":"module"}')
  const env = { ...process.env, ...author, GIT_CONFIG_GLOBAL: '/dev/null' }
  const git = async (...args: readonly string[]): Promise<string> =>
    (await run('git', [...args], { cwd: clone, env })).stdout
  await run('git', ['init', '--quiet', '--bare', '--initial-branch=main', origin], { env })
  await run('git', ['clone', '--quiet', origin, clone], { env })
  await writeFile(path.join(clone, 'answer.txt'), '41\n')
  await git('checkout', '--quiet', '-B', 'main')
  await git('add', '.')
  await git('commit', '--quiet', '-m', 'begin')
  await git('push', '--quiet', 'origin', 'main')
  await git('remote', 'set-url', 'origin', 'https://github.com/acme/app.git')
  const server = await githubServer({
    repository: 'acme/app',
    merge: (head, base, sha) => squash(origin, head, base, sha),
  })
  const own = {
    PATH: `${bin}:${process.env['PATH']}`,
    GH_LOOPBACK: server.url,
    GH_TOKEN: 'owner-token',
  }
  const processes: Processes = {
    run: (call) => machineProcesses.run({ ...call, env: { ...own, ...call.env } }),
    lines: (call) => machineProcesses.lines({ ...call, env: { ...own, ...call.env } }),
  }
  return { root, clone, origin, bin, server, processes, git }
}

const author = {
  GIT_AUTHOR_NAME: 'test',
  GIT_AUTHOR_EMAIL: 'test@example.com',
  GIT_COMMITTER_NAME: 'test',
  GIT_COMMITTER_EMAIL: 'test@example.com',
}

/** One commit with all of the branch, as the button of GitHub makes it. False where the branch is not what was reviewed. */
async function squash(origin: string, head: string, base: string, sha: string): Promise<boolean> {
  const git = async (...args: readonly string[]): Promise<string> =>
    (await run('git', args, { cwd: origin, env: { ...process.env, ...author } })).stdout.trim()
  if ((await git('rev-parse', head)) !== sha) return false
  const tree = await git('merge-tree', '--write-tree', base, head)
  const message = await git('log', '-1', '--format=%B', head)
  const commit = await git('commit-tree', tree, '-p', base, '-m', message)
  await git('update-ref', `refs/heads/${base}`, commit)
  await git('update-ref', '-d', `refs/heads/${head}`)
  return true
}
