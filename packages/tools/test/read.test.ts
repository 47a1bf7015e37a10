import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { read } from '../src/read.ts'
import { call, failure, place, withParts } from './helpers.ts'

const lines = (count: number): string =>
  Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join('')

describe('read', () => {
  test('numbers the lines', async () => {
    const { workspace, root } = await place({ 'a.txt': 'one\n\ttwo\n\nfour' })
    const outcome = await call(read, { path: 'a.txt' }, workspace)
    expect(outcome.text).toBe('     1\tone\n     2\t\ttwo\n     3\t\n     4\tfour\n')
    expect(outcome.effects).toEqual([{ kind: 'read', target: join(root, 'a.txt') }])
    expect(outcome.isError).toBe(false)
  })

  test('takes a window and says what there is besides', async () => {
    const { workspace } = await place({ a: lines(10) })
    expect((await call(read, { path: 'a', offset: 3, limit: 2 }, workspace)).text).toMatch(
      /^ {5}3\tline 3\n {5}4\tline 4\n\(lines 3 to 4 of a file of \d+ bytes; read on with offset 5\)$/,
    )
    expect((await call(read, { path: 'a', offset: 9, limit: 2 }, workspace)).text).toBe(
      '     9\tline 9\n    10\tline 10\n',
    )
    expect(await call(read, { path: 'a', offset: 11 }, workspace)).toMatchObject({
      isError: true,
      text: 'a has 10 lines; there is no line 11.',
    })
  })

  test('stops after 2000 lines unless told otherwise', async () => {
    const { workspace } = await place({ a: lines(2001), b: lines(2000) })
    const { text } = await call(read, { path: 'a' }, workspace)
    expect(text).toContain('  2000\tline 2000\n(')
    expect(text).toContain('offset 2001')
    expect((await call(read, { path: 'b' }, workspace)).text).toMatch(/line 2000\n$/)
    expect((await call(read, { path: 'a', limit: 2001 }, workspace)).text).toMatch(/line 2001\n$/)
  })

  test('cuts long lines and long texts, and says so', async () => {
    const { workspace } = await place({
      long: `${'x'.repeat(3_000_000)}\nshort\n`,
      wide: `${'y'.repeat(1500)}\n`.repeat(1000),
    })
    const { text } = await call(read, { path: 'long' }, workspace)
    expect(text).toContain(`${'x'.repeat(2000)}… (3000000 characters)\n     2\tshort\n`)
    expect(text).toContain('(lines are cut after 2000 characters)')
    const wide = await call(read, { path: 'wide' }, workspace)
    expect(wide.text.length).toBeLessThan(110_000)
    expect(wide.text).toMatch(/read on with offset 68\)$/)
  })

  test('never cuts a character in two', async () => {
    const { workspace } = await place({ a: `${'x'.repeat(1999)}😀😀\n` })
    const { text } = await call(read, { path: 'a' }, workspace)
    expect(text.isWellFormed()).toBe(true)
  })

  test('reads a character that lies across two pieces', async () => {
    const { workspace } = await place({ a: `${'x'.repeat(1_048_575)}\né` })
    expect((await call(read, { path: 'a', offset: 2 }, workspace)).text).toBe('     2\té\n')
  })

  test('reads only what the window needs of a large file', async () => {
    const { workspace, root } = await place({ a: lines(1000) })
    await truncate(join(root, 'a'), 100_000_000)
    let bytes = 0
    const counting = withParts(workspace, {
      readFile: async (path, options) => {
        const data = await workspace.readFile(path, options)
        bytes += data.length
        return data
      },
    })
    const { text } = await call(read, { path: 'a', limit: 3 }, counting)
    expect(text).toContain('(lines 1 to 3 of a file of 100.0 MB; read on with offset 4)')
    expect(bytes).toBeLessThan(2_000_000)
  })

  test('an empty file is said to be empty', async () => {
    const { workspace } = await place({ a: '' })
    expect((await call(read, { path: 'a' }, workspace)).text).toBe('(the file is empty)')
  })

  test('shows the lines of a file with CRLF without their ends', async () => {
    const { workspace } = await place({ a: 'one\r\ntwo\r\n' })
    expect((await call(read, { path: 'a' }, workspace)).text).toBe('     1\tone\n     2\ttwo\n')
  })

  test.each([
    ['UTF-8', Buffer.from('grün\n'), ''],
    ['UTF-8 with its mark', Buffer.from('\uFEFFgrün\n'), '(UTF-8 with a byte order mark)'],
    ['UTF-16 LE', Buffer.from('\uFEFFgrün\n', 'utf16le'), '(UTF-16 LE)'],
    ['UTF-16 BE', Buffer.from('\uFEFFgrün\n', 'utf16le').swap16(), '(UTF-16 BE)'],
    ['Latin-1', Buffer.from('grün\n', 'latin1'), '(not valid UTF-8, taken as Latin-1)'],
  ])('decodes %s', async (_name, data, note) => {
    const { workspace } = await place({ a: data })
    expect((await call(read, { path: 'a' }, workspace)).text).toBe(`     1\tgrün\n${note}`)
  })

  test('shows an image', async () => {
    const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')
    const { workspace } = await place({ 'a.png': png })
    const { content, text } = await call(read, { path: 'a.png' }, workspace)
    expect(text).toBe('a.png: PNG image, 16 bytes')
    expect(content[1]).toEqual({
      type: 'image',
      mediaType: 'image/png',
      data: png.toString('base64'),
    })
  })

  test('refuses an image that is too large to be shown', async () => {
    const { workspace } = await place({
      'a.jpg': Buffer.concat([Buffer.from('ffd8ff', 'hex'), Buffer.alloc(4_000_000)]),
    })
    expect(await call(read, { path: 'a.jpg' }, workspace)).toMatchObject({
      isError: true,
      text: expect.stringContaining('JPEG image of 4.0 MB; at most 3.8 MB can be shown'),
    })
  })

  test.each([
    ['elf', Buffer.from('\x7fELF\x02\x01\x01\0', 'latin1'), 'ELF program'],
    ['data', Buffer.from('some\0thing'), 'binary file'],
  ])('refuses what is no text: %s', async (name, data, kind) => {
    const { workspace } = await place({ [name]: data })
    expect(await call(read, { path: name }, workspace)).toMatchObject({
      isError: true,
      text: expect.stringContaining(`${name} is not text: ${kind}`),
    })
  })

  test('names what a missing file may have been meant to be', async () => {
    const { workspace } = await place({
      'src/config.ts': '',
      'src/conifg.tsx': '',
      'src/other': '',
    })
    expect((await call(read, { path: 'src/config.tsx' }, workspace)).text).toBe(
      'src/config.tsx does not exist. Did you mean src/config.ts, src/conifg.tsx?',
    )
    expect((await call(read, { path: 'src/zzz' }, workspace)).text).toBe('src/zzz does not exist.')
    expect((await call(read, { path: 'src/other/x' }, workspace)).isError).toBe(true)
  })

  test('names nothing outside of the roots', async () => {
    const { workspace, home } = await place()
    await writeFile(join(home, 'secret.txt'), '')
    const { text } = await call(read, { path: '~/secret.tx' }, workspace)
    expect(text).toContain('does not exist.')
    expect(text).not.toContain('secret.txt')
  })

  test('a folder is refused with what to use', async () => {
    const { workspace } = await place({ 'src/a': '' })
    expect(await call(read, { path: 'src' }, workspace)).toMatchObject({
      isError: true,
      text: 'src is a folder. Use glob to list it, as { "pattern": "*", "path": "src" }.',
    })
  })

  test.each([
    ['EACCES', 'The operating system gives no permission to read a.'],
    ['EIO', 'Failed to read a: EIO: it was arranged so'],
  ])('says what is wrong: %s', async (code, text) => {
    const { workspace } = await place({ a: 'x' })
    const broken = withParts(workspace, { readFile: () => Promise.reject(failure(code)) })
    expect(await call(read, { path: 'a' }, broken)).toMatchObject({ isError: true, text })
  })

  test('a ring of links is told in a sentence', async () => {
    const { workspace, root } = await place()
    await symlink('b', join(root, 'a'))
    await symlink('a', join(root, 'b'))
    expect((await call(read, { path: 'a' }, workspace)).text).toBe('a is a ring of symbolic links.')
  })

  test('refuses a link that came in the place of what was decided on', async () => {
    const { workspace, root, home } = await place()
    await mkdir(join(root, 'docs'))
    await writeFile(join(home, 'secret'), 'secret')
    const outcome = await call(read, { path: 'docs/new' }, workspace, {
      beforeExecute: () => symlink(join(home, 'secret'), join(root, 'docs/new')),
    })
    expect(outcome.isError).toBe(true)
    expect(outcome.text).toContain('not what was permitted')
  })

  test('is cancelled in the middle', async () => {
    const { workspace } = await place({ a: lines(400_000) })
    const aborter = new AbortController()
    let reads = 0
    const slow = withParts(workspace, {
      readFile: (path, options) => {
        if (++reads === 3) aborter.abort()
        return workspace.readFile(path, options)
      },
    })
    const outcome = await call(read, { path: 'a', offset: 400_000 }, slow, {
      signal: aborter.signal,
    })
    expect(outcome).toMatchObject({ isError: true, text: 'Cancelled before it was done.' })
    expect(reads).toBe(3)
  })

  test('arguments that make no sense are not run', async () => {
    const { workspace } = await place()
    for (const args of [{}, { path: 'a', offset: 0 }, { path: 1 }, { path: 'a', lines: 3 }])
      expect((await call(read, args, workspace)).code).toBe('invalid')
  })
})

describe('documents', () => {
  test('a PDF is given as the file that it is', async () => {
    const { workspace } = await place({ 'a.pdf': Buffer.from('%PDF-1.7\n') })
    const outcome = await call(read, { path: 'a.pdf' }, workspace)
    expect(outcome).toMatchObject({ isError: false, text: 'a.pdf: PDF document, 9 bytes' })
    expect(outcome.content[1]).toEqual({
      type: 'file',
      mediaType: 'application/pdf',
      name: 'a.pdf',
      data: Buffer.from('%PDF-1.7\n').toString('base64'),
    })
  })

  test('a notebook by its cells, with what they gave', async () => {
    const notebook = {
      cells: [
        { cell_type: 'markdown', source: ['# Title\n', 'text'] },
        {
          cell_type: 'code',
          source: 'plot()',
          outputs: [
            { output_type: 'stream', text: ['a\n', 'b\n'] },
            {
              output_type: 'display_data',
              data: { 'image/png': 'AQ\nID', 'text/plain': '<Figure>' },
            },
            { output_type: 'error', ename: 'ValueError', evalue: 'bad' },
          ],
        },
      ],
    }
    const { workspace } = await place({
      'n.ipynb': JSON.stringify(notebook),
      'bad.ipynb': 'no json',
    })
    const outcome = await call(read, { path: 'n.ipynb' }, workspace)
    expect(outcome.text).toBe(
      '[cell 1, markdown]\n# Title\ntext\n\n[cell 2, code]\nplot()\n[output]\na\nb\n[output]\n<Figure>\n[output]\nValueError: bad',
    )
    expect(outcome.content[1]).toEqual({ type: 'image', mediaType: 'image/png', data: 'AQID' })
    expect((await call(read, { path: 'bad.ipynb' }, workspace)).text).toContain('1\tno json')
  })
})
