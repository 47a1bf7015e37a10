import { readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { call, scripted } from '@harnext/core/testing'
import { bubblewrap, sandboxRuntime } from '@harnext/tools/sandbox'
import { expect, test, vi } from 'vitest'
import { Harnext, type HarnextOptions } from '../src/index.ts'
import { temporary } from './temporary.ts'

vi.setConfig({ testTimeout: 60_000 })

async function client(options: HarnextOptions) {
  const folder = await temporary()
  const command = 'echo x > here; echo x > /etc/harnext-x'
  return new Harnext({
    provider: scripted([[call('1', 'bash', { command })], 'Done.']),
    model: 'm',
    cwd: folder,
    home: await temporary(),
    env: { PATH: process.env['PATH'] },
    permissionMode: 'bypass',
    ...options,
  })
}

test('sandbox: commands change the folder alone, and the run says so', async ({ skip }) => {
  const probe = await bubblewrap().probe()
  if (!probe.works) skip(probe.reason)
  const agent = await client({ sandbox: 'required' })
  const warnings: string[] = []
  const run = agent.stream('go')
  for await (const event of run) if (event.type === 'warning') warnings.push(event.message)
  expect(warnings).toEqual([expect.stringContaining('Commands run in a sandbox (bubblewrap)')])
  const { steps, filesChanged } = await run.result
  expect(steps[0]?.output).toContain('Read-only file system')
  expect(filesChanged).toEqual(['here'])
})

test('sandbox: a server that says so is held, and the first line names what is not', async ({
  skip,
}) => {
  const probe = await bubblewrap().probe()
  if (!probe.works) skip(probe.reason)
  const cwd = await temporary()
  await writeFile(path.join(cwd, '.env'), 'KEY=1')
  // It writes beside itself, reads what is secret, and says nothing that a client understands.
  const script = 'touch /etc/harnext-x "$PWD/made"; cat .env; echo "$TOKEN $PATH_KEY" >&2'
  const server = { command: '/bin/sh', args: ['-c', script], required: false }
  const agent = await client({
    cwd,
    sandbox: 'required',
    env: { PATH: process.env['PATH'], PATH_KEY: 'secret' },
    mcpServers: {
      free: { ...server, args: ['-c', 'exit 1'] },
      kept: { ...server, env: { TOKEN: 'given' }, sandbox: true },
    },
  })
  const warnings: string[] = []
  const run = agent.stream('go')
  for await (const event of run) if (event.type === 'warning') warnings.push(event.message)
  await agent.close()
  expect(warnings[0]).toMatch(/; no network\. Not held: the MCP server free\.$/)
  const kept = warnings.find((message) => message.includes('server kept'))
  expect(kept).toContain('/etc/harnext-x')
  expect(kept).toContain('given')
  expect(kept).not.toContain('KEY=1')
  expect(kept).not.toContain('secret')
  expect(await readdir(cwd)).not.toContain('made')
})

test('sandbox: a mode that there is not', async () => {
  await expect(client({ sandbox: 'on' as never })).rejects.toThrow(
    'sandbox must be off, auto or required; got "on".',
  )
})

test('sandbox: its network is said, and needs one', async ({ skip }) => {
  await expect(client({ sandbox: { mode: 'off', network: true } })).rejects.toThrow(
    'sandbox has a network, which needs the mode auto or required',
  )
  await expect(
    client({ sandbox: { mode: 'required', network: { allow: ['https://a.org'] } } }),
  ).rejects.toThrow('must be a host')
  const probe = await sandboxRuntime().probe()
  if (!probe.works) skip(probe.reason)
  const agent = await client({ sandbox: { mode: 'required', network: { allow: ['a.org'] } } })
  const warnings: string[] = []
  const run = agent.stream('go')
  for await (const event of run) if (event.type === 'warning') warnings.push(event.message)
  expect(warnings).toEqual([
    expect.stringMatching(/a sandbox \(sandbox-runtime\): .*; of the network a\.org\.$/),
  ])
  expect((await run.result).steps[0]?.output).toContain('Read-only file system')
})
