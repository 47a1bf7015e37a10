import { named, onlyNames, unknown, type Call, type Finding } from '../finding.ts'
import { anyWord, isSplit, literal, plainWord, type ShellWord } from '../syntax.ts'
import { isLoosePattern, mayBeSeveral } from './options.ts'

/** Tests and actions that only look and print, and how many arguments each takes. */
const arity: ReadonlyMap<string, number> = new Map([
  ...[
    '-a',
    '-and',
    '-o',
    '-or',
    '-not',
    '!',
    '(',
    ')',
    ',',
    '-true',
    '-false',
    '-print',
    '-print0',
    '-prune',
    '-quit',
    '-ls',
    '-depth',
    '-d',
    '-mount',
    '-xdev',
    '-empty',
    '-readable',
    '-writable',
    '-executable',
    '-nouser',
    '-nogroup',
    '-daystart',
    '-noleaf',
    '-warn',
    '-nowarn',
    '-ignore_readdir_race',
  ].map((name): [string, number] => [name, 0]),
  ...[
    '-name',
    '-iname',
    '-path',
    '-ipath',
    '-wholename',
    '-iwholename',
    '-regex',
    '-iregex',
    '-regextype',
    '-type',
    '-xtype',
    '-size',
    '-mtime',
    '-mmin',
    '-atime',
    '-amin',
    '-ctime',
    '-cmin',
    '-newer',
    '-anewer',
    '-cnewer',
    '-newermt',
    '-perm',
    '-user',
    '-group',
    '-uid',
    '-gid',
    '-maxdepth',
    '-mindepth',
    '-links',
    '-inum',
    '-samefile',
    '-lname',
    '-ilname',
    '-fstype',
    '-used',
    '-printf',
  ].map((name): [string, number] => [name, 1]),
])
const running = new Set(['-exec', '-execdir', '-ok', '-okdir'])
const writing = new Set(['-fprint', '-fprint0', '-fprintf', '-fls'])

export function find(call: Call): readonly Finding[] {
  const args = [...call.args]
  while (/^-(?:[HP]|O\d)$/.test(args[0]?.text ?? '')) args.shift()
  const start = args.findIndex(({ text }) => /^(?:-|[()!,]$)/.test(text))
  const roots = start < 0 ? args : args.slice(0, start)
  const findings: Finding[] = [
    named(call),
    ...(roots.length ? roots : [plainWord('.')]).map((path): Finding => ({
      kind: 'read',
      path,
      part: call.part,
    })),
  ]
  const expression = start < 0 ? [] : args.slice(start)
  for (let at = 0; at < expression.length; at++) {
    const name = literal(expression[at] ?? anyWord)
    const count = arity.get(name ?? '')
    if (count !== undefined) at += count
    else if (name === '-delete') findings.push(...deletes(call, roots))
    else if (name !== null && writing.has(name)) {
      const path = expression[++at]
      if (path) findings.push({ kind: 'write', path, part: call.part })
      findings.push(unknown(call, `${name} writes a file`))
    } else if (name !== null && running.has(name)) {
      const end = endOfCommand(expression, at + 1)
      findings.push(...runs(call, name, expression.slice(at + 1, end)))
      at = end
    } else
      findings.push(unknown(call, `what ${name ?? expression[at]?.written} does is not known here`))
  }
  const loose =
    call.args.find((word) => isSplit(word)) ?? expression.find((word) => isLoosePattern(word))
  if (loose) findings.push(unknown(call, mayBeSeveral(loose)))
  if (roots.some((word) => word.pieces[0]?.type === 'dynamic'))
    findings.push(unknown(call, 'where it begins can only be known when it runs'))
  return findings
}

function endOfCommand(words: readonly ShellWord[], from: number): number {
  const end = words.findIndex(
    (word, index) => index >= from && (literal(word) === ';' || literal(word) === '+'),
  )
  return end < 0 ? words.length : end
}

function deletes(call: Call, roots: readonly ShellWord[]): Finding[] {
  const folders = roots.length ? roots : [plainWord('.')]
  return [
    ...folders.map((path): Finding => ({ kind: 'write', path, part: call.part, tree: true })),
    unknown(call, '-delete removes what it finds'),
  ]
}

function runs(call: Call, name: string, words: readonly ShellWord[]): Finding[] {
  const given = words.map((word) => (literal(word)?.includes('{}') ? anyWord : word))
  return [
    ...onlyNames(call.inner(given)),
    unknown(call, `${name} runs a command for what it finds`),
  ]
}
