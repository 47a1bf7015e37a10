import { commandMatcher, joinSpaces } from './command-pattern.ts'
import { segmentsOf } from './fold.ts'
import type { Anchors } from './glob.ts'

// What can be said about a command line by its letters alone, for a shell tool that names the whole line as one effect.
// It errs on the side of the rule that forbids.

/** Whether the line is one simple command whose words are what they look like. Only such a line is covered by a rule that allows. */
export function isPlainCommand(line: string): boolean {
  if (!/^[\p{L}\p{N} _./:=@%+,-]+$/u.test(line)) return false
  const [first = ''] = joinSpaces(line).split(' ')
  return first !== '' && !first.includes('=')
}

/** Whether a part of the line, or what a wrapper (`sudo`, `env`, `timeout`) in it runs, is meant by the pattern. */
export function mentionsCommand(pattern: string, line: string): boolean {
  const isMeant = commandMatcher(pattern.toLowerCase())
  const lower = line.toLowerCase()
  if (isMeant(lower)) return true
  return partsOf(lower).some((part) => {
    const starts = commandStarts(part)
    return starts === null || starts.some(isMeant)
  })
}

/** What makes the line one that is asked about where no sandbox holds it, in words; `null` when nothing does. */
export function alarmOf(line: string): string | null {
  for (const part of partsOf(line)) {
    for (const start of commandStarts(part) ?? []) {
      const [program = ''] = start.split(' ')
      if (networkPrograms.has(program)) return `${program} uses the network`
      if (destroyers.some((pattern) => pattern.test(start))) return `${program} may destroy files`
    }
  }
  if (/>[>|&]?\s*["']?(?:\/(?!dev\/(?:null|std(?:out|err))\b)|~|\.\.|\$)/.test(line))
    return 'it writes outside of the workspace'
  if (/(?:^|[;&|(\n])\s*["']?[$`]/.test(line)) return 'the name of a program in it is computed'
  if (/\|\s*(?:sudo\s+)?(?:\S*\/)?(?:ba|z|da|k|a)?sh\b/.test(line)) return 'it pipes into a shell'
  return null
}

/** Whether the line removes `/`, the home or a root. */
export function removesVital(line: string, anchors: Anchors): boolean {
  const vital = new Set(
    [
      '/',
      '~',
      '$home',
      ...anchors.roots,
      ...(anchors.home === undefined ? [] : [anchors.home]),
    ].map((path) => path.toLowerCase()),
  )
  const plain = line.replace(/\$\{home\}/gi, '$home').replace(/["'\\]/g, '')
  return partsOf(plain, /[;&|<>`(){}\n\r]+/).some((part) =>
    (commandStarts(part) ?? []).some((start) => {
      const [program, ...words] = start.split(' ')
      if (program !== 'rm' && program !== 'rmdir') return false
      return words.some((word) => vital.has(vitalForm(word)))
    }),
  )
}

/** `/usr/..`, `//` and `/*` are `/`. */
function vitalForm(word: string): string {
  const names: string[] = []
  for (const name of segmentsOf(word.toLowerCase().replace(/\/\*+$/, '/'))) {
    if (name === '..') names.pop()
    else if (name !== '.') names.push(name)
  }
  return (word.startsWith('/') ? '/' : '') + names.join('/')
}

const separators = /[;&|<>`$(){}\n\r"']+/
const wrappers = new Set(
  'env sudo doas timeout nohup nice ionice time command builtin exec eval xargs parallel setsid stdbuf busybox'
    .split(' ')
    .concat('if then elif else while until do ! sh bash zsh dash'.split(' ')),
)
const networkPrograms = new Set(
  'curl wget ssh scp sftp rsync ftp nc ncat netcat socat telnet'.split(' '),
)
const destroyers: readonly RegExp[] = [
  /^rm (?:.* )?-(?:[a-z]*r|-recursive)/i,
  /^(?:dd|shred|wipefs|fdisk|parted|mkfs\S*|truncate)(?: |$)/,
  /^find .*-delete\b/,
  /^git (?:clean|reset --hard|checkout \.|push .*(?:--force|-f\b))/,
]
const maximumStarts = 200

/** The line cut at everything that may begin another command: as it is, and once more with its quotes and backslashes taken away. */
function partsOf(line: string, cut: RegExp = separators): string[] {
  const unquoted = line.replace(/["'\\]/g, '')
  const texts = unquoted === line ? [line] : [line, unquoted]
  return texts.flatMap((text) => text.split(cut)).map(joinSpaces)
}

/**
 * The commands that a part may run: itself without assignments and without the folder of its program, and after a wrapper whatever
 * any later word begins. `null`: too many to look at.
 */
function commandStarts(part: string): string[] | null {
  const starts: string[] = []
  let rest = part
  let wrapped = false
  while (rest !== '') {
    const space = rest.indexOf(' ')
    const word = space < 0 ? rest : rest.slice(0, space)
    const program = word.slice(word.lastIndexOf('/') + 1)
    const isAssignment = /^\w+\+?=/.test(word)
    if (!isAssignment) {
      starts.push(rest, program + rest.slice(word.length))
      wrapped ||= wrappers.has(program)
      if (!wrapped) break
    }
    if (starts.length > maximumStarts) return null
    rest = space < 0 ? '' : rest.slice(space + 1)
  }
  return starts
}
