import { serveInOrder, type FixtureAnswer, type FixtureServer } from '@harnext/testkit'
import { onTestFinished } from 'vitest'

/** It says something. */
export type Answer = FixtureAnswer & Required<Pick<FixtureAnswer, 'body'>>

/** A server that answers in order and is gone after the test. */
export function serve(...answers: readonly Answer[]): Promise<FixtureServer> {
  return serveInOrder(answers, { onFinished: onTestFinished })
}

/** An error as OpenAI sends it. */
export function errorAnswer(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', 'x-request-id': 'req_1', ...headers },
    body: JSON.stringify({ error: { message, type: 'error_type', param: null, code } }),
  }
}

export const json: Readonly<Record<string, string>> = { 'content-type': 'application/json' }

/** Events as they stand on the wire; with the vendor's names where it has them. */
export function sse(events: readonly object[], end = ''): string {
  const lines = events.map((event) => {
    const name = 'type' in event ? `event: ${String(event.type)}\n` : ''
    return `${name}data: ${JSON.stringify(event)}\n\n`
  })
  return lines.join('') + end
}

export const done = 'data: [DONE]\n\n'
