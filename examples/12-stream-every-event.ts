// Watch a run while it happens: these are the nine events that every program can count on.
import { strictEqual } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { call, scripted } from '@harnext/core/testing'
import { Harnext, ProviderError, type RunEvent } from '@harnext/sdk'

const folder = await mkdtemp(join(tmpdir(), 'harnext-example-'))

// Answers from a script, so that this runs without a key. With one, put: const provider = 'anthropic'
const provider = scripted(
  [
    [
      { type: 'thinking', text: 'Milk …' },
      { type: 'text', text: 'Noted.' },
      call('1', 'write', { path: 'note.txt', content: 'Buy milk.\n' }),
    ],
    new ProviderError('The model is gone.', { kind: 'not_found' }), // to have an `error` to see
  ],
  { id: 'anthropic' },
)

const agent = new Harnext({
  provider,
  cwd: folder,
  home: join(folder, '.harnext'),
  permissionMode: 'manual',
  onPermission: () => 'allow',
})

/** One line for each of the nine; `undefined` for the others, which tell more than most programs want to know. */
function describe(event: RunEvent): string | undefined {
  if (event.type === 'run_start') return event.sessionId
  if (event.type === 'thinking' || event.type === 'text') return event.text
  if (event.type === 'tool_call') return `${event.tool} ${JSON.stringify(event.args)}`
  if (event.type === 'permission_request') return `${event.tool}: ${event.reason}`
  if (event.type === 'tool_result') return `${event.status}: ${event.output}`
  if (event.type === 'usage') return `${event.inputTokens} in, ${event.outputTokens} out`
  if (event.type === 'run_end') return event.result.stopReason
  return event.type === 'error' ? event.error.message : undefined
}

const seen: string[] = []
const run = agent.stream('Note that I have to buy milk.')
for await (const event of run) {
  const line = describe(event)
  if (line === undefined) continue
  console.log(event.type.padEnd(18), line)
  seen.push(event.type)
}

await rm(folder, { recursive: true })

strictEqual(
  seen.join(' '),
  'run_start thinking text usage tool_call permission_request tool_result error run_end',
)
// A stream does not throw when the run fails: the events and the result say it.
strictEqual((await run.result).stopReason, 'error')
