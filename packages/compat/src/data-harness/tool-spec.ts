import {
  tool,
  type Awaitable,
  type Effect,
  type Json,
  type JsonSchema,
  type StandardSchema,
  type Tool,
  type ToolContext,
} from '@harnext/core'

/** What a tool is, for whoever reads the log; it is not sent to the model. */
export interface ToolAnnotations {
  readonly title?: string
  /** Touches nothing: such calls run side by side, all others one after the other. */
  readonly readOnly?: boolean
  readonly cacheMutating?: boolean
  readonly destructive?: boolean
  readonly openWorld?: boolean
}

export interface ToolSpec {
  readonly name: string
  readonly description: string
  readonly inputSchema: StandardSchema | JsonSchema
  /** Text or JSON is the result; what it throws is an error result. `null`: there is only the declaration, a call of it is an error. */
  readonly handler: ((args: never, context: ToolContext) => Awaitable<unknown>) | null
  /** `false`: the model does not see it until it loads it. Read when a run begins. @default true */
  visible?: boolean
  readonly annotations?: ToolAnnotations
}

/** Stands before code that the model wrote: `false` blocks it, a text is taken for its result, anything else lets it run. */
export type OnCode = (code: string) => Awaitable<boolean | string | null | void>

export interface CodeGate {
  readonly onCode?: OnCode
  /** No code runs: the model is shown what would have run. */
  readonly codeOnly?: boolean
}

/** The tool whose `code` passes the gate. */
const INTERPRETER = 'python_interpreter'

export function toTool(spec: ToolSpec, gate: CodeGate): Tool {
  const { name, description, inputSchema, handler, visible = true, annotations } = spec
  return tool<Json>({
    name,
    description,
    parameters: inputSchema as StandardSchema<Json> | JsonSchema,
    effects: () => (annotations?.readOnly ? [] : oneByOne),
    ...(!visible && { loadable: true }),
    async execute(args, context) {
      if (!handler) throw new Error(`The tool ${name} has no handler.`)
      const held = name === INTERPRETER ? await holdCode(codeOf(args), gate) : undefined
      return held ?? handler(args as never, context)
    },
  })
}

/** Nobody knows what a handler does: it may change what another one reads. */
const oneByOne: readonly Effect[] = [{ kind: 'unknown' }]

function codeOf(args: Json): string {
  const { code } = args as { readonly code?: unknown }
  return typeof code === 'string' ? code : ''
}

/** What the model is told in place of a result; `undefined` when the code may run. */
async function holdCode(code: string, { onCode, codeOnly }: CodeGate): Promise<string | undefined> {
  if (codeOnly) return `DRY RUN — code not executed:\n${code}`
  const answer = await onCode?.(code)
  if (answer === false) return 'Execution blocked by the approval gate.'
  return typeof answer === 'string' ? answer : undefined
}
