// You decide: in the mode `manual` your function is asked before anything is written or run.
import { deepStrictEqual } from 'node:assert'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { call, scripted } from '@harnext/core/testing'
import { Harnext, type PermissionAnswer, type PermissionRequest } from '@harnext/sdk'

const folder = await mkdtemp(join(tmpdir(), 'harnext-example-'))
const home = await mkdtemp(join(tmpdir(), 'harnext-example-'))

// Answers from a script, so that this runs without a key. With one, put: const provider = 'anthropic'
const provider = scripted(
  [
    [
      call('1', 'write', { path: 'notes.md', content: '# Notes\n' }),
      call('2', 'write', { path: 'main.ts', content: 'process.exit(1)\n' }),
      call('3', 'bash', { command: 'touch made-by-a-command' }),
    ],
    'I wrote the notes; the rest was not allowed.',
  ],
  { id: 'anthropic' },
)

/** Says what a call would do, whatever tool it is: `write` has a path as its target, `execute` a command. */
function decide({ tool, effects }: PermissionRequest): PermissionAnswer {
  for (const effect of effects) console.log(`${tool} wants to ${effect.kind}`)
  const onlyNotes = effects.every(
    (effect) => effect.kind === 'write' && effect.target.endsWith('.md'),
  )
  return onlyNotes ? 'allow' : { decision: 'deny', message: 'Only notes, please.' }
}

const agent = new Harnext({
  provider,
  cwd: folder,
  home,
  permissionMode: 'manual',
  onPermission: decide,
})

const { text, steps } = await agent.run('Take notes.')
console.log(text)

const files = await readdir(folder)
await Promise.all([folder, home].map((path) => rm(path, { recursive: true })))

deepStrictEqual(files, ['notes.md'])
deepStrictEqual(
  steps.map(({ tool, status }) => [tool, status]),
  [
    ['write', 'ok'],
    ['write', 'denied'],
    ['bash', 'denied'],
  ],
)
// The message is told to the model.
deepStrictEqual(steps[1]?.output, 'Permission denied. Only notes, please.')
