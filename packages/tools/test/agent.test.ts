import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Agent, type RunEvent } from '@harnext/core'
import { call, collect, scripted } from '@harnext/core/testing'
import { describe, expect, test, vi } from 'vitest'
import { builtinTools } from '../src/index.ts'
import { longSleep, place } from './helpers.ts'

type Of<Type extends RunEvent['type']> = Extract<RunEvent, { readonly type: Type }>

function results(events: readonly RunEvent[]): readonly Of<'tool_result'>[] {
  const found = events.filter((event) => event.type === 'tool_result')
  // They come as they end; their ids are in the order of the calls.
  return found.toSorted((a, b) => Number(a.id) - Number(b.id))
}

describe('an agent with the built-in tools', () => {
  test('writes, changes, finds and runs', async () => {
    const { workspace, root } = await place()
    const adapter = scripted([
      [call('1', 'write', { path: 'src/a.js', content: 'console.log("old")\n' })],
      [call('2', 'read', { path: 'src/a.js' })],
      [call('3', 'edit', { path: 'src/a.js', old_string: 'old', new_string: 'new' })],
      [
        call('4', 'grep', { pattern: 'new' }),
        call('5', 'glob', { pattern: '*.js' }),
        call('6', 'bash', { command: 'cat src/a.js' }),
      ],
      'Done.',
    ])
    const agent = new Agent({
      name: 'tester',
      model: 'any',
      adapter,
      tools: builtinTools,
      workspace,
      instructions: false,
    })
    const run = agent.run([], 'Go.')
    const events = await collect(run)
    const result = await run.result
    expect(result.stopReason).toBe('complete')
    expect(results(events).map(({ tool, status, output }) => [tool, status, output])).toEqual([
      ['write', 'ok', 'Created src/a.js (1 line).'],
      ['read', 'ok', '     1\tconsole.log("old")\n'],
      ['edit', 'ok', expect.stringContaining('+console.log("new")')],
      ['grep', 'ok', 'src/a.js\n1:console.log("new")'],
      ['glob', 'ok', 'src/a.js'],
      ['bash', 'ok', 'Exit code 0.\n\nconsole.log("new")\n'],
    ])
    expect(await readFile(join(root, 'src/a.js'), 'utf8')).toBe('console.log("new")\n')
    expect(events.filter(({ type }) => type === 'process')).toHaveLength(1)
    adapter.assertDone()
  })

  test('in plan mode reads, and neither writes nor runs', async () => {
    const { workspace } = await place({ a: 'x' })
    const adapter = scripted([
      [
        call('1', 'read', { path: 'a' }),
        call('2', 'write', { path: 'b', content: '' }),
        call('3', 'edit', { path: 'a', old_string: 'x', new_string: 'y' }),
        call('4', 'bash', { command: 'touch c' }),
        call('5', 'glob', { pattern: '*' }),
        call('6', 'grep', { pattern: 'x' }),
      ],
      'Done.',
    ])
    const agent = new Agent({
      name: 'tester',
      model: 'any',
      adapter,
      tools: builtinTools,
      workspace,
      permissionMode: 'plan',
      instructions: false,
    })
    const events = await collect(agent.run([], 'Go.'))
    expect(results(events).map(({ status }) => status)).toEqual([
      'ok',
      'denied',
      'denied',
      'denied',
      'ok',
      'ok',
    ])
    expect((await workspace.readDirectory('.')).map(({ name }) => name)).toEqual(['a'])
  })

  test('tells a timeout by its reason', async () => {
    const { workspace } = await place()
    const adapter = scripted([
      [call('1', 'bash', { command: 'echo begun; sleep 300', timeout: 1500 })],
      'Done.',
    ])
    const agent = new Agent({
      name: 'tester',
      model: 'any',
      adapter,
      tools: builtinTools,
      workspace,
      instructions: false,
    })
    const [result] = results(await collect(agent.run([], 'Go.')))
    expect(result).toMatchObject({ status: 'error', reason: 'timeout' })
    expect(result?.output).toMatch(/^Timed out after 1\.5 s.*\n\nbegun\n$/)
  })

  test.each([
    ['ends by itself', ''],
    ['ignores SIGTERM', "trap '' TERM; "],
  ])('leaves no process behind when the run is cancelled: one that %s', async (_name, trap) => {
    const { workspace } = await place()
    const marker = `${longSleep}55${trap.length}`
    const command = `${trap}${marker} & echo up; ${marker}; ${marker}`
    const agent = new Agent({
      name: 'tester',
      model: 'any',
      adapter: scripted([[call('1', 'bash', { command })]]),
      tools: builtinTools,
      workspace,
      instructions: false,
    })
    const run = agent.run([], 'Go.')
    const events: RunEvent[] = []
    for await (const event of run) {
      events.push(event)
      if (event.type === 'tool_progress') run.cancel()
    }
    expect(results(events)).toMatchObject([{ status: 'error', reason: 'cancelled' }])
    expect((await run.result).stopReason).toBe('cancelled')
    // On a machine that is busy elsewhere, the run may end a moment earlier than what it cancelled.
    await vi.waitUntil(() => !isRunning(marker), { timeout: 20_000 })
  })
})

function isRunning(marker: string): boolean {
  const lines = execFileSync('ps', ['-A', '-o', 'stat=,args=']).toString().split('\n')
  return lines.some((line) => line.includes(marker) && !line.startsWith('Z'))
}

test('the names and arguments are those that models know', () => {
  const table = builtinTools.map(({ name, parameters }) => [
    name,
    Object.keys(Object(parameters['properties'])),
  ])
  expect(Object.fromEntries(table)).toEqual({
    read: ['path', 'offset', 'limit'],
    write: ['path', 'content'],
    edit: ['path', 'old_string', 'new_string', 'replace_all', 'edits'],
    bash: ['command', 'timeout', 'description'],
    glob: ['pattern', 'path'],
    grep: ['pattern', 'path', 'glob', 'output_mode', 'ignore_case', 'context', 'limit'],
    ls: ['path', 'recursive', 'offset', 'limit'],
    web_fetch: ['url', 'offset', 'max_length'],
    todo: ['title', 'items'],
  })
})
