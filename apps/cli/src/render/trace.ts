import type { RunEvent } from '@harnext/core'

/** Something that took time: a turn of the model, or a call. Milliseconds since the run began. */
export interface Span {
  readonly name: string
  readonly kind: 'model' | 'tool'
  readonly start: number
  end: number
  status: 'open' | 'ok' | 'error' | 'denied'
}

/** When what happened, from the events as they come. Those of subagents count for their call. */
export class Trace {
  /** `provider/model`; empty before the run began. */
  model = ''
  readonly #spans: Span[] = []
  readonly #calls = new Map<string, Span>()
  #began: number | undefined

  /** `now`: milliseconds; only differences count. */
  see(event: RunEvent, now: number): void {
    this.#began ??= now
    const at = now - this.#began
    if (event.agentPath?.length) return
    if (event.type === 'run_start' || event.type === 'run_resumed')
      this.model = `${event.provider}/${event.model}`
    else if (event.type === 'turn_start') this.#open(`turn ${event.turn}`, 'model', at)
    else if (event.type === 'message' && event.message.role === 'assistant')
      this.#close(this.#spans.at(-1), at, 'ok')
    else if (event.type === 'tool_start')
      this.#calls.set(event.id, this.#open(event.tool, 'tool', at))
    else if (event.type === 'tool_result') {
      // A call that was denied never began.
      const span = this.#calls.get(event.id) ?? this.#open(event.tool, 'tool', at)
      this.#close(span, at, event.status)
    } else if (event.type === 'run_end') {
      for (const span of this.#spans) this.#close(span, at, 'error')
    }
  }

  /** In the order in which they began. */
  get spans(): readonly Readonly<Span>[] {
    return this.#spans
  }

  #open(name: string, kind: Span['kind'], start: number): Span {
    const span: Span = { name, kind, start, end: start, status: 'open' }
    this.#spans.push(span)
    return span
  }

  #close(span: Span | undefined, end: number, status: Span['status']): void {
    if (span?.status !== 'open') return
    span.end = end
    span.status = status
  }
}
