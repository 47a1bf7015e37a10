import * as core from '@harnext/core/provider'

/** A complete adapter, for servers that speak the chat API of Ollama, by `fetch` alone. */
export function acme({ baseURL }: { readonly baseURL: string }): core.ProviderAdapter {
  return {
    id: 'acme',
    api: 'acme.chat',
    async *stream(request, { signal, fetch: send = fetch }) {
      const call = new AbortController()
      const init = { method: 'POST', signal: AbortSignal.any([signal, call.signal]) }
      const answer: Answer = { text: '', thinking: '', calls: [] }
      try {
        const response = await send(`${baseURL}/api/chat`, { ...init, body: toBody(request) })
        if (!response.ok) throw await core.responseError('Acme', response)
        yield warningsAbout(request)
        const parse = core.ndjsonParser()
        for await (const chunk of response.body ?? [])
          for (const line of parse(chunk) as Line[]) yield take(line, answer)
        yield endOf(answer)
      } catch (error) {
        throw core.callError(error, { provider: 'Acme', signal, partial: answer.text })
      } finally {
        call.abort()
      }
    },
  }
}

type Answer = { text: string; thinking: string; calls: core.ToolCallPart[]; last?: Line }
type Field = 'done' | 'done_reason' | 'error' | 'prompt_eval_count' | 'eval_count'
interface Line extends Partial<Record<Field, unknown>> {
  message?: { content?: unknown; thinking?: unknown; tool_calls?: WireCall[] }
}
type WireCall = { function: { name: unknown; arguments: core.Json } }

/** The server is not trusted to keep to its own types. */
const textIn = (value: unknown): string => (typeof value === 'string' ? value : '')

function take(line: Line, answer: Answer): core.ModelEvent[] {
  const failed = { provider: 'Acme', body: JSON.stringify(line), now: 0, partial: answer.text }
  if (line.error) throw core.httpError(failed)
  const [text, thinking] = [textIn(line.message?.content), textIn(line.message?.thinking)]
  answer.text += text
  answer.thinking += thinking
  for (const { function: called } of line.message?.tool_calls ?? []) {
    const id = `call_${crypto.randomUUID()}`
    const args = JSON.stringify(called.arguments)
    answer.calls.push(core.toolCallPart({ id, tool: textIn(called.name), text: args }))
  }
  if (line.done) answer.last ??= line
  return spoken(text, thinking)
}

function spoken(text: string, thinking: string): (core.TextPart | core.ThinkingPart)[] {
  const both = [{ type: 'thinking', text: thinking } as const, { type: 'text', text } as const]
  return both.filter((part) => part.text !== '')
}

function endOf({ text, thinking, calls, last }: Answer): core.ModelEvent[] {
  const truncated = { kind: 'stream_truncated', retryable: true, partial: text } as const
  if (!last) throw new core.ProviderError('Acme stopped in the middle.', truncated)
  const raw = textIn(last.done_reason)
  const inputTokens = core.tokenCount(last.prompt_eval_count)
  const outputTokens = core.tokenCount(last.eval_count)
  const known = raw === 'stop' || raw === 'length' ? raw : 'other'
  const stopReason = calls.length > 0 && known !== 'length' ? 'tool_calls' : known
  const usage = { ...core.zeroUsage, inputTokens, outputTokens, costUsd: null }
  const parts = [...spoken(text, thinking), ...calls]
  const events = parts.map((part) => ({ type: 'part', part: core.frozenPart(part) }) as const)
  return [...events, { type: 'finish', stopReason, rawStopReason: raw, usage }]
}

/** What this server does not do is said, never left out in silence. */
function warningsAbout({ effort, toolChoice, messages }: core.ModelRequest): core.ModelEvent[] {
  const types = messages.flatMap(({ content }) => content.map(({ type }): string => type))
  const asked = [...types, effort && 'effort', toolChoice && 'toolChoice']
  return asked
    .filter((what) => /^(image|file|effort|toolChoice)$/.test(what ?? ''))
    .map((what) => ({ type: 'warning', code: 'unsupported', message: `Acme takes no ${what}.` }))
}

function toBody({ model, system, tools, params, ...request }: core.ModelRequest): string {
  const messages = core.handover(request.messages, 'acme.chat').map(toWireMessage)
  if (system) messages.unshift({ role: 'system', content: system })
  const functions = tools?.map((tool) => ({ type: 'function', function: tool }))
  const options = { num_predict: request.maxOutputTokens }
  const body = { model, messages, tools: functions, format: request.output?.schema, options }
  return JSON.stringify({ ...body, ...params })
}

function toWireMessage(message: core.Message): object {
  const { role } = message
  const content = core.textOf(message.content)
  if (role === 'tool') return { role, tool_name: message.tool, content: content || 'no output' }
  if (role === 'user') return { role, content: content || 'see above' }
  const calls = core.toolCalls(message)
  const tool_calls = calls.map(({ tool, args }) => ({ function: { name: tool, arguments: args } }))
  return { role, content, tool_calls }
}
