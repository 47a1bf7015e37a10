import { isJsonObject, messageOf } from '@harnext/core'
import { uiMessageStreamDone, uiMessageStreamHeaders } from '@harnext/protocols/ui-message-stream'
import type { RunOptions } from './agent.ts'
import type { SessionEvent } from './events.ts'

/** A chunk of the AI SDK's UI message stream: its own types, and `data-oh:…` for what happens around the answer. */
export type UiChunk = { readonly type: string; readonly [key: string]: unknown }

export interface UiStreamOptions extends RunOptions {
  /** Called when the reader cancels: it should make the events end, also while nothing comes. */
  readonly onCancel?: () => void
}

/** The events as a stream of chunks. Whoever cancels it leaves the events. */
export function sessionEventsToUIStream(
  events: AsyncGenerator<SessionEvent, void, undefined>,
  { signal, onCancel }: UiStreamOptions = {},
): ReadableStream<UiChunk> {
  const chunks = toChunks(events, signal)
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    async cancel() {
      onCancel?.()
      await chunks.return()
    },
  })
}

export function toUiResponse(stream: ReadableStream<UiChunk>, init: ResponseInit): Response {
  const lines = new TransformStream<UiChunk, string>({
    transform: (chunk, out) => out.enqueue(`data: ${JSON.stringify(chunk)}\n\n`),
    flush: (out) => out.enqueue(uiMessageStreamDone),
  })
  const headers = new Headers(uiMessageStreamHeaders)
  for (const [name, value] of new Headers(init.headers)) headers.set(name, value)
  const body = stream.pipeThrough(lines).pipeThrough(new TextEncoderStream())
  return new Response(body, { ...init, headers })
}

async function* toChunks(
  events: AsyncIterable<SessionEvent>,
  signal: AbortSignal | undefined,
): AsyncGenerator<UiChunk, void, undefined> {
  const writer = new ChunkWriter()
  yield { type: 'start' }
  try {
    for await (const event of events) yield* writer.write(event)
    if (signal?.aborted) yield { type: 'abort', reason: messageOf(signal.reason) }
  } catch (error) {
    yield { type: 'error', errorText: messageOf(error) }
  }
}

type Kind = 'text' | 'reasoning'

/** Gives the chunks of one event after the other. */
class ChunkWriter {
  #parts = 0
  #open: { readonly kind: Kind; readonly id: string } | undefined
  /** Names of the agents that calls of `task` have begun. */
  readonly #agents = new Map<string, string>()

  write(event: SessionEvent): readonly UiChunk[] {
    switch (event.type) {
      case 'text.delta':
        return this.#speak('text', event.text)
      case 'reasoning.delta':
        return this.#speak('reasoning', event.text)
      case 'text.done':
      case 'reasoning.done':
        return this.#close()
      case 'tool.start':
        return this.#call(event)
      case 'tool.done':
      case 'tool.error':
        return this.#result(event)
      case 'step.start':
        return [...this.#close(), { type: 'start-step' }]
      case 'step.done':
        return [...this.#close(), { type: 'finish-step' }]
      case 'error':
        return [{ type: 'error', errorText: event.error.message }]
      case 'done':
        return [...this.#close(), { type: 'finish', finishReason: finishReasons[event.result] }]
      case 'turn.start':
      case 'turn.done':
      case 'compaction.start':
      case 'compaction.pruned':
      case 'compaction.summary':
      case 'compaction.done':
      case 'retry':
        return dataOf(event)
    }
  }

  #speak(kind: Kind, delta: string): readonly UiChunk[] {
    const before: UiChunk[] = this.#open?.kind === kind ? [] : this.#close()
    let open = this.#open
    if (!open) {
      this.#open = open = { kind, id: `oh-${++this.#parts}` }
      before.push({ type: `${kind}-start`, id: open.id })
    }
    return [...before, { type: `${kind}-delta`, id: open.id, delta }]
  }

  #close(): UiChunk[] {
    const open = this.#open
    this.#open = undefined
    return open ? [{ type: `${open.kind}-end`, id: open.id }] : []
  }

  #call({
    toolCallId,
    toolName,
    input,
  }: Extract<SessionEvent, { type: 'tool.start' }>): readonly UiChunk[] {
    const chunks = [
      ...this.#close(),
      { type: 'tool-input-start', toolCallId, toolName },
      { type: 'tool-input-available', toolCallId, toolName, input },
    ]
    const { agent, prompt } = isJsonObject(input) ? input : {}
    if (toolName !== 'task' || typeof agent !== 'string') return chunks
    this.#agents.set(toolCallId, agent)
    return [...chunks, data('subagent.start', { agentName: agent, task: prompt, path: [agent] })]
  }

  #result(event: Extract<SessionEvent, { type: 'tool.done' | 'tool.error' }>): readonly UiChunk[] {
    const { toolCallId } = event
    const agentName = this.#agents.get(toolCallId)
    const told = agentName === undefined ? {} : { agentName, path: [agentName] }
    if (event.type === 'tool.done') {
      const { output } = event
      return [
        { type: 'tool-output-available', toolCallId, output },
        ...(agentName === undefined ? [] : [data('subagent.done', told)]),
      ]
    }
    const { error } = event
    return [
      { type: 'tool-output-error', toolCallId, errorText: error },
      ...(agentName === undefined ? [] : [data('subagent.error', { ...told, error })]),
    ]
  }
}

const finishReasons = {
  complete: 'stop',
  max_steps: 'tool-calls',
  error: 'error',
  stopped: 'other',
} as const

type Around = Extract<
  SessionEvent,
  { type: `turn.${'start' | 'done'}` | `compaction.${string}` | 'retry' }
>

function dataOf(event: Around): readonly UiChunk[] {
  switch (event.type) {
    case 'turn.start':
    case 'turn.done':
      return [data(event.type, { turnIndex: event.turnNumber })]
    case 'compaction.start':
      return [data('session.compacting', {}), data('compaction.start', {})]
    case 'compaction.pruned':
    case 'compaction.summary':
      return []
    case 'compaction.done': {
      const { tokensBefore, tokensAfter } = event
      return [data('compaction.done', { tokensBefore, tokensAfter })]
    }
    case 'retry': {
      const { attempt, delayMs, error } = event
      return [data('retry', { attempt, reason: error.message, delayMs })]
    }
  }
}

function data(name: string, value: object): UiChunk {
  return { type: `data-oh:${name}`, data: value }
}
