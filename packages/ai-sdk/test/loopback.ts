import { serveInOrder, type FixtureAnswer, type FixtureServer } from '@harnext/testkit'
import { onTestFinished } from 'vitest'

/** It says something. */
export type Answer = FixtureAnswer & Required<Pick<FixtureAnswer, 'body'>>

/** A server that answers in order and is gone after the test. */
export function serve(...answers: readonly Answer[]): Promise<FixtureServer> {
  return serveInOrder(answers, { onFinished: onTestFinished })
}

/** An error as the vendor sends it. */
export function errorAnswer(
  status: number,
  type: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ type: 'error', error: { type, message }, request_id: 'req_1' }),
  }
}
