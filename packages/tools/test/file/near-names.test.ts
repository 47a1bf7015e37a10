import { expect, test } from 'vitest'
import { nearNames } from '../../src/file/near-names.ts'

test.each([
  [
    'config.ts',
    ['config.js', 'Config.ts', 'confg.ts', 'other.ts'],
    ['Config.ts', 'confg.ts', 'config.js'],
  ],
  ['readme', ['README.md', 'read'], ['README.md', 'read']],
  ['a', ['b', 'c', 'd', 'e'], ['b', 'c', 'd']],
  ['package.json', ['tsconfig.json', 'README.md'], []],
])('near %s', (wanted, names, near) => {
  expect(nearNames(wanted, names)).toEqual(near)
})
