import { toolCalls, type AssistantMessage, type ToolCallPart } from '@harnext/core/provider'

/**
 * Gives the calls of one answer after the other their ids in a request: what the provider gave stays as it is; an id of another one becomes
 * one that every provider takes; and none is there twice, as some count from 1 in each answer.
 */
export function callIds(api: string): (message: AssistantMessage) => Map<ToolCallPart, string> {
  const used = new Set<string>()
  return (message) => {
    const ids = new Map<ToolCallPart, string>()
    for (const call of toolCalls(message)) {
      const id = unique(message.api === api ? call.id : plain(call.id), used)
      used.add(id)
      ids.set(call, id)
    }
    return ids
  }
}

function plain(id: string): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(id)) return id
  return id.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 56) || 'call'
}

function unique(id: string, used: ReadonlySet<string>): string {
  let free = id
  for (let count = 2; used.has(free); count++) free = `${id.slice(0, 56)}_${count}`
  return free
}
