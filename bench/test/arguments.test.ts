import { describe, expect, it } from 'vitest'
import { readArguments, UsageError } from '../arguments.mjs'

const names = ['turns', 'deltas']

describe('readArguments', () => {
  it('measures everything five times unless told', () => {
    expect(readArguments([], names)).toEqual({
      only: [],
      tolerance: 1,
      runs: 5,
      isQuick: false,
      help: false,
    })
  })

  it('measures twice with --quick, and as often as --runs says in any case', () => {
    expect(readArguments(['--quick'], names)).toMatchObject({ isQuick: true, runs: 2 })
    expect(readArguments(['--quick', '--runs', '9'], names)).toMatchObject({ runs: 9 })
  })

  it('takes scenarios, a file, and a leading -- of npm', () => {
    expect(
      readArguments(['--', '--only', 'deltas', '--only=turns', '--json', 'a.json'], names),
    ).toMatchObject({ only: ['deltas', 'turns'], json: 'a.json' })
  })

  it.each([
    [['--fast'], "Unknown option '--fast'."],
    [['turns'], "Unexpected argument 'turns'."],
    [['--only', 'turn'], 'There is no scenario turn. The scenarios are turns, deltas.'],
    [['--runs', '0'], '--runs takes a whole number from 1 to 9999; got "0".'],
    [['--runs', '2.5'], '--runs takes a whole number from 1 to 9999; got "2.5".'],
    [['--tolerance', '0.5'], '--tolerance takes a number of at least 1; got "0.5".'],
    [['--only'], "Option '--only <value>' argument missing."],
  ])('refuses %j', (given, message) => {
    const read = (): unknown => readArguments(given, names)
    expect(read).toThrow(UsageError)
    expect(read).toThrow(message)
  })
})
