import type { ModelEvent } from '@harnext/core/provider'
import { expectEqual, expectThat, fail } from '../check.ts'
import { differenceFrom, expectedOf } from '../corpus/judge.ts'
import { argsOf } from '../wire/answer.ts'
import type { WireFormat } from '../wire/formats.ts'
import type { Collected } from './collect.ts'

/** That what came is what stands in the body, as the format's own reader has it: an answer, or an error of the right kind. */
export function expectAnswer(format: WireFormat, body: string, collected: Collected): void {
  const difference = differenceFrom(
    expectedOf(format, { status: 200, body, isStream: true }),
    collected,
  )
  if (difference !== null) fail(difference)
  expectParts(collected)
  expectInputs(collected)
}

/** What holds for the parts of every answer, whatever the server sent. */
export function expectParts({ parts }: Collected): void {
  for (const part of parts) {
    expectThat(isFrozen(part), `a part of type ${part.type} is not frozen`)
    if (part.type === 'text' || part.type === 'thinking')
      expectEqual('the type of a text', 'string', typeof part.text)
    if (part.type !== 'tool_call') continue
    const { id, tool } = part
    expectThat(typeof tool === 'string', 'the name of a tool is no text')
    expectThat(typeof id === 'string' && id !== '', `the call of ${tool} has no id`)
  }
}

function expectInputs({ events, parts }: Collected): void {
  const calls = parts.filter((part) => part.type === 'tool_call')
  for (const { id, args } of calls) {
    const streamed = inputOf(events, id)
    if (streamed !== '') expectEqual(`the joined input of ${id}`, args, argsOf(streamed))
  }
  const ids = calls.map(({ id }) => id)
  expectEqual('ids of calls', [...new Set(ids)], ids)
}

function inputOf(events: readonly ModelEvent[], id: string): string {
  return events
    .map((event) => (event.type === 'tool_input' && event.id === id ? event.delta : ''))
    .join('')
}

function isFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return Object.isFrozen(value) && Object.values(value).every(isFrozen)
}
