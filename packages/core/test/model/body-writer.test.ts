import { expect, it } from 'vitest'
import { userMessage, type Message } from '../../src/messages.ts'
import { bodyWriter, type HistoryFormat } from '../../src/model/body-writer.ts'

const said = (text: string): Message => Object.freeze(userMessage(text))

/** Says texts, the last of them in capitals; counts what it translates. */
function shouting() {
  const taken: string[] = []
  const format: HistoryFormat<{ texts: string[] }, string> = {
    begin: () => ({ texts: [] }),
    take({ texts }, messages, at, warnings) {
      const [part] = messages[at]?.content ?? []
      const text = part?.type === 'text' ? part.text : ''
      taken.push(text)
      texts.push(text)
      if (text === 'odd') warnings.push({ type: 'warning', code: 'odd', message: text })
    },
    settle: ({ texts }) => texts.splice(0, texts.length - 1).join(''),
    finish: ({ texts }) => texts.join('').toUpperCase(),
  }
  const write = bodyWriter(format)
  const text = (messages: readonly Message[], dialect = 'a', count?: number): string => {
    const written = write(messages, dialect, count)
    const body = new TextDecoder().decode(written.body('<', '>'))
    written.release()
    return body
  }
  return { taken, write, text }
}

it('translates what is new in an array that grows', () => {
  const { taken, text } = shouting()
  const messages = [said('a'), said('b')]
  expect(text(messages)).toBe('<aB>')
  messages.push(said('c'))
  expect(text(messages)).toBe('<abC>')
  expect(text(messages)).toBe('<abC>')
  expect(taken).toEqual(['a', 'b', 'c'])
})

it('begins anew for another array, another dialect, and one that did not only grow', () => {
  const { taken, text } = shouting()
  const messages = [said('a'), said('b')]
  text(messages)
  expect(text([...messages])).toBe('<aB>')
  expect(text(messages, 'other')).toBe('<aB>')
  messages[1] = said('x')
  expect(text(messages, 'other')).toBe('<aX>')
  expect(text(messages, 'other', 1)).toBe('<A>')
  expect(text(messages, 'other')).toBe('<aX>')
  expect(taken.join('')).toBe('abababaxax')
})

it('tells a warning once, and writes again what may still change', () => {
  const { taken, text, write } = shouting()
  const messages: Message[] = [said('odd')]
  const first = write(messages, 'a')
  expect(first.warnings.length).toBe(1)
  first.release()
  messages.push(userMessage('open'))
  expect(write(messages, 'a').warnings).toEqual([])
  taken.length = 0
  text(messages)
  text(messages)
  expect(taken).toEqual(['odd', 'open', 'odd', 'open'])
})

it('gives the same bytes to nobody else until they are given back', () => {
  const { write } = shouting()
  const messages = [said('a')]
  const one = write(messages, 'a')
  const sent = one.body('', '!')
  const other = write(messages, 'a')
  expect(other.body('', '?').buffer).not.toBe(sent.buffer)
  expect(new TextDecoder().decode(sent)).toBe('A!')
  one.release()
  messages.push(said('b'))
  expect(write(messages, 'a').body('', '').buffer).toBe(sent.buffer)
})
