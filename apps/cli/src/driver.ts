import {
  HarnextError,
  textOf,
  type Json,
  type PermissionAnswer,
  type PermissionRequest,
  type Run,
  type UserPart,
} from '@harnext/core'
import {
  controlError,
  controlSuccess,
  parseStreamJsonInput,
  type StreamJsonControl,
  type StreamJsonControlResponse,
} from '@harnext/protocols/stream-json'
import { compactFocus } from './compact-focus.ts'
import type { Input } from './io.ts'
import { visibleLine } from './render/visible.ts'

/** Characters of a message that was not delivered. */
const SHOWN = 200
/** Characters of a line: more than any message with its pictures. */
const LONGEST_LINE = 100_000_000

export interface DriverOptions {
  readonly stdin: Input
  /** Answers what the client wants. */
  readonly reply: (message: StreamJsonControlResponse) => void
  /** Tells a person what is wrong with a line. */
  readonly complain: (text: string) => void
}

interface Question {
  readonly args: Json
  readonly answer: (answer: PermissionAnswer) => void
}

/**
 * A client that drives this program by lines on standard input. Its messages steer the run that is under way, or wait for the next one;
 * its answers go to the questions that it was sent. When it has gone, what is open and what comes is denied.
 */
export class Driver {
  readonly #options: DriverOptions
  readonly #waiting: (readonly UserPart[])[] = []
  readonly #questions = new Map<string, Question>()
  #run: Run | undefined
  #lineNumber = 0
  #rest = ''
  #hasLeft = false
  #onChange: (() => void) | undefined

  /** Listens from now on. */
  constructor(options: DriverOptions) {
    this.#options = options
    const { stdin } = options
    stdin.setEncoding('utf8')
    stdin.on('data', (text: string) => this.#take(text))
    stdin.on('end', () => this.#end())
    stdin.on('error', () => this.#leave())
  }

  /** What the next run begins with; `undefined` when the client has gone and left nothing. */
  async next(): Promise<readonly UserPart[] | undefined> {
    while (this.#waiting.length === 0 && !this.#hasLeft)
      await new Promise<void>((resolve) => (this.#onChange = resolve))
    return this.#waiting.shift()
  }

  /** The run that messages steer from now on; absent: they wait. */
  drives(run: Run | undefined): void {
    this.#run = run
  }

  /** Sends nothing: the projection of the run's events asks the client. */
  ask({ id, args }: PermissionRequest): Promise<PermissionAnswer> {
    if (this.#hasLeft) return Promise.resolve(nobody)
    return new Promise((answer) => this.#questions.set(id, { args, answer }))
  }

  /** Nothing more is read, and what waits is left undone, with a line that says so. */
  dismiss(): void {
    for (const content of this.#waiting.splice(0))
      this.#options.complain(
        `not delivered — resend if still needed: ${JSON.stringify(visibleLine(textOf(content), SHOWN))}`,
      )
    this.#leave()
  }

  #leave(): void {
    this.#hasLeft = true
    for (const { answer } of this.#questions.values()) answer(nobody)
    this.#questions.clear()
    this.#options.stdin.pause()
    this.#onChange?.()
  }

  #take(text: string): void {
    // A long line comes in many pieces, and is looked through once.
    const [first = '', ...others] = text.split('\n')
    this.#rest += first
    for (const next of others) {
      this.#read(this.#rest)
      this.#rest = next
    }
    if (this.#rest.length <= LONGEST_LINE) return
    this.#rest = ''
    this.#lineNumber += 1
    this.#complain('it has more than 100 MB; nothing more is read.')
    this.#leave()
  }

  #end(): void {
    if (this.#rest !== '') this.#read(this.#rest)
    this.#leave()
  }

  #read(line: string): void {
    if (this.#hasLeft) return
    this.#lineNumber += 1
    const requested = (id: string) => this.#questions.get(id)?.args
    const input = parseStreamJsonInput(line, { requested })
    if ('error' in input) return this.#complain(input.error)
    switch (input.type) {
      case 'user':
        return this.#hear(input.content, input.text)
      case 'permission':
        return this.#answer(input.callId, input.answer, input.interrupt)
      case 'control':
        return this.#options.reply(this.#control(input.requestId, input.request))
      case 'nothing':
        return
    }
  }

  /** Only text can steer, and no command: the rest is for a turn of its own. */
  #hear(content: readonly UserPart[], text: string): void {
    const isText = content.every(({ type }) => type === 'text')
    if (isText && compactFocus(text) === undefined && this.#steer(text)) return
    this.#waiting.push(content)
    this.#onChange?.()
  }

  #steer(text: string): boolean {
    if (!this.#run) return false
    try {
      this.#run.steer(text)
      return true
    } catch (error) {
      // It came when the run was over, but not yet shown to the end.
      if (HarnextError.is(error) && error.code === 'usage') return false
      throw error
    }
  }

  #answer(id: string, answer: PermissionAnswer, isInterrupt = false): void {
    const question = this.#questions.get(id)
    if (!question) return this.#complain(`No request ${JSON.stringify(id)} is open.`)
    this.#questions.delete(id)
    question.answer(answer)
    if (isInterrupt) this.#run?.cancel('The client interrupted the run.')
  }

  #control(id: string, request: StreamJsonControl): StreamJsonControlResponse {
    switch (request.subtype) {
      case 'initialize':
        return controlSuccess(id, {})
      case 'interrupt':
        this.#run?.cancel('The client interrupted the run.')
        return controlSuccess(id)
      case 'set_model':
        return controlError(id, 'The model cannot be changed here: start with --model.')
      case 'set_permission_mode':
        return controlError(id, 'The mode cannot be changed here: start with --permission-mode.')
      case 'unsupported':
        return controlError(id, request.reason)
    }
  }

  #complain(text: string): void {
    this.#options.complain(`standard input, line ${this.#lineNumber}: ${text}`)
  }
}

const nobody: PermissionAnswer = {
  decision: 'deny',
  message: 'Nobody was there to answer: standard input has ended.',
}
