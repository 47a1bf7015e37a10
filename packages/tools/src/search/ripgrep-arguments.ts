import { skippedFolders } from '../tree/walk.ts'
import type { Search } from './search.ts'

/** Names that mean the same to ripgrep as to `compileName`. */
const plainName = /^[\w.*? @+-]+$/

/** What both runs of ripgrep share: the very files that `walkTree` gives, whatever is configured on the machine. */
export function treeArguments({ glob }: Search, isIgnored: boolean): readonly string[] {
  const names = glob?.lastNames
  const byName = names?.every((name) => plainName.test(name)) ? names : []
  return [
    '--no-config',
    '--hidden',
    '--no-require-git',
    '--no-ignore-dot',
    '--no-ignore-exclude',
    '--no-ignore-global',
    ...(isIgnored ? ['--no-ignore'] : []),
    ...skippedFolders.flatMap((name) => ['--glob', `!${name}`]),
    // A positive `--glob` would also bring back what is ignored; a type does not.
    ...byName.flatMap((name) => ['--type-add', `harnext:${name}`]),
    ...(byName.length ? ['--type', 'harnext'] : []),
  ]
}

export function listArguments(tree: readonly string[]): readonly string[] {
  return [...tree, '--files', '--null', '.']
}

export function searchArguments(
  tree: readonly string[],
  rust: string,
  context: number,
  hidden: readonly string[],
): readonly string[] {
  return [
    ...tree,
    '--json',
    '--sort=path',
    '--crlf',
    '--no-mmap',
    `--context=${context}`,
    ...hidden.flatMap((path) => ['--glob', `!/${path.replace(/[\\*?[\]{}!]/g, '\\$&')}`]),
    // Not `--regexp=`: some versions take a second `=` off the pattern.
    '--regexp',
    rust,
    '.',
  ]
}
