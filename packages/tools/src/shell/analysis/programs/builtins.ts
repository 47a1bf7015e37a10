import { execute, named, unknown, type Call, type Finding, type Model } from '../finding.ts'
import { isSplit, literal, type ShellWord } from '../syntax.ts'
import { isHarmlessVariable, isObeyedVariable } from '../variables.ts'
import { optionSpec, readOptions } from './options.ts'
import { mentionedPaths } from './runners.ts'

// What the shell does itself.

export const builtins: ReadonlyMap<string, Model> = new Map<string, Model>([
  ...[
    ':',
    'exit',
    'return',
    'break',
    'continue',
    'shift',
    'wait',
    'jobs',
    'times',
    'echo',
    'umask',
    'caller',
    'dirs',
  ].map((name): [string, Model] => [name, (call) => [named(call)]]),
  [
    'printf',
    (call) =>
      call.args[0]?.text === '-v' ? setsByName(call, call.args.slice(1, 2)) : printed(call),
  ],
  ['test', tests],
  ['[', tests],
  ['export', declares],
  ['declare', declares],
  ['typeset', declares],
  ['local', declares],
  ['readonly', declares],
  [
    'unset',
    (call) =>
      setsByName(
        call,
        call.args.filter(({ text }) => !/^-[vf]$/.test(text)),
      ),
  ],
  ['read', reads],
  ['set', sets],
  ...['cd', 'pushd', 'popd'].map((name): [string, Model] => [name, entersFolder]),
  ['type', (call) => [named(call)]],
  ['eval', evaluates],
  ['trap', traps],
  ['source', (call) => [execute(call), ...mentionedPaths(call)]],
  ['.', (call) => [execute(call), ...mentionedPaths(call)]],
  ...[
    'alias',
    'unalias',
    'hash',
    'enable',
    'shopt',
    'bind',
    'complete',
    'compopt',
    'compgen',
    'history',
    'fc',
    'let',
    'mapfile',
    'readarray',
    'getopts',
    'ulimit',
    'disown',
    'suspend',
    'logout',
    'select',
    'printenv',
  ].map((name): [string, Model] => [
    name,
    (call) => [execute(call), unknown(call, 'it changes how the shell reads or runs what follows')],
  ]),
])

/** What only the run knows may begin with `-v`, and a name. */
function printed(call: Call): readonly Finding[] {
  const [first] = call.args
  const isUnclear =
    first !== undefined &&
    literal(first) === null &&
    /^(?:…|-)/.test(first.text) &&
    call.args.length + Number(isSplit(first)) > 1
  return isUnclear ? [named(call), unknown(call, 'it may set a variable')] : [named(call)]
}

/** Where commands run after it is the business of the analysis. */
function entersFolder(call: Call): readonly Finding[] {
  const folders = call.args.filter(({ text }) => !/^-|^\+\d/.test(text))
  return [named(call), ...folders.map((path): Finding => ({ kind: 'read', path, part: call.part }))]
}

/** File tests look at a path. A test of a variable evaluates its subscript as code. */
function tests(call: Call): readonly Finding[] {
  if (call.name === '[' && call.args.at(-1)?.text !== ']')
    return [named(call), unknown(call, 'its bracket is not closed')]
  if (call.args.some((word) => /^-[vRN]$/.test(literal(word) ?? '-v')) && hasVariableTest(call))
    return [named(call), unknown(call, 'it tests a variable by name')]
  const paths = call.args.flatMap((word, index): Finding[] => {
    const operator = call.args[index - 1]?.text ?? ''
    return /^-[a-hkprsuwxLSGO]$/.test(operator)
      ? [{ kind: 'read', path: word, part: call.part }]
      : []
  })
  return [named(call), ...paths]
}

function hasVariableTest({ args }: Call): boolean {
  return args.some(
    (word) => literal(word) === '-v' || literal(word) === '-R' || isBareDynamic(word),
  )
}

/** Unquoted, it may become several words. */
function isBareDynamic(word: ShellWord): boolean {
  return word.pieces.some(({ type }) => type === 'dynamic') && !word.written.startsWith('"')
}

const declareOptions = optionSpec('-x -r -g -i -a -A -l -u -p -f -F -t')

function declares(call: Call): readonly Finding[] {
  const { operands, flags, problem } = readOptions(call.args, declareOptions)
  const exports = call.name === 'export' || flags.has('-x')
  if (problem !== null || flags.has('-i') || operands.length === 0 || call.hasInput)
    return [named(call), unknown(call, problem ?? 'it computes, or prints all variables')]
  const strange = operands.find((word) => {
    const name = word.text.split(/\+?=/)[0] ?? ''
    const isPlain = /^[A-Za-z_]\w*$/.test(name)
    return !isPlain || (exports ? !isHarmlessVariable(name) : isObeyedVariable(name))
  })
  if (!strange) return [named(call)]
  // Who allows that very command has seen which variable it sets.
  const name = strange.text.split('=')[0] ?? ''
  return isObeyedVariable(name) || !/^\w+$/.test(name)
    ? [execute(call), unknown(call, `${name} changes what programs do`)]
    : [execute(call)]
}

function reads(call: Call): readonly Finding[] {
  const options = optionSpec('-r -s -e -a: -d: -n: -N: -p: -t: -u:')
  const { operands, values, problem } = readOptions(call.args, options)
  if (problem !== null) return [named(call), unknown(call, problem)]
  const arrays = values.filter(({ name }) => name === '-a').map(({ word }) => word)
  return setsByName(call, [...operands, ...arrays])
}

function setsByName(call: Call, names: readonly ShellWord[]): readonly Finding[] {
  const isPlain = names.every((word) => {
    const name = literal(word)
    return name !== null && /^[A-Za-z_]\w*$/.test(name) && !isObeyedVariable(name)
  })
  return isPlain
    ? [named(call)]
    : [named(call), unknown(call, 'it sets a variable that programs obey')]
}

function sets(call: Call): readonly Finding[] {
  const isPlain = call.args.every((word) =>
    /^(?:[-+][euxvnf]*o?|pipefail|errexit|nounset|xtrace|verbose|noglob|nocasematch)$/.test(
      literal(word) ?? '',
    ),
  )
  return isPlain && call.args.length > 0
    ? [named(call)]
    : [named(call), unknown(call, 'it changes how the shell works, or prints all variables')]
}

function evaluates(call: Call): readonly Finding[] {
  const texts = call.args.map((word) => literal(word))
  if (texts.some((text) => text === null))
    return [{ kind: 'unknown', why: 'what eval runs can only be known when it runs' }]
  return [named(call), ...call.reparse(texts.join(' '))]
}

function traps(call: Call): readonly Finding[] {
  const [action] = call.args
  const text = action && literal(action)
  if (text === undefined) return [named(call)]
  if (text === null)
    return [{ kind: 'unknown', why: 'what a trap runs can only be known when it runs' }]
  return text === '-' || text === '' ? [named(call)] : [named(call), ...call.reparse(text)]
}
