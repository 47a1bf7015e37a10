import { describe, expect, it } from 'vitest'
import { frozenPart, toolCallPart } from '../../src/model/parts.ts'

describe('toolCallPart', () => {
  const call = { id: 'c1', tool: 'add' }

  it('reads the arguments', () => {
    expect(toolCallPart({ ...call, text: '{"a":1}' })).toEqual({
      type: 'tool_call',
      id: 'c1',
      tool: 'add',
      args: { a: 1 },
    })
  })

  it('takes no text as no arguments', () => {
    expect(toolCallPart({ ...call, text: ' ' })).toMatchObject({ args: {} })
  })

  it('keeps what cannot be read and says why', () => {
    const part = toolCallPart({ ...call, text: '{"a":' })
    expect(part.args).toBe('{"a":')
    expect(part.invalid).toMatch(/^The arguments are not JSON: /)
  })

  it('refuses what is no object', () => {
    expect(toolCallPart({ ...call, text: '[1]' }).invalid).toMatch(/got an array/)
    expect(toolCallPart({ ...call, text: 'null' }).invalid).toMatch(/got null/)
    expect(toolCallPart({ ...call, text: '"x"' }).invalid).toMatch(/got a string/)
  })

  it('marks a call that the output limit cut, whatever its text looks like', () => {
    for (const text of ['', '{"a":1}', '{"a":'])
      expect(toolCallPart({ ...call, text, cut: true }).invalid).toMatch(/output limit/)
  })
})

describe('frozenPart', () => {
  it('freezes to the leaves', () => {
    const leaf = { a: 1 }
    const part = frozenPart({
      type: 'provider',
      opaque: { by: 'x', model: 'm', data: { list: [leaf] } },
    })
    expect([part, part.opaque, part.opaque.data, leaf].every(Object.isFrozen)).toBe(true)
  })
})
