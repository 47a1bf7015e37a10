import type { PermissionAnswer, PermissionRequest } from '@harnext/core'
import type { Io } from './io.ts'
import { callText } from './render/call-text.ts'
import type { Style } from './render/style.ts'
import { visibleExactly } from './render/visible.ts'

/** Somebody at the terminal who answers what needs an answer. */
export interface Asker {
  /** One question at a time, in the order in which they come. */
  ask(request: PermissionRequest): Promise<PermissionAnswer>
  /** Nobody is asked any more: open questions are left without an answer. */
  close(): void
}

/**
 * Asks on standard error and reads lines from standard input. It listens from now on and throws away what is typed while nothing is
 * asked: an answer that was there before its question could permit what nobody has seen.
 */
export function terminalAsker({ stdin, stderr }: Io, style: Style): Asker {
  let onLine: ((line: string | null) => void) | undefined
  let hasEnded = false
  let rest = ''
  let last: Promise<unknown> = Promise.resolve()

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

  function nextLine(): Promise<string | null> {
    if (hasEnded) return Promise.resolve(null)
    return new Promise((resolve) => {
      onLine = (line) => {
        onLine = undefined
        resolve(line)
      }
    })
  }
  async function ask(request: PermissionRequest): Promise<PermissionAnswer> {
    stderr.write(questionText(request, style))
    for (;;) {
      const line = await nextLine()
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
    ask(request) {
      const answer = last.then(() => ask(request))
      last = answer
      return answer
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

function cut(text: string): string {
  const rest = text.length - longestArguments
  return rest > 0 ? `${text.slice(0, longestArguments)}… and ${rest} more characters` : text
}
