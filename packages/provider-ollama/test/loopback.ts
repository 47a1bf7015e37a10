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
  const streamed = { 'content-type': 'application/x-ndjson' }
  const server = await startFixtureServer(
    inOrder(answers.map((answer) => ({ ...answer, headers: { ...streamed, ...answer.headers } }))),
  )
  onTestFinished(() => server.close())
  return server
}

/** An error as the vendor sends it. */
export function errorAnswer(status: number, error: string): Answer {
  return json({ error }, status)
}

/** One answer that is not streamed. */
export function json(body: object, status = 200): Answer {
  const headers = { 'content-type': 'application/json; charset=utf-8' }
  return { status, headers, body: JSON.stringify(body) }
}

export function bytewise(text: string): Uint8Array[] {
  return Array.from(new TextEncoder().encode(text), (byte) => Uint8Array.of(byte))
}
