import { execute, named, unknown, type Call, type Finding, type Model } from '../finding.ts'
import { isSplit, literal, plainWord, type ShellWord } from '../syntax.ts'
import { isHarmlessVariable, isObeyedVariable } from '../variables.ts'
import { hasGlob, optionSpec, readOptions, type OptionSpec } from './options.ts'
import { mentionedPaths } from './runners.ts'

// What the shell does itself.

export const builtins: ReadonlyMap<string, Model> = new Map<string, Model>([
  ...[':', 'exit', 'return', 'break', 'continue', 'shift', 'times', 'echo', 'caller', 'type'].map(
    (name): [string, Model] => [name, (call) => [named(call)]],
  ),
  ...Object.entries({
    jobs: '-l -n -p -r -s',
    wait: '-n -f',
    umask: '-p -S',
    dirs: '-c -l -p -v',
  }).map(([name, options]): [string, Model] => [name, withOptions(optionSpec(options))]),
  ['printf', prints],
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

/** With any other option, some set a variable or run a command. */
function withOptions(options: OptionSpec): Model {
  return (call) => {
    const args = call.args.filter(({ written }) => !/^"?\$(?:!|\{!\})"?$/.test(written))
    const { operands, problem } = readOptions(args, options)
    const isPlain = operands.every((word) => /^[\w%+,=-]+$/.test(literal(word) ?? ''))
    if (problem === null && isPlain) return [named(call)]
    return [named(call), unknown(call, problem ?? 'what it is about is not known here')]
  }
}

/** `-v` and `%n` set variables; what only the run knows may begin with the one or hold the other. */
function prints(call: Call): readonly Finding[] {
  const args = literal(call.args[0] ?? noText) === '--' ? call.args.slice(1) : call.args
  const [format, ...values] = args
  if (!format) return [named(call)]
  const text = literal(format)
  if (args === call.args && text !== null && text.startsWith('-'))
    return text === '-v' && values.length > 0
      ? setsByName(call, values.slice(0, 1))
      : [named(call), unknown(call, `what the option ${text} does is not known here`)]
  const isUnclear =
    text === null &&
    (isSplit(format) ||
      hasGlob(format) ||
      (args === call.args && /^(?:…|-)/.test(format.text) && values.length > 0))
  const mayCount = text === null || /%[-+ #0'*.\dhlLjzt]*n/.test(text)
  if (!isUnclear && !(mayCount && values.some(mayBeObeyed))) return [named(call)]
  return [named(call), unknown(call, 'it may set a variable')]
}

function mayBeObeyed(word: ShellWord): boolean {
  const name = literal(word)
  return name === null || isObeyedVariable(name)
}

const noText: ShellWord = plainWord('')

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
  // Such a value is read once more, as code.
  const isArray = ['-a', '-A'].some((flag) => flags.has(flag))
  if (operands.some((word) => /=\(/.test(word.text) || (isArray && literal(word) === null)))
    return [named(call), unknown(call, 'it may run what stands in a list of values')]
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
