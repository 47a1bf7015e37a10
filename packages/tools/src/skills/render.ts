import { readdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Skill } from './skill.ts'

const maxFiles = 10
/** Looked through, so that a large folder does not hold anybody up. */
const maxEntries = 1000

/**
 * A skill as the model gets it: its instructions, and the names of at most ten files beside it. `words`: what stood behind `/name`; it
 * takes the place of `$ARGUMENTS`, `$1` … and `{name}`, or follows the instructions where they have no place for it.
 */
export function renderSkill(skill: Skill, words = ''): string {
  const { name, location } = skill
  const where = location === undefined ? '' : ` location="${escapeAttribute(location)}"`
  const { text, hasPlace } = withWords(skill, words.trim())
  const said = words.trim() !== '' && !hasPlace ? `\n\nUser: ${words.trim()}` : ''
  return `<skill name="${name}"${where}>\n${text}\n</skill>${filesBeside(location)}${said}`
}

function withWords(
  { instructions, args = [] }: Skill,
  words: string,
): { readonly text: string; readonly hasPlace: boolean } {
  const each = words === '' ? [] : words.split(/\s+/)
  let hasPlace = false
  const put = (value: string): string => {
    hasPlace = true
    return value
  }
  // The last named word takes all that is left.
  const named = (index: number): string =>
    index === args.length - 1 ? each.slice(index).join(' ') : (each[index] ?? '')
  const text = instructions.replace(
    /\$ARGUMENTS\b|\$([1-9])(?!\d)|\{([A-Za-z_][\w-]*)\}/g,
    (all, digit: string | undefined, key: string | undefined) => {
      // Without words it is rather a part of a command: `awk '{ print $1 }'`.
      if (digit !== undefined) return each.length ? put(each[Number(digit) - 1] ?? '') : all
      if (key === undefined) return put(words)
      const index = args.indexOf(key)
      return index < 0 ? all : put(named(index))
    },
  )
  return { text, hasPlace }
}

function filesBeside(location: string | undefined): string {
  if (location === undefined) return ''
  const folder = dirname(location)
  const files = filesIn(folder).filter((file) => join(folder, file) !== location)
  if (files.length === 0) return ''
  const more = files.length > maxFiles ? `\n(and ${files.length - maxFiles} more)` : ''
  const listed = files.slice(0, maxFiles).join('\n')
  return `\n<skill_files folder="${escapeAttribute(folder)}">\n${listed}${more}\n</skill_files>`
}

function filesIn(folder: string): readonly string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).slice(0, maxEntries)
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !path.split('/').some((name) => name.startsWith('.')))
    .toSorted()
}

function escapeAttribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
}
