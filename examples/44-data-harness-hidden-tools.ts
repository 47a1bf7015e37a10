// Tools that the model does not see until it loads them: a long list costs nothing before it is needed.
import { deepStrictEqual, strictEqual } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Harness, type ToolSpec } from '@harnext/compat/data-harness'
import { call, scripted } from '@harnext/core/testing'

const connector = (name: string, description: string): ToolSpec => ({
  name,
  description,
  inputSchema: { type: 'object' },
  visible: false,
  handler: () => `${name}: 3 rows`,
})

// Answers from a script, so that this runs without a key. With one, put: anthropic({ apiKey })
const adapter = scripted([
  [call('1', 'load_tools', { names: ['crm__customers'] })],
  [call('2', 'crm__customers')],
  'There are 3 customers.',
])
const runDir = await mkdtemp(join(tmpdir(), 'harnext-example-'))
const harness = new Harness({
  adapter,
  model: 'any',
  system: 'You answer questions about the company.',
  tools: [
    connector('crm__customers', 'All customers'),
    connector('crm__contacts', 'All contacts'),
    connector('shop__orders', 'All orders'),
  ],
  runDir,
})

const answer = await harness.run('How many customers are there?')
console.log(answer)

await rm(runDir, { recursive: true })

strictEqual(answer, 'There are 3 customers.')
deepStrictEqual(
  adapter.requests.map(({ tools }) => tools?.map(({ name }) => name)),
  // What is loaded joins at the end of the list.
  [['load_tools'], ['load_tools', 'crm__customers'], ['load_tools', 'crm__customers']],
)
