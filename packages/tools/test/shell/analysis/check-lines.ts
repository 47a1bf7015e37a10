import { decide, isBelow, parseRules, type Effect } from '@harnext/core'
import { localWorkspace } from '@harnext/core/node'
import { analyse, type Located } from '../../../src/shell/analysis/analyse.ts'
import { shellEffects } from '../../../src/shell/analysis/effects.ts'
import { loadParser } from '../../../src/shell/analysis/parse.ts'
import { wordsOf } from '../../../src/shell/analysis/plain/words-of.ts'
import { runConfined } from './confined.ts'
import { commandLine, randomOf } from './generate.ts'
import { mutatedLine } from './mutate.ts'
import { otherParser, type OtherReading } from './tree-sitter.ts'
import { contentsOf, makeTree, type Tree } from './tree.ts'

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
      const isUnderstood = parse(line).problems.length === 0
      if (isUnderstood) understood++
      // Its commands are unknown as a whole, which no rule permits; to look up its paths as well takes most of the time.
      else if (done % 10 !== 0) {
        if (!analyse(line, parse).some(isUnknown)) disputed.push(line)
        continue
      }
      const effects = await shellEffects(line, workspace)
      const call = { tool: 'bash', args: { command: line } }
      const { root, home } = tree
      const roots = [root]
      const verdict = decide({ mode: 'accept_edits', rules, call, effects, roots, home })
      const isAllowed = verdict.decision === 'allow'
      if (isAllowed) allowed.push({ line, effects: relative(effects, tree) })
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

function isUnknown({ finding }: Located): boolean {
  return finding.kind === 'unknown' && finding.part === undefined
}

function isSame({ words, hasError }: OtherReading, ours: readonly string[]): boolean {
  return !hasError && words.toSorted().join('\n') === ours.toSorted().join('\n')
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
