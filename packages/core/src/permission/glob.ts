import { foldName, foldPattern, segmentsOf } from './fold.ts'
import { compileSegment, matchTokens, type Token } from './wildcard.ts'

/** What the anchors of a path glob stand for: absolute real paths. */
export interface Anchors {
  /** The first is the working directory. */
  readonly roots: readonly string[]
  readonly home?: string
}

/** What a glob says about a path. */
export interface GlobMatch {
  /** It matches the path itself. */
  readonly path: boolean
  /** It matches everything below the path. */
  readonly tree: boolean
  /** It may match something below the path. */
  readonly inside: boolean
}

/** What a text with `{a,b}` may grow to. */
const maximumAlternatives = 256
const maximumLength = 4096

/**
 * Path globs are compared by segment: `*` and `?` stay within one, `**` is any number of them, `[a-z]` a set, `{a,b}` alternatives,
 * `\` makes the next character stand for itself. `./` is the root, `~/` the home, `/` the file system. What has no anchor is taken
 * as in a gitignore: with a slash inside it lies at the root (`src/*.ts`), without one at any depth below it (`.env`).
 *
 * `strict` is how a rule that allows is read: letter by letter, under the first root, and never more than it says.
 * Otherwise (deny, ask) case and look-alike spellings do not count, `./` is every root, a glob without an anchor holds anywhere on
 * the disk, and one that names a folder covers what is in it.
 */
export function matchGlob(
  glob: string,
  path: string,
  anchors: Anchors,
  strict: boolean,
): GlobMatch {
  const names = segmentsOf(path)
  const segments = strict ? names : names.map(foldName)
  const matches = expandBraces(glob).flatMap((each) =>
    anchor(each, anchors, strict).map((anchored) =>
      strict ? matchStrictly(anchored, segments) : matchLeniently(anchored, segments),
    ),
  )
  return {
    path: matches.some((match) => match.path),
    tree: matches.some((match) => match.tree),
    inside: matches.some((match) => match.inside),
  }
}

/** Why this is no path glob, or `null`. */
export function globProblem(glob: string): string | null {
  if (glob.trim() === '') return 'the pattern is empty'
  if (glob.includes('\0')) return 'a path has no NUL'
  if (/^~[^/]/.test(glob)) return 'after ~ comes a slash: the home of another user is not known'
  if (glob.length > maximumLength) return `the pattern is longer than ${maximumLength} characters`
  if (expandBraces(glob).length > maximumAlternatives)
    return `{..} gives more than ${maximumAlternatives} alternatives`
  return null
}

/** The glob that stands for this very path, written from the root or the home where it lies in one. */
export function globOf(path: string, anchors: Anchors, tree = false): string {
  const relativeTo = (folder: string | undefined): string | undefined =>
    folder !== undefined && folder !== '/' && path.startsWith(`${folder}/`)
      ? path.slice(folder.length)
      : undefined
  const root = anchors.roots[0]
  const inRoot = relativeTo(root)
  const inHome = relativeTo(anchors.home)
  const text = (value: string): string => value.replace(/[\\*?[\]{},]/g, '\\$&')
  const below = tree ? '/**' : ''
  if (path === root) return tree ? './**' : '.'
  if (inRoot !== undefined) return `.${text(inRoot)}${below}`
  if (inHome !== undefined) return `~${text(inHome)}${below}`
  if (path === '/') return tree ? '/**' : '/.'
  return text(path) + below
}

function matchStrictly(pattern: readonly Segment[], path: readonly string[]): GlobMatch {
  const walked = walk(pattern, path)
  const endsOpen = pattern.at(-1) === '**'
  // `src/**` is what lies below `src`, not `src` itself.
  const exact = endsOpen ? walk([...pattern, starSegment], path).accepted : walked.accepted
  return { path: exact, tree: endsOpen && walked.accepted, inside: walked.alive }
}

function matchLeniently(pattern: readonly Segment[], path: readonly string[]): GlobMatch {
  const walked = walk(pattern, path)
  const covered = walked.accepted || walked.passed
  return { path: covered, tree: covered, inside: covered || walked.alive }
}

type Segment = '**' | readonly Token[]
const starSegment: Segment = [{ type: 'star' }]

/**
 * Follows all ways through the pattern at once. `accepted`: the whole path matches; `passed`: a folder above it did; `alive`:
 * something below it could.
 */
function walk(
  pattern: readonly Segment[],
  path: readonly string[],
): { readonly accepted: boolean; readonly passed: boolean; readonly alive: boolean } {
  const end = pattern.length
  let states = closure(pattern, new Set([0]))
  let passed = false
  for (const name of path) {
    passed ||= states.has(end)
    const next = new Set<number>()
    for (const state of states) {
      const segment = pattern[state]
      if (segment === '**') next.add(state)
      else if (segment && matchTokens(segment, name)) next.add(state + 1)
    }
    states = closure(pattern, next)
  }
  return { accepted: states.has(end), passed, alive: [...states].some((state) => state < end) }
}

/** `**` may stand for nothing. */
function closure(pattern: readonly Segment[], states: ReadonlySet<number>): Set<number> {
  const all = new Set<number>()
  for (let state of states) {
    all.add(state)
    while (pattern[state] === '**') all.add(++state)
  }
  return all
}

/** The patterns from `/` that a glob stands for; none when its anchor is not known. */
function anchor(glob: string, anchors: Anchors, strict: boolean): Segment[][] {
  const compile = (text: string, base: string): Segment[] => {
    const names = [...segmentsOf(base).map(literal), ...segmentsOf(text)]
    const open = text.endsWith('/') ? ['**'] : []
    return normalise([...names, ...open]).map((name) =>
      name === '**' ? name : compileSegment(strict ? name : foldPattern(name)),
    )
  }
  const roots = strict ? anchors.roots.slice(0, 1) : anchors.roots
  if (glob.startsWith('/')) return [compile(glob, '/')]
  if (glob === '~' || glob.startsWith('~/'))
    return anchors.home === undefined ? [] : [compile(glob.slice(1), anchors.home)]
  const isDeep = /^\*\*(\/|$)/.test(glob)
  const isName = !/.\/./.test(glob) && !/^\.\.?(\/|$)/.test(glob)
  if (!isDeep && !isName) return roots.map((root) => compile(glob, root))
  const deep = isDeep ? glob : `**/${glob}`
  return strict ? roots.map((root) => compile(deep, root)) : [compile(deep, '/')]
}

/** Resolves `.` and `..` by the text. */
function normalise(names: readonly string[]): string[] {
  const result: string[] = []
  for (const name of names) {
    if (name === '..') result.pop()
    else if (name !== '.' && !(name === '**' && result.at(-1) === '**')) result.push(name)
  }
  return result
}

function literal(name: string): string {
  return name.replace(/[\\*?[\]]/g, '\\$&')
}

/** All texts that `{a,b}` stands for, `{` without its `}` for itself. Stops at the limit. */
function expandBraces(glob: string): string[] {
  const done: string[] = []
  const open = [glob]
  for (let text = open.pop(); text !== undefined; text = open.pop()) {
    const brace = firstBrace(text)
    if (!brace) done.push(text)
    else
      for (const part of brace.parts)
        open.push(text.slice(0, brace.start) + part + text.slice(brace.end + 1))
    if (done.length + open.length > maximumAlternatives) return [...done, ...open]
  }
  return done
}

/** The first `{..}` that has a comma of its own. */
function firstBrace(
  text: string,
): { readonly start: number; readonly end: number; readonly parts: readonly string[] } | null {
  for (let start = nextOpen(text, 0); start >= 0; start = nextOpen(text, start + 1)) {
    let depth = 0
    let from = start + 1
    const parts: string[] = []
    for (let at = start; at < text.length; at++) {
      const char = text[at]
      if (char === '\\') at++
      else if (char === '{') depth++
      else if (char === ',' && depth === 1) {
        parts.push(text.slice(from, at))
        from = at + 1
      } else if (char === '}' && --depth === 0) {
        if (parts.length === 0) break
        return { start, end: at, parts: [...parts, text.slice(from, at)] }
      }
    }
  }
  return null
}

function nextOpen(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '{') return at
  }
  return -1
}
