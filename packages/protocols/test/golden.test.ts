import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { RunEvent } from '@harnext/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  createContentBlocksProjector,
  createDottedEventsProjector,
  createMessagesProjector,
  createStreamJsonProjector,
  createUiMessageStreamProjector,
  type Projector,
} from '../src/index.ts'
import { scenarios } from './scenarios.ts'

// What every projection makes of every kind of run, line by line. UPDATE_GOLDEN=1 writes the files anew: read the difference.

const folder = path.join(import.meta.dirname, '__golden__')
const update = process.env['UPDATE_GOLDEN'] === '1'

const projections: Readonly<Record<string, () => Projector<unknown>>> = {
  'stream-json': () => createStreamJsonProjector({ permissionMode: 'auto', cwd: '/work' }),
  'stream-json-verbose': () =>
    createStreamJsonProjector({
      includePartialMessages: true,
      permissionRequests: true,
      replayUserMessages: true,
    }),
  'ui-message-stream': () => createUiMessageStreamProjector(),
  'content-blocks': () => createContentBlocksProjector(),
  'dotted-events': () => createDottedEventsProjector(),
  messages: () => createMessagesProjector(),
}

const names = Object.keys(scenarios)
const recorded = new Map<string, readonly RunEvent[]>()
beforeAll(async () => {
  for (const [name, scenario] of Object.entries(scenarios)) recorded.set(name, await scenario())
})

const fileName = (name: string): string => `${name.replaceAll(' ', '-')}.jsonl`

test.each(
  Object.keys(projections).flatMap((projection) => names.map((name) => [projection, name])),
)('%s: %s', async (projection = '', name = '') => {
  const projector = projections[projection]?.()
  const events = recorded.get(name) ?? []
  expect(events.at(-1)?.type).toBe('run_end')
  const out = [
    ...events.flatMap((event) => projector?.push(event) ?? []),
    ...(projector?.end() ?? []),
  ]
  const lines = out.map((value) => `${JSON.stringify(value)}\n`).join('')
  const file = path.join(folder, projection, fileName(name))
  if (update) {
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, lines)
  }
  expect(lines).toBe(await readFile(file, 'utf8'))
})

test('there is no file without a test', async () => {
  for (const projection of Object.keys(projections))
    expect((await readdir(path.join(folder, projection))).toSorted()).toEqual(
      names.map(fileName).toSorted(),
    )
})

beforeAll(async () => {
  if (update) await rm(folder, { recursive: true, force: true })
})
afterAll(() => {
  if (update) console.warn('The golden files were written anew.')
})
