// What can go wrong has a class, and the error carries what had come of the run. A tool that fails is no error: the model is told.
import { strictEqual } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { call, scripted, type ScriptedStep } from '@harnext/core/testing'
import {
  AuthenticationError,
  Harnext,
  HarnextError,
  MaxTurnsExceeded,
  RateLimitError,
  ToolError,
  type HarnextOptions,
} from '@harnext/sdk'

const home = await mkdtemp(join(tmpdir(), 'harnext-example-'))
const look = call('1', 'read', { path: 'no-such-file' })

async function failing(
  steps: readonly ScriptedStep[],
  options: HarnextOptions = {},
): Promise<unknown> {
  // Answers and errors from a script. With a key, put: const provider = 'anthropic'
  const provider = scripted(steps, { id: 'anthropic' })
  const agent = new Harnext({ provider, cwd: home, home, ...options })
  return agent.run('Look.').then(
    ({ text }) => text,
    (error: unknown) => error,
  )
}

const limited = new RateLimitError('Slow down.', {
  kind: 'rate_limit',
  retryable: true,
  retryAfterMs: 100,
})
// The first refusal is not the last word: up to three further tries, with longer and longer pauses.
const tried = await failing([limited, 'It went well in the end.'])
const refused = await failing([limited], { maxRetries: 0 })
const key = await failing([
  new AuthenticationError('The key was rejected.', { kind: 'auth', status: 401 }),
])
const endless = await failing([[look], [look]], { maxTurns: 1 })
const told = await failing([[look], 'There is no such file.'])
const strict = await failing([[look], 'There is no such file.'], { strict: true })
for (const one of [tried, refused, key, endless, told, strict])
  console.log(HarnextError.is(one) ? `${one.name}: ${one.message}` : one)
await rm(home, { recursive: true })

strictEqual(tried, 'It went well in the end.')
strictEqual(refused instanceof RateLimitError && refused.retryAfter, 0.1)
strictEqual(key instanceof AuthenticationError, true)
strictEqual(endless instanceof MaxTurnsExceeded && endless.turns, 1)
strictEqual(told, 'There is no such file.')
strictEqual(strict instanceof ToolError, true)
