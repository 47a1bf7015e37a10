import type { Workspace } from '@harnext/core'
import { compileName } from '../../tree/wildcard.ts'
import type { ShellWord } from './syntax.ts'

const maximumPaths = 100

export interface GlobPaths {
  readonly paths: readonly string[]
  /** There are more than could be listed: the paths are the folders that hold them. */
  readonly tree: boolean
  /** One begins with a dash, so that a program takes it for an option. */
  readonly options: boolean
}

/**
 * The paths that a shell makes of a word, as the disk is now: all that a pattern matches, else the word itself. Hidden names are matched
 * only by a pattern that begins with a dot; where that could mean `.env`, it counts as if it were there.
 */
export async function expandGlob(word: ShellWord, workspace: Workspace): Promise<GlobPaths> {
  const segments = toSegments(word, workspace.home)
  if (!segments.some((segment) => segment.pattern))
    return { paths: [segments.map(({ text }) => text).join('/')], tree: false, options: false }
  let paths: string[] = []
  let isFirst = true
  for (const { text, pattern } of segments) {
    const parents = isFirst ? [''] : paths
    const found: string[] = []
    for (const parent of parents)
      for (const name of pattern
        ? await matching(parent, isFirst, pattern, text, workspace)
        : [text])
        found.push(isFirst ? name : `${parent}/${name}`)
    if (found.length > maximumPaths)
      return {
        paths: parents.map((parent) => parent || (isFirst ? '.' : '/')),
        tree: true,
        options: false,
      }
    paths = found
    isFirst = false
  }
  const written = segments.map(({ text }) => text).join('/')
  return {
    paths: paths.length ? paths : [written],
    tree: false,
    options: word.pieces[0]?.type === 'glob' && paths.some((path) => path.startsWith('-')),
  }
}

interface Segment {
  readonly text: string
  /** Absent: the name itself. */
  readonly pattern?: (name: string) => boolean
}

function toSegments({ pieces }: ShellWord, home: string | undefined): readonly Segment[] {
  const segments: { text: string; source: string; isPattern: boolean }[] = []
  const current = () => {
    const last = segments.at(-1)
    if (last) return last
    const first = { text: '', source: '', isPattern: false }
    segments.push(first)
    return first
  }
  const addText = (value: string): void => {
    for (const [index, name] of value.split('/').entries()) {
      if (index > 0) segments.push({ text: '', source: '', isPattern: false })
      const segment = current()
      segment.text += name
      segment.source += escape(name)
    }
  }
  for (const piece of pieces) {
    if (piece.type === 'text') addText(piece.value)
    else if (piece.type === 'home') addText(home ?? '~')
    else if (piece.type === 'glob') {
      const segment = current()
      segment.text += piece.value
      segment.source += globSource(piece.value)
      segment.isPattern = true
    }
  }
  current()
  return segments.map(({ text, source, isPattern }) => ({
    text,
    ...(isPattern && { pattern: compileName(source) }),
  }))
}

function escape(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&')
}

/** A set that holds more than plain characters may be any character. */
function globSource(glob: string): string {
  if (!glob.startsWith('[')) return glob
  return /^\[[!^]?[\w.-]+\]$/.test(glob) ? glob : '?'
}

async function matching(
  parent: string,
  isFirst: boolean,
  pattern: (name: string) => boolean,
  text: string,
  workspace: Workspace,
): Promise<readonly string[]> {
  const hidden = text.startsWith('.')
  const folder = isFirst ? '.' : parent || '/'
  const names = await list(folder, workspace)
  const found = names.filter((name) => (hidden || !name.startsWith('.')) && pattern(name))
  if (hidden && pattern('.env') && !found.includes('.env')) found.push('.env')
  return found
}

/** What cannot be listed has no names that a shell could find. */
async function list(folder: string, workspace: Workspace): Promise<readonly string[]> {
  const info = await workspace.stat(folder).catch(() => null)
  if (info?.kind !== 'directory') return []
  return (await workspace.readDirectory(folder)).map(({ name }) => name)
}
