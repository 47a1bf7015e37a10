import type { PermissionModeName, RunEvent, RunResult } from '@harnext/core'
import type { RunSettings } from '../command.ts'
import type { Chunk } from './chunk.ts'
import { toJson } from './json.ts'
import { TextRenderer, type TextOptions } from './text.ts'

/** What goes where: standard output holds what was asked for and nothing else, standard error tells a person what happens. */
export interface Presenter {
  readonly show: (event: RunEvent) => readonly Chunk[]
  readonly end: (result: RunResult) => readonly Chunk[]
}

export interface PresenterOptions extends TextOptions {
  readonly folder: string
  readonly mode: PermissionModeName
}

type Wanted = Pick<RunSettings, 'format' | 'isPartial' | 'isDriven' | 'outputSchema'>

/** One serves all runs of a conversation. What a format needs is loaded when it is asked for. */
export async function createPresenter(
  wanted: Wanted,
  options: PresenterOptions,
): Promise<Presenter> {
  const text = new TextRenderer(options)
  const told = (event: RunEvent) => text.render(event).filter(({ to }) => to === 'stderr')
  if (wanted.format === 'stream-json') {
    const toLines = await streamJson(wanted, options)
    return { show: (event) => [...toLines(event), ...told(event)], end: () => [] }
  }
  if (wanted.format === 'json') return { show: told, end: (result) => [line(result)] }
  if (wanted.outputSchema === undefined)
    return { show: (event) => text.render(event), end: () => [] }
  return {
    show: told,
    end: ({ success, output }) => (success ? [line(output)] : []),
  }
}

async function streamJson(
  { isPartial, isDriven }: Wanted,
  { folder, mode }: PresenterOptions,
): Promise<(event: RunEvent) => readonly Chunk[]> {
  const { createStreamJsonProjector } = await import('@harnext/protocols/stream-json')
  const projector = createStreamJsonProjector({
    cwd: folder,
    permissionMode: mode,
    includePartialMessages: isPartial,
    permissionRequests: isDriven,
  })
  return (event) => projector.push(event).map(line)
}

function line(value: unknown): Chunk {
  return { to: 'stdout', text: `${toJson(value)}\n` }
}
