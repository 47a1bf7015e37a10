import type { PermissionAnswer, PermissionRequest } from '@harnext/core'
import type { UserQuestion } from '@harnext/sdk/settings'
import type { Io } from './io.ts'
import { callText } from './render/call-text.ts'
import type { Style } from './render/style.ts'
import { visible, visibleExactly } from './render/visible.ts'

/** Somebody at the terminal who answers what needs an answer. */
export interface Asker {
  /** One question at a time, in the order in which they come. */
  ask(request: PermissionRequest): Promise<PermissionAnswer>
  /** What the person says to the model's question, in the same order; `null` where input has ended. Rejects when the signal aborts. */
  inquire(question: UserQuestion, signal: AbortSignal): Promise<string | null>
  /** Nobody is asked any more: open questions are left without an answer. */
  close(): void
}

/**
 * Asks on standard error and reads lines from standard input. It listens from now on and throws away what is typed while nothing is
 * asked: an answer that was there before its question could permit what nobody has seen.
 */
export function terminalAsker({ stdin, stderr }: Io, style: Style): Asker {
  const lines = typedLines(stdin)
  let last: Promise<unknown> = Promise.resolve()

  function inTurn<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const done = last.then(work)
    // Whoever waits for it hears of its failure; the next question comes in any case.
    last = done.catch(() => {})
    return done
  }
  async function ask(request: PermissionRequest): Promise<PermissionAnswer> {
    stderr.write(questionText(request, style))
    for (;;) {
      const line = await lines.next()
      if (line === null)
        return {
          decision: 'deny',
          message: 'Nobody was there to answer: standard input has ended.',
        }
      const answer = answers.get(line.trim().toLowerCase())
      if (answer !== undefined) return answer
      stderr.write('y, a or n: ')
    }
  }
  return {
    ask: (request) => inTurn(() => ask(request)),
    inquire: (question, signal) =>
      inTurn(async () => {
        signal.throwIfAborted()
        stderr.write(inquiryText(question, style))
        const line = await lines.next(signal)
        return line === null ? null : answerOf(line, question)
      }),
    close: lines.close,
  }
}

interface TypedLines {
  /** The next line that is typed from now on; `null` where input has ended. One at a time. Rejects when the signal aborts. */
  next(signal?: AbortSignal): Promise<string | null>
  close(): void
}

function typedLines(stdin: Io['stdin']): TypedLines {
  let onLine: ((line: string | null) => void) | undefined
  let hasEnded = false
  let rest = ''

  function take(text: string): void {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine?.(line)
    if (!onLine) rest = ''
  }
  function end(): void {
    hasEnded = true
    onLine?.(null)
  }
  stdin.setEncoding('utf8')
  stdin.on('data', take)
  stdin.on('end', end)
  stdin.on('error', end)
  return {
    next(signal) {
      if (hasEnded) return Promise.resolve(null)
      return new Promise((resolve, reject) => {
        const stop = (): void => {
          onLine = undefined
          reject(signal?.reason)
        }
        onLine = (line) => {
          onLine = undefined
          signal?.removeEventListener('abort', stop)
          resolve(line)
        }
        signal?.addEventListener('abort', stop, { once: true })
      })
    },
    close() {
      onLine = undefined
      stdin.off('data', take)
      stdin.pause()
    },
  }
}

const always: PermissionAnswer = { decision: 'allow', remember: true }
const answers: ReadonlyMap<string, PermissionAnswer> = new Map<string, PermissionAnswer>([
  ['y', 'allow'],
  ['yes', 'allow'],
  ['a', always],
  ['always', always],
  ['n', 'deny'],
  ['no', 'deny'],
  // Enter alone permits nothing.
  ['', 'deny'],
])

/** Tools whose most telling argument says all that a person needs to know. */
const builtIn: ReadonlySet<string> = new Set(['bash', 'read', 'write', 'edit', 'glob', 'grep'])
const longestArguments = 2000

/** One line. A command stands there letter by letter: nobody can agree to what was cut off. */
export function questionText({ tool, args, reason }: PermissionRequest, style: Style): string {
  const call = visibleExactly(builtIn.has(tool) ? callText(args) : cut(JSON.stringify(args)))
  const why = style.dim(`(${visibleExactly(reason)})`)
  return `${style.yellow('Allow')} ${style.bold(tool)} ${call}? ${why} [y]es, [a]lways exactly this, [n]o: `
}

/** The model's words, each line marked as such: they must not look like a question of harnext's own. */
export function inquiryText({ question, options }: UserQuestion, style: Style): string {
  const lines = [
    ...question.split('\n'),
    ...options.map((option, index) => `${index + 1}. ${option.replaceAll('\n', ' ')}`),
  ]
  const asked = lines.map((line) => `${style.yellow('?')} ${visible(line)}\n`).join('')
  return `${asked}${options.length ? 'Your answer, or a number: ' : 'Your answer: '}`
}

/** A number stands for its option. */
function answerOf(line: string, { options }: UserQuestion): string {
  const text = line.trim()
  return (/^\d+$/.test(text) ? options[Number(text) - 1] : undefined) ?? text
}

function cut(text: string): string {
  const rest = text.length - longestArguments
  return rest > 0 ? `${text.slice(0, longestArguments)}… and ${rest} more characters` : text
}
