import { expect, test } from 'vitest'
import { memoryStore } from '../../src/index.ts'
import { call, collect } from '../../src/testing.ts'
import { agentOf, ofType, stub } from '../run/helpers.ts'

const asks = stub('a', () => 'A', { effects: () => [{ kind: 'network', target: 'x.test' }] })

test('a question that the log holds already is asked again, so that a reader can answer it', async () => {
  const store = memoryStore()
  const { agent } = agentOf([[call('c1', 'a')], 'done'], { store, tools: [asks] })
  const paused = await agent.run([], 'go', { onPermission: () => 'defer' }).result
  const run = agent.resume(paused.sessionId, { onPermission: 'stream' })
  for await (const event of run)
    if (event.type === 'permission_request') run.respond(event.id, true)
  expect(await run.result).toMatchObject({ stopReason: 'complete', steps: [{ status: 'ok' }] })
})

test('cancelling while a question is open denies nothing', async () => {
  const { agent } = agentOf([[call('c1', 'a')]], { tools: [asks], onPermission: 'stream' })
  const run = agent.run([], 'go')
  const events = []
  for await (const event of run) {
    events.push(event)
    if (event.type === 'permission_request') run.cancel()
  }
  expect(ofType(events, 'permission_decision')).toEqual([])
  expect(await run.result).toMatchObject({
    stopReason: 'cancelled',
    steps: [{ status: 'error', reason: 'cancelled' }],
  })
})

test('a question that nobody can answer is a denial', async () => {
  const { agent } = agentOf([[call('c1', 'a')], 'done'], { tools: [asks] })
  const events = await collect(agent.run([], 'go'))
  expect(ofType(events, 'permission_decision')[0]).toMatchObject({
    decision: 'deny',
    by: 'nobody',
    rule: 'network(x.test)',
  })
})

test('what a running call asks at once is answered one after the other', async () => {
  const twice = stub('a', async (_, { authorize }) => {
    const hosts = ['x.test', 'y.test'].map((target) => authorize([{ kind: 'network', target }]))
    const outcomes = await Promise.allSettled(hosts)
    return outcomes.map(({ status }) => status).join()
  })
  const { agent } = agentOf([[call('c1', 'a')], 'done'], { tools: [twice], onPermission: 'stream' })
  const run = agent.run([], 'go')
  for await (const event of run)
    if (event.type === 'permission_request')
      run.respond(event.id, JSON.stringify(event.effects).includes('x.test'))
  expect((await run.result).steps[0]?.output).toBe('fulfilled,rejected')
})

test('what is decided while a call runs is on record, and an "always" lasts', async () => {
  const hops = stub('a', async (_, { authorize }) => {
    await authorize([])
    await authorize([{ kind: 'network', target: 'x.test' }])
    return 'arrived'
  })
  const { agent } = agentOf([[call('c1', 'a')], [call('c2', 'a')], 'done'], {
    tools: [hops],
    onPermission: ({ tier }) => ({ decision: 'allow', remember: tier === 'mode' }),
  })
  const events = await collect(agent.run([], 'go'))
  expect(ofType(events, 'permission_request')).toHaveLength(1)
  const remember = [{ effect: 'network', pattern: 'x.test', exact: true, decision: 'allow' }]
  expect(ofType(events, 'permission_decision')).toMatchObject([
    { id: 'c1', decision: 'allow', by: 'engine' },
    { id: 'c1', decision: 'allow', by: 'engine' },
    { id: 'c1', decision: 'allow', by: 'user', remember },
    { id: 'c2', decision: 'allow', by: 'engine' },
    { id: 'c2', decision: 'allow', by: 'engine' },
    { id: 'c2', decision: 'allow', by: 'engine', tier: 'rule' },
  ])
})

test('a run that was begun in plan goes on in plan, unless it is told otherwise', async () => {
  const looks = stub('a', () => 'A', { effects: () => [] })
  const rules = [{ tool: 'a', decision: 'ask' }] as const
  const writes = stub('b', () => 'B', { effects: () => [{ kind: 'write', target: '/ws/x' }] })
  const begun = async () => {
    const store = memoryStore()
    const script = [[call('c1', 'a'), call('c2', 'b')], [call('c3', 'b')], 'done', 'done']
    const { agent } = agentOf(script, { store, tools: [looks, writes], rules })
    const onPermission = (): 'defer' => 'defer'
    const plan = { permissionMode: 'plan', onPermission } as const
    const { sessionId } = await agent.run([], 'go', plan).result
    return { agent, sessionId }
  }
  const answer = { onPermission: () => true }
  const stayed = await begun()
  const { steps } = await stayed.agent.resume(stayed.sessionId, answer).result
  expect(steps.map(({ status }) => status)).toEqual(['ok', 'denied', 'denied'])
  const told = await begun()
  const other = { ...answer, permissionMode: 'manual' } as const
  const after = await told.agent.resume(told.sessionId, other).result
  expect(after.steps.map(({ status }) => status)).toEqual(['ok', 'denied', 'ok'])
  // What comes after it is a run of its own.
  const next = await stayed.agent.run([], 'and now', { session: stayed.sessionId, ...answer })
    .result
  expect(next.stopReason).toBe('complete')
})

test('policies may be read when a run begins', async () => {
  const policies = async () => [{ name: 'p', rules: [{ tool: 'a', decision: 'deny' }] }] as const
  const { agent } = agentOf([[call('c1', 'a')], 'done'], { tools: [asks], policies })
  const events = await collect(agent.run([], 'go'))
  expect(ofType(events, 'permission_decision')[0]).toMatchObject({
    decision: 'deny',
    tier: 'policy',
  })
})
