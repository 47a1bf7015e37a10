import { describe, expect, it } from 'vitest'
import { readArguments, UsageError } from '../arguments.mjs'

describe('readArguments', () => {
  it('ignores one leading --, which npm or pnpm may leave', () => {
    expect(readArguments('start', ['--', 'fix it']).values).toEqual(['fix it'])
    expect(readArguments('start', ['--', '--', 'fix it']).values).toEqual(['--', 'fix it'])
    expect(readArguments('build', ['--']).values).toEqual([])
  })

  it('hands everything on to start and bench', () => {
    expect(readArguments('start', ['-p', 'task', '--model=x']).values).toEqual([
      '-p',
      'task',
      '--model=x',
    ])
    expect(readArguments('bench', ['--json']).values).toEqual(['--json'])
  })

  it('reads the filters of test:unit in any order', () => {
    const given = ['-t', 'a name', 'lock', '-u', 'fingerprint']
    expect(readArguments('test:unit', given).values).toEqual([
      'lock',
      'fingerprint',
      '--testNamePattern=a name',
      '--update',
    ])
  })

  it.each([
    ['build', ['core']],
    ['test', ['--watch']],
    ['check', ['-x']],
    ['test:unit', ['--watch']],
    ['test:unit', ['-t']],
  ])('refuses what %s does not take: %j', (name, given) => {
    expect(() => readArguments(name, given)).toThrow(UsageError)
  })

  it('says in two sentences what is wrong and what would be right', () => {
    expect(() => readArguments('build', ['--fast'])).toThrow(
      new UsageError(`Unknown option '--fast'. "build" takes no arguments.`),
    )
  })

  it.each(['', 'nope', 'toString'])('knows no script %j', (name) => {
    expect(() => readArguments(name, [])).toThrow(/^There is no script/)
  })

  it('runs the checks for test and for check', () => {
    expect(readArguments('test', []).command).toBe('check')
    expect(readArguments('check', []).command).toBe('check')
  })
})
