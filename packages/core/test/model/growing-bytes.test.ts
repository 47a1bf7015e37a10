import fc from 'fast-check'
import { expect, it } from 'vitest'
import { growingBytes } from '../../src/model/growing-bytes.ts'

const text = fc.string({ unit: 'binary', maxLength: 40 })
/** Longer than the first room, in one, two, three and four bytes a character. */
const long = fc.constantFrom('x', 'é', '€', '😀').map((one) => one.repeat(9000))
const step = fc.record({
  added: fc.oneof({ weight: 5, arbitrary: text }, { weight: 1, arbitrary: long }),
  head: fc.oneof(fc.constantFrom('{"a":1', '{"a":12345'), text, long),
  tail: fc.oneof(text, long),
})

it('is head, all that was appended and tail, in UTF-8', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const bytes = growingBytes()
      let all = ''
      for (const { added, head, tail } of steps) {
        bytes.append(added)
        all += added
        const given = bytes.view(head, tail)
        expect(Buffer.compare(given, Buffer.from(head + all + tail))).toBe(0)
      }
    }),
    { numRuns: 150 },
  )
})

it('keeps its bytes where they are while the head is the same', () => {
  const bytes = growingBytes()
  bytes.append('one')
  const first = bytes.view('{', '}')
  bytes.append('two')
  const second = bytes.view('{', '}')
  expect(second.buffer).toBe(first.buffer)
  expect(new TextDecoder().decode(second)).toBe('{onetwo}')
})
