import { named, unknown, type Call, type Finding } from '../finding.ts'
import { literal, type ShellWord } from '../syntax.ts'
import { optionSpec, readOptions, type OptionSpec } from './options.ts'
import { valuePaths } from './readers.ts'
import { isHarmlessSed } from './sed-script.ts'

// Programs that take a program of their own language as an argument: it is read only as far as it needs to be trusted.

interface Language {
  readonly options: OptionSpec
  /** Options whose value is the program; without one of them it is the first operand. */
  readonly script: readonly string[]
  readonly isHarmless: (script: string) => boolean
}

/** Runs a command, opens a file, names one to be read, reads the environment, loads code; a word may go on behind a `\`. */
const awkDanger =
  /\b(?:system|getline|close|ENVIRON|ARG[VC]|SYMTAB|FUNCTAB|PROCINFO|include|load|namespace)\b|[|>@]|\\\r?\n/
const jqDanger =
  /\b(?:env|import|include|input_filename|get_search_list|modulemeta|getenv|debug|stderr|input_line_number)\b|\$ENV|\$__prog/

const languages: ReadonlyMap<string, Language> = new Map([
  [
    'sed',
    {
      options: optionSpec(
        '-n -E -r -s -z -u -e: --quiet --silent --regexp-extended --expression: --null-data --separate --posix --debug',
      ),
      script: ['-e', '--expression'],
      isHarmless: isHarmlessSed,
    },
  ],
  [
    'awk',
    { options: optionSpec('-F: -v:'), script: [], isHarmless: (text) => !awkDanger.test(text) },
  ],
  [
    'jq',
    {
      options: optionSpec(
        '-r -c -e -s -n -S -a -j -M -C -R --raw-output --compact-output --exit-status --slurp --null-input --sort-keys --ascii-output --join-output --monochrome-output --color-output --raw-input --raw-output0 --tab --indent: --seq --stream',
      ),
      script: [],
      isHarmless: (text) => !jqDanger.test(text),
    },
  ],
])
const aliases: ReadonlyMap<string, string> = new Map([
  ['gawk', 'awk'],
  ['mawk', 'awk'],
  ['nawk', 'awk'],
  ['gsed', 'sed'],
])

export function isTextLanguage(name: string): boolean {
  return languages.has(aliases.get(name) ?? name)
}

export function textLanguage(call: Call): readonly Finding[] {
  const name = aliases.get(call.name) ?? call.name
  const language = languages.get(name)
  if (!language) return [unknown(call, 'it is not understood')]
  const { args, inPlace } =
    name === 'sed' ? withoutInPlace(call.args) : { args: call.args, inPlace: false }
  const options = readOptions(args, language.options)
  const given = options.values.filter(({ name: option }) => language.script.includes(option))
  const scripts = given.length ? given.map(({ word }) => word) : options.operands.slice(0, 1)
  const files = given.length ? options.operands : options.operands.slice(1)
  const findings: Finding[] = [named(call), ...valuePaths(call, options)]
  for (const path of files) {
    const isAssignment = name === 'awk' && /^[A-Za-z_]\w*=/.test(literal(path) ?? '')
    if (path.text === '-' || isAssignment) continue
    findings.push({ kind: 'read', path, part: call.part })
    if (inPlace) findings.push({ kind: 'write', path, part: call.part })
  }
  if (options.problem !== null) findings.push(unknown(call, options.problem))
  if (!scripts.length || !scripts.every((word) => isUnderstood(word, language)))
    findings.push(unknown(call, 'its program may do more than to change text'))
  return findings
}

function isUnderstood(word: ShellWord, { isHarmless }: Language): boolean {
  const text = literal(word)
  return text !== null && isHarmless(text)
}

/** `-i` may have a suffix right behind it, which is a file beside the other. */
function withoutInPlace(args: readonly ShellWord[]): {
  readonly args: readonly ShellWord[]
  readonly inPlace: boolean
} {
  const isInPlace = (word: ShellWord): boolean =>
    /^(?:-[nErszu]*i(?:\.[\w-]*)?|--in-place(?:=\.[\w-]*)?)$/.test(literal(word) ?? '')
  const kept = args.filter((word) => !isInPlace(word))
  return { args: kept, inPlace: kept.length < args.length }
}
