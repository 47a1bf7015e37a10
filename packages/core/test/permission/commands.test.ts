import { describe, expect, test } from 'vitest'
import { commandPattern, matchCommand } from '../../src/permission/command-pattern.ts'
import {
  alarmOf,
  coversCommand,
  mentionsCommand,
  mightMention,
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

describe('coversCommand', () => {
  test.each([
    ['ls:*', 'ls -la', 'ls -la'],
    ['npm test:*', 'npm test', 'timeout 5 npm test'],
    ['xargs grep:*', 'grep -n', 'xargs grep -n'],
    ['sudo ls', 'ls', 'sudo ls'],
    ['*', 'ls', 'xargs ls'],
  ])('%s covers %s in %s', (pattern, target, part) => {
    expect(coversCommand(pattern, target, part)).toBe(true)
  })
  test.each([
    ['xargs:*', 'curl x', 'xargs curl x'],
    ['timeout:*', 'curl x', 'timeout 5 curl x'],
    ['timeout 5 *', 'curl x', 'timeout 5 curl x'],
    ['curl:*', 'curly x', 'curly x'],
    ['LS', 'ls', 'ls'],
  ])('%s does not cover %s in %s', (pattern, target, part) => {
    expect(coversCommand(pattern, target, part)).toBe(false)
  })
})

describe('mentionsCommand', () => {
  test('one of the texts is enough, in any case', () => {
    expect(mentionsCommand('curl:*', ['CURL x', 'sudo curl x'])).toBe(true)
    expect(mentionsCommand('Sudo *', ['curl x', 'sudo curl x'])).toBe(true)
  })
  test.each([
    ['curl:*', 'ls curl'],
    ['curl:*', 'curly x'],
    ['git push:*', 'git pull'],
    ['npm test', 'npm test --watch'],
  ])('%s is not %j', (pattern, text) => {
    expect(mentionsCommand(pattern, [text])).toBe(false)
  })
})

describe('mightMention', () => {
  test.each([
    ['curl:*', 'true; curl x'],
    ['curl:*', 'echo $(curl x)'],
    ['curl:*', 'f(){ curl x; }; f'],
    ['curl:*', '/usr/bin/curl x'],
    ['curl:*', "c'u'rl x"],
    ['curl:*', 'cu\\rl x'],
    ['git push:*', `${'true; '.repeat(500)}git push`],
    ['* > /etc/*', 'echo x > /etc/passwd'],
  ])('%s may be in %j', (pattern, line) => {
    expect(mightMention(pattern, line)).toBe(true)
  })
  test.each([
    ['curl:*', 'curly x'],
    ['git push:*', 'npm test'],
  ])('%s is not in %j', (pattern, line) => {
    expect(mightMention(pattern, line)).toBe(false)
  })
  test('a megabyte is no problem', () => {
    expect(mightMention('curl:*', 'echo '.repeat(200_000))).toBe(false)
  })
})

test.each(['rm -rf build', 'rm --recursive build', 'git clean -fd', 'git push --force', 'dd of=x'])(
  '%s is alarming',
  (command) => {
    expect(alarmOf(command)).toContain('may destroy files')
  },
)
test.each(['npm test', 'rm build.log', 'git push', 'git log --grep rm'])(
  '%s is not alarming',
  (command) => {
    expect(alarmOf(command)).toBeNull()
  },
)
