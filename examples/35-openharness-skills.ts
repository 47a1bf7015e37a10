// Skills: instructions in a folder, which the model loads when their work comes up.
import { match } from 'node:assert'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent } from '@harnext/compat/openharness'
import { call, scripted } from '@harnext/core/testing'

const folder = await mkdtemp(join(tmpdir(), 'harnext-example-'))
await mkdir(join(folder, 'release-notes'))
await writeFile(
  join(folder, 'release-notes', 'SKILL.md'),
  '---\nname: release-notes\ndescription: How release notes are written here\n---\nOne line for each change, in the past tense.\n',
)

// Answers from a script, so that this runs without a key. With one, put: const model = openai('gpt-5.6')
const adapter = scripted([
  [call('1', 'skill', { name: 'release-notes' })],
  'Added skills. Fixed a leak.',
])
const agent = new Agent({
  name: 'writer',
  model: { adapter, model: 'any' },
  skills: { paths: [folder] },
})

let loaded = ''
for await (const event of agent.run([], 'Write the release notes.')) {
  if (event.type === 'tool.done') loaded = event.output
  if (event.type === 'text.delta') process.stdout.write(event.text)
}
console.log()
await agent.close()
await rm(folder, { recursive: true })

// The model knows the description from the beginning, and the text when it has asked for it.
match(adapter.requests[0]?.tools?.[0]?.description ?? '', /How release notes are written here/)
match(loaded, /One line for each change/)
