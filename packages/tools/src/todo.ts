import { ToolResult, isJsonObject, tool, type Json, type Tool } from '@harnext/core'

interface TodoItem {
  readonly text: string
  readonly status: 'pending' | 'active' | 'done'
}

interface TodoArgs {
  readonly title?: string
  readonly items: readonly TodoItem[]
}

const marks = { pending: '[ ]', active: '[>]', done: '[x]' } as const

const defined = tool<TodoArgs>({
  name: 'todo',
  description:
    'Keeps the list of what is to be done, for work of several steps: the model and the user see how far it is. Each call replaces the whole list. One item is active at a time; mark it done as soon as it is.',
  parameters: {
    type: 'object',
    properties: {
      title: { type: 'string' },
      items: {
        type: 'array',
        maxItems: 100,
        items: {
          type: 'object',
          properties: {
            text: { type: 'string', minLength: 1 },
            status: { enum: ['pending', 'active', 'done'] },
          },
          required: ['text', 'status'],
          additionalProperties: false,
        },
      },
    },
    required: ['items'],
    additionalProperties: false,
  },
  effects: () => [],
  recovery: 'rerun',
  execute({ title, items }) {
    const lines = items.map(({ text, status }) => `${marks[status]} ${text}`)
    const done = items.filter(({ status }) => status === 'done').length
    const head = `${title ?? 'To do'} (${done} of ${items.length} done)`
    return ToolResult.ok([head, ...lines].join('\n'))
  },
})

/** The list lives in the conversation: the last call is what counts. */
export const todo: Tool = { ...defined, validate: (args) => defined.validate(canonical(args)) }

const otherStatus: { readonly [name: string]: string } = {
  in_progress: 'active',
  completed: 'done',
  cancelled: 'done',
}

/** As `TodoWrite` of other systems has it: `todos` with `content`, and other words for the states. */
function canonical(args: Json): Json {
  if (!isJsonObject(args)) return args
  const { todos, items = todos, merge: _merge, ...rest } = args
  if (!Array.isArray(items)) return args
  return { ...rest, items: items.map(canonicalItem) }
}

function canonicalItem(item: Json): Json {
  if (!isJsonObject(item)) return item
  const {
    content,
    text = content,
    status = 'pending',
    id: _id,
    priority: _priority,
    activeForm: _form,
    ...rest
  } = item
  const known = typeof status === 'string' ? (otherStatus[status] ?? status) : status
  return { ...rest, ...(text !== undefined && { text }), status: known }
}
