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
  word: string,
  message: string,
  details: readonly object[] = [],
): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=UTF-8' },
    body: JSON.stringify({ error: { code: status, message, status: word, details } }),
  }
}

export function bytewise(text: string): Uint8Array[] {
  return Array.from(new TextEncoder().encode(text), (byte) => Uint8Array.of(byte))
}
