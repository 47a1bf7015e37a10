/**
 * The task of every session: what the model says depends on nothing but how often it has asked for tools, so that whatever process asks it
 * gets the same answer.
 */
export interface TaskTurn {
  readonly text: string
  readonly calls: readonly TaskCall[]
}
export interface TaskCall {
  readonly id: string
  /** `effect` is done once or its outcome is unknown; `look` may be repeated; `settle` finds out what became of it. */
  readonly kind: 'effect' | 'look' | 'settle'
}

export const taskPrompt = 'Do what is to be done.'
export const lastWords = 'All of it is done.'

/** What the model says when it has asked for tools `asked` times. Several calls of a turn run side by side. */
export function taskTurn(asked: number): TaskTurn {
  const shape = shapes[asked] ?? []
  const calls = shape.map((kind, index) => ({ id: `call_${asked}_${index}`, kind }))
  return { text: calls.length ? `Step ${asked + 1}.` : lastWords, calls }
}

export const taskCalls: () => readonly TaskCall[] = () =>
  shapes.flatMap((_, asked) => taskTurn(asked).calls)

const shapes: readonly (readonly TaskCall['kind'][])[] = [
  ['effect'],
  ['effect', 'look'],
  ['settle'],
  ['effect', 'effect', 'look'],
  ['look', 'settle', 'effect'],
]
