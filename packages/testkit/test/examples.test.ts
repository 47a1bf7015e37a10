import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const example = readFileSync(new URL('../examples/acme.ts', import.meta.url), 'utf8')

it('a complete provider has less than a hundred lines', () => {
  expect(example.trimEnd().split('\n').length).toBeLessThan(100)
})

it('what the guide shows of it stands in it', () => {
  const guide = readFileSync(
    new URL('../../../docs/writing-a-provider.md', import.meta.url),
    'utf8',
  )
  const blocks = [...guide.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code)
  const shown = blocks.filter((code) => !code.includes('@harnext/testkit'))
  expect(shown.length).toBeGreaterThan(2)
  // Formatters move what is indented.
  const flat = (code: string): string => code.replaceAll(/^ +/gm, '').trim()
  for (const code of shown.join('…\n').split(/ *…\n/)) expect(flat(example)).toContain(flat(code))
})
