import { isBelow, isSensitivePath, type Effect, type Workspace } from '@harnext/core'
import { analyse, below, type Located } from './analyse.ts'
import type { LookFinding, PathFinding } from './finding.ts'
import { expandGlob } from './glob-paths.ts'
import { loadParser } from './parse.ts'
import { plainRepository } from './repository.ts'
import { secretsBelow } from './secrets-below.ts'
import { isDynamic, literal, makeWord, type ShellWord } from './syntax.ts'

/**
 * What a command line would do: each of its commands, redirections and paths, the paths as they are on the disk now. `part` is the
 * command that an effect belongs to. A line of which every command only reads has nothing but `read` effects. What is not understood
 * is `unknown`.
 */
export async function shellEffects(line: string, workspace: Workspace): Promise<readonly Effect[]> {
  const parse = await loadParser()
  const effects: Effect[] = []
  const all = analyse(line, parse)
  // What another part of the line makes may be a repository that is not there yet.
  const onlyReads = all.every(({ finding: { kind } }) => /^(?:named|read|look)$/.test(kind))
  for (const located of all) {
    const { finding } = located
    const isDoubted = finding.kind === 'look' && !onlyReads
    const { part } = finding
    if (isDoubted && part !== undefined) effects.push({ kind: 'execute', target: part, part })
    else effects.push(...(await toEffects(located, workspace)))
  }
  return distinct(effects)
}

async function toEffects({ finding, folders }: Located, workspace: Workspace): Promise<Effect[]> {
  switch (finding.kind) {
    case 'execute':
      return [{ kind: 'execute', target: finding.target, part: finding.part }]
    case 'look':
      return lookEffects(finding, folders, workspace)
    case 'named':
      return [{ kind: 'read', target: workspace.roots[0] ?? '/', part: finding.part }]
    case 'network':
      return [{ kind: 'network', target: finding.host, part: finding.part }]
    case 'unknown':
      return [unknown(finding.part, finding.why)]
    case 'read':
    case 'write':
      return pathEffects(finding, folders, workspace)
  }
}

/** In each folder that it may run in. */
async function lookEffects(
  { part, shows }: LookFinding,
  folders: Located['folders'],
  workspace: Workspace,
): Promise<Effect[]> {
  const effects: Effect[] = [{ kind: 'read', target: workspace.roots[0] ?? '/', part }]
  for (const folder of folders ?? [elsewhere]) {
    const path = literal(folder)
    const repository = path === null ? null : await plainRepository(path, workspace)
    if (path === null || !repository) return [{ kind: 'execute', target: part, part }]
    const secretFiles = repository.tracked
      .map((file) => `${repository.top}/${file.path}`)
      .filter((file) => shows && isSensitivePath(file, workspace.home))
    const named = shows && (await namedPaths(shows, path, workspace))
    for (const target of secretFiles)
      if (!named?.length || named.some((each) => target === each || isBelow(target, each)))
        effects.push({ kind: 'read', target, part })
  }
  return effects
}

/** The files and folders among the words, which may be revisions too; none where one may be a pattern. */
async function namedPaths(
  words: readonly ShellWord[],
  folder: string,
  workspace: Workspace,
): Promise<readonly string[]> {
  const found: string[] = []
  for (const word of words) {
    const name = literal(word)
    if (name === null || /[*?[:\\]/.test(name)) return []
    const { path } = await workspace.resolve(name.startsWith('/') ? name : `${folder}/${name}`)
    if (await workspace.stat(path)) found.push(path)
  }
  return found
}

function unknown(part: string | undefined, detail: string): Effect {
  return { kind: 'unknown', ...(part !== undefined && { part }), detail }
}

async function pathEffects(
  finding: PathFinding,
  folders: Located['folders'],
  workspace: Workspace,
): Promise<Effect[]> {
  const { path, part, perhaps } = finding
  const isRelative = below(elsewhere, path) !== path
  const unclear = isDynamic(path) || (folders === null && isRelative)
  if (unclear && perhaps) return []
  if (unclear)
    return [unknown(part, `which path ${path.written} is can only be known when it runs`)]
  const effects: Effect[] = []
  for (const folder of isRelative ? (folders ?? []) : [path]) {
    const from = isRelative ? below(folder, path) : path
    try {
      effects.push(...(await effectsOf(finding, from, workspace)))
    } catch (error) {
      if (!perhaps) effects.push(unknown(part, `${path.written} is no path: ${String(error)}`))
    }
  }
  return effects
}

const elsewhere: ShellWord = makeWord([{ type: 'dynamic' }])

async function effectsOf(
  finding: PathFinding,
  path: ShellWord,
  workspace: Workspace,
): Promise<Effect[]> {
  const { kind, part, tree, perhaps, into } = finding
  const expanded = await expandGlob(path, workspace)
  if (expanded.options && !perhaps)
    return [unknown(part, 'a file among those that it names looks like an option')]
  const effects: Effect[] = []
  for (const found of expanded.paths) {
    if (perhaps && !(await isWorthNaming(found, workspace))) continue
    for (const name of await namesIn(found, into, workspace)) {
      const target = (await workspace.resolve(name)).path
      const isTree = tree === true || expanded.tree
      effects.push({ kind, target, part, ...(isTree && { tree: true }) })
      if (kind === 'read' && isTree) {
        // The names that stand for the tree here may be links.
        const searched: PathFinding = expanded.tree ? { ...finding, follows: true } : finding
        effects.push(...(await secrets(target, searched, workspace)))
      }
    }
  }
  return effects
}

/** Programs and libraries of the system are named all the time, and hold no secrets. */
async function isWorthNaming(path: string, workspace: Workspace): Promise<boolean> {
  if (/^\/(?:usr|bin|sbin|lib|lib64|opt|nix)(?:\/|$)|^\/dev\/(?:null|std\w+|tty)$/.test(path))
    return false
  // What is no longer there may be in the history.
  return isSensitivePath(path, workspace.home) || (await workspace.stat(path)) !== null
}

async function namesIn(
  path: string,
  into: readonly string[] | undefined,
  workspace: Workspace,
): Promise<readonly string[]> {
  if (!into) return [path]
  const info = await workspace.stat(path)
  if (info?.kind !== 'directory') return [path]
  return into.map((name) => `${path}/${name}`)
}

async function secrets(
  folder: string,
  { part, visible, follows }: PathFinding,
  workspace: Workspace,
): Promise<Effect[]> {
  const found = await secretsBelow(folder, {
    workspace,
    isSecret: (path) => isSensitivePath(path, workspace.home),
    ...(visible && { visible }),
    follows: follows === true,
  })
  if (found === null)
    return visible && !follows
      ? []
      : [unknown(part, `${folder} is too large to look for secrets in it`)]
  return found.map((target) => ({ kind: 'read', target, part }))
}

function distinct(effects: readonly Effect[]): readonly Effect[] {
  return [...new Map(effects.map((effect) => [JSON.stringify(effect), effect])).values()]
}
