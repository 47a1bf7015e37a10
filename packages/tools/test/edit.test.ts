import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { edit } from '../src/edit.ts'
import { read } from '../src/read.ts'
import { write } from '../src/write.ts'
import { call, failure, place, recover, withParts } from './helpers.ts'

const change = (old_string: string, new_string: string, rest: object = {}) => ({
  path: 'a',
  old_string,
  new_string,
  ...rest,
})

async function edited(
  content: string | Uint8Array,
  old_string: string,
  new_string: string,
  rest: object = {},
): Promise<{ readonly text: string; readonly isError: boolean; readonly data: Buffer }> {
  const { workspace, root } = await place({ a: content })
  const outcome = await call(edit, change(old_string, new_string, rest), workspace)
  return { ...outcome, data: await readFile(join(root, 'a')) }
}

describe('edit', () => {
  test('replaces the one place and shows it', async () => {
    const { workspace, root } = await place({ 'src/a.ts': 'a\nb\nc\nd\ne\nf\ng\nh\n' })
    await chmod(join(root, 'src/a.ts'), 0o640)
    const args = { path: 'src/a.ts', old_string: 'd\ne', new_string: 'D\nnew\ne' }
    const outcome = await call(edit, args, workspace)
    expect(outcome.text).toBe(
      'Edited src/a.ts.\n@@ line 4 @@\n a\n b\n c\n-d\n+D\n+new\n e\n f\n g',
    )
    expect(outcome.changes).toEqual([join(root, 'src/a.ts')])
    expect(outcome.effects).toEqual([
      { kind: 'read', target: join(root, 'src/a.ts') },
      { kind: 'write', target: join(root, 'src/a.ts') },
    ])
    expect(await readFile(join(root, 'src/a.ts'), 'utf8')).toBe('a\nb\nc\nD\nnew\ne\nf\ng\nh\n')
    expect((await stat(join(root, 'src/a.ts'))).mode & 0o777).toBe(0o640)
  })

  test('takes the texts letter by letter', async () => {
    const { data } = await edited('price: $1 (.*)\n', '$1 (.*)', "$& $' $1")
    expect(data.toString()).toBe("price: $& $' $1\n")
  })

  test('replaces all places when told', async () => {
    const { data, text } = await edited('aa a aaa\n', 'aa', 'b', { replace_all: true })
    expect(data.toString()).toBe('b a ba\n')
    expect(text).toContain('in 2 places')
  })

  test.each([
    ['the first line', 'a\nb\n', 'a\n', '', 'b\n', '@@ line 1 @@\n-a\n b'],
    ['the last line', 'a\nb\n', 'b\n', '', 'a\n', '-b'],
    ['everything', 'a', 'a', '', '', '-a'],
    ['a part of a line', 'one two three', 'two ', '', 'one three', '-one two three\n+one three'],
  ])('deletes %s', async (_name, content, old, new_, result, shown) => {
    const { data, text } = await edited(content, old, new_)
    expect(data.toString()).toBe(result)
    expect(text).toContain(shown)
  })

  test('refuses more than one place, with the lines', async () => {
    const { text, isError, data } = await edited('x\ny\nx\n  x\n', 'x', 'z')
    expect(isError).toBe(true)
    expect(text).toContain('is in a 3 times, at lines 1, 3, 4.')
    expect(data.toString()).toBe('x\ny\nx\n  x\n')
  })

  test.each([
    [
      'indentation',
      'if (a) {\n    b()\n}\n',
      'if (a) {\n  b()',
      'indentation:\n     1\tif (a) {\n     2\t    b()',
    ],
    ['inner space', 'a  =  1\n', 'a = 1', 'white space:\n     1\ta  =  1'],
    ['quotes', 'say “hi”\n', 'say "hi"', 'look alike (quotes, dashes, spaces):\n     1\tsay “hi”'],
    [
      'line numbers',
      'one\ntwo\n',
      '     1\tone\n     2\ttwo',
      'must not hold those that read shows',
    ],
    [
      'words',
      'const total = sum(items)\n',
      'const total = add(items)',
      'text:\n     1\tconst total',
    ],
  ])('shows what is near: %s', async (_name, content, old, hint) => {
    const { text, isError } = await edited(content, old, 'new')
    expect(isError).toBe(true)
    expect(text).toContain('old_string is not in a.')
    expect(text).toContain(hint)
  })

  test('says when nothing is near', async () => {
    expect((await edited('one\n', 'zzz', 'y')).text).toContain('nothing like it is')
    expect((await edited('one\n', '   ', 'y')).text).toContain('nothing like it is')
  })

  test('refuses texts that change nothing or say no place', async () => {
    expect((await edited('a', '', 'b')).text).toContain('use write')
    expect((await edited('a', 'a', 'a')).text).toContain('the same')
  })

  test('keeps CRLF when the model writes LF', async () => {
    const { data } = await edited('a\r\nb\r\nc\r\n', 'a\nb', 'x\ny\nz')
    expect(data.toString()).toBe('x\r\ny\r\nz\r\nc\r\n')
    const single = await edited('a\r\nb\r\nc\r\n', 'b', 'x\ny')
    expect(single.data.toString()).toBe('a\r\nx\r\ny\r\nc\r\n')
    const ends = await edited('a\r\nb\r\nc\r\n', '\nb\n', '\n')
    expect(ends.data.toString()).toBe('a\r\nc\r\n')
  })

  test('keeps line ends that are mixed, and lone carriage returns', async () => {
    const { data } = await edited('a\nb\r\nc\nd\re\n', 'c', 'x\ny')
    expect(data.toString()).toBe('a\nb\r\nx\ny\nd\re\n')
  })

  test.each([
    ['UTF-8 with its mark', (text: string) => Buffer.from(`\uFEFF${text}`)],
    ['UTF-16 LE', (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le')],
    ['UTF-16 BE', (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()],
    ['Latin-1', (text: string) => Buffer.from(text, 'latin1')],
  ])('keeps the encoding: %s', async (_name, encode) => {
    const { data, isError } = await edited(encode('grün\nblau\n'), 'grün', 'weiß')
    expect(isError).toBe(false)
    expect(data).toEqual(encode('weiß\nblau\n'))
  })

  test('does not put into Latin-1 what it does not have', async () => {
    const before = Buffer.from('grün\n', 'latin1')
    const { data, text } = await edited(before, 'grün', '绿')
    expect(text).toContain('stored as Latin-1')
    expect(data).toEqual(before)
  })

  test('refuses what is no text, no file, or nothing', async () => {
    const { workspace } = await place({ a: 'x\0y', 'other.ts': '', 'folder/x': '' })
    expect((await call(edit, change('x', 'y'), workspace)).text).toContain('a is not text')
    const missing = await call(edit, { ...change('x', 'y'), path: 'othr.ts' }, workspace)
    expect(missing.text).toBe(
      'othr.ts does not exist. Did you mean other.ts? To make a new file use write.',
    )
    const folder = await call(edit, { ...change('x', 'y'), path: 'folder' }, workspace)
    expect(folder).toMatchObject({
      isError: true,
      text: 'folder is a folder. There is no way to edit it as a file.',
    })
  })

  test('says when it may not write', async () => {
    const { workspace } = await place({ a: 'x' })
    const broken = withParts(workspace, { writeFile: () => Promise.reject(failure('EACCES')) })
    expect(await call(edit, change('x', 'y'), broken)).toMatchObject({
      isError: true,
      text: 'The operating system gives no permission to edit a.',
    })
  })

  test('shows only some of many or long changes', async () => {
    const many = await edited('x\n'.repeat(100), 'x', 'y', { replace_all: true })
    expect(many.text).toContain('(and 95 more)')
    const long = await edited(
      `a\n${'b\n'.repeat(1000)}`,
      'a\n',
      `${'c'.repeat(10_000)}\n`.repeat(500),
    )
    expect(long.text.length).toBeLessThan(20_000)
  })
})

describe('edit after a crash', () => {
  const after = async (content: string, old_string: string, new_string: string, rest = {}) => {
    const { workspace } = await place({ a: content })
    const settled = await recover(edit, change(old_string, new_string, rest), workspace)
    if (typeof settled === 'string') return settled
    return settled.isError ? 'error' : 'done'
  }

  test('is done when the new text is there and the old is not', async () => {
    expect(await after('x new y', 'old', 'new')).toBe('done')
    expect(await after('x y', 'old', '')).toBe('done')
    expect(await after('a\r\nnew\r\n', 'old\n', 'new\n')).toBe('done')
  })

  test('is done when the old text is there only inside the new', async () => {
    expect(await after('line\nmore', 'line', 'line\nmore')).toBe('done')
  })

  test('is repeated when the old text is there as needed', async () => {
    expect(await after('x old y', 'old', 'new')).toBe('rerun')
    expect(await after('old old', 'old', 'new', { replace_all: true })).toBe('rerun')
    expect(await after('line', 'line', 'line\nmore')).toBe('rerun')
  })

  test('is reported when the file tells neither', async () => {
    expect(await after('something else', 'old', 'new')).toBe('error')
    expect(await after('old old', 'old', 'new')).toBe('error')
  })

  test('is repeated when the file cannot be read, to say so', async () => {
    const { workspace } = await place()
    expect(await recover(edit, change('a', 'b'), workspace)).toBe('rerun')
  })
})

describe('several edits', () => {
  test('are made one after the other, all or none', async () => {
    const { workspace, root } = await place({ a: 'one\r\ntwo\r\nthree\r\n' })
    const edits = [
      { old_string: 'one', new_string: 'two' },
      { old_string: 'two\ntwo', new_string: 'x\ny' },
      { old_string: 'three', new_string: '3' },
    ]
    const outcome = await call(edit, { path: 'a', edits }, workspace)
    expect(outcome).toMatchObject({ isError: false, changes: [join(root, 'a')] })
    expect(outcome.text).toMatch(/^Edited a in 3 places\./)
    expect(await readFile(join(root, 'a'), 'utf8')).toBe('x\r\ny\r\n3\r\n')
    const wrong = [
      { old_string: 'x', new_string: 'z' },
      { old_string: 'gone', new_string: '' },
    ]
    const failed = await call(edit, { path: 'a', edits: wrong }, workspace)
    expect(failed).toMatchObject({ isError: true, changes: [] })
    expect(failed.text).toContain('Edit 2, so none was made: old_string is not in a')
    expect(await readFile(join(root, 'a'), 'utf8')).toBe('x\r\ny\r\n3\r\n')
    expect((await call(edit, { path: 'a' }, workspace)).text).toContain('nothing to change')
  })
})

describe('white space', () => {
  test.each([
    ['at line ends', 'a  \nb\nc\n', 'a\nb', 'x\ny', 'x\ny\nc\n', 'white space at line ends'],
    [
      'before lines',
      '  if (a) {\n    b()\n  }\n',
      'if (a) {\n  b()\n}\n',
      'if (a) {\n  c()\n\n}\n',
      '  if (a) {\n    c()\n\n  }\n',
      'indentation',
    ],
    [
      'too much before lines',
      'a\n  b\n',
      '    a\n      b',
      '    a\n      c',
      'a\n  c\n',
      'indentation',
    ],
  ])('%s is tolerated, and said', async (_name, content, old, next, expected, said) => {
    const { workspace, root } = await place({ f: content })
    const outcome = await call(edit, { path: 'f', old_string: old, new_string: next }, workspace)
    expect(outcome.text).toContain(
      `found with different ${said}; look whether it is what you meant`,
    )
    expect(await readFile(join(root, 'f'), 'utf8')).toBe(expected)
  })

  test.each([
    ['twice', 'a \nx\na\t\n', 'a\n'],
    ['unevenly indented', 'if a:\n      b\n', '  if a:\n    b'],
    ['in the middle of a line', 'call(a,  b)\n', 'a, b'],
  ])('is not guessed: %s', async (_name, content, old) => {
    const { workspace, root } = await place({ f: content })
    const outcome = await call(edit, { path: 'f', old_string: old, new_string: 'x' }, workspace)
    expect(outcome.isError).toBe(true)
    expect(await readFile(join(root, 'f'), 'utf8')).toBe(content)
  })
})

describe('a file that somebody changed since it was read', () => {
  test('is neither edited nor replaced until it is read again', async () => {
    const { workspace, root } = await place({ a: 'one\n' })
    await call(read, { path: 'a' }, workspace)
    await writeFile(join(root, 'a'), 'one\nmore\n')
    const args = { path: 'a', old_string: 'one', new_string: 'two' }
    expect(await call(edit, args, workspace)).toMatchObject({
      isError: true,
      text: 'a was changed since you read it, by somebody else or by a command. Read it again first.',
    })
    expect((await call(write, { path: 'a', content: 'x' }, workspace)).isError).toBe(true)
    await call(read, { path: 'a' }, workspace)
    expect((await call(edit, args, workspace)).isError).toBe(false)
    // What it wrote itself it knows.
    expect(
      (await call(edit, { ...args, old_string: 'two', new_string: '3' }, workspace)).isError,
    ).toBe(false)
    expect((await call(write, { path: 'a', content: 'x' }, workspace)).isError).toBe(false)
  })

  test('one that it never saw is not held against it', async () => {
    const { workspace } = await place({ a: 'one\n' })
    const args = { path: 'a', old_string: 'one', new_string: 'two' }
    expect((await call(edit, args, workspace)).isError).toBe(false)
  })
})
