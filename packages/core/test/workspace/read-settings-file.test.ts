import { execFileSync } from 'node:child_process'
import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readSettingsFile } from '../../src/node.ts'
import { temporaryFolder } from './temporary-folder.ts'

test('a regular file is read, through a link, too', async () => {
  const root = await temporaryFolder()
  await writeFile(join(root, 'a'), 'größer')
  await symlink('a', join(root, 'link'))
  expect(readSettingsFile(join(root, 'link'))).toBe('größer')
})

test('what could be read for ever is refused at once', async () => {
  const root = await temporaryFolder()
  execFileSync('mkfifo', [join(root, 'pipe')])
  await symlink('/dev/zero', join(root, 'device'))
  await writeFile(join(root, 'large'), 'x'.repeat(11))
  expect(() => readSettingsFile(join(root, 'pipe'))).toThrow('EINVAL: it is not a regular file')
  expect(() => readSettingsFile(join(root, 'device'))).toThrow('EINVAL: it is not a regular file')
  expect(() => readSettingsFile(root)).toThrow('EISDIR: it is a directory')
  expect(() => readSettingsFile(join(root, 'large'), 10)).toThrow(
    'EFBIG: it has 11 bytes; expected at most 10',
  )
})
