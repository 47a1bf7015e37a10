import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cli } from '../../src/cli.ts'
import { fakeIo } from '../fake-io.ts'
import { makePlace } from '../harnext-process.ts'

async function putSkill(folder: string, name: string, description: string): Promise<void> {
  await mkdir(join(folder, name), { recursive: true })
  await writeFile(
    join(folder, name, 'SKILL.md'),
    `---\nname: ${name}\ndescription: ${description}\n---\nDo it.\n`,
  )
}

test('the skills for a folder: of harnext, of the person, and of the project when it is trusted', async () => {
  const { cwd, home } = await makePlace()
  const own = join(home, '.harnext')
  await putSkill(join(own, 'skills'), 'mine', 'x'.repeat(200))
  await putSkill(join(home, '.claude/skills'), 'other', 'Another.')
  await putSkill(join(cwd, '.harnext/skills'), 'here', 'Of the project.')
  await putSkill(join(own, 'skills'), 'bad', '')
  const run = async (...args: string[]) => {
    const io = fakeIo({ args: ['skills', 'list', ...args], cwd, home })
    return { code: await cli(io), ...io.written }
  }

  const text = await run()
  expect(text.code).toBe(0)
  expect(text.stdout.split('\n').filter((line) => line.length > 100)).toEqual([])
  expect(text.stdout.match(/^\S+ +\S+/gm)).toEqual([
    '/commit  bundled',
    '/debug   bundled',
    '/init    bundled',
    '/mine    user',
    '/other   user',
    '/review  bundled',
  ])
  expect(text.stderr).toContain('bad/SKILL.md was left out: it needs a description.')
  expect(text.stderr).toContain('ignored, because the folder is not trusted')

  await writeFile(join(own, 'trusted.json'), JSON.stringify([cwd]))
  const json = await run('--output-format', 'json')
  expect(JSON.parse(json.stdout)).toContainEqual({
    name: 'here',
    description: 'Of the project.',
    userInvocable: true,
    modelInvocable: true,
    source: 'project',
    location: join(cwd, '.harnext/skills/here/SKILL.md'),
  })
})
