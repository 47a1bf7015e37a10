import { execFileSync, spawnSync } from 'node:child_process'
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Json } from '@harnext/core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { grep, grepWith } from '../src/grep.ts'
import { findRipgrep } from '../src/search/ripgrep.ts'
import { call, failure, place, withParts, type Outcome, type Place } from './helpers.ts'

const hasRipgrep = spawnSync('sh', ['-c', 'command -v rg']).status === 0
if (!hasRipgrep) console.warn('ripgrep is not here: grep is tested without it.')

const engines = [
  { name: 'without ripgrep', find: async () => null },
  ...(hasRipgrep ? [{ name: 'with ripgrep', find: findRipgrep }] : []),
]

/** The answer of each engine, which must be the same. */
async function search(args: { readonly [name: string]: Json }, at: Place): Promise<Outcome> {
  const [outcome, ...others] = await Promise.all(
    engines.map(({ find }) => call(grepWith(find), args, at.workspace)),
  )
  if (!outcome) throw new Error('there is no engine')
  for (const other of others) expect(other).toEqual(outcome)
  return outcome
}

const text = async (args: { readonly [name: string]: Json }, at: Place): Promise<string> =>
  (await search(args, at)).text

describe('grep', () => {
  test('gives the lines of each file, in the order of the names', async () => {
    const at = await place({
      'b.ts': 'one\nfoo 1\n',
      'a/x.ts': 'foo 2',
      'a.ts': 'two\n\nfoo 3\nfoo',
    })
    expect(await text({ pattern: 'foo' }, at)).toBe(
      'a/x.ts\n1:foo 2\n\na.ts\n3:foo 3\n4:foo\n\nb.ts\n2:foo 1',
    )
    expect(await text({ pattern: 'nothing' }, at)).toBe('No matches.')
  })

  test('gives files or counts', async () => {
    const at = await place({ a: 'x\nx\ny', 'b/c': 'x', d: 'y' })
    expect(await text({ pattern: 'x', output_mode: 'files' }, at)).toBe('a\nb/c')
    expect(await text({ pattern: 'x', output_mode: 'count' }, at)).toBe('a:2\nb/c:1')
  })

  test('gives the lines around', async () => {
    const at = await place({ a: '1\n2\nx\n4\nx\n6\n7\n8\n9\nx\n' })
    expect(await text({ pattern: 'x', context: 1 }, at)).toBe(
      'a\n2-2\n3:x\n4-4\n5:x\n6-6\n--\n9-9\n10:x',
    )
    expect(await text({ pattern: 'x', context: 20 }, at)).toBe(
      'a\n1-1\n2-2\n3:x\n4-4\n5:x\n6-6\n7-7\n8-8\n9-9\n10:x',
    )
  })

  test('narrows by path and glob', async () => {
    const at = await place({
      'src/a.ts': 'x',
      'src/a.js': 'x',
      'src/deep/b.ts': 'x',
      'lib/c.ts': 'x',
      'd{e}.ts': 'x',
    })
    const files = (args: { readonly [name: string]: Json }) =>
      text({ pattern: 'x', output_mode: 'files', ...args }, at)
    expect(await files({ path: 'src' })).toBe('src/a.js\nsrc/a.ts\nsrc/deep/b.ts')
    expect(await files({ glob: '*.ts' })).toBe('d{e}.ts\nlib/c.ts\nsrc/a.ts\nsrc/deep/b.ts')
    expect(await files({ glob: 'src/*.ts' })).toBe('src/a.ts')
    expect(await files({ glob: 'src/**/*.{ts,js}' })).toBe('src/a.js\nsrc/a.ts\nsrc/deep/b.ts')
    expect(await files({ glob: '**/deep/**' })).toBe('src/deep/b.ts')
    expect(await files({ glob: 'd{e}.ts' })).toBe('d{e}.ts')
    expect(await files({ glob: '[cd]*.ts', path: 'lib' })).toBe('lib/c.ts')
    expect(await files({ path: 'src/a.ts' })).toBe('src/a.ts')
  })

  test('leaves out what is ignored, .git and node_modules', async () => {
    const at = await place({
      '.git/config': 'x',
      '.hidden/a': 'x',
      '.gitignore': 'dist/\n*.log\n!keep.log\n/top\nbuild/*\n!build/kept',
      'dist/out.js': 'x',
      'a.log': 'x',
      'keep.log': 'x',
      'sub/keep.log': 'x',
      'sub/top': 'x',
      top: 'x',
      'build/a': 'x',
      'build/kept': 'x',
      'node_modules/y/index.js': 'x',
      'packages/p/node_modules/y.js': 'x',
      'packages/p/.gitignore': 'generated\n!/dist',
      'packages/p/generated/x': 'x',
      'packages/p/dist/kept.js': 'x',
      'inner/.git/HEAD': '',
      'inner/a.log': 'x',
      '.ignore': 'src',
      'src/a.ts': 'x',
    })
    const files = (args: { readonly [name: string]: Json }) =>
      text({ pattern: 'x', output_mode: 'files', ...args }, at)
    expect(await files({})).toBe(
      [
        '.gitignore',
        '.hidden/a',
        'build/kept',
        'inner/a.log',
        'keep.log',
        'packages/p/dist/kept.js',
        'src/a.ts',
        'sub/keep.log',
        'sub/top',
      ]
        .toSpliced(0, 1)
        .join('\n'),
    )
    expect(await files({ glob: '*.log' })).toBe('inner/a.log\nkeep.log\nsub/keep.log')
    expect(await files({ path: 'packages/p' })).toBe('packages/p/dist/kept.js')
    expect(await files({ path: 'sub' })).toBe('sub/keep.log\nsub/top')
    expect(await files({ path: 'inner' })).toBe('inner/a.log')
    expect(await files({ path: 'dist' })).toBe('dist/out.js')
    expect(await files({ path: 'node_modules/y' })).toBe('node_modules/y/index.js')
    expect(await files({ glob: 'node_modules/**/*.js' })).toBe('node_modules/y/index.js')
  })

  test('does not look into files that may hold secrets, and does not tell whether they match', async () => {
    const at = await place({
      '.env': 'KEY=secret',
      'deploy/id_rsa': 'other',
      'odd [name]{x}/!a.pem': 'secret',
      'a.txt': 'no secret',
    })
    const note = '(3 files that may hold secrets left out; name one to read it)'
    expect(await text({ pattern: 'secret' }, at)).toBe(`a.txt\n1:no secret\n${note}`)
    expect(await text({ pattern: 'nothing' }, at)).toBe(`No matches.\n${note}`)
    expect(await text({ pattern: 'secret', glob: '*.txt' }, at)).toBe('a.txt\n1:no secret')
    expect(await text({ pattern: 'KEY', glob: '.env' }, at)).toMatch(/^No matches\.\n\(1 file /)
    const named = await search({ pattern: 'KEY', path: '.env' }, at)
    expect(named.text).toBe('.env\n1:KEY=secret')
    expect(named.effects).toEqual([{ kind: 'read', target: join(at.root, '.env') }])
  })

  test('declares a tree for a folder', async () => {
    const at = await place({ 'src/a': 'x' })
    const { effects } = await search({ pattern: 'x', path: 'src' }, at)
    expect(effects).toEqual([{ kind: 'read', target: join(at.root, 'src'), tree: true }])
  })

  test('knows encodings and line ends, and leaves out what is binary', async () => {
    const at = await place({
      bom: '\uFEFFgrün\r\nend\r\n',
      binary: 'grün\n\0',
      late: Buffer.concat([
        Buffer.from('grün\n'.repeat(3)),
        Buffer.alloc(200_000, 97),
        Buffer.of(0),
      ]),
      latin1: Buffer.from('grün ist\ngut\n', 'latin1'),
      mixed: Buffer.concat([Buffer.from('grün\nüx'), Buffer.of(0xff), Buffer.from('yü\n')]),
      utf16: Buffer.from('\uFEFFgrün\nx\n', 'utf16le'),
      utf16be: Buffer.from('\uFEFFx\r\ngrün\r\n', 'utf16le').swap16(),
      windows: 'a\r\ngrün\r\n',
    })
    expect(await text({ pattern: 'gr.{1,2}n$' }, at)).toBe(
      'bom\n1:grün\n\nmixed\n1:grün\n\nutf16\n1:grün\n\nutf16be\n2:grün\n\nwindows\n2:grün',
    )
    expect(await text({ pattern: '^gr[^a]n|^g.+ ist|^gr\\Wn|^gr\\Sn ist' }, at)).not.toContain(
      'latin1',
    )
    expect(await text({ pattern: ' ist' }, at)).toBe('latin1\n1:grün ist')
    expect(await text({ pattern: 'üx.y' }, at)).toBe('No matches.')
    expect(await text({ pattern: 'x|ü$', glob: 'mixed' }, at)).toBe('mixed\n2:üxÿyü')
    expect(await text({ pattern: '^$' }, at)).toBe('No matches.')
    expect(await search({ pattern: 'x', path: 'binary' }, at)).toMatchObject({ isError: true })
  })

  test.each([
    ['\\d+', ['a1', 'a²', 'a١']],
    ['^\\w+$', ['word', 'wört', 'a b']],
    ['\\bx\\b', ['x', 'éx', 'xy', '-x-']],
    ['a\\sb', ['a b', 'a\u00A0b', 'a\tb', 'ab', 'a\uFEFFb', 'a\u0085b']],
    ['^\\S+$', ['ab', 'a b', 'a\u00A0b', '']],
    ['[^a]', ['a', 'b', '', 'é']],
    ['[\\w.-]+@', ['a.b-c@x', '@', 'é@']],
    ['[^\\s,]{3}', ['a,b', 'abc', 'a b c']],
    ['(?i)STRASSE|ÄB', ['strasse', 'äb', 'straße']],
    ['^.$', ['é', '😀', 'ab', '']],
    ['interface {', ['interface {', 'interface']],
    ['f(o|a)+\\(', ['foo(', 'fa(', 'f(']],
    ['\\$\\{x\\}', ['${x}', '$x']],
    ['a|', ['a', 'b', '']],
    ['x*', ['x', 'y', '']],
    ['\\p{Lu}\\d', ['É1', 'é1']],
    ['[[:upper:]]{2}', ['AB', 'Ab']],
    ['[\\]&~#-]', [']', '&', '~', '#', '-', 'a']],
    ['\\x41|\\u00e9', ['A', 'é', 'a']],
    ['"a\\-b"', ['"a-b"']],
    ['=', ['=', 'a']],
    ['-x', ['-x', 'x']],
    ['a[^b]c|a\\sc|a.c', ['a\rc', 'axc']],
    ['ax*?$', ['axx', 'ab']],
  ])('finds the same either way: %s', async (pattern, lines) => {
    const at = await place({ a: lines.map((line) => `${line}\n`).join('') })
    const outcome = await search({ pattern }, at)
    expect(outcome.isError).toBe(false)
    const insensitive = await search({ pattern, ignore_case: true }, at)
    expect(insensitive.isError).toBe(false)
  })

  test('cuts long lines around the match', async () => {
    const at = await place({ a: `${'é'.repeat(100_000)}needle${'y'.repeat(100_000)}\nneedle` })
    const { text: shown } = await search({ pattern: 'needle' }, at)
    expect(shown).toMatch(/^a\n1:…é{100}needley{394}… \(200006 characters\)\n2:needle$/)
  })

  test('ends at the limit, and says so', { timeout: 30_000 }, async () => {
    const at = await place({
      a: 'x\n'.repeat(3),
      b: 'x\ny\nx\ny\nx\n',
      c: 'x\n',
    })
    const more = /\n\(there are more matches than these: .*\)$/
    expect(await text({ pattern: 'x', limit: 3 }, at)).toMatch(/^a\n1:x\n2:x\n3:x\n\(there/)
    expect(await text({ pattern: 'x', limit: 4 }, at)).toMatch(/\nb\n1:x\n\(there/)
    expect(await text({ pattern: 'x', limit: 4, context: 1 }, at)).toMatch(/\nb\n1:x\n2-y\n\(there/)
    expect(await text({ pattern: 'x', limit: 6 }, at)).toMatch(more)
    expect(await text({ pattern: 'x', limit: 7 }, at)).not.toMatch(more)
    expect(await text({ pattern: 'x', limit: 2, output_mode: 'files' }, at)).toMatch(
      /^a\nb\n\(there/,
    )
    expect(await text({ pattern: 'x', limit: 3, output_mode: 'count' }, at)).toBe('a:3\nb:3\nc:1')
  })

  test('bounds its answer', async () => {
    const files = Array.from({ length: 50 }, (_, index) => [
      `${index}`,
      `x${'y'.repeat(400)}\n`.repeat(100),
    ])
    const at = await place(Object.fromEntries(files))
    const { text: shown } = await search({ pattern: 'x', limit: 5000 }, at)
    expect(shown.length).toBeLessThan(51_000)
    expect(shown).toContain('there are more matches')
  })

  test('looks through a large file', async () => {
    const at = await place({
      big: `${'nothing here at all\n'.repeat(400_000)}the needle\n`,
      small: 'needle',
    })
    expect(await text({ pattern: 'needle$', context: 1 }, at)).toBe(
      'big\n400000-nothing here at all\n400001:the needle\n\nsmall\n1:needle',
    )
  })

  test('finds nothing through links', async () => {
    const at = await place({ 'src/a': 'x' })
    await writeFile(join(at.home, 'b'), 'x')
    await symlink(at.home, join(at.root, 'out'))
    await symlink(join(at.home, 'b'), join(at.root, 'b'))
    await symlink('..', join(at.root, 'src/loop'))
    expect(await text({ pattern: 'x', output_mode: 'files' }, at)).toBe('src/a')
  })

  test('says what may not be read', async ({ skip }) => {
    if (process.getuid?.() === 0) skip('root may read every file')
    const at = await place({ a: 'x', closed: 'x', 'folder/b': 'x' })
    await chmod(join(at.root, 'closed'), 0)
    await chmod(join(at.root, 'folder'), 0)
    onTestFinished(() => chmod(join(at.root, 'folder'), 0o755))
    const outcome = await search({ pattern: 'x' }, at)
    expect(outcome.text).toBe('a\n1:x\n(no permission to read 2: closed, folder)')
  })

  test('says what may not be read, for any workspace', async () => {
    const { workspace, root } = await place({ a: 'x', closed: 'x' })
    const broken = withParts(workspace, {
      readFile: (path, options) =>
        path === join(root, 'closed')
          ? Promise.reject(failure('EACCES'))
          : workspace.readFile(path, options),
    })
    expect(
      (
        await call(
          grepWith(async () => null),
          { pattern: 'x' },
          broken,
        )
      ).text,
    ).toBe('a\n1:x\n(no permission to read 1: closed)')
  })

  test('says what is wrong', async () => {
    const at = await place({ 'src/a': '' })
    const wrong = async (args: { readonly [name: string]: Json }): Promise<string> => {
      const outcome = await search(args, at)
      expect(outcome.isError).toBe(true)
      return outcome.text
    }
    expect(await wrong({ pattern: '(' })).toContain('not a regular expression')
    expect(await wrong({ pattern: 'x', path: 'scr' })).toBe('scr does not exist. Did you mean src?')
    expect(await wrong({ pattern: 'x', glob: '../a' })).toContain('put the folder into path')
  })

  test('gives up on a pattern that would take years', { timeout: 30_000 }, async () => {
    const { workspace } = await place({ a: `${'a'.repeat(60)}!\n` })
    const outcome = await call(
      grepWith(async () => null),
      { pattern: '(a+)+$' },
      workspace,
    )
    expect(outcome).toMatchObject({
      isError: true,
      text: expect.stringContaining('takes too long'),
    })
  })

  test.each(engines)('is cancelled in the middle, $name', async ({ find }) => {
    const { workspace } = await place({ a: 'x\n', b: 'x\n' })
    const aborter = new AbortController()
    const slow = withParts(workspace, {
      readFile: (path, options) => {
        if (path.endsWith('/b')) aborter.abort()
        return workspace.readFile(path, options)
      },
      spawn: (command, options) => {
        if (command.args.includes('--json')) aborter.abort()
        return workspace.spawn(command, options)
      },
    })
    const outcome = await call(grepWith(find), { pattern: 'x' }, slow, { signal: aborter.signal })
    expect(outcome).toMatchObject({ isError: true, text: 'Cancelled before it was done.' })
  })
})

describe('ripgrep', () => {
  test('of the repository itself is not run', async () => {
    const { workspace, root } = await place({ 'bin/rg': '#!/bin/sh\ntouch ran\n' })
    await chmod(join(root, 'bin/rg'), 0o755)
    const env = { PATH: `${join(root, 'bin')}:/usr/bin:/bin` }
    const poisoned = withParts(workspace, {
      spawn: (command, options) => workspace.spawn({ ...command, env }, options),
    })
    expect(await findRipgrep(poisoned)).toBeNull()
    expect((await call(grep, { pattern: 'touch' }, poisoned)).text).toContain('2:touch ran')
    expect(await workspace.stat('ran')).toBeNull()
  })

  test('is looked for once, and done without where it fails', async () => {
    const { workspace } = await place({ a: 'x' })
    const programs: string[] = []
    const broken = withParts(workspace, {
      spawn: (command) => {
        programs.push(command.program)
        return Promise.reject(failure('ENOSYS'))
      },
    })
    for (let round = 0; round < 3; round++)
      expect((await call(grep, { pattern: 'x' }, broken)).text).toBe('a\n1:x')
    expect(programs).toEqual(['sh'])
  })

  test('is left when it fails in the middle, and nothing comes twice', async ({ skip }) => {
    if (!hasRipgrep) skip('ripgrep is not here')
    const { workspace, root } = await place({ a: 'x', b: 'x' })
    const fake = join(root, '../rg')
    const begin = JSON.stringify({ type: 'begin', data: { path: { text: './a' } } })
    const end = JSON.stringify({
      type: 'end',
      data: { path: { text: './a' }, binary_offset: null },
    })
    const match = JSON.stringify({
      type: 'match',
      data: {
        path: { text: './a' },
        lines: { text: 'x' },
        line_number: 1,
        submatches: [{ start: 0 }],
      },
    })
    const script = `case "$*" in *--json*) printf '%s\\n' '${begin}' '${match}' '${end}'; echo broken >&2; exit 2;; esac`
    await writeFile(fake, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    const outcome = await call(
      grepWith(async () => fake),
      { pattern: 'x' },
      workspace,
    )
    expect(outcome.text).toBe('a\n1:x\n\nb\n1:x')
  })

  test('heeds no configuration of the machine', async ({ skip }) => {
    if (!hasRipgrep) skip('ripgrep is not here')
    const { workspace, root, home } = await place({ a: 'x', 'b.log': 'x' })
    await writeFile(join(home, 'rc'), '--invert-match\n')
    await mkdir(join(home, 'git'), { recursive: true })
    await writeFile(join(home, 'git/ignore'), '*.log\n')
    execFileSync('git', ['init', '-q'], { cwd: root })
    const configured = withParts(workspace, {
      spawn: (command, options) =>
        workspace.spawn(
          {
            ...command,
            env: {
              PATH: process.env['PATH'] ?? '',
              RIPGREP_CONFIG_PATH: join(home, 'rc'),
              XDG_CONFIG_HOME: home,
            },
          },
          options,
        ),
    })
    const outcome = await call(grepWith(findRipgrep), { pattern: 'x' }, configured)
    expect(outcome.text).toBe('a\n1:x\n\nb.log\n1:x')
  })
})
