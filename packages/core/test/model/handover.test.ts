import { describe, expect, it } from 'vitest'
import { userMessage, type AssistantPart, type Message } from '../../src/messages.ts'
import { handover } from '../../src/model/handover.ts'

const text = (words: string) => ({ type: 'text', text: words }) as const
const call = (id: string) => ({ type: 'tool_call', id, tool: 'a', args: { x: 1 } }) as const
const result = (id: string): Message => ({
  role: 'tool',
  id,
  tool: 'a',
  status: 'ok',
  content: [text('done')],
})
const answer = (content: readonly AssistantPart[], api = 'mine'): Message => ({
  role: 'assistant',
  content,
  provider: 'p',
  api,
  model: 'm',
  stopReason: 'stop',
})
const opaque = (by: string) => ({ by, model: 'm', data: { signature: 'x' } })
const thought = { type: 'thinking', text: 'hm' } as const

describe('handover', () => {
  it('puts results behind their calls, in call order', () => {
    const made = answer([call('1'), call('2')])
    const history = [userMessage('q'), made, result('2'), userMessage('now'), result('1')]
    expect(handover(history, 'mine')).toEqual([
      userMessage('q'),
      made,
      result('1'),
      result('2'),
      userMessage('now'),
    ])
  })

  it('takes the result of the same turn, where an id comes again', () => {
    const later = { ...result('1'), content: [text('later')] }
    const history = [answer([call('1')]), result('1'), answer([call('1')]), later]
    expect(handover(history, 'mine')).toEqual(history)
  })

  it('answers a call that has no result, and leaves out a result without a call', () => {
    const [, missing, ...rest] = handover(
      [result('9'), answer([call('1')]), userMessage('on')],
      'mine',
    )
    expect(missing).toMatchObject({ role: 'tool', id: '1', tool: 'a', status: 'error' })
    expect(rest).toEqual([userMessage('on')])
  })

  it('leaves out what is blank', () => {
    const history = [userMessage(' '), answer([text('')]), answer([text('\n'), text('x')])]
    expect(handover(history, 'mine')).toEqual([answer([text('x')])])
  })

  it('keeps what the same api gave, as it is', () => {
    const parts = [
      { ...thought, opaque: opaque('mine') },
      { ...call('1'), opaque: opaque('mine') },
    ]
    expect(handover([answer(parts)], 'mine')[0]).toEqual(answer(parts))
    expect(handover([answer([thought, text('x')])], 'mine')[0]).toEqual(
      answer([thought, text('x')]),
    )
  })

  it('leaves out what another api thought and signed', () => {
    const parts: AssistantPart[] = [
      { ...thought, opaque: opaque('theirs') },
      { type: 'provider', opaque: opaque('theirs') },
      { ...text('x'), opaque: opaque('theirs') },
      { ...call('1'), opaque: opaque('theirs') },
    ]
    expect(handover([answer(parts, 'theirs')], 'mine')[0]).toEqual(
      answer([text('x'), call('1')], 'theirs'),
    )
  })

  it('makes texts that can be sent', () => {
    const half = userMessage('cut \ud83d')
    expect(handover([half], 'mine')).toEqual([userMessage('cut \ufffd')])
  })

  it('gives arguments that could not be read as none', () => {
    const cut = { ...call('1'), args: '{"x', invalid: 'cut' }
    expect(handover([answer([cut])], 'mine')[0]).toMatchObject({ content: [{ args: {} }] })
  })
})
