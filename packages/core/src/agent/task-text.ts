import type { SubagentResult } from '../events.ts'

// What the model is told of a child, in the forms that it is told of all children.

/** `id` where the child can be gone on with, or runs in the background. A failure says how it failed, and keeps the text so far. */
export function taskResultText(result: SubagentResult, id?: string): string {
  const { agent, stopReason, error, text } = result
  const failed = stopReason !== 'complete'
  const attributes = {
    agent,
    ...(id !== undefined && { session_id: id }),
    ...(failed && { status: stopReason === 'cancelled' ? 'cancelled' : 'failed' }),
    ...(failed && { stop_reason: stopReason, code: error?.code ?? stopReason }),
  }
  const body = [
    ...(failed && error ? [`The agent did not finish: ${error.message}`] : []),
    ...(failed && text ? ['What it said last:'] : []),
    text || '(no output)',
  ]
  return `${openTag('task_result', attributes)}\n${body.join('\n')}\n</task_result>`
}

export function openTag(
  name: string,
  attributes: { readonly [key: string]: string },
  closed = false,
): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value)}"`)
  return `<${name}${written.join('')}${closed ? '/' : ''}>`
}

function escaped(value: string): string {
  return value.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`)
}
