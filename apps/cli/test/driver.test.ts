import { setImmediate as tick } from 'node:timers/promises'
import type { PermissionRequest } from '@harnext/core'
import { expect, test } from 'vitest'
import { Driver } from '../src/driver.ts'
import { fakeIo } from './fake-io.ts'

function driven() {
  const { stdin } = fakeIo()
  const replies: object[] = []
  const complaints: string[] = []
  const driver = new Driver({
    stdin,
    reply: ({ response }) => void replies.push(response),
    complain: (text) => void complaints.push(text),
  })
  return { stdin, driver, replies, complaints }
}

const user = (content: unknown) =>
  `${JSON.stringify({ type: 'user', message: { role: 'user', content } })}\n`
const request: PermissionRequest = {
  id: 'a',
  tool: 'bash',
  args: { command: 'ls' },
  effects: [],
  reason: 'why',
}

test('messages wait for their run, in their order, also behind the end of input', async () => {
  const { stdin, driver } = driven()
  const line = user('zwei €')
  stdin.write(user('eins') + line.slice(0, 20))
  stdin.end(line.slice(20).trimEnd())
  expect(await driver.next()).toEqual([{ type: 'text', text: 'eins' }])
  expect(await driver.next()).toEqual([{ type: 'text', text: 'zwei €' }])
  expect(await driver.next()).toBeUndefined()
})

test('who is dismissed is not heard any more', async () => {
  const { stdin, driver, complaints } = driven()
  stdin.write(user('one'))
  const question = driver.ask(request)
  await tick()
  driver.dismiss()
  expect(complaints).toEqual(['not delivered — resend if still needed: "one"'])
  expect(await question).toMatchObject({ decision: 'deny' })
  expect(await driver.next()).toBeUndefined()
  expect(await driver.ask(request)).toMatchObject({ decision: 'deny' })
})

test('an answer to nothing is no answer, and a wish that is not known gets an error', async () => {
  const { stdin, complaints, replies } = driven()
  stdin.write(
    '{"type":"control_response","response":{"subtype":"success","request_id":"x","response":{"behavior":"allow"}}}\n',
  )
  stdin.write('{"type":"control_request","request_id":"r","request":{"subtype":"rewind"}}\n')
  await tick()
  expect(complaints).toEqual(['standard input, line 1: No request "x" is open.'])
  expect(replies).toEqual([
    { subtype: 'error', request_id: 'r', error: 'The request "rewind" is not supported.' },
  ])
})
