// Every kind of message that Harness knows, told apart by its `kind`.
import { deepStrictEqual } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run, type Message } from '@harnext/compat/harness'
import { call, scripted } from '@harnext/core/testing'

const cwd = await mkdtemp(join(tmpdir(), 'harnext-example-'))
const home = await mkdtemp(join(tmpdir(), 'harnext-example-'))

// Answers from a script, so that this runs without a key. With one, put: const provider = 'anthropic'
const provider = scripted(
  [
    [
      { type: 'text', text: 'I look around.' },
      call('1', 'glob', { pattern: '*' }),
      call('2', 'bash', { command: 'make clean' }),
    ],
    'There is nothing here.',
  ],
  { id: 'anthropic' },
)

/** A switch over `kind` that the compiler knows to be complete. */
function show(message: Message): string {
  switch (message.kind) {
    case 'text_message':
      return message.isPartial ? `… ${message.text}` : `“${message.text}”`
    case 'tool_use':
      return `→ ${message.name}`
    case 'tool_result':
      return `← ${message.isError ? 'no: ' : ''}${message.content}`
    case 'compaction_event':
      return `${message.tokensBefore} tokens became ${message.tokensAfter}`
    case 'system_event':
      return `[${message.type}]`
    case 'result':
      return `${message.stopReason} after ${message.turns} turns`
  }
}

const lines: string[] = []
for await (const message of run('What is here?', { provider, cwd, home })) {
  const line = show(message)
  console.log(line)
  if (!line.startsWith('… ')) lines.push(line.split(': ')[0] ?? '')
}

await Promise.all([cwd, home].map((folder) => rm(folder, { recursive: true })))

deepStrictEqual(lines, [
  '[session_start]',
  '“I look around.”',
  '→ Glob',
  '→ Bash',
  // The mode `default` asks for a command, and nobody is there to answer.
  '← no',
  '← No files match.',
  '“There is nothing here.”',
  'end_turn after 2 turns',
])
