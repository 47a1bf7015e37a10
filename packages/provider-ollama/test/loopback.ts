import { serveInOrder, type FixtureAnswer, type FixtureServer } from '@harnext/testkit'
import { onTestFinished } from 'vitest'

/** It says something. */
export type Answer = FixtureAnswer & Required<Pick<FixtureAnswer, 'body'>>

/** A server that answers in order and is gone after the test. */
export function serve(...answers: readonly Answer[]): Promise<FixtureServer> {
  return serveInOrder(answers, { contentType: 'application/x-ndjson', onFinished: onTestFinished })
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
