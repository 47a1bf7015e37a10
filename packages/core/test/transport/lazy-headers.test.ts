import { describe, expect, it } from 'vitest'
import { LazyHeaders } from '../../src/transport/lazy-headers.ts'

const raw = ['X-B', '2', 'content-type', 'text/plain', 'x-b', '3', 'A', 'ä']

function platforms(list: readonly string[]): Headers {
  const headers = new Headers()
  for (let at = 0; at < list.length; at += 2) headers.append(list[at]!, list[at + 1]!)
  return headers
}

describe('LazyHeaders', () => {
  it('reads as the platform’s headers do', () => {
    const headers = new LazyHeaders(raw)
    const expected = platforms(raw)
    expect([...headers]).toEqual([...expected])
    expect([...headers.entries()]).toEqual([...expected.entries()])
    for (const name of ['x-b', 'X-B', 'Content-Type', 'a', 'missing', 'constructor']) {
      expect(headers.get(name)).toBe(expected.get(name))
      expect(headers.has(name)).toBe(expected.has(name))
    }
  })

  it('shows what was changed', () => {
    const headers = new LazyHeaders(raw)
    expect(headers.get('x-b')).toBe('2, 3')
    headers.set('x-b', '4')
    headers.delete('a')
    expect(headers.get('x-b')).toBe('4')
    expect([...headers]).toEqual([
      ['content-type', 'text/plain'],
      ['x-b', '4'],
    ])
  })

  it('keeps cookies apart', () => {
    const cookies = ['set-cookie', 'a=1', 'set-cookie', 'b=2']
    const headers = new LazyHeaders(cookies)
    expect([...headers]).toEqual([...platforms(cookies)])
    expect(headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  })
})
