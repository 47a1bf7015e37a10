import type {
  ImagePart,
  Opaque,
  TextPart,
  AssistantMessage,
  AssistantPart,
  Json,
  ToolMessage,
  ToolPart,
} from '@harnext/core/provider'

// Messages in few words.

export const text = (value: string): TextPart => ({ type: 'text', text: value })

export const assistant = (
  api: string,
  content: readonly AssistantPart[],
  more: Partial<AssistantMessage> = {},
): AssistantMessage => ({
  role: 'assistant',
  content,
  provider: 'p',
  api,
  model: 'm',
  stopReason: 'stop',
  ...more,
})

export const call = (id: string, args: Json = {}): AssistantPart => ({
  type: 'tool_call',
  id,
  tool: 'add',
  args,
})

export const result = (
  id: string,
  content: readonly ToolPart[] = [text('ok')],
  status: ToolMessage['status'] = 'ok',
): ToolMessage => ({ role: 'tool', id, tool: 'add', status, content })

export const image: ImagePart = { type: 'image', mediaType: 'image/png', data: 'QQ==' }

export const opaque = (by: string, data: Json): { readonly opaque: Opaque } => ({
  opaque: { by, model: 'm', data },
})
