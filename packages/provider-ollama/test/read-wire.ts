// A second reader of the vendor's answers, written for the tests alone: it takes the body as one text, so that the adapter's reading
// is compared with something that is not the adapter.

export interface WireAnswer {
  readonly text: string
  readonly thinking: string
  readonly calls: readonly { readonly id?: string; readonly function: WireFunction }[]
  readonly isDone: boolean
  readonly reason: string | undefined
  readonly inputTokens: number | undefined
  readonly outputTokens: number | undefined
  readonly error: string | undefined
}

export interface WireFunction {
  readonly name: string
  readonly arguments: object
}

export function readWire(body: string): WireAnswer {
  const lines: LooseLine[] = body
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const last = lines.at(-1)
  return {
    text: lines.map(({ message }) => message?.content ?? '').join(''),
    thinking: lines.map(({ message }) => message?.thinking ?? '').join(''),
    calls: lines.flatMap(({ message }) => message?.tool_calls ?? []),
    isDone: lines.some(({ done }) => done),
    reason: last?.done_reason,
    inputTokens: last?.prompt_eval_count,
    outputTokens: last?.eval_count,
    error: last?.error,
  }
}

/** As loose as the wire is; what is read of it is compared in the tests. */
interface LooseLine {
  readonly message?: {
    readonly content?: string
    readonly thinking?: string
    readonly tool_calls?: WireAnswer['calls']
  }
  readonly done?: boolean
  readonly done_reason?: string
  readonly prompt_eval_count?: number
  readonly eval_count?: number
  readonly error?: string
}
