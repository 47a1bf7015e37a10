import { ConfigError } from '../errors.ts'
import type { RunEvent } from '../events.ts'
import type { OpenTools, ToolSource, ToolSourceContext } from '../tool/tool-source.ts'
import type { Tool } from '../tool/tool.ts'

/** The tools of a run: those that were given, and those of the sources. */
export interface RunTools {
  readonly tools: readonly Tool[]
  /** What the reader of the run is to be told now. */
  takeNotices(): readonly RunEvent[]
  /** What the person said, with the commands of the sources as what they stand for. */
  expand(input: readonly RunEvent[]): Promise<readonly RunEvent[]>
  close(): Promise<void>
}

/**
 * Opens all sources at once. When one fails, the others are closed again, and its error is thrown. A run that was cancelled meanwhile
 * needs none of them.
 */
export async function openTools(
  given: readonly Tool[],
  sources: readonly ToolSource[],
  context: ToolSourceContext,
): Promise<RunTools> {
  const wanted = context.signal.aborted ? [] : sources
  const settled = await Promise.allSettled(wanted.map((source) => source.open(context)))
  const opened = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((one) => one.close()))
  }
  if (context.signal.aborted) {
    await close()
    const expand = async (input: readonly RunEvent[]): Promise<readonly RunEvent[]> => input
    return { tools: given, takeNotices: () => [], expand, close: async () => {} }
  }
  try {
    const failed = settled.find((one) => one.status === 'rejected')
    if (failed) throw failed.reason
    const tools = [...given, ...opened.flatMap((one) => one.tools)]
    checkToolNames(tools)
    const atStart = opened.flatMap(({ warnings = [] }) => warnings)
    const takeNotices = (): readonly RunEvent[] => {
      const since = opened.flatMap((one) => one.takeWarnings?.() ?? [])
      return [...atStart.splice(0), ...since].map((each) => ({ type: 'warning', ...each }) as const)
    }
    return { tools, takeNotices, expand: (input) => expandCommand(input, opened), close }
  } catch (error) {
    await close()
    throw error
  }
}

/** A command is all that was said, or stands before what is sent with it. */
async function expandCommand(
  input: readonly RunEvent[],
  opened: readonly OpenTools[],
): Promise<readonly RunEvent[]> {
  const [event, ...others] = input
  if (event?.type !== 'message' || event.message.role !== 'user' || others.length) return input
  const [first, ...rest] = event.message.content
  if (first?.type !== 'text') return input
  for (const source of opened) {
    const content = await source.expand?.(first.text)
    if (content)
      return [{ ...event, message: { ...event.message, content: [...content, ...rest] } }]
  }
  return input
}

/** Throws `ConfigError` when two tools have one name. */
export function checkToolNames(tools: readonly Tool[]): void {
  const names = tools.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new ConfigError(`Two tools have the name ${twice}.`)
}
