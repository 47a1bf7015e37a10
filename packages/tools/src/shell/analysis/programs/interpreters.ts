import { anything, execute, unknown, type Call, type Finding } from '../finding.ts'
import { literal, plainWord, type ShellWord } from '../syntax.ts'
import { optionSpec, readOptions, type OptionSpec } from './options.ts'
import { mentionedPaths } from './runners.ts'

/** Interpreters of programs, with the options that bring no code of their own. */
const known: readonly (readonly [RegExp, OptionSpec])[] = [
  [/^(?:python|pypy)[\d.]*$/, optionSpec('-m: -u -B -O -OO -E -I -s -S -b -q -v -V -W: --version')],
  [
    /^(?:node|nodejs)$/,
    optionSpec(
      '-v -c -h --version --check --help --test --watch --test-only --test-reporter: --test-name-pattern: --test-concurrency: --test-timeout: --experimental-strip-types --enable-source-maps --no-warnings --trace-warnings --experimental-test-coverage',
    ),
  ],
  [/^(?:tsx|ts-node|bun|deno)$/, optionSpec('-v --version --watch')],
  [
    /^(?:perl|ruby|php|lua|luajit|Rscript|julia|tclsh|guile|groovy|scala|elixir)[\d.]*$/,
    optionSpec('-v -w -c -W --version'),
  ],
]

export function isInterpreter(name: string): boolean {
  return known.some(([pattern]) => pattern.test(name))
}

/** `python -m name` and `node file.js` run a program that has a name; `-c code`, `-r file` and a script on standard input do not. */
export function interpreter(call: Call): readonly Finding[] {
  const spec = known.find(([pattern]) => pattern.test(call.name))?.[1]
  const findings: Finding[] = [execute(call), ...mentionedPaths(call)]
  const args = upToModule(call.args)
  const { operands, values, flags, problem } = spec
    ? readOptions(args, spec, { stopAtOperand: true })
    : { operands: [], values: [], flags: new Set<string>(), problem: null }
  if (problem !== null) return [...findings, unknown(call, problem)]
  const script = literal(operands[0] ?? values[0]?.word ?? noScript)
  if (script === null)
    return [...findings, unknown(call, 'which program it runs can only be known when it runs')]
  const hasProgram = (script !== '' && script !== '-') || flags.size > 0
  return hasProgram
    ? findings
    : [...findings, anything('it runs what it gets on its standard input')]
}

const noScript: ShellWord = plainWord('')

/** What follows `-m name` belongs to that module. */
function upToModule(args: readonly ShellWord[]): readonly ShellWord[] {
  const at = args.findIndex(({ text }) => text === '-m')
  const first = args.findIndex(({ text }) => !text.startsWith('-'))
  return at >= 0 && (first < 0 || at < first) ? args.slice(0, at + 2) : args
}
