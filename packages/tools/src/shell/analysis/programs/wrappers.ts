import { named, onlyNames, unknown, type Call, type Finding, type Model } from '../finding.ts'
import { anyWord, literal, type ShellWord } from '../syntax.ts'
import { isHarmlessVariable } from '../variables.ts'
import {
  hasGlob,
  mayBeSeveral,
  optionSpec,
  readOptions,
  type OptionSpec,
  type ReadOptions,
} from './options.ts'
import { valuePaths } from './readers.ts'

// Programs that run the command in their arguments.

/** They change when or how loud it runs, not what: a rule for the command is enough. `skip`: arguments before the command. */
const transparent: ReadonlyMap<string, { readonly options: OptionSpec; readonly skip: number }> =
  new Map([
    ['command', { options: optionSpec(''), skip: 0 }],
    ['builtin', { options: optionSpec(''), skip: 0 }],
    ['exec', { options: optionSpec('-c -l'), skip: 0 }],
    ['nohup', { options: optionSpec(''), skip: 0 }],
    ['time', { options: optionSpec('-p -v'), skip: 0 }],
    ['nice', { options: optionSpec('-n: -# --adjustment:'), skip: 0 }],
    ['ionice', { options: optionSpec('-c: -n: -t'), skip: 0 }],
    ['setsid', { options: optionSpec('-w -f -c'), skip: 0 }],
    ['stdbuf', { options: optionSpec('-i: -o: -e:'), skip: 0 }],
    [
      'timeout',
      {
        options: optionSpec(
          '-k: -s: -v --kill-after: --signal: --preserve-status --foreground --verbose',
        ),
        skip: 1,
      },
    ],
  ])

/** They run it as somebody else, elsewhere or in a way that is not known here. */
const strangeNames =
  'busybox toybox parallel watch script su runuser chroot unshare nsenter flock strace ltrace setpriv systemd-run entr xvfb-run dbus-run-session start-stop-daemon firejail bwrap proot fakeroot catchsegv rlwrap unbuffer torsocks proxychains ssh-agent nsenter taskset numactl chrt caffeinate pkexec'

export const wrappers: ReadonlyMap<string, Model> = new Map<string, Model>([
  ...[...transparent.keys()].map((name): [string, Model] => [name, unwrap]),
  ['env', environment],
  ['xargs', xargs],
  ['sudo', asAnother],
  ['doas', asAnother],
  ...strangeNames.split(' ').map((name): [string, Model] => [name, strange]),
])

function unwrap(call: Call): readonly Finding[] {
  const wrapper = transparent.get(call.name)
  if (!wrapper) return [unknown(call, 'it is not understood')]
  // `command -v` only looks.
  if (call.name === 'command' && /^-[vV]$/.test(call.args[0]?.text ?? '')) return [named(call)]
  const read = readOptions(call.args, wrapper.options, { stopAtOperand: true })
  const problem = read.problem ?? severalBefore(read, wrapper.skip)
  const findings = [named(call), ...call.inner(read.operands.slice(wrapper.skip))]
  return problem === null ? findings : [...findings, ...suffixes(call), unknown(call, problem)]
}

/** A pattern before the command may become several words, of which the second is the command. */
function severalBefore({ operands, values }: ReadOptions, skip: number): string | null {
  const before = [...operands.slice(0, skip), ...values.map(({ word }) => word)]
  const several = before.find(hasGlob)
  return several ? mayBeSeveral(several) : null
}

const environmentOptions = optionSpec('-i -0 -u: --ignore-environment --unset: --null')

function environment(call: Call): readonly Finding[] {
  const read = readOptions(call.args, environmentOptions, { stopAtOperand: true })
  const { operands } = read
  const problem = read.problem ?? severalBefore(read, 0)
  const start = operands.findIndex((word) => !/^\w+=/s.test(literal(word) ?? word.text))
  const words = start < 0 ? [] : operands.slice(start)
  const set = start < 0 ? operands : operands.slice(0, start)
  if (problem !== null) return [...suffixes(call), unknown(call, problem)]
  // Alone it prints what may hold keys.
  if (!words.length) return [unknown(call, 'it prints the whole environment')]
  const others = set.filter(({ text }) => !isHarmlessVariable(text.split('=')[0] ?? ''))
  const inner = call.inner(words)
  if (!others.length) return [named(call), ...inner]
  return [{ kind: 'execute', target: call.part, part: call.part }, ...onlyNames(inner)]
}

const xargsOptions = optionSpec(
  '-0 -r -t -x -n: -L: -P: -I: -i -s: -d: -E: -a< --null --no-run-if-empty --max-args: --max-procs: --max-lines: --replace? --delimiter: --arg-file<',
)

/** What it adds to the command is not known: a rule has to name both. */
function xargs(call: Call): readonly Finding[] {
  const options = readOptions(call.args, xargsOptions, { stopAtOperand: true })
  const { operands } = options
  const problem = options.problem ?? severalBefore(options, 0)
  const inner = call.inner([...operands, anyWord])
  const known = operands.length > 0 && isNamedProgram(operands[0])
  return [
    { kind: 'execute', target: call.part, part: call.part },
    ...valuePaths(call, options),
    ...onlyNames(inner).filter((finding) => !known || !isAboutWhatIsAdded(finding)),
    ...(problem === null ? [] : [...suffixes(call), unknown(call, problem)]),
    ...(known || operands.length === 0
      ? []
      : [unknown(call, 'what it runs can only be known when it runs')]),
  ]
}

function isAboutWhatIsAdded(finding: Finding): boolean {
  return finding.kind === 'unknown' || ('path' in finding && finding.path === anyWord)
}

/** Neither a shell, a wrapper nor an interpreter, to which an argument is a program. */
function isNamedProgram(word: ShellWord | undefined): boolean {
  const name = word && literal(word)?.split('/').at(-1)
  if (!name) return false
  return (
    !wrappers.has(name) &&
    !/^(?:(?:ba|da|z|k|a|fi|c|tc|mk)?sh|eval|source|\.|trap|python.*|node|perl|ruby|php|lua|deno|bun|awk|gawk|sed|find|git|tar|rg|sort|curl|wget)$/.test(
      name,
    )
  )
}

const sudoOptions = optionSpec(
  '-E -H -n -S -k -u: -g: -i -s -b --user: --group: --preserve-env --non-interactive',
)

function asAnother(call: Call): readonly Finding[] {
  const read = readOptions(call.args, sudoOptions, { stopAtOperand: true })
  const { operands } = read
  const problem = read.problem ?? severalBefore(read, 0)
  const findings: Finding[] = [
    { kind: 'execute', target: call.part, part: call.part },
    ...onlyNames(call.inner(operands)),
  ]
  return problem === null ? findings : [...findings, ...suffixes(call), unknown(call, problem)]
}

function strange(call: Call): readonly Finding[] {
  return [...suffixes(call), unknown(call, `what ${call.name} runs is not known here`)]
}

const maximumSuffixes = 30

/** For rules that forbid: whatever may be the command among the arguments. */
function suffixes(call: Call): readonly Finding[] {
  const found: Finding[] = [named(call)]
  for (const [index, word] of call.args.slice(0, maximumSuffixes).entries())
    if (!word.text.startsWith('-')) found.push(...onlyNames(call.inner(call.args.slice(index))))
  return found
}
