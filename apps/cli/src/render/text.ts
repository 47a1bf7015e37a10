import type {
  Json,
  PermissionDecisionEvent,
  RunEvent,
  ToolResultEvent,
  VerificationEvent,
} from '@harnext/core'
import { callText } from './call-text.ts'
import type { Chunk } from './chunk.ts'
import { endLines, problemOf } from './end.ts'
import type { Style } from './style.ts'
import { countText, durationText } from './units.ts'
import { visible, visibleLine } from './visible.ts'

export interface TextOptions {
  /** Of standard error. */
  readonly style: Style
  readonly mode: string
  /** How the person calls this program. @default harnext */
  readonly program?: string
  /** Where the run works, if that is not where the person is. */
  readonly cwd?: string
  /** Standard output and standard error are one screen, so that a line of the one must not begin in the middle of the other. */
  readonly isShared: boolean
}

/** Characters of a command or a message in a line that only informs. */
const lineLength = 160
/** Lines of a failed call's output. */
const failureLines = 3

/** Makes events what a person reads, in their order. Its state is what the next event needs: calls that are open, where the line stands. */
export class TextRenderer {
  readonly #options: TextOptions
  readonly #calls = new Map<string, string>()
  readonly #denials = new Map<string, PermissionDecisionEvent>()
  #hasBegun = false
  #provider = ''
  #hasText = false
  #isThinking = false
  /** The model is in the middle of a line, of this part of its answer. */
  #isInLine = false
  #part: number | undefined

  constructor(options: TextOptions) {
    this.#options = options
  }

  render(event: RunEvent): readonly Chunk[] {
    switch (event.type) {
      case 'run_start':
      case 'run_resumed':
        this.#hasBegun = true
        this.#provider = event.provider
        return this.#tell(startLine(event, this.#options))
      case 'text':
        return this.#say(event.text, event.index)
      case 'thinking':
        return this.#think()
      case 'message':
        this.#isThinking = false
        return event.message.role === 'assistant' ? this.#endLine() : []
      case 'tool_call':
        this.#remember(event.id, event.args)
        return []
      case 'tool_start':
        this.#remember(event.id, event.args)
        return this.#tell(`${this.#style.dim('>')} ${this.#nameOf(event.id, event.tool)}`)
      case 'permission_decision':
        if (event.decision === 'deny') this.#denials.set(event.id, event)
        return []
      case 'tool_result':
        return this.#tell(...this.#outcome(event))
      case 'run_end':
        return this.#end(event.result)
      case 'warning':
      case 'retry':
      case 'fallback':
      case 'budget_warning':
        return this.#tell(this.#style.yellow(noticeText(event)))
      case 'verification':
        return this.#tell(...verificationLines(event, this.#style))
      case 'compaction':
      case 'subagent_start':
        return this.#tell(this.#style.dim(noticeText(event)))
      case 'error':
      case 'tool_input':
      case 'usage':
      case 'turn_start':
      case 'turn_end':
      case 'permission_request':
      case 'tool_progress':
      case 'process':
      case 'prompt':
      case 'cache_break':
      case 'budget_exceeded':
      case 'subagent_end':
        return []
    }
  }

  get #style(): Style {
    return this.#options.style
  }

  #say(text: string, part: number | undefined): readonly Chunk[] {
    if (text === '') return []
    const between = this.#isInLine && part !== this.#part ? '\n' : ''
    this.#part = part
    this.#hasText = true
    this.#isInLine = !text.endsWith('\n')
    return [{ to: 'stdout', text: between + visible(text) }]
  }

  #endLine(): readonly Chunk[] {
    if (!this.#isInLine) return []
    this.#isInLine = false
    return [{ to: 'stdout', text: '\n' }]
  }

  #tell(...lines: readonly string[]): readonly Chunk[] {
    const text = lines.map((line) => `${line}\n`).join('')
    const isBetween = this.#options.isShared && this.#isInLine
    return [{ to: 'stderr', text: isBetween ? `\n${text}` : text }]
  }

  /** Only where somebody may wonder why nothing happens. */
  #think(): readonly Chunk[] {
    if (this.#isThinking || !this.#options.isShared) return []
    this.#isThinking = true
    return this.#tell(this.#style.dim('thinking …'))
  }

  #remember(id: string, args: Json): void {
    this.#calls.set(id, visibleLine(callText(args), lineLength))
  }

  #nameOf(id: string, tool: string): string {
    const args = this.#calls.get(id)
    return this.#style.bold(tool) + (args ? ` ${this.#style.plain(args)}` : '')
  }

  #outcome({ id, tool, status, output, reason, durationMs }: ToolResultEvent): readonly string[] {
    const style = this.#style
    const name = this.#nameOf(id, tool)
    const denial = this.#denials.get(id)
    this.#calls.delete(id)
    this.#denials.delete(id)
    const took = style.dim(`(${durationText(durationMs)})`)
    switch (status) {
      case 'ok':
        return [`${style.dim('  ok')} ${name} ${took}`]
      case 'denied':
        return [`${style.yellow('  denied')} ${name}: ${style.plain(denialText(output, denial))}`]
      case 'error':
        return [
          `${style.red(`  ${reason ?? 'error'}`)} ${name} ${took}`,
          ...firstLines(output).map((line) => style.dim(`    ${line}`)),
        ]
    }
  }

  #end(result: Extract<RunEvent, { readonly type: 'run_end' }>['result']): readonly Chunk[] {
    const { text, success, error } = result
    if (!this.#hasBegun)
      return error ? this.#tell(this.#style.red(problemOf(result) ?? error.message)) : []
    // Where only its end was missing from a run, the answer was printed by a process that is gone.
    const answer = success && !this.#hasText ? this.#say(text, undefined) : []
    return [
      ...answer,
      ...this.#endLine(),
      ...this.#tell(
        ...endLines(result, this.#style, this.#options.program ?? 'harnext', this.#provider),
      ),
    ]
  }
}

function startLine(
  event: Extract<RunEvent, { readonly type: 'run_start' | 'run_resumed' }>,
  { style, mode, cwd }: TextOptions,
): string {
  const { type, sessionId, provider, model } = event
  const where = cwd === undefined ? '' : `, in ${cwd}`
  const again = type === 'run_resumed' ? ', going on' : ''
  return style.dim(`session ${sessionId}, ${provider}/${model}, ${mode} mode${where}${again}`)
}

type Notice = Extract<
  RunEvent,
  {
    readonly type:
      | 'warning'
      | 'retry'
      | 'fallback'
      | 'budget_warning'
      | 'budget_exceeded'
      | 'compaction'
      | 'subagent_start'
  }
>

function noticeText(event: Notice): string {
  switch (event.type) {
    case 'warning':
      return `warning: ${event.message}`
    case 'retry':
      return `retry ${event.attempt} in ${durationText(event.delayMs)}: ${event.error.message}`
    case 'fallback':
      return `going on with ${event.to}, because ${event.from} failed: ${event.error.message}`
    case 'budget_warning':
    case 'budget_exceeded':
      return `budget: ${Math.round(100 * event.fraction)} % of the ${event.kind} is used`
    case 'compaction':
      return `context shortened from ${countText(event.tokensBefore)} to ${countText(event.tokensAfter)} tokens`
    case 'subagent_start':
      return `> ${event.agent} ${visibleLine(event.task, lineLength)}`
  }
}

/** Who denied it, by which rule, and why. What shows up while a call runs is denied without a decision of its own. */
function denialText(output: string, denial: PermissionDecisionEvent | undefined): string {
  if (!denial) return visibleLine(output, 2 * lineLength)
  const { tier, rule, by, message = '' } = denial
  const where = by === 'engine' || by === 'nobody' ? tier : by
  const what = rule === undefined ? where : `${where}, ${rule}`
  return `[${what}] ${visibleLine(message, 2 * lineLength)}`
}

function firstLines(output: string): readonly string[] {
  const lines = output
    .slice(0, 4 * lineLength * failureLines)
    .split('\n')
    .filter((line) => line.trim() !== '')
  return lines.slice(0, failureLines).map((line) => visibleLine(line, lineLength))
}

/** What was found, and of what failed the last words. */
function verificationLines(
  { verification, checks }: VerificationEvent,
  style: Style,
): readonly string[] {
  const paint = verification === 'passed' ? style.dim : style.yellow
  return [
    paint(`checks: ${verification}`),
    ...checks.flatMap(({ check, status, output }) => [
      `${status === 'passed' ? style.dim('  ok') : style.red(`  ${status}`)} ${style.plain(visibleLine(check, lineLength))}`,
      ...(status === 'failed' ? lastLines(output).map((line) => style.dim(`    ${line}`)) : []),
    ]),
  ]
}

function lastLines(output: string): readonly string[] {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  return lines.slice(-failureLines).map((line) => visibleLine(line, lineLength))
}
