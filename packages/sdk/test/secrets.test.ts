import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { call, scripted } from '@harnext/core/testing'
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
