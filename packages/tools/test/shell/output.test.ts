import { expect, test } from 'vitest'
import { OutputEnds } from '../../src/shell/output.ts'

function outputOf(text: string): OutputEnds {
  const output = new OutputEnds(() => {
    throw new Error('It is not long enough for a file.')
  })
  output.add(text)
  return output
}

test('what is newest begins with a line, or with the private key that the line is in', () => {
  const body = `${'a'.repeat(63)}\n`.repeat(50)
  const key = `-----BEGIN PRIVATE KEY-----\n${body}-----END PRIVATE KEY-----\n`
  expect(outputOf(`first\n${body}`).recent()).toMatch(/^a{63}\n/)
  expect(outputOf(`first\n${body}`).recent().length).toBeLessThanOrEqual(2000)
  expect(outputOf(`first\n${key}`).recent()).toBe(key)
  expect(outputOf(`first\n-----BEGIN PRIVATE KEY-----\n${body}`).recent()).toMatch(/^-----BEGIN /)
  expect(outputOf(`${key}${body}`).recent()).toMatch(/^a{63}\n/)
})
