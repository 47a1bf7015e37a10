import { expect, test } from 'vitest'
import type { AttackCase } from '../src/case.ts'
import { ownCases, readCases } from '../src/read-cases.ts'
import { rewritings } from '../src/rewrite.ts'
import { runCase } from '../src/run-case.ts'

const login = 'servers are not logged in to yet'
/** The cases that a later part serves, and what that part is. */
const later: { readonly [id: string]: string } = {
  'mcp-008': 'servers of a project are not read from its files yet',
  'mcp-017': login,
  'mcp-018': login,
  'mcp-020': login,
  'mcp-021': login,
  'mcp-022': login,
}

const cases = await readCases(ownCases)

test.concurrent.each(cases.map((each) => [each.id, each.title, each] as const))(
  '%s %s',
  async (id, _, attack) => {
    const { state, why } = await runCase(attack)
    // One that passes before its time has a reason that is no longer true.
    expect({ state, why }).toMatchObject({ state: later[id] === undefined ? 'passed' : 'failed' })
  },
  60_000,
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
