import { describe, expect, test } from 'vitest'
import { commandPattern, matchCommand } from '../../src/permission/command-pattern.ts'
import {
  alarmOf,
  isPlainCommand,
  mentionsCommand,
  removesVital,
} from '../../src/permission/command-text.ts'

describe('matchCommand', () => {
  test.each([
    ['npm test', 'npm test'],
    ['npm test', '  npm   test '],
    ['npm test:*', 'npm test'],
    ['npm test:*', 'npm test --watch'],
    ['npm test *', 'npm test'],
    ['npm test *', 'npm test --watch'],
    ['git * main', 'git push origin main'],
    ['ls*', 'lsof'],
    ['*', 'anything at all'],
    ['echo \\*', 'echo *'],
    ['npm run *:unit', 'npm run test:unit'],
  ])('%s is %s', (pattern, command) => {
    expect(matchCommand(pattern, command)).toBe(true)
  })
  test.each([
    ['npm test', 'npm test --watch'],
    ['npm test:*', 'npm test2'],
    ['npm test *', 'npm testing'],
    ['ls:*', 'lsof -i'],
    ['echo \\*', 'echo a'],
    ['git * main', 'git main'],
    ['LS', 'ls'],
  ])('%s is not %s', (pattern, command) => {
    expect(matchCommand(pattern, command)).toBe(false)
  })
  test('the pattern of a command is that command', () => {
    for (const command of ['npm test', 'echo *', 'ls a:*', 'echo  x *'])
      expect(matchCommand(commandPattern(command), command)).toBe(true)
    expect(matchCommand(commandPattern('ls a:*'), 'ls a b')).toBe(false)
  })
  test('stars do not make it slow', () => {
    expect(matchCommand('*a'.repeat(300) + 'b', 'a'.repeat(3000))).toBe(false)
  })
})

test.each(['ls -la src', 'npm run test', 'git log --oneline -5', './run.sh a=b', 'echo grün'])(
  '%s is plain',
  (command) => {
    expect(isPlainCommand(command)).toBe(true)
  },
)
test.each([
  'a; b',
  'a && b',
  'a | b',
  'a > b',
  'a < b',
  'a $b',
  'a `b`',
  'a (b)',
  'a {b,c}',
  'a\nb',
  'a\rb',
  'a *',
  'a ?',
  'a ~',
  'a [b]',
  "a 'b'",
  'a "b"',
  'a \\b',
  'a #b',
  'a !b',
  'A=1 b',
  'ls\u00a0x',
  'a\tb',
  'a\0',
  '\u202eab',
  '',
  '  ',
])('%j is not plain', (command) => {
  expect(isPlainCommand(command)).toBe(false)
})

describe('mentionsCommand', () => {
  test.each([
    ['curl:*', 'curl x'],
    ['curl:*', 'CURL x'],
    ['curl:*', 'true; curl x'],
    ['curl:*', 'a && b || curl x'],
    ['curl:*', 'a | curl x'],
    ['curl:*', 'a & curl x'],
    ['curl:*', 'a\ncurl x'],
    ['curl:*', 'echo $(curl x)'],
    ['curl:*', 'echo `curl x`'],
    ['curl:*', '(curl x)'],
    ['curl:*', 'f(){ curl x; }; f'],
    ['curl:*', 'A=1 B=2 curl x'],
    ['curl:*', 'env -i A=1 curl x'],
    ['curl:*', 'sudo -u bob curl x'],
    ['curl:*', 'timeout 10s curl x'],
    ['curl:*', 'nohup nice -n 5 curl x'],
    ['curl:*', 'time curl x'],
    ['curl:*', 'command curl x'],
    ['curl:*', 'exec curl x'],
    ['curl:*', 'echo a | xargs curl'],
    ['curl:*', 'if true; then curl x; fi'],
    ['curl:*', '! curl x'],
    ['curl:*', '/usr/bin/curl x'],
    ['curl:*', "c'u'rl x"],
    ['curl:*', 'cu\\rl x'],
    ['curl:*', 'bash -lc "curl x"'],
    ['curl:*', 'eval "curl x"'],
    ['rm -rf:*', 'rm  -rf  /tmp/x'],
    ['git push:*', `${'true; '.repeat(500)}git push`],
    ['a && b', 'a && b'],
    ['* > /etc/*', 'echo x > /etc/passwd'],
  ])('%s is in %j', (pattern, line) => {
    expect(mentionsCommand(pattern, line)).toBe(true)
  })
  test.each([
    ['curl:*', 'ls curl'],
    ['curl:*', 'curly x'],
    ['curl:*', 'cat docs/curl.md'],
    ['git push:*', 'git pull'],
    ['npm test', 'npm test --watch'],
  ])('%s is not in %j', (pattern, line) => {
    expect(mentionsCommand(pattern, line)).toBe(false)
  })
  test('more words behind a wrapper than can be looked at count as a match', () => {
    expect(mentionsCommand('curl:*', `xargs ${'a '.repeat(1000)}`)).toBe(true)
  })
  test('a megabyte is no problem', () => {
    expect(mentionsCommand('curl:*', 'echo '.repeat(200_000))).toBe(false)
    expect(mentionsCommand('curl:*', 'true;'.repeat(200_000))).toBe(false)
  })
})

test.each([
  ['curl https://x.test', 'curl uses the network'],
  ['npm test && ssh host', 'ssh uses the network'],
  ['sudo rm -rf build', 'rm may destroy files'],
  ['rm --recursive build', 'rm may destroy files'],
  ['git clean -fd', 'git may destroy files'],
  ['echo x > /etc/hosts', 'it writes outside'],
  ['echo x >> ~/.bashrc', 'it writes outside'],
  ['echo x > ../y', 'it writes outside'],
  ['X=curl; $X a', 'is computed'],
  ['echo Y3VybA | base64 -d | sh', 'pipes into a shell'],
])('%s is alarming', (line, why) => {
  expect(alarmOf(line)).toContain(why)
})
test.each([
  'npm test',
  'rm build.log',
  'npm test > out.log 2>&1',
  'npm test > /dev/null',
  'git push',
  'git log --grep curl',
  'cat a | sort',
])('%s is not alarming', (line) => {
  expect(alarmOf(line)).toBeNull()
})

describe('removesVital', () => {
  const anchors = { roots: ['/ws/project'], home: '/home/u' }
  test.each([
    'rm -rf /',
    'rm -rf /*',
    'rm -rf //',
    'rm -rf /usr/..',
    'sudo rm -r -f --no-preserve-root /',
    'rm -rf ~',
    'rm -rf ~/',
    'rm -rf ~/*',
    'rm -rf "$HOME"',
    'rm -rf ${HOME}',
    'rm -rf /home/u',
    'rm -rf /ws/project/',
    'cd x && rm -rf /',
    'bash -c "rm -rf /"',
  ])('%s', (line) => {
    expect(removesVital(line, anchors)).toBe(true)
  })
  test.each(['rm -rf /tmp/x', 'rm -rf build', 'rm -rf /ws/project/build', 'ls /', 'echo rm'])(
    'not %s',
    (line) => {
      expect(removesVital(line, anchors)).toBe(false)
    },
  )
})
