import type { WireScript } from '../wire/script.ts'

/** Answers of every kind, by what is special about them. */
export const scripts: { readonly [name: string]: WireScript } = {
  'a text': { text: 'It is sunny in Paris today, with a light wind.' },
  'a text of characters of many bytes': {
    text: 'Grüße aus Zürich 🌦️ 👩‍👩‍👧 – 東京 "quoted" \\ and\r\nlines\n\n',
  },
  'thinking and a text': { thinking: 'They want the weather.\nI know it. 🤔', text: 'Sunny.' },
  'a call': { calls: [{ id: 'call_1', tool: 'get_weather', args: { q: 'Paris 🗼', days: 3 } }] },
  'thinking, a text and several calls': {
    thinking: 'Two things are to be looked up.',
    text: 'I look both up.',
    calls: [
      { id: 'call_1', tool: 'get_weather', args: { q: 'Paris', deep: { list: [1, null, true] } } },
      { id: 'call_2', tool: 'search', args: { q: 'a "b" \\ \n c' } },
    ],
  },
  'a call without arguments': { calls: [{ id: 'call_1', tool: 'search', args: {} }] },
  'a text that the output limit cut': { text: 'Once upon a', stop: 'length' },
  'a refusal': { text: 'I', stop: 'refused' },
  'a word for the stop that is new': { text: 'So.', stopWord: 'brand_new_reason' },
}

export const plainText: WireScript = { text: 'It is sunny in Paris.' }
export const everything: WireScript = scripts['thinking, a text and several calls'] ?? plainText
