import { ConfigError } from '../errors.ts'
import { isJsonObject } from '../json.ts'
import type { ToolMessage } from '../messages.ts'
import { textOf } from '../messages.ts'
import type { ModelEvent, ProviderAdapter } from '../model/adapter.ts'
import type { Check, CheckContext, CheckEvidence, CommandCheck } from '../run/verification.ts'
import { canonicalToolName } from '../tool/names.ts'
import { tool, ToolResult, type Tool, type ToolContext } from '../tool/tool.ts'
import type { Exit } from '../tool/workspace.ts'

// What a round of checks is made of: calls in the place of a model's, and the tools that they call.

const DEFAULT_TIMEOUT_MS = 600_000
const LAST_LINES = 30
const LAST_CHARACTERS = 4_000

/** Throws `ConfigError` for what is no check. */
export function checkChecks(checks: readonly Check[] = []): void {
  for (const check of checks) {
    if (typeof check === 'function' || (typeof check === 'string' && check)) continue
    const given: unknown = check
    const isCommand = isJsonObject(given) && typeof given['run'] === 'string' && given['run']
    if (!isCommand || !isExpectation(given['expect']) || !isTimeout(given['timeout']))
      throw new ConfigError(
        `A check is a command line, { run, expect?, timeout? } or a function; got ${JSON.stringify(given)}.`,
      )
  }
}

function isExpectation(value: unknown): boolean {
  return value === undefined || typeof value === 'string' || Number.isInteger(value)
}

function isTimeout(value: unknown): boolean {
  return value === undefined || (Number.isInteger(value) && Number(value) > 0)
}

/**
 * Asks for one check after the other, then says how they came out, as JSON. What it says follows from the messages alone, so that a round
 * that a crash cut goes on where it was.
 */
export function checksAdapter(checks: readonly Check[]): ProviderAdapter {
  return {
    id: 'harnext',
    api: 'harnext.checks',
    async *stream({ messages }): AsyncGenerator<ModelEvent, void, undefined> {
      const done = messages.filter((message) => message.role === 'tool')
      const check = checks[done.length]
      if (check === undefined) {
        const text = JSON.stringify(checks.map((each, index) => evidence(each, index, done[index])))
        yield { type: 'part', part: Object.freeze({ type: 'text', text }) }
        yield { type: 'finish', stopReason: 'stop', usage: null }
        return
      }
      const id = `check-${done.length + 1}`
      const command = commandOf(check)
      const called = command
        ? { tool: 'bash', args: { command: command.run, timeout: timeoutOf(command) } }
        : { tool: 'check', args: { name: labelOf(check, done.length), index: done.length } }
      yield { type: 'part', part: Object.freeze({ type: 'tool_call', id, ...called }) }
      yield { type: 'finish', stopReason: 'tool_calls', usage: null }
    },
  }
}

/** The agent's own `bash` where it has one; it knows best what a command would do. */
export function checkTools(
  checks: readonly Check[],
  given: readonly Tool[],
  context: () => Pick<CheckContext, 'messages'>,
): readonly Tool[] {
  const own = given.find(({ name }) => canonicalToolName(name) === 'bash')
  return [own ?? plainShell, functionTool(checks, context)]
}

const plainShell: Tool = tool<{ command: string; timeout: number }>({
  name: 'bash',
  description: 'Runs a command line.',
  parameters: {
    type: 'object',
    properties: { command: { type: 'string' }, timeout: { type: 'integer' } },
    required: ['command', 'timeout'],
  },
  recovery: 'rerun',
  effects: ({ command }) => [{ kind: 'execute', target: command }],
  async execute({ command, timeout }, context) {
    const limit = AbortSignal.timeout(timeout)
    const decoder = new TextDecoder()
    let output = ''
    const exit = await context.workspace.spawn(
      { program: 'sh', args: ['-c', `exec 2>&1\n${command}`] },
      {
        signal: AbortSignal.any([context.signal, limit]),
        onOutput(chunk) {
          output = (output + decoder.decode(chunk, { stream: true })).slice(-LAST_CHARACTERS)
        },
        onStart: (identity) => context.emit({ type: 'process', id: context.callId, ...identity }),
      },
    )
    const text = `${endText(exit, limit.aborted, timeout)}\n\n${output}`
    return exit.code === 0 ? ToolResult.ok(text) : ToolResult.error(text)
  },
})

function endText({ code, signal }: Exit, timedOut: boolean, timeout: number): string {
  if (timedOut) return `Timed out after ${timeout / 1000} s.`
  return signal === null ? `Exit code ${code}.` : `Ended by signal ${signal}.`
}

function functionTool(
  checks: readonly Check[],
  context: () => Pick<CheckContext, 'messages'>,
): Tool {
  return tool<{ index: number }>({
    name: 'check',
    description: 'Asks a function of the program.',
    parameters: {
      type: 'object',
      properties: { name: { type: 'string' }, index: { type: 'integer' } },
      required: ['index'],
    },
    recovery: 'rerun',
    effects: () => [],
    async execute({ index }, { workspace, signal }: ToolContext) {
      const check = checks[index]
      if (typeof check !== 'function') return ToolResult.error('There is no such check any more.')
      const said = await check({ ...context(), workspace, signal })
      if (said === false) return ToolResult.error('It does not hold.')
      return typeof said === 'string' ? ToolResult.error(said) : ToolResult.ok('It holds.')
    },
  })
}

/** Pure. A check without an outcome has not run. */
function evidence(
  check: Check,
  index: number,
  message: Pick<ToolMessage, 'status' | 'content'> | undefined,
): CheckEvidence {
  const label = labelOf(check, index)
  const text = message ? textOf(message.content) : 'It did not run.'
  const output = lastLines(text)
  if (message?.status === 'denied') return { check: label, status: 'denied', output }
  const command = commandOf(check)
  if (!command)
    return { check: label, status: message?.status === 'ok' ? 'passed' : 'failed', output }
  const code = /^Exit code (\d+)\b/.exec(text)?.[1]
  const exitCode = code === undefined ? undefined : Number(code)
  const { expect = 0 } = command
  const holds =
    typeof expect === 'number'
      ? exitCode === expect
      : exitCode === 0 && text.slice(text.indexOf('\n')).includes(expect)
  return {
    check: label,
    status: holds ? 'passed' : 'failed',
    ...(exitCode !== undefined && { exitCode }),
    output,
  }
}

function labelOf(check: Check, index: number): string {
  if (typeof check === 'function') return check.name || `check ${index + 1}`
  return commandOf(check)?.run ?? ''
}

function commandOf(check: Check): CommandCheck | null {
  if (typeof check === 'function') return null
  return typeof check === 'string' ? { run: check } : check
}

function timeoutOf({ timeout = DEFAULT_TIMEOUT_MS }: CommandCheck): number {
  return timeout
}

/** How it ended stands in the first line; what went wrong mostly in the last ones. */
function lastLines(text: string): string {
  const [first = '', ...lines] = text.trimEnd().split('\n')
  const cut = lines.length > LAST_LINES
  const shown = (cut ? ['…', ...lines.slice(-LAST_LINES)] : lines).join('\n')
  const rest = shown.length > LAST_CHARACTERS ? `…${shown.slice(-LAST_CHARACTERS)}` : shown
  return rest ? `${first.slice(0, LAST_CHARACTERS)}\n${rest}` : first.slice(0, LAST_CHARACTERS)
}
