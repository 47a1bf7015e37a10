import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import {
  bash,
  fixtureServer,
  outcomeIn,
  says,
  userText,
  type ReceivedRequest,
} from '../fixture-server.ts'
import { makePlace, startHarnext } from '../harnext-process.ts'
import { goOn, onlySession } from '../inspect.ts'
import { processesWith, uniqueSleep, until } from '../processes.ts'

vi.setConfig({ testTimeout: 60_000 })

const task = (id: string, prompt: string, options: object = {}) => ({
  id,
  name: 'task',
  input: { agent: 'general', prompt, ...options },
})

/** A model that answers by what was said to it last, so that parent and children may ask in any order. */
function talks(answer: (last: string, request: ReceivedRequest) => ReturnType<typeof says>) {
  const step = (request: ReceivedRequest) => {
    const { content = '' } = request.body.messages.at(-1) ?? {}
    const last = typeof content === 'string' ? content : JSON.stringify(content)
    return answer(last, request)
  }
  return fixtureServer(Array.from({ length: 40 }, () => step))
}

const freely = ['-p', '--permission-mode', 'bypass']

test('Ctrl-C while agents work in the background: all of them end, and the session goes on', async () => {
  const place = await makePlace()
  const seconds = uniqueSleep()
  const { url, requests } = await talks((last) => {
    if (last.includes('have ended')) return says('Done.')
    if (last.includes('nap')) return says('I nap.', bash('toolu_9', `sleep ${seconds}`))
    if (last.includes('agent_started')) return says('I wait.', bash('toolu_3', `sleep ${seconds}`))
    return says(
      'Begin.',
      task('toolu_1', 'nap one', { background: true }),
      task('toolu_2', 'nap two', { background: true }),
    )
  })
  const run = startHarnext([...freely, 'go'], { place, url })
  await until(() => processesWith(`sleep ${seconds}`).length >= 3, 'all three sleep')
  run.child.kill('SIGINT')
  expect((await run.ended).code).toBe(130)
  expect(processesWith(seconds)).toEqual([])
  expect(await onlySession(place)).toMatchObject({ state: 'open', stopReason: 'cancelled' })
  expect(await goOn({ place, url })).toMatchObject({ code: 0, stdout: 'Done.\n' })
  const said = userText(requests.at(-1)!)
  expect(
    said.match(/<task_result agent="general" session_id="[^"]+" status="cancelled"/g),
  ).toHaveLength(2)
})

test.each([false, true])(
  'SIGKILL while an agent works (in the background: %s): it goes on, and does nothing twice',
  async (background) => {
    const place = await makePlace()
    const seconds = uniqueSleep()
    const { url, requests } = await talks((last) => {
      if (last.includes('toolu_1') && background) {
        const [, id = ''] = /id=\\"([^\\]+)/.exec(last) ?? []
        return says('I wait.', { id: 'toolu_5', name: 'agent_await', input: { ids: [id] } })
      }
      if (last.includes('toolu_8')) return says('I nap.', bash('toolu_9', `sleep ${seconds}`))
      if (last.includes('toolu_9')) return says('I have napped.')
      if (last.includes('have napped')) return says('Done.')
      if (last.includes('nap')) return says('I write.', bash('toolu_8', 'echo one >> log.txt'))
      return says('Begin.', task('toolu_1', 'nap', { background }))
    })
    const run = startHarnext([...freely, 'go'], { place, url })
    await until(() => processesWith(`sleep ${seconds}`).length >= 1, 'it sleeps')
    await until(() => requests.length === (background ? 4 : 3), 'the parent waits')
    run.child.kill('SIGKILL')
    await run.ended
    expect(await goOn({ place, url })).toMatchObject({ code: 0, stdout: 'Done.\n' })
    expect(processesWith(seconds)).toEqual([])
    expect(await readFile(join(place.cwd, 'log.txt'), 'utf8')).toBe('one\n')
    const outcomes = requests.map((request) => outcomeIn(request, 'toolu_9')?.text)
    expect(outcomes.find((text) => text !== undefined)).toContain('outcome is unknown')
  },
)
