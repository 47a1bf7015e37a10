import type { AssistantPart, Message } from '../messages.ts'
import { toWireName } from '../tool/names.ts'
import type { ModelEvent, ModelRequest } from './adapter.ts'
import { omitImages } from './omit-images.ts'

export interface WireRequest {
  readonly request: ModelRequest
  /** What of the messages that are new since the last request cannot be sent. */
  readonly warnings: readonly ModelEvent[]
}

/**
 * Makes requests that hold only what their model takes: names that every vendor knows (`mcp:server.tool` of the log is
 * `mcp__server__tool` to an adapter), and texts in the place of images where it sees none. One for each run: a history that grows is
 * looked at once, and what it becomes keeps its identity, too.
 */
export function wireRequests(): (request: ModelRequest, takesImages: boolean) => WireRequest {
  const toMessages = wireMessages()
  return (request, takesImages) => {
    const { messages, warnings } = toMessages(request.messages, takesImages)
    const { toolChoice: choice } = request
    const named = typeof choice === 'object' ? toWireName(choice.tool) : undefined
    if (named !== undefined)
      return { request: { ...request, messages, toolChoice: { tool: named } }, warnings }
    return { request: messages === request.messages ? request : { ...request, messages }, warnings }
  }
}

interface WireMessages {
  readonly messages: readonly Message[]
  readonly warnings: readonly ModelEvent[]
}

function wireMessages(): (messages: readonly Message[], takesImages: boolean) => WireMessages {
  let source: readonly Message[] = []
  let seen = 0
  let tookImages = true
  let renamed: Message[] | undefined
  return (messages, takesImages) => {
    if (messages !== source || messages.length < seen || takesImages !== tookImages) {
      source = messages
      seen = 0
      tookImages = takesImages
      renamed = undefined
    }
    let omitted = 0
    for (; seen < messages.length; seen++) {
      const message = messages[seen]
      if (!message) continue
      const readable = takesImages ? message : omitImages(message)
      if (readable !== message) omitted += 1
      const wire = toWireMessage(readable)
      if (wire !== message) renamed ??= messages.slice(0, seen)
      renamed?.push(wire)
    }
    const message = `The model takes no images: those of ${omitted} messages are left out.`
    const warnings: readonly ModelEvent[] = omitted
      ? [{ type: 'warning', code: 'unsupported_part', message }]
      : []
    return { messages: renamed ?? messages, warnings }
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
