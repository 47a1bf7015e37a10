// In place of git, gh and systemctl, so that the examples on pipelines need no repository, no login and no network.
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Processes, ProgramCall } from '@harnext/pipeline'

export interface StandIn {
  /** A folder in place of a clone. */
  readonly repo: string
  readonly processes: Processes
  remove(): Promise<void>
}

export async function standInGitHub(): Promise<StandIn> {
  const repo = await mkdtemp(path.join(tmpdir(), 'harnext-example-'))
  const labels: unknown[] = []
  const runners: unknown[] = []
  let isActive = false

  async function answer({ program, args, input = '' }: ProgramCall): Promise<string | undefined> {
    const words = args.join(' ')
    if (program === 'git') return 'https://github.com/acme/app.git'
    if (program === 'gh' && words.includes('/labels')) {
      if (words.includes('POST')) labels.push(JSON.parse(input))
      return JSON.stringify(labels)
    }
    if (program === 'gh' && words.includes('/downloads')) return JSON.stringify(downloads)
    if (program === 'gh' && words.includes('DELETE')) runners.pop()
    if (program === 'gh' && words.includes('/runners')) return JSON.stringify({ runners })
    if (program === 'gh') return JSON.stringify({ private: true })
    if (program === 'tar') await writeFile(path.join(args.at(-1) ?? '', 'run.sh'), '')
    if (words.includes('restart')) {
      isActive = true
      const name = /harnext-\w+/.exec(words)?.[0]
      runners.push({ id: 1, name: `${name}-box`, status: 'online' })
    }
    if (words.includes('disable')) isActive = false
    return words.includes('is-active') && !isActive ? undefined : ''
  }

  return {
    repo,
    processes: {
      async run(call) {
        const stdout = await answer(call)
        return { code: stdout === undefined ? 1 : 0, stdout: stdout ?? '', stderr: '' }
      },
      async *lines() {
        yield `${new Date().toISOString().slice(0, 19).replace('T', ' ')}Z: Running job: work`
        yield `${new Date().toISOString().slice(0, 19).replace('T', ' ')}Z: Job work completed with result: Succeeded`
      },
    },
    remove: () => rm(repo, { recursive: true }),
  }
}

const archive = Buffer.from('an archive')
const downloads = [
  {
    os: 'linux',
    architecture: 'x64',
    download_url: `data:application/gzip;base64,${archive.toString('base64')}`,
    sha256_checksum: createHash('sha256').update(archive).digest('hex'),
  },
]
