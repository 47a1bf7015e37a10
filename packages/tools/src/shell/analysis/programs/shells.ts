import { anything, execute, named, unknown, type Call, type Finding } from '../finding.ts'
import { anyWord, literal } from '../syntax.ts'
import { mentionedPaths } from './runners.ts'

export function isShell(name: string): boolean {
  return /^(?:ba|da|z|k|a|mk|ya|fi|c|tc)?sh$/.test(name)
}

/** `sh -c text` is what the text is; `sh file` a program of its own. */
export function shell(call: Call): readonly Finding[] {
  let at = 0
  let hasText = false
  for (; at < call.args.length; at++) {
    const option = literal(call.args[at] ?? anyWord)
    if (option === '--') break
    if (option === null || option === undefined || !/^[-+]/.test(option)) break
    if (
      !/^[-+](?:[abcefhiklmnpruvxBCEHPT]+|o)$|^--(?:login|norc|noprofile|posix|version)$/.test(
        option,
      )
    )
      return [execute(call), anything(`what the option ${option} does is not known here`)]
    hasText ||= /^-[a-z]*c/i.test(option)
    if (option.endsWith('o')) at++
  }
  if (call.args[at]?.text === '--') at++
  const word = call.args[at]
  if (!word) return [execute(call), anything('it runs what it gets on its standard input')]
  const text = literal(word)
  if (text === null)
    return [
      execute(call),
      { kind: 'unknown', why: 'what a shell runs can only be known when it runs' },
    ]
  if (!hasText) return [execute(call), ...mentionedPaths(call)]
  // Another shell than the one that the text was read as.
  const foreign = /^(?:fi|c|tc|z|k)sh$/.test(call.name)
  return [
    named(call),
    ...call.reparse(text),
    ...(foreign ? [unknown(call, 'it is read by another shell')] : []),
  ]
}
