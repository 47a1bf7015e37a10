// An answer that your program can use: a schema goes in, a checked value of its type comes out.
import { deepStrictEqual, strictEqual } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { scripted } from '@harnext/core/testing'
import { Harnext } from '@harnext/sdk'
import { z } from 'zod'

const home = await mkdtemp(join(tmpdir(), 'harnext-example-'))

// Answers from a script, so that this runs without a key. With one, put: const provider = 'anthropic'
const provider = scripted(
  [
    // No such severity: the model is told so, and may answer once more.
    '{ "title": "Login fails", "severity": "urgent" }',
    '{ "title": "Login fails", "severity": "high" }',
  ],
  { id: 'anthropic' },
)

const Ticket = z.object({
  title: z.string().describe('At most six words'),
  severity: z.enum(['low', 'medium', 'high']),
})

// Nothing has to be touched to answer this, so the agent gets no tools.
const agent = new Harnext({ provider, tools: [], home })

const mail = 'Since this morning nobody of us can log in. This is urgent!'
const { output, turns } = await agent.run(`File a ticket for this mail: ${mail}`, {
  outputSchema: Ticket,
})

// `output` is typed: a severity that does not exist would not compile.
const severity: 'low' | 'medium' | 'high' | undefined = output?.severity
console.log(`${output?.title} (${severity})`)

await rm(home, { recursive: true })

deepStrictEqual(output, { title: 'Login fails', severity: 'high' })
strictEqual(turns, 2)
