import { Agent, tool } from '@harnext/core'
import { call, scripted } from '@harnext/core/testing'
import { expect, test } from 'vitest'
import { summaryText } from '../../src/render/summary.ts'
import { Trace } from '../../src/render/trace.ts'

const evil = 'x`|</code>\n::set-output name=a::b @team <script>'

async function summaryOf(): Promise<string> {
  const step = (name: string, effects: 'nothing' | 'unknown') =>
    tool({
      name,
      description: name,
      parameters: { type: 'object' },
      effects: () => (effects === 'nothing' ? [] : [{ kind: 'unknown' }]),
      execute: () => 'ok',
    })
  const agent = new Agent({
    name: 'test',
    model: 'm',
    adapter: scripted([[call('1', 'look'), call('2', 'send')], 'done'], { id: 'p' }),
    tools: [step('look', 'nothing'), step('send', 'unknown')],
    permissionMode: 'auto',
    price: () => ({ input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 }),
  })
  const trace = new Trace()
  const run = agent.run([], 'go')
  let now = 5000
  for await (const event of run) trace.see(event, (now += 100))
  const result = await run.result
  return summaryText(
    { ...result, sessionId: 'sess_1', filesChanged: ['a.ts', evil], durationMs: 1234 },
    trace,
  )
}

test('says what came of a run, what it took, what it changed, and when it did what', async () => {
  const text = await summaryOf()
  expect(text).toMatchInlineSnapshot(`
    "### harnext: complete

    | model | turns | calls | tokens | cost | time | session |
    | --- | --- | --- | --- | --- | --- | --- |
    | <code>p/m</code> | 2 | 2 | 30 | $0.0002 | 1.2 s | <code>sess&#95;1</code> |

    Denied: <code>send</code>

    2 files changed.

    - <code>a.ts</code>
    - <code>x&#96;&#124;&#60;/code&#62; &#58;&#58;set-output name=a&#58;&#58;b &#64;team &#60;script&#62;</code>

    \`\`\`mermaid
    gantt
      dateFormat x
      axisFormat %M:%S
      turn 1 :active, 300, 700
      send (denied) :crit, 1300, 1301
      look :done, 1400, 1500
      turn 2 :active, 1700, 2000
    \`\`\`
    "
  `)
})

test('what a model or a stranger wrote is no Markdown, no HTML, no command and no mention', async () => {
  const text = await summaryOf()
  expect(text).not.toContain('<script>')
  expect(text).not.toContain('@team')
  expect(text).not.toMatch(/^::/m)
  expect(text.match(/<\/code>/g)).toHaveLength(5)
})

test('what was open when the run ended is shown as failed', () => {
  const trace = new Trace()
  trace.see({ type: 'turn_start', turn: 1 }, 10)
  trace.see({ type: 'run_end', result: {} as never }, 30)
  expect(trace.spans).toEqual([
    { name: 'turn 1', kind: 'model', start: 0, end: 20, status: 'error' },
  ])
})
