import { compilePath } from './path-pattern.ts'

/** What a `.gitignore` says about an entry: it is ignored, it is taken back, or nothing. */
export type IgnoreVerdict = boolean | null
/** `names`: from the folder of the file down to the entry. */
export type IgnoreRules = (names: readonly string[], isFolder: boolean) => IgnoreVerdict

interface Rule {
  readonly ignores: boolean
  readonly folderOnly: boolean
  matches(names: readonly string[]): boolean
}

/** The rules of one `.gitignore`; the last that matches counts. See gitignore(5). */
export function parseGitignore(text: string): IgnoreRules {
  const rules = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map(parseRule)
    .filter((rule) => rule !== null)
    .toReversed()
  return (names, isFolder) => {
    const rule = rules.find((each) => (isFolder || !each.folderOnly) && each.matches(names))
    return rule ? rule.ignores : null
  }
}

function parseRule(line: string): Rule | null {
  const trimmed = line.replace(/(?<!\\)[ \t]+$/, '')
  if (trimmed === '' || trimmed.startsWith('#')) return null
  const ignores = !trimmed.startsWith('!')
  const pattern = ignores ? trimmed : trimmed.slice(1)
  const folderOnly = pattern.endsWith('/')
  const path = folderOnly ? pattern.slice(0, -1) : pattern
  const names = path.split('/').filter((name, index) => name !== '' || index > 0)
  if (names.length === 0) return null
  // With a slash inside or in front it is anchored; `a/**` is what lies in `a`, not `a` itself.
  const anchored = path.includes('/')
  const inside = names.at(-1) === '**' ? ['*'] : []
  const matches = compilePath([...(anchored ? [] : ['**']), ...names, ...inside])
  return { ignores, folderOnly, matches }
}
