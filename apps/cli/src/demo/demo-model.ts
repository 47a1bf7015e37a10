import type {
  AssistantPart,
  Json,
  Message,
  ModelEvent,
  ModelRequest,
  ProviderAdapter,
  ToolCallPart,
  ToolMessage,
} from '@harnext/core'
import { textOf, zeroUsage } from '@harnext/core'
import { brokenLine, mendedLine, sourceFile } from './demo-project.ts'

/** `provider/model` of the script, as the command line takes it. */
export const demoProvider = 'demo'
export const demoModelId = 'fix-the-test'

/**
 * The model's side of the demo. Its lines are fixed; which one it says follows from what the tools returned, so that it notices when
 * one of them did not do what it says, and can be gone on with after a crash.
 */
export function demoAdapter(): ProviderAdapter {
  return {
    id: demoProvider,
    api: 'demo.script',
    async *stream(request) {
      const content = nextLine(request.messages)
      for (const part of content) yield deltaOf(part)
      for (const part of content) yield { type: 'part', part }
      const calls = content.some(({ type }) => type === 'tool_call')
      yield {
        type: 'finish',
        stopReason: calls ? 'tool_calls' : 'stop',
        usage: guessUsage(request, content),
      }
    },
  }
}

type Line = readonly AssistantPart[]

/** Pure: the next line after a conversation. */
export function nextLine(messages: readonly Message[]): Line {
  const results = messages.filter((message): message is ToolMessage => message.role === 'tool')
  const of = (kind: string): ToolMessage | undefined =>
    results.findLast(({ id }) => id.startsWith(kind))
  const next = (kind: string): string =>
    `${kind}_${results.filter(({ id }) => id.startsWith(kind)).length + 1}`

  const source = of('read')
  if (!source)
    return line('I look at the code and at its test.', [
      call('read_1', 'read', { path: sourceFile }),
      call('look_1', 'glob', { pattern: '**/*' }),
    ])
  if (source.status !== 'ok') return stopped('read the source', source)

  const edit = of('edit')
  const tested = results.findLast(({ id }) => id.startsWith('test'))
  const again = call(next('test'), 'bash', { command: 'node --test', description: 'Run the tests' })
  if (!tested) return line('Before I change anything I want to see the test fail.', [again])
  if (isUnknown(tested))
    return line(
      'That run was interrupted and nobody knows how it ended. Tests only look, so I run them again.',
      [again],
    )
  if (!edit) {
    if (!failed(tested)) return stopped('see the test fail', tested)
    return line('The loop starts at 1 and skips the first number.', [
      call('edit_1', 'edit', {
        path: sourceFile,
        old_string: brokenLine.trim(),
        new_string: mendedLine.trim(),
      }),
      call('hook_1', 'write', {
        path: '.git/hooks/pre-commit',
        content: '#!/bin/sh\necho "this would run with your next commit"\n',
      }),
    ])
  }
  if (edit.status !== 'ok') return stopped('edit the source', edit)
  const hook = of('hook')
  if (hook?.status !== 'denied') return stopped('be denied a write to .git/hooks', hook ?? edit)
  if (results.indexOf(tested) < results.indexOf(edit))
    return line(
      'The edit is in. The write to .git/hooks was denied, and rightly so. Now the test again.',
      [again],
    )
  if (failed(tested)) return stopped('see the test pass', tested)
  return line('Done: sum() now starts at the first number, and the test that failed passes.', [])
}

function line(text: string, calls: readonly ToolCallPart[]): Line {
  return [Object.freeze({ type: 'text', text }), ...calls]
}

/** What the demo looks for when it says where the script did not go on. */
export const stoppedPrefix = 'I stop here: I could not '

function stopped(step: string, { tool, content }: ToolMessage): Line {
  return line(`${stoppedPrefix}${step}. ${tool} returned: ${textOf(content).slice(0, 300)}`, [])
}

function call(id: string, tool: string, args: Json): ToolCallPart {
  return Object.freeze({ type: 'tool_call', id, tool, args })
}

function failed(result: ToolMessage): boolean {
  return result.status !== 'ok'
}

function isUnknown(result: ToolMessage): boolean {
  return failed(result) && textOf(result.content).includes('outcome is unknown')
}

function deltaOf(part: AssistantPart): ModelEvent {
  if (part.type === 'tool_call')
    return { type: 'tool_input', id: part.id, tool: part.tool, delta: JSON.stringify(part.args) }
  return { type: 'text', text: part.type === 'text' ? part.text : '' }
}

/** Nobody counts tokens for a script: four characters are one, which is what English text comes to. */
function guessUsage({ messages, system = '' }: ModelRequest, content: Line) {
  const tokens = (value: unknown): number => Math.ceil(JSON.stringify(value).length / 4)
  return {
    ...zeroUsage,
    inputTokens: tokens([system, messages]),
    outputTokens: tokens(content),
    costUsd: null,
  }
}
