// Code that a model writes passes you first: let it run, block it, answer in its place, or only show it.
import { deepStrictEqual } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Harness, type ToolSpec } from '@harnext/compat/data-harness'
import { call, scripted } from '@harnext/core/testing'

const ran: string[] = []
// The tool of this name passes the gate. What runs the code is yours: a container, a worker, a service.
const interpreter: ToolSpec = {
  name: 'python_interpreter',
  description: 'Runs Python',
  inputSchema: { type: 'object', properties: { code: { type: 'string' } }, required: ['code'] },
  handler({ code }: { code: string }) {
    ran.push(code)
    return 'ok'
  },
}

// Answers from a script, so that this runs without a key. With one, put: anthropic({ apiKey })
const steps = () =>
  scripted([
    [
      call('1', 'python_interpreter', { code: 'print(sum(prices))' }),
      call('2', 'python_interpreter', { code: 'os.remove("prices.csv")' }),
    ],
    'Done.',
  ])
const runDir = await mkdtemp(join(tmpdir(), 'harnext-example-'))
const options = { model: 'any', system: 'You compute.', tools: [interpreter], runDir }

const results: string[] = []
const harness = new Harness({
  ...options,
  adapter: steps(),
  onCode: (code) => !code.includes('os.'),
})
for await (const event of harness.runStream('Compute.'))
  if (event.type === 'tool_result') results.push(event.content)

const dry = new Harness({ ...options, adapter: steps(), codeOnly: true })
for await (const event of dry.runStream('Compute.'))
  if (event.type === 'tool_result') results.push(event.content.split('\n')[0] ?? '')
console.log(results.join('\n'))

await rm(runDir, { recursive: true })

deepStrictEqual(ran, ['print(sum(prices))'])
deepStrictEqual(results, [
  'ok',
  'Execution blocked by the approval gate.',
  'DRY RUN — code not executed:',
  'DRY RUN — code not executed:',
])
