import {
  inOrder,
  startFixtureServer,
  type FixtureAnswer,
  type FixtureServer,
} from '@harnext/testkit'
import { onTestFinished } from 'vitest'

/** It says something. */
export type Answer = FixtureAnswer & Required<Pick<FixtureAnswer, 'body'>>

/** A server that answers in order and is gone after the test. */
export async function serve(...answers: readonly Answer[]): Promise<FixtureServer> {
  const streamed = { 'content-type': 'text/event-stream; charset=utf-8' }
  const server = await startFixtureServer(
    inOrder(answers.map((answer) => ({ ...answer, headers: { ...streamed, ...answer.headers } }))),
  )
  onTestFinished(() => server.close())
  return server
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
