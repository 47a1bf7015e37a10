import { readFile, readdir } from 'node:fs/promises'
import path from 'node:path'
import { Agent, tool, visible, type RunEvent } from '@harnext/core'
import { jsonlStore } from '@harnext/core/node'
import { call, scripted } from '@harnext/core/testing'
import type { Outcome, TextCase } from './case.ts'
import { makePlace } from './place.ts'

const raw =
  // oxlint-disable-next-line no-control-regex -- they are what it looks for
  /[\0-\x08\x0B-\x1F\x7F-\x9F\u200B-\u200F\u202A-\u202E\u2060-\u206F\uFEFF]|[\u{E0000}-\u{E007F}]/u

/** Text of a model, a tool or a server as it reaches a terminal. */
export function runRender({ input, expect }: TextCase): Outcome {
  const shown = visible(input.text)
  const left = raw.exec(shown)?.[0]
  if (left !== undefined) return `the character ${JSON.stringify(left)} is left as it is`
  if (expect.visibleEscapes && shown.length < input.text.length)
    return `characters are gone: ${JSON.stringify(shown)}`
  return null
}

/** Text that a tool gives, in the events of its run and in the file of its session. */
export async function runLog(template: TextCase): Promise<Outcome> {
  const place = await makePlace(template)
  try {
    const { input, expect } = place.attack
    const store = jsonlStore({ home: place.harnextHome })
    const give = tool({
      name: 'give',
      description: 'Gives a text',
      parameters: { type: 'object' },
      effects: () => [],
      execute: () => input.text,
    })
    const agent = new Agent({
      name: 'attacks',
      adapter: scripted([[call('c1', 'give', {})], 'done']),
      model: 'm',
      tools: [give],
      store,
    })
    const events: RunEvent[] = []
    for await (const event of agent.run([], 'go')) events.push(event)
    const secret = expect.notContains ?? input.text
    if (JSON.stringify(events).includes(secret)) return 'it is in an event'
    const files = await readdir(place.harnextHome, { recursive: true, withFileTypes: true })
    const logs = files.filter((file) => file.isFile())
    if (logs.length === 0) throw new Error('Nothing was recorded.')
    for (const { parentPath, name } of logs)
      if ((await readFile(path.join(parentPath, name), 'utf8')).includes(secret))
        return 'it is in the file of the session'
    return null
  } finally {
    await place.remove()
  }
}
