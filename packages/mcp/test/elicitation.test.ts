import { tmpdir } from 'node:os'
import { Agent, type JsonObject, type RunEvent } from '@harnext/core'
import { localWorkspace } from '@harnext/core/node'
import { call, collect, scripted } from '@harnext/core/testing'
import { expect, test } from 'vitest'
import type { ElicitationRequest, McpOptions } from '../src/index.ts'
import { scenario, serversOf, until } from './support/world.ts'

const wants = (properties: JsonObject) => ({
  mode: 'form',
  message: 'Who are you?\u202e',
  requestedSchema: { type: 'object', properties, required: Object.keys(properties) },
})
const name = { name: { type: 'string', title: 'Your name' } }

/** What the call of a server that asks came to, and the warnings of the run. */
async function asking(elicit: JsonObject, options: Partial<McpOptions>, timeout = 10_000) {
  const server = scenario({ tools: [{ name: 'elicit', does: 'elicit' }], elicit })
  const mcp = await serversOf({ s: { ...server, timeout } }, options)
  const agent = new Agent({
    name: 'test',
    adapter: scripted([[call('1', 'mcp__s__elicit')], 'done']),
    model: 'm',
    permissionMode: 'bypass',
    toolSources: [mcp],
    workspace: localWorkspace({ roots: [tmpdir()] }),
  })
  const run = agent.run([], 'go')
  const events: readonly RunEvent[] = await collect(run)
  const [step] = (await run.result).steps
  const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.message] : []))
  return { step, warnings }
}

test('what a server wants to know reaches the person, and their answer the server', async () => {
  const asked: ElicitationRequest[] = []
  const { step, warnings } = await asking(wants(name), {
    onElicitation: async (request) => {
      asked.push(request)
      return { action: 'accept', content: { name: 'Ada' } }
    },
  })
  expect(JSON.parse(step?.output ?? '')).toEqual({ action: 'accept', content: { name: 'Ada' } })
  expect(asked).toMatchObject([{ server: 's', schema: { properties: name } }])
  expect(asked[0]?.message).toMatch(/^Who are you\?/)
  expect(asked[0]?.message).not.toContain('\u202e')
  expect(warnings).toEqual([])
})

test.each([
  [wants({ apiKey: { type: 'string' } }), 'a secret is nothing for a form'],
  [{ mode: 'url', message: 'Go', url: 'file:///etc', elicitationId: '1' }, 'no address of the web'],
])('%j is declined without the person, and the run says so', async (elicit, reason) => {
  const { step, warnings } = await asking(elicit, { onElicitation: () => Promise.reject() })
  expect(JSON.parse(step?.output ?? '')).toEqual({ action: 'decline' })
  expect(warnings).toEqual([expect.stringContaining(reason)])
})

test('where nobody is there it is declined, with a warning that says what was asked', async () => {
  const { step, warnings } = await asking(wants(name), {
    onElicitation: async () => ({ action: 'decline', reason: 'nobody is there' }),
  })
  expect(JSON.parse(step?.output ?? '')).toEqual({ action: 'decline' })
  expect(warnings[0]).toMatch(
    /^The MCP server s wanted to know .*"Who are you\?.*: nobody is there\.$/,
  )
})

test('a server that nobody answers for cannot ask', async () => {
  const { step } = await asking(wants(name), {})
  expect(step?.output).toContain('Method not found')
})

test('the time limit of a call stands still while the person thinks', async () => {
  let others = 0
  const { step } = await asking(
    wants(name),
    {
      onElicitation: async () => {
        // Longer than the call may take, by any clock.
        const begun = performance.now()
        await until(() => performance.now() - begun > 900 && ++others > 3)
        return { action: 'accept', content: { name: 'Ada' } }
      },
    },
    300,
  )
  expect(step).toMatchObject({ status: 'ok', output: expect.stringContaining('Ada') })
})
