import { execute, named, unknown, type Call, type Finding, type Model } from '../finding.ts'
import { canonicalText, literal, makeWord, plainWord, type ShellWord } from '../syntax.ts'
import { optionSpec, readOptions, type ReadOptions } from './options.ts'
import { valuePaths } from './readers.ts'

// Programs whose arguments say which files they change, and that change nothing else.

const specs = {
  mkdir: optionSpec('-p -v -m: --parents --verbose --mode:'),
  touch: optionSpec('-a -c -m -h -d: -t: -r< --no-create --date: --reference<'),
  tee: optionSpec('-a -i -p --append --ignore-interrupts'),
  cp: optionSpec(
    '-a -d -f -i -l -L -n -p -P -r -R -T -u -v -x --archive --force --no-clobber --recursive --update? --verbose --no-dereference --dereference --preserve?',
  ),
  mv: optionSpec('-f -i -n -T -u -v --force --no-clobber --update? --verbose'),
  rm: optionSpec(
    '-d -f -i -I -r -R -v --dir --force --interactive? --recursive --verbose --no-preserve-root --one-file-system --preserve-root?',
  ),
  rmdir: optionSpec('-p -v --parents --verbose --ignore-fail-on-non-empty'),
  uniq: optionSpec(
    '-c -d -D -f: -i -s: -u -w: -z --count --repeated --unique --ignore-case --skip-fields: --skip-chars:',
  ),
  truncate: optionSpec('-c -s: --size: --no-create'),
  shred: optionSpec('-f -n: -u -v -z'),
}

export const writers: ReadonlyMap<string, Model> = new Map<string, Model>([
  ['mkdir', (call) => writesAll(call, readOptions(call.args, specs.mkdir))],
  ['touch', (call) => writesAll(call, readOptions(call.args, specs.touch))],
  ['tee', (call) => writesAll(call, readOptions(call.args, specs.tee))],
  ['cp', (call) => copies(call, readOptions(call.args, specs.cp))],
  ['mv', (call) => moves(call, readOptions(call.args, specs.mv))],
  ['rm', (call) => removes(call, readOptions(call.args, specs.rm))],
  ['rmdir', (call) => removes(call, readOptions(call.args, specs.rmdir))],
  ['truncate', (call) => removes(call, readOptions(call.args, specs.truncate))],
  ['shred', (call) => removes(call, readOptions(call.args, specs.shred))],
  ['uniq', (call) => inAndOut(call, readOptions(call.args, specs.uniq))],
  // Where paths lead is looked up before the line runs: a link that it makes would turn them.
  [
    'ln',
    (call) => [...call.args.map((path) => write(call, path)), unknown(call, 'it makes a link')],
  ],
  ['dd', dd],
  ['chmod', (call) => changesMode(call)],
  ['chown', (call) => changesMode(call)],
  ['chgrp', (call) => changesMode(call)],
])

function write(call: Call, path: ShellWord, tree = false): Finding {
  return { kind: 'write', path, part: call.part, ...(tree && { tree: true }) }
}

function rest(call: Call, options: ReadOptions): Finding[] {
  const findings = [...valuePaths(call, options), named(call)]
  return options.problem === null ? findings : [...findings, unknown(call, options.problem)]
}

function writesAll(call: Call, options: ReadOptions): Finding[] {
  return [...options.operands.map((path) => write(call, path)), ...rest(call, options)]
}

function copies(call: Call, options: ReadOptions): Finding[] {
  const sources = options.operands.slice(0, -1)
  const tree = ['-r', '-R', '-a', '--recursive', '--archive'].some((flag) =>
    options.flags.has(flag),
  )
  return [
    ...sources.map((path): Finding => ({
      kind: 'read',
      path,
      part: call.part,
      ...(tree && { tree: true }),
    })),
    ...destination(call, options, tree),
    ...rest(call, options),
  ]
}

function moves(call: Call, options: ReadOptions): Finding[] {
  const sources = options.operands.slice(0, -1)
  return [
    ...sources.map((path) => write(call, path, true)),
    ...destination(call, options, true),
    ...rest(call, options),
  ]
}

/** The last operand, or, where that is a folder, what the others are called in it. */
function destination(call: Call, { operands }: ReadOptions, tree: boolean): Finding[] {
  const path = operands.at(-1)
  if (!path) return []
  const names = operands.slice(0, -1).map((word) => literal(word))
  const into = names.flatMap((name) => name?.replace(/\/+$/, '').split('/').at(-1) ?? [])
  if (names.length === 0 || into.length !== names.length || into.some((name) => /^\.*$/.test(name)))
    return [write(call, path, true)]
  return [{ kind: 'write', path, part: call.part, into, ...(tree && { tree: true }) }]
}

/** What is gone is gone, so it is a command of its own kind too. */
function removes(call: Call, options: ReadOptions): Finding[] {
  return [
    execute(call),
    ...(call.name === 'rm' ? otherSpellings(options) : []),
    ...options.operands.map((path) => write(call, wholeFolder(path), true)),
    ...rest(call, options),
  ]
}

/** A rule that forbids `rm -rf` means `rm -f --recursive` too. */
function otherSpellings({ flags, operands }: ReadOptions): Finding[] {
  const isRecursive = ['-r', '-R', '--recursive'].some((flag) => flags.has(flag))
  const isForced = flags.has('-f') || flags.has('--force')
  const both = ['-rf', '-fr', '-r -f', '-f -r', '--recursive --force', '--force --recursive']
  const spellings = isRecursive && isForced ? both : []
  const single = [
    ...(isRecursive ? ['-r', '-R', '--recursive'] : []),
    ...(isForced ? ['-f', '--force'] : []),
  ]
  const files = canonicalText(operands)
  return [...spellings, ...single].map((options) => ({
    kind: 'named',
    part: `rm ${options} ${files}`,
  }))
}

/** `rm -rf x/*` empties the folder. */
function wholeFolder(path: ShellWord): ShellWord {
  const last = path.pieces.at(-1)
  if (last?.type !== 'glob' || !/^\*+$/.test(last.value)) return path
  const pieces = path.pieces.slice(0, -1)
  const end = pieces.at(-1)
  if (end && !(end.type === 'text' && end.value.endsWith('/'))) return path
  return makeWord([...pieces, { type: 'text', value: '.', quoted: true }])
}

function inAndOut(call: Call, options: ReadOptions): Finding[] {
  const [from, to] = options.operands
  return [
    ...(from && from.text !== '-' ? [{ kind: 'read', path: from, part: call.part } as const] : []),
    ...(to ? [write(call, to)] : []),
    ...rest(call, options),
  ]
}

function dd(call: Call): Finding[] {
  const findings: Finding[] = [execute(call)]
  for (const word of call.args) {
    const [, name, value] = /^(\w+)=(.*)$/s.exec(literal(word) ?? '') ?? []
    if (name === undefined || value === undefined)
      findings.push(unknown(call, 'it is not understood'))
    const path = plainWord(value ?? '')
    if (name === 'of') findings.push(write(call, path))
    if (name === 'if') findings.push({ kind: 'read', path, part: call.part })
  }
  return findings
}

function changesMode(call: Call): Finding[] {
  const files = call.args.filter(({ text }) => !text.startsWith('-')).slice(1)
  return [execute(call), ...files.map((path) => write(call, path))]
}
