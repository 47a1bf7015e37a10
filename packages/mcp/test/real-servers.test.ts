import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { folder, program, serversOf, stepsOf } from './support/world.ts'

const everything = { command: process.execPath, args: [program('server-everything')] }

test('tools of a server: text, numbers, pictures, errors, structured answers', async () => {
  const mcp = await serversOf({ everything })
  const steps = await stepsOf(mcp, [
    ['mcp__everything__echo', { message: 'hello' }],
    ['everything__get-sum', { a: 2, b: 3 }],
    ['mcp:everything.get-tiny-image'],
    ['mcp__everything__get-sum', { a: 2 }],
    ['mcp__everything__get-structured-content', { location: 'New York' }],
  ])
  expect(steps.map(({ tool, status }) => `${tool} ${status}`)).toEqual([
    'mcp:everything.echo ok',
    'mcp:everything.get-sum ok',
    'mcp:everything.get-tiny-image ok',
    'mcp:everything.get-sum error',
    'mcp:everything.get-structured-content ok',
  ])
  expect(steps[0]?.output).toBe('Echo: hello')
  expect(steps[1]?.output).toContain('5')
  expect(steps[4]?.output).toContain('temperature')
})

test('resources are listed and read by two tools, and prompts begin conversations', async () => {
  const mcp = await serversOf({ everything })
  const uri = 'demo://resource/dynamic/text/1'
  const steps = await stepsOf(mcp, [
    ['list_mcp_resources', { server: 'everything' }],
    ['read_mcp_resource', { server: 'everything', uri }],
    ['read_mcp_resource', { server: 'nobody', uri }],
  ])
  expect(steps.map(({ tool, status }) => `${tool} ${status}`)).toEqual([
    'mcp:everything.list_mcp_resources ok',
    'mcp:everything.read_mcp_resource ok',
    'read_mcp_resource error',
  ])
  expect(steps[0]?.output).toContain('demo://resource/dynamic/text/{resourceId}')
  expect(steps[1]?.output).toContain('Resource 1')
  const prompts = await mcp.prompts()
  expect(prompts.map(({ command }) => command)).toContain('mcp__everything__args-prompt')
  const [message] = await mcp.prompt('/mcp__everything__args-prompt', 'city=Paris state=Texas')
  expect(JSON.stringify(message)).toContain('Paris, Texas')
  await expect(mcp.prompt('mcp__everything__args-prompt')).rejects.toThrow('city is missing')
  await expect(mcp.prompt('mcp__everything__arg-prompt')).rejects.toThrow('Did you mean')
})

test('a rule of the server covers its resources', async () => {
  const mcp = await serversOf({ everything })
  const read = ['list_mcp_resources', { server: 'everything' }] as const
  const denied = await stepsOf(mcp, [read], {
    rules: [{ tool: 'mcp__everything', decision: 'deny' }],
  })
  expect(denied).toMatchObject([{ status: 'denied' }])
  const planned = await stepsOf(mcp, [read], { permissionMode: 'plan' })
  expect(planned).toMatchObject([{ status: 'denied' }])
})

test('the folders of the workspace are what a server may know of the machine', async () => {
  const root = await folder()
  await writeFile(path.join(root, 'note.txt'), 'remember the milk')
  const filesystem = { command: process.execPath, args: [program('server-filesystem'), root] }
  const mcp = await serversOf({ filesystem, everything }, { roots: [root] })
  const steps = await stepsOf(mcp, [
    ['mcp__filesystem__read_text_file', { path: path.join(root, 'note.txt') }],
    ['mcp__filesystem__read_text_file', { path: '/etc/passwd' }],
    ['mcp__everything__get-roots-list'],
  ])
  expect(steps[0]?.output).toContain('remember the milk')
  expect(steps[1]?.status).toBe('error')
  expect(steps[2]?.output).toContain(`file://${root}`)
})

test('one tool stands for a server: rules see the tool that is meant', async () => {
  const mcp = await serversOf({ everything: { ...everything, mode: 'proxy' } })
  const args = { tool: 'echo', arguments: { message: 'hi' } }
  const steps = await stepsOf(
    mcp,
    [
      ['mcp__everything', { tool: 'echo' }],
      ['mcp__everything', args],
      ['mcp__everything', { tool: 'get-sum', arguments: { a: 1, b: 2 } }],
      ['mcp__everything', { tool: 'nothing', arguments: {} }],
    ],
    { rules: [{ tool: 'mcp__everything__get-sum', decision: 'deny' }] },
  )
  expect(steps.map(({ tool, status }) => `${tool} ${status}`)).toEqual([
    'mcp__everything ok',
    'mcp:everything.echo ok',
    'mcp:everything.get-sum denied',
    'mcp__everything error',
  ])
  expect(steps[0]?.output).toContain('"message"')
  expect(steps[1]?.output).toBe('Echo: hi')
  expect(steps[3]?.output).toContain('- echo:')
})

test('status and tools of a server, also of one that cannot be started', async () => {
  const mcp = await serversOf({
    everything,
    broken: { command: 'no-such-program' },
    off: { command: 'no-such-program', disabled: true },
  })
  expect(await mcp.servers()).toMatchObject([
    { name: 'everything', state: 'connected', transport: 'stdio', protocol: '2025-11-25' },
    { name: 'broken', state: 'failed', error: expect.stringContaining('no-such-program') },
    { name: 'off', state: 'disabled' },
  ])
  const names = (await mcp.tools('everything')).map(({ name }) => name)
  expect(names).toContain('mcp:everything.echo')
  expect(names).toEqual(names.toSorted())
  await expect(mcp.tools('everythin')).rejects.toThrow('Did you mean everything?')
})
