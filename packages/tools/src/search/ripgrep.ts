import { join, relative } from 'node:path'
import { isSensitivePath, type Workspace } from '@harnext/core'
import { ignoredFrom } from '../tree/ignore-levels.ts'
import { skippedFolders } from '../tree/walk.ts'
import type { FoundFile } from './found.ts'
import { listArguments, searchArguments, treeArguments } from './ripgrep-arguments.ts'
import { parseMessage } from './ripgrep-message.ts'
import { runProgram, Unusable } from './run-program.ts'
import type { Results, Search } from './search.ts'

/** More files to keep away from ripgrep than this do not fit on a command line. */
const maxHidden = 500

/** Finds ripgrep outside of the roots: a program that a repository brings along is not run. `null` when there is none. */
export async function findRipgrep(workspace: Workspace): Promise<string | null> {
  const decoder = new TextDecoder()
  let path = ''
  try {
    await workspace.spawn(
      { program: 'sh', args: ['-c', 'command -v rg'] },
      {
        // It takes a moment, and its answer is for later calls too.
        signal: new AbortController().signal,
        onOutput: (chunk, stream) => {
          if (stream === 'stdout') path += decoder.decode(chunk, { stream: true })
        },
      },
    )
    const program = path.trim()
    if (!program.startsWith('/')) return null
    return (await workspace.resolve(program)).inside ? null : program
  } catch {
    // A workspace without processes is searched without them.
    return null
  }
}

/** Whether ripgrep can do this search, and finds what `scanTree` finds. */
export function suitsRipgrep({ pattern, glob }: Search): boolean {
  return pattern.rust !== null && !skippedFolders.some((name) => glob?.mentions(name))
}

/**
 * The search by ripgrep. False when it could not do it, and nothing was added to the results. Files that may hold secrets are found
 * out first, so that it does not look into them.
 */
export async function ripgrepTree(
  program: string,
  search: Search,
  results: Results,
): Promise<boolean> {
  const { folder, workspace, context } = search
  const isIgnored = (await ignoredFrom(folder, workspace)) === null
  const tree = treeArguments(search, isIgnored)
  try {
    const hidden = await listHidden(program, tree, search)
    const reader = new MessageReader(search, results, new Set(hidden.all))
    const args = searchArguments(tree, search.pattern.rust ?? '', context, hidden.all)
    const problems = await runProgram(program, args, search, '\n', (line) => reader.take(line))
    results.left.sensitive += hidden.matching
    results.left.unreadable.push(...problems.filter((path) => isAskedFor(path, search)))
    return true
  } catch (error) {
    if (error instanceof Unusable) return false
    throw error
  }
}

/** `scanTree` does not even look at the others. */
function isAskedFor(path: string, { folder, glob }: Search): boolean {
  const names = relative(folder, path).split('/')
  return !glob || glob.matches(names) || glob.mayHold(names)
}

interface Hidden {
  /** Relative to the folder. */
  readonly all: readonly string[]
  /** How many of them the search would look into. */
  readonly matching: number
}

async function listHidden(
  program: string,
  tree: readonly string[],
  search: Search,
): Promise<Hidden> {
  const { folder, workspace, glob } = search
  const all: string[] = []
  await runProgram(program, listArguments(tree), search, '\0', (path) => {
    const name = path.replace(/^\.\//, '')
    if (isSensitivePath(join(folder, name), workspace.home)) all.push(name)
    return true
  })
  if (all.length > maxHidden) throw new Unusable('too many files to leave out')
  const matching = all.filter((name) => !glob || glob.matches(name.split('/'))).length
  return { all, matching }
}

/** Puts the messages of one run together, file by file. */
class MessageReader {
  readonly #search: Search
  readonly #results: Results
  readonly #hidden: ReadonlySet<string>
  #file: FoundFile | null = null

  constructor(search: Search, results: Results, hidden: ReadonlySet<string>) {
    this.#search = search
    this.#results = results
    this.#hidden = hidden
  }

  /** False when there is no room for more. */
  take(line: string): boolean {
    const message = parseMessage(line)
    switch (message.type) {
      case 'begin':
        this.#file = this.#begin(message.path.replace(/^\.\//, ''))
        return true
      case 'match':
      case 'context':
        this.#file?.add(
          message.number,
          message.text,
          message.type === 'match' ? message.place : null,
        )
        return !this.#file?.isOver() || this.#end()
      case 'end':
        return message.isBinary || this.#end()
      case 'other':
        return true
    }
  }

  #begin(name: string): FoundFile | null {
    const { folder, glob } = this.#search
    if (this.#hidden.has(name) || (glob && !glob.matches(name.split('/')))) return null
    return this.#results.begin(join(folder, name))
  }

  #end(): boolean {
    return this.#file === null || this.#results.add(this.#file)
  }
}
