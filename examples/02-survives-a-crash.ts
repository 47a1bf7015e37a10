// A durable session: the log is on disk before anything happens, and a second process goes on where the first one died.
import { strictEqual } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, tool, type Tool } from '@harnext/core'
import { jsonlStore } from '@harnext/core/node'
import { call, scripted } from '@harnext/core/testing'

const home = await mkdtemp(join(tmpdir(), 'harnext-example-'))
const charged: string[] = []
/** Charges once, whatever happens: the key stays the same when the call is made again. */
const charge: Tool = tool({
  name: 'charge',
  description: 'Charges the customer',
  parameters: { type: 'object' },
  recovery: (_args, { idempotencyKey }) =>
    charged.includes(idempotencyKey) ? { output: 'charged before', isError: false } : 'rerun',
  execute: (_args, { idempotencyKey }) => {
    charged.push(idempotencyKey)
    return 'charged'
  },
})
const agentOf = (script: Parameters<typeof scripted>[0]): Agent =>
  new Agent({
    name: 'shop',
    model: 'any',
    adapter: scripted(script),
    tools: [charge],
    store: jsonlStore({ home }),
  })

// The reader leaves right after the charge; a crash would look the same to whoever comes next.
const first = agentOf([[call('1', 'charge')]]).run([], 'Charge the customer.')
for await (const event of first) if (event.type === 'tool_result') break

const { text, steps } = await agentOf(['Done.']).resume(first.sessionId).result
console.log(
  text,
  steps.map(({ output }) => output),
)
strictEqual(charged.length, 1)
await rm(home, { recursive: true })
