import { readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { applyPatch } from '../src/apply-patch.ts'
import { read } from '../src/read.ts'
import { call, failure, place, withParts } from './helpers.ts'

function patch(...lines: readonly string[]): { readonly input: string } {
  return { input: ['*** Begin Patch', ...lines, '*** End Patch'].join('\n') }
}

describe('apply_patch', () => {
  test('adds, changes, moves and deletes', async () => {
    const { workspace, root } = await place({
      'src/a.ts': 'class A {\n  one() {\n    x()\n  }\n  two() {\n    x()\n  }\n}\n',
      'old.txt': 'a\r\nb\r\n',
      'gone.txt': 'x',
    })
    const outcome = await call(
      applyPatch,
      patch(
        '*** Update File: src/a.ts',
        '@@ class A {',
        '@@   two() {',
        '-    x()',
        '+    y()',
        '+    z()',
        '   }',
        '*** Add File: new/b.txt',
        '+first',
        '+',
        '+third',
        '*** Update File: old.txt',
        '*** Move to: moved.txt',
        '@@',
        ' a',
        '-b',
        '+c',
        '*** End of File',
        '*** Delete File: gone.txt',
      ),
      workspace,
    )
    expect(outcome.text).toBe('Done.\nM src/a.ts\nA new/b.txt\nR old.txt -> moved.txt\nD gone.txt')
    const paths = ['src/a.ts', 'new/b.txt', 'moved.txt', 'old.txt', 'gone.txt']
    expect(outcome.changes).toEqual(paths.map((path) => join(root, path)))
    expect(outcome.effects.filter(({ kind }) => kind === 'write')).toHaveLength(5)
    const text = (path: string): Promise<string> => readFile(join(root, path), 'utf8')
    expect(await text('src/a.ts')).toBe(
      'class A {\n  one() {\n    x()\n  }\n  two() {\n    y()\n    z()\n  }\n}\n',
    )
    expect(await text('new/b.txt')).toBe('first\n\nthird\n')
    expect(await text('moved.txt')).toBe('a\r\nc\r\n')
    for (const path of ['old.txt', 'gone.txt'])
      await expect(stat(join(root, path))).rejects.toThrow('ENOENT')
  })

  test('finds lines but for white space, and leaves that of the file', async () => {
    const { workspace, root } = await place({ a: 'keep  \n\told\nlast' })
    const outcome = await call(
      applyPatch,
      patch('*** Update File: a', ' keep', '-  old', '+\tnew', ' last'),
      workspace,
    )
    expect(outcome.isError).toBe(false)
    expect(await readFile(join(root, 'a'), 'utf8')).toBe('keep  \n\tnew\nlast')
  })

  test('several changes of a file, from its front to its end; lines that are only added', async () => {
    const { workspace, root } = await place({ a: '1\n2\n3\n4\n5\n2\n' })
    await call(
      applyPatch,
      patch(
        '*** Update File: a',
        '@@',
        '-1',
        '+one',
        '@@',
        '-2',
        '+two',
        '@@ 4',
        '-5',
        '+five',
        ' 2',
        '@@',
        '+end',
        '*** End of File',
      ),
      workspace,
    )
    expect(await readFile(join(root, 'a'), 'utf8')).toBe('one\ntwo\n3\n4\nfive\n2\nend\n')
  })

  test.each([
    [
      'a line that is not there',
      ['*** Update File: a', '-nothing', '+x'],
      'a: These lines are not there:\nnothing',
    ],
    [
      'an anchor that is not there',
      ['*** Update File: a', '@@ nothing', '-one', '+x'],
      'The line behind @@ is not there',
    ],
    ['a file that is not there', ['*** Update File: b', '-one', '+x'], 'b does not exist'],
    ['a file that is there', ['*** Add File: a', '+x'], 'a is there already'],
    [
      'a move onto a file',
      ['*** Update File: a', '*** Move to: c', '-one', '+x'],
      'c is there already',
    ],
    [
      'a file twice',
      ['*** Update File: a', '-one', '+x', '*** Update File: ./a', '-one', '+y'],
      'in the patch twice',
    ],
  ])('changes nothing for %s', async (_name, lines, why) => {
    const { workspace, root } = await place({ a: 'one\n', c: '' })
    const outcome = await call(applyPatch, patch('*** Add File: first', '+x', ...lines), workspace)
    expect(outcome).toMatchObject({ isError: true, changes: [] })
    expect(outcome.text).toContain('Nothing was changed.')
    expect(outcome.text).toContain(why)
    await expect(stat(join(root, 'first'))).rejects.toThrow('ENOENT')
  })

  test.each([
    [['what'], 'Line 1 of the patch: expected "*** Add File'],
    [[], 'changes no file'],
    [['*** Update File: a'], 'says no change'],
    [['*** Update File: a', '-a', 'wrong'], 'begins with a space, + or -'],
    [['*** Add File: a', 'wrong'], 'begins with +'],
    [['*** Delete File: a', '+x'], 'expected nothing below'],
  ])('says what is wrong with %j', async (lines, why) => {
    const { workspace } = await place({ a: 'a\n' })
    const outcome = await call(applyPatch, patch(...lines), workspace)
    expect(outcome).toMatchObject({ isError: true, effects: [] })
    expect(outcome.text).toContain(why)
  })

  test('knows what somebody else changed, and where a path led', async () => {
    const { workspace, root, home } = await place({ a: 'one\n', 'docs/x': '' })
    await call(read, { path: 'a' }, workspace)
    await writeFile(join(root, 'a'), 'one\nmore\n')
    const outcome = await call(applyPatch, patch('*** Update File: a', '-one', '+two'), workspace)
    expect(outcome.text).toContain('a was changed since you read it')
    const moved = await call(applyPatch, patch('*** Add File: new/a', '+x'), workspace, {
      beforeExecute: () => symlink(home, join(root, 'new')),
    })
    expect(moved.text).toContain('not what was permitted')
  })

  test('says what was done when writing fails in the middle', async () => {
    const { workspace, root } = await place()
    let count = 0
    const broken = withParts(workspace, {
      writeFile: (...args) =>
        count++ ? Promise.reject(failure('ENOSPC')) : workspace.writeFile(...args),
    })
    const outcome = await call(
      applyPatch,
      patch('*** Add File: a', '+x', '*** Add File: b', '+y'),
      broken,
    )
    expect(outcome).toMatchObject({ isError: true, changes: [join(root, 'a')] })
    expect(outcome.text).toBe(
      'A b failed: No space is left on the disk to change the file. Done before:\nA a',
    )
  })
})
