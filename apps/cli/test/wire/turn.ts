/** An answer of a model, whatever its vendor. */
export interface Turn {
  /** As it streams. */
  readonly text: readonly string[]
  readonly calls: readonly TurnCall[]
}
export interface TurnCall {
  readonly name: string
  readonly input: object
}

/** What every answer takes, as every vendor counts it. */
export const tokensOfTurn = { input: 1000, output: 50 }

/** How a vendor says it, and where it is asked. */
export interface Vendor {
  readonly id: string
  /** Of the model that is taken when none is named. */
  readonly model: string
  /** The environment of a person who uses it, with the server at `url` in its place. */
  readonly env: (url: string) => { readonly [name: string]: string }
  /** Where answers are asked for. */
  readonly path: string
  /** What is asked besides, and the answer. */
  readonly facts?: { readonly path: string; readonly body: object }
  /** The header that carries the key, and what is in it. */
  readonly key?: readonly [name: string, value: string]
  readonly contentType: string
  /** The bytes of an answer; `index` counts the answers from 0. */
  readonly encode: (turn: Turn, index: number) => string
}

export function sse(events: readonly object[], isNamed: boolean): string {
  return events
    .map((event) => {
      const name = isNamed && 'type' in event ? `event: ${String(event.type)}\n` : ''
      return `${name}data: ${JSON.stringify(event)}\n\n`
    })
    .join('')
}

/** An object's JSON in two pieces, as arguments come. */
export function halves(input: object): readonly [string, string] {
  const json = JSON.stringify(input)
  const middle = Math.floor(json.length / 2)
  return [json.slice(0, middle), json.slice(middle)]
}
