import { execFileSync } from 'node:child_process'
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { decide } from '@harnext/core'
import { describe, expect, test, vi } from 'vitest'
import { shellEffects } from '../../../src/shell/analysis/effects.ts'
import { place, type Place } from '../../helpers.ts'
import { harmless, hostile } from './lines-of-a-day.ts'

vi.setConfig({ testTimeout: 60_000 })

const files = {
  'package.json': '{}',
  'README.md': '# a\n',
  'NOTES.md': 'b\n',
  'src/a.ts': 'export const a = 1\n',
  'src/b.ts': "import { a } from './a.ts'\n",
}

/** A project as Git keeps one, with settings as it and `git clone` write them. */
async function repository(more: { readonly [path: string]: string } = {}): Promise<Place> {
  const made = await place({ ...files, ...more })
  const git = gitIn(made)
  git('init', '-q', '-b', 'main')
  git('remote', 'add', 'origin', 'https://example.com/a.git')
  git('config', 'user.email', 'ada@example.com')
  git('config', 'branch.main.remote', 'origin')
  git('add', '.')
  git('-c', 'user.name=ada', 'commit', '-q', '-m', 'begin')
  return made
}

function gitIn({ root, home }: Place, folder = root) {
  const env = { PATH: process.env['PATH'], HOME: home, GIT_CONFIG_NOSYSTEM: '1' }
  return (...args: readonly string[]): void =>
    void execFileSync('git', args, { cwd: folder, env, stdio: 'pipe' })
}

async function decisionOn(line: string, { root, home, workspace }: Place) {
  const effects = await shellEffects(line, workspace)
  const call = { tool: 'bash', args: { command: line } }
  return decide({ mode: 'manual', rules: [], call, effects, roots: [root], home })
}

test('what only reads in the project is not asked about', async () => {
  const made = await repository()
  const asked: string[] = []
  for (const line of harmless) {
    const { decision, reason } = await decisionOn(line, made)
    if (decision !== 'allow') asked.push(`${line}: ${reason}`)
  }
  expect(asked).toEqual([])
})

test('what does more is never allowed', async () => {
  const made = await repository({ '.env': 'KEY=1' })
  const allowed: string[] = []
  for (const line of hostile)
    if ((await decisionOn(line, made)).decision === 'allow') allowed.push(line)
  expect(allowed).toEqual([])
})

/** The same to a shell. */
const writings: readonly ((option: string) => string)[] = [
  (word) => `\\${word}`,
  (word) => `'${word}'`,
  (word) => `""${word}`,
  (word) => `$'${word}'`,
  (word) => `"${word[0]}"${word.slice(1)}`,
  (word) => `${word.slice(0, 2)}''${word.slice(2)}`,
]

test('however its words are written', async () => {
  const made = await repository({ '.env': 'KEY=1' })
  const allowed: string[] = []
  for (const line of hostile)
    for (const write of writings)
      for (const words of [/(?<= )-[\w-]+(?=[ ;=]|$)/g, /(?<= )[\w./-]+(?=[ ;]|$)/g]) {
        const written = line.replaceAll(words, write)
        if ((await decisionOn(written, made)).decision === 'allow') allowed.push(written)
      }
  expect(allowed).toEqual([])
})

describe('a look of git is a command where the repository can name a program', () => {
  const hook = '#!/bin/sh\n'
  test.each<readonly [string, (made: Place) => Promise<void> | void]>([
    ['a setting', (made) => gitIn(made)('config', 'core.fsmonitor', './evil')],
    ['a setting in capitals', (made) => gitIn(made)('config', 'CORE.FSMonitor', './evil')],
    ['a diff driver', (made) => gitIn(made)('config', 'diff.x.textconv', './evil')],
    ['a filter', (made) => gitIn(made)('config', 'filter.x.clean', './evil')],
    ['an include', (made) => gitIn(made)('config', 'include.path', '../evil')],
    ['a promised object', (made) => gitIn(made)('config', 'remote.origin.promisor', 'true')],
    [
      'a setting behind a section',
      ({ root }) => writeFile(join(root, '.git/config'), '[core] fsmonitor = ./evil\n'),
    ],
    [
      'a setting that goes on',
      ({ root }) => writeFile(join(root, '.git/config'), '[user]\n name = a\\\n[core]\n'),
    ],
    [
      'a setting of a working tree',
      ({ root }) => writeFile(join(root, '.git/config.worktree'), '[core]\n\tfsmonitor = ./evil\n'),
    ],
    [
      'a hook',
      async ({ root }) => {
        const file = join(root, '.git/hooks/post-index-change')
        await mkdir(join(root, '.git/hooks'), { recursive: true })
        await writeFile(file, hook)
        await chmod(file, 0o755)
      },
    ],
    [
      'a submodule',
      (made) =>
        gitIn(made)('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},src/sub`),
    ],
  ])('%s', async (_name, change) => {
    const made = await repository()
    expect((await decisionOn('git status', made)).decision).toBe('allow')
    await change(made)
    const { decision, reason } = await decisionOn('git status', made)
    expect(decision).toBe('ask')
    expect(reason).toContain('execute git status')
  })

  test('where a folder is itself a repository, and where there is none', async () => {
    const made = await repository()
    gitIn(made)('init', '-q', '--bare', 'src/bare')
    expect((await decisionOn('cd src/bare && git log', made)).decision).toBe('ask')
    // Git passes over a `.git` that is none.
    const config = join(made.root, 'src/bare/.git/config')
    await mkdir(dirname(config))
    await writeFile(config, '')
    expect((await decisionOn('cd src/bare && git log', made)).decision).toBe('ask')
    gitIn(made)('init', '-q', 'src/other')
    expect((await decisionOn('cd src/other && git log', made)).decision).toBe('allow')
    await rm(join(made.root, 'src/other/.git/refs'), { recursive: true })
    expect((await decisionOn('cd src/other && git log', made)).decision).toBe('ask')
    expect((await decisionOn('git log', await place(files))).decision).toBe('ask')
  })

  test('in a further working tree it is a look, too', async () => {
    const made = await repository()
    gitIn(made)('worktree', 'add', '-q', 'tree')
    const inTree = 'cd tree && git status'
    expect((await decisionOn(inTree, made)).decision).toBe('allow')
    gitIn(made)('config', 'diff.external', './evil')
    expect((await decisionOn(inTree, made)).decision).toBe('ask')
  })

  test('what the rest of the line makes may be a repository', async () => {
    const made = await repository()
    for (const line of ['npm test && git status', 'cp -r src x && cd x && git status'])
      expect((await decisionOn(line, made)).reason).toContain('execute git status')
  })

  test('it shows secrets that are tracked', async () => {
    const made = await repository({ 'src/server.pem': 'key', 'docs/a.md': 'a' })
    for (const line of ['git diff', 'git log -p', 'git grep x', 'git diff src', 'git show'])
      expect((await decisionOn(line, made)).reason).toContain('read src/server.pem')
    for (const line of ['git diff docs', 'git diff --stat', 'git log', 'git show HEAD:README.md'])
      expect((await decisionOn(line, made)).decision).toBe('allow')
    expect((await decisionOn('git show HEAD:src/server.pem', made)).decision).toBe('ask')
  })
})
