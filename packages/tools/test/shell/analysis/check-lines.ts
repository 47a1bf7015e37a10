import {
  mkdtemp,
  mkdir,
  readFile,
  readdir,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decide, isBelow, parseRules, type Effect } from '@harnext/core'
import { localWorkspace } from '@harnext/core/node'
import { shellEffects } from '../../../src/shell/analysis/effects.ts'
import { loadParser } from '../../../src/shell/analysis/parse.ts'
import { wordsOf } from '../../../src/shell/analysis/plain/words-of.ts'
import { runConfined } from './confined.ts'
import { commandLine, randomOf } from './generate.ts'
import { mutatedLine } from './mutate.ts'
import { otherParser, type OtherReading } from './tree-sitter.ts'

const named =
  'ls cat echo grep head mkdir touch cp sort find sed awk jq cd uniq tee mv tr cut wc git npm node python3 env xargs timeout printf test diff stat rg true local export f read trap'
const { rules } = parseRules(
  named.split(' ').map((name) => `bash(${name}:*)`),
  'allow',
)

export interface CheckOptions {
  readonly count: number
  readonly seed: number
  /** So many of the allowed lines are run, each on a tree of its own. */
  readonly run: number
}

export interface CheckReport {
  /** Lines in which the analysis found no problem, whatever was decided about them. */
  readonly understood: number
  readonly allowed: number
  readonly ran: number
  /** Lines that are understood, or even allowed, though another parser reads them differently. */
  readonly disputed: readonly string[]
  /** Lines that did more than was decided. */
  readonly exceeded: readonly string[]
}

/** Decides generated command lines, and sees what the allowed ones do. Throws where the analysis throws. */
export async function checkLines({ count, seed, run }: CheckOptions): Promise<CheckReport> {
  const [library, parse, other] = [await import('unbash'), await loadParser(), await otherParser()]
  const tree = await makeTree()
  const allowed: { line: string; effects: readonly Effect[] }[] = []
  const disputed: string[] = []
  let understood = 0
  try {
    const workspace = localWorkspace({ roots: [tree.root], home: tree.home })
    const random = randomOf(seed)
    for (let done = 0; done < count; done++) {
      const line = done % 2 ? mutatedLine(random) : commandLine(random)
      const effects = await shellEffects(line, workspace)
      const call = { tool: 'bash', args: { command: line } }
      const { root, home } = tree
      const roots = [root]
      const verdict = decide({ mode: 'accept_edits', rules, call, effects, roots, home })
      const isAllowed = verdict.decision === 'allow'
      if (isAllowed) allowed.push({ line, effects: relative(effects, tree) })
      const isUnderstood = parse(line).problems.length === 0
      if (isUnderstood) understood++
      if (!isAllowed && !isUnderstood) continue
      const ours = wordsOf(library.parse(line), library.forEachChild)
      if (!isSame(other(line), ours)) disputed.push(line)
    }
  } finally {
    await tree.remove()
  }
  const runnable = allowed.filter(({ effects }) => effects.every(({ kind }) => kind !== 'execute'))
  const step = Math.max(1, Math.floor(runnable.length / Math.max(1, run)))
  const sample = runnable.filter((_, index) => index % step === 0).slice(0, run)
  const exceeded: string[] = []
  for (const { line, effects } of sample) {
    const why = await whatExceeds(line, effects)
    if (why !== null) exceeded.push(`${line}: ${why}`)
  }
  return { understood, allowed: allowed.length, ran: sample.length, disputed, exceeded }
}

function isSame({ words, hasError }: OtherReading, ours: readonly string[]): boolean {
  return !hasError && words.toSorted().join('\n') === ours.toSorted().join('\n')
}

interface Tree {
  readonly base: string
  readonly root: string
  readonly home: string
  remove(): Promise<void>
}

async function makeTree(): Promise<Tree> {
  const base = await realpath(await mkdtemp(join(tmpdir(), 'harnext-lines-')))
  const [root, home, outside] = ['project', 'home', 'outside'].map((name) => join(base, name))
  if (root === undefined || home === undefined || outside === undefined) throw new Error('no tree')
  for (const folder of [join(root, 'src'), join(root, 'x'), home, outside])
    await mkdir(folder, { recursive: true })
  const files = { a: 'a\nb\n', 'b.txt': 'b\n', 'src/a.ts': 'x\n', '.env': 'K=1\n', 'c d': '1\n' }
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, name), text)
  await writeFile(join(home, '.bashrc'), '')
  await symlink(outside, join(root, 'link'))
  return { base, root, home, remove: () => rm(base, { recursive: true, force: true }) }
}

/** With the base taken out, so that they hold for another tree of the same shape. */
function relative(effects: readonly Effect[], { base }: Tree): readonly Effect[] {
  return JSON.parse(JSON.stringify(effects).replaceAll(base, '{BASE}'))
}

async function whatExceeds(line: string, decided: readonly Effect[]): Promise<string | null> {
  const tree = await makeTree()
  try {
    const effects: readonly Effect[] = JSON.parse(
      JSON.stringify(decided).replaceAll('{BASE}', tree.base),
    )
    const before = await contentsOf(tree.base)
    const { stderr } = await runConfined(line, tree)
    if (/read-only file system/i.test(stderr)) return 'it wrote outside of the tree'
    if (/network is unreachable|could not resolve|temporary failure in name/i.test(stderr))
      return 'it used the network'
    const after = await contentsOf(tree.base)
    const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
      (path) => before.get(path) !== after.get(path),
    )
    const beyond = changed.find((path) => !isDecided(path, effects))
    return beyond === undefined ? null : `it changed ${beyond.replace(tree.base, '')}`
  } finally {
    await tree.remove()
  }
}

function isDecided(path: string, effects: readonly Effect[]): boolean {
  return effects.some(
    (effect) =>
      effect.kind === 'write' &&
      (effect.target === path ||
        // `mkdir -p a/b` makes `a` too.
        isBelow(effect.target, path) ||
        (effect.tree === true && isBelow(path, effect.target))),
  )
}

async function contentsOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const contents = new Map<string, string>()
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name)
    contents.set(
      path,
      entry.isFile() ? await readFile(path, 'latin1') : entry.isDirectory() ? '/' : '@',
    )
  }
  return contents
}
