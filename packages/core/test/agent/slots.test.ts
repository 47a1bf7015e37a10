import { expect, test } from 'vitest'
import { newAborter } from '../../src/abort.ts'
import { Slots } from '../../src/agent/slots.ts'

test('a slot that is given back when one that waits has just left is for the next one', async () => {
  const slots = new Slots(1)
  expect([slots.take(), slots.take()]).toEqual([true, false])
  const left = newAborter()
  const waits = [slots.wait(left.signal), slots.wait(newAborter().signal)]
  left.abort()
  slots.give()
  expect(await Promise.all(waits)).toEqual([false, true])
  slots.give()
  expect(slots.take()).toBe(true)
})
