import type { AssistantPart, Message } from '../messages.ts'
import { toWireName } from '../tool/names.ts'
import type { ModelRequest } from './adapter.ts'

/**
 * Makes requests that hold only names which every vendor takes: `mcp:server.tool` of the log is `mcp__server__tool` to an adapter. One
 * for each run: a history that grows is looked at once, and what it becomes keeps its identity, too.
 */
export function wireRequests(): (request: ModelRequest) => ModelRequest {
  const toMessages = wireMessages()
  return (request) => {
    const messages = toMessages(request.messages)
    const { toolChoice: choice } = request
    const named = typeof choice === 'object' ? toWireName(choice.tool) : undefined
    if (named !== undefined) return { ...request, messages, toolChoice: { tool: named } }
    return messages === request.messages ? request : { ...request, messages }
  }
}

function wireMessages(): (messages: readonly Message[]) => readonly Message[] {
  let source: readonly Message[] = []
  let seen = 0
  let renamed: Message[] | undefined
  return (messages) => {
    if (messages !== source || messages.length < seen) {
      source = messages
      seen = 0
      renamed = undefined
    }
    for (; seen < messages.length; seen++) {
      const message = messages[seen]
      if (!message) continue
      const wire = toWireMessage(message)
      if (wire !== message) renamed ??= messages.slice(0, seen)
      renamed?.push(wire)
    }
    return renamed ?? messages
  }
}

function toWireMessage(message: Message): Message {
  switch (message.role) {
    case 'user':
      return message
    case 'tool': {
      const tool = toWireName(message.tool)
      return tool === message.tool ? message : Object.freeze({ ...message, tool })
    }
    case 'assistant': {
      const isRenamed = (part: AssistantPart): boolean =>
        part.type === 'tool_call' && toWireName(part.tool) !== part.tool
      if (!message.content.some(isRenamed)) return message
      return Object.freeze({ ...message, content: message.content.map(toWirePart) })
    }
  }
}

function toWirePart(part: AssistantPart): AssistantPart {
  return part.type === 'tool_call' ? Object.freeze({ ...part, tool: toWireName(part.tool) }) : part
}
