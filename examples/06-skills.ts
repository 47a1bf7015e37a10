// A skill is what the model should know for one kind of task. It loads it by itself, or a person calls it by `/name`.
import { deepStrictEqual, match } from 'node:assert'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { call, scripted } from '@harnext/core/testing'
import { Harnext, skill } from '@harnext/sdk'

const folder = await mkdtemp(join(tmpdir(), 'harnext-example-'))
const release = join(folder, 'skills', 'release')
await mkdir(release, { recursive: true })
await writeFile(
  join(release, 'SKILL.md'),
  '---\nname: release\ndescription: Makes a release\n---\nRaise the version before anything else.\n',
)
const haiku = skill({
  name: 'haiku',
  description: 'Writes a haiku',
  instructions: 'Three lines: five, seven and five syllables.',
})

// Answers from a script, so that this runs without a key. With one, put: const provider = 'anthropic'
const provider = scripted(
  [[call('1', 'skill', { name: 'release' })], 'Version 2 is out.', 'Leaves fall in the park …'],
  { id: 'anthropic' },
)
const agent = new Harnext({
  provider,
  cwd: folder,
  home: join(folder, '.harnext'),
  skills: [haiku],
})
agent.skills.add(release)
const names = agent.skills.list().map(({ name }) => name)
console.log(names.join(', '))

const { steps, text } = await agent.run('Make a release.')
console.log(text)
await agent.run('/haiku about autumn')
const said = JSON.stringify(provider.requests.at(-1)?.messages)
await rm(folder, { recursive: true })

deepStrictEqual(
  ['haiku', 'release'].filter((name) => !names.includes(name)),
  [],
)
match(steps[0]?.output ?? '', /Raise the version/)
// What a person calls is in the prompt itself.
match(said, /five, seven and five syllables/)
match(said, /about autumn/)
