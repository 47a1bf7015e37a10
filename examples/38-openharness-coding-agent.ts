// A coding agent: harnext's own tools for files and commands, in a folder of yours, with its permissions.
import { deepStrictEqual, strictEqual } from 'node:assert'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent } from '@harnext/compat/openharness'
import { localWorkspace } from '@harnext/core/node'
import { call, scripted } from '@harnext/core/testing'
import { builtinTools } from '@harnext/tools'

const folder = await mkdtemp(join(tmpdir(), 'harnext-example-'))
await writeFile(join(folder, 'auth.js'), 'export const token = "secret"\n')

// Answers from a script, so that this runs without a key. With one, put: const model = openai('gpt-5.6')
const adapter = scripted([
  [call('1', 'read', { path: 'auth.js' })],
  [
    call('2', 'edit', {
      path: 'auth.js',
      old_string: '"secret"',
      new_string: 'process.env.TOKEN',
    }),
    call('3', 'bash', { command: 'rm -rf .' }),
  ],
  'The token comes from the environment now.',
])
const agent = new Agent({
  name: 'dev',
  model: { adapter, model: 'any' },
  tools: builtinTools,
  workspace: localWorkspace({ roots: [folder] }),
  // Without these two, every call runs, as in OpenHarness; only what is protected always stays protected.
  permissionMode: 'auto',
  rules: [{ tool: 'bash', decision: 'deny' }],
  maxSteps: 20,
})

const calls: string[] = []
for await (const event of agent.run([], 'Refactor the auth module')) {
  if (event.type === 'text.delta') process.stdout.write(event.text)
  if (event.type === 'tool.done' || event.type === 'tool.error')
    calls.push(`${event.toolName}: ${event.type}`)
}
console.log()
await agent.close()

const code = await readFile(join(folder, 'auth.js'), 'utf8')
await rm(folder, { recursive: true })

strictEqual(code, 'export const token = process.env.TOKEN\n')
deepStrictEqual(calls.toSorted(), ['bash: tool.error', 'edit: tool.done', 'read: tool.done'])
