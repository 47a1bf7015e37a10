import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { call, collect, scripted } from '@harnext/core/testing'
import { expect, test } from 'vitest'
import { Harnext } from '../src/index.ts'
import { temporary } from './temporary.ts'

test('what the environment and the options say is secret does not come back from a file', async () => {
  const cwd = await temporary()
  const words = 'correct horse battery staple, and a second sentence'
  await writeFile(path.join(cwd, 'notes.txt'), `${words}\nghp_${'c'.repeat(36)}\n`)
  const outputOf = async (secrets?: readonly string[] | false) => {
    const agent = new Harnext({
      cwd,
      home: cwd,
      env: { MY_TOKEN: 'correct horse battery', PATH: 'and a second' },
      provider: scripted([[call('1', 'read', { path: 'notes.txt' })], 'Done.']),
      model: 'm',
      ...(secrets !== undefined && { secrets }),
    })
    return (await agent.run('Read')).steps[0]?.output
  }
  expect(await outputOf()).toContain('[redacted] staple, and a second sentence')
  expect(await outputOf()).not.toContain('ccc')
  expect(await outputOf(['second sentence'])).toContain('[redacted] staple, and a [redacted]')
  expect(await outputOf(false)).toContain(words)
})

const hook = (command: string) => [{ hooks: [{ type: 'command', command }] }]

/** All that the model and the reader get of a run with hooks that print `$KEY`. */
async function told(secrets?: readonly string[] | false) {
  const cwd = await temporary()
  const key = `ghp_${'d'.repeat(36)}`
  const hooks = {
    SessionStart: hook(`echo "start ${key} quite-private-words"`),
    UserPromptSubmit: hook(`echo "prompt ${key}" >&2; exit 1`),
    PreToolUse: hook(`echo "denied ${key}" >&2; exit 2`),
    Stop: hook(`echo '{"systemMessage":"stop ${key}"}'`),
  }
  await writeFile(path.join(cwd, 'harnext.config.json'), JSON.stringify({ hooks }))
  const adapter = scripted([[call('1', 'ls')], 'Done.'])
  const agent = new Harnext({
    cwd,
    home: cwd,
    trusted: true,
    env: { PATH: process.env['PATH'] },
    provider: adapter,
    model: 'm',
    ...(secrets !== undefined && { secrets }),
  })
  const events = await collect(agent.stream('Go'))
  return { key, text: JSON.stringify([adapter.requests.at(-1)?.messages, events]) }
}

test('what shell hooks print is redacted: for the model, as a reason, and as a warning', async () => {
  const { key, text } = await told(['quite-private-words'])
  for (const said of ['start [redacted] [redacted]', 'prompt [redacted]', 'denied [redacted]'])
    expect(text).toContain(said)
  expect(text).toContain('stop [redacted]')
  expect(text).not.toContain(key)
  const open = await told(false)
  expect(open.text).toContain(`start ${open.key} quite-private-words`)
})

test('what a command says while it runs is redacted, of a subagent too', async () => {
  const cwd = await temporary()
  const key = `ghp_${'e'.repeat(36)}`
  await writeFile(path.join(cwd, 'key.txt'), `${key}\n`)
  const until = (stop: string) => ({
    command: `cat key.txt; until [ -e ${stop} ]; do sleep 0.05; done`,
  })
  const agent = new Harnext({
    cwd,
    home: path.join(cwd, '.home'),
    env: { PATH: process.env['PATH'] },
    permissionMode: 'bypass',
    provider: scripted([
      [call('1', 'bash', until('parent'))],
      [call('2', 'task', { agent: 'general', prompt: 'Do it' })],
      [call('3', 'bash', until('child'))],
      'Done.',
      'Done.',
    ]),
    model: 'm',
    subagents: true,
  })
  const progress: string[] = []
  for await (const event of agent.stream('Go')) {
    if (event.type !== 'tool_progress') continue
    progress.push(JSON.stringify(event))
    await writeFile(path.join(cwd, event.agentPath ? 'child' : 'parent'), '')
  }
  expect(progress.some((text) => text.includes('"agentPath"'))).toBe(true)
  expect(progress.join('')).toContain('[redacted]')
  expect(progress.join('')).not.toContain('ghp_')
}, 30_000)
