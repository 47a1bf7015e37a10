import { expect, test } from 'vitest'
import type { AttackCase } from '../src/case.ts'
import { ownCases, readCases } from '../src/read-cases.ts'
import { rewritings } from '../src/rewrite.ts'
import { runCase } from '../src/run-case.ts'

const cases = await readCases(ownCases)

test.concurrent.each(cases.map((each) => [each.id, each.title, each] as const))(
  '%s %s',
  async (_id, _title, attack) => {
    expect(await runCase(attack)).toMatchObject({ state: 'passed' })
  },
)

test('rewritings change what they are for, and not what is expected', () => {
  for (const { name, rewrite } of rewritings.slice(1)) {
    const changed = cases.filter((attack) => {
      const { setup: _a, ...before } = attack
      const { setup: _b, ...after } = rewrite(attack)
      return JSON.stringify(before) !== JSON.stringify(after)
    })
    expect({ name, count: changed.length > 20 }).toEqual({ name, count: true })
    for (const attack of changed) expect(expectOf(rewrite(attack))).toEqual(expectOf(attack))
  }
})

function expectOf(attack: AttackCase): unknown {
  return 'expect' in attack ? attack.expect : undefined
}
