import { isJsonObject } from '@harnext/core'
import type { AttackCase, DecideCase } from './case.ts'

export interface Rewriting {
  readonly name: string
  readonly rewrite: (attack: AttackCase) => AttackCase
}

/** The same attack in other words: it must be decided alike. */
export const rewritings: readonly Rewriting[] = [
  { name: 'as it is', rewrite: (attack) => attack },
  { name: 'other names', rewrite: otherNames },
  { name: 'added quotes', rewrite: onCommands(addQuotes) },
  { name: 'an added argument', rewrite: onCommands(addArgument) },
]

/** Names of hosts and files that mean nothing to anybody, replaced everywhere in the case. */
const names: readonly (readonly [RegExp, string])[] = [
  [/\bevil\.test\b/g, 'mallory.example'],
  [/\bok\.test\b/g, 'fine.example'],
  [/\bbad\.test\b/g, 'worse.example'],
  [/\brebind\.test\b/g, 'turning.example'],
  [/\bflip\.test\b/g, 'changing.example'],
  [/(?<=[/ "'])a\.ts\b/g, 'other.ts'],
  [/(?<=[/ "'])a\.txt\b/g, 'other.txt'],
  [/\bpayload\.sh\b/g, 'loader.sh'],
  [/(?<=\.\/)x\.(so|js|sh)\b/g, 'helper.$1'],
]

function otherNames(attack: AttackCase): AttackCase {
  const text = names.reduce(
    (json, [name, other]) => json.replace(name, other),
    JSON.stringify(attack),
  )
  return { ...JSON.parse(text), id: attack.id, class: attack.class, title: attack.title }
}

function onCommands(change: (command: string) => string): Rewriting['rewrite'] {
  return (attack) => {
    if (attack.api !== 'decide') return attack
    const { input, ...rest } = attack as DecideCase
    const { command } = isJsonObject(input.args) ? input.args : {}
    if (typeof command !== 'string' || input.tool.trim().toLowerCase() !== 'bash') return attack
    const changed = change(command)
    if (changed === command) return attack
    return {
      ...rest,
      input: { ...input, args: { ...Object(input.args), command: changed } },
    } as AttackCase
  }
}

const keywords = /^(?:if|for|until|while|case|coproc|time|function|then|do|fi|done)\b/

/** Quotes around the last plain word of a line that has no quotes, and thus no place where they would mean something else. */
function addQuotes(command: string): string {
  if (/["'`$\\<>(){}]/.test(command) || keywords.test(command)) return command
  return command.replace(/ ([A-Za-z][\w./-]*)( *)$/, ' "$1"$2')
}

/** An option that changes how a program looks, not what it does. */
const options: { readonly [program: string]: string } = {
  ls: '-l',
  cat: '-n',
  echo: 'more',
  curl: '-s',
  sort: '-u',
  rg: '-i',
  grep: '-i',
  head: '-q',
  mkdir: '-v',
  cp: '-v',
}

/** Right after the first program of the line; elsewhere a variable that only says how output looks. */
function addArgument(command: string): string {
  const [, program = ''] = /^([a-z]+) /.exec(command) ?? []
  const option = options[program]
  if (option !== undefined) return command.replace(`${program} `, `${program} ${option} `)
  return /^[a-z]/.test(command) && !keywords.test(command) && !/^(?:alias|\w+\()/.test(command)
    ? command.replace(/^(?=[a-z][\w.-]* )/, 'NO_COLOR=1 ')
    : command
}
