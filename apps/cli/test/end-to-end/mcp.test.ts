import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { cli } from '../../src/cli.ts'
import { fakeIo } from '../fake-io.ts'
import { fixtureServer, outcomeIn, says, userText } from '../fixture-server.ts'
import { harnext, makePlace, startHarnext, type Place } from '../harnext-process.ts'
import { look } from '../inspect.ts'
import { processesWith, until } from '../processes.ts'
import { hasTmux, openTerminal } from '../terminal.ts'

vi.setConfig({ testTimeout: 60_000 })

const everything = fileURLToPath(
  new URL(
    '../../node_modules/@modelcontextprotocol/server-everything/dist/index.js',
    import.meta.url,
  ),
)
const echo = { id: 'toolu_1', name: 'mcp__every__echo', input: { message: 'hello' } }

/** A place with a file of servers; the working directory is among their arguments, so that they can be found. */
async function placeWithServers(name: string): Promise<Place> {
  const place = await makePlace()
  const every = { command: process.execPath, args: [everything, 'stdio', place.cwd] }
  await writeFile(join(place.cwd, name), JSON.stringify({ mcpServers: { every } }))
  return place
}

test('--mcp-config: a rule permits a tool, and nothing is left of its server', async () => {
  const place = await placeWithServers('servers.json')
  const { url, requests } = await fixtureServer([says('Asking.', echo), says('Done.')])
  const args = ['-p', '--mcp-config', 'servers.json', '--allow', 'mcp__every', 'go']
  const run = await harnext(args, { place, url })
  expect([run.code, run.stdout]).toEqual([0, 'Asking.\nDone.\n'])
  expect(JSON.stringify(requests[1]?.body)).toContain('Echo: hello')
  expect(processesWith(place.cwd)).toEqual([])
})

test('without a rule the tool is denied, and the exit code says so', async () => {
  const place = await placeWithServers('servers.json')
  const { url } = await fixtureServer([says('Asking.', echo), says('Done.')])
  const run = await harnext(['-p', '--mcp-config', 'servers.json', 'go'], { place, url })
  expect(run.code).toBe(7)
  expect(run.stderr).toContain('mcp:every.echo')
})

test('.mcp.json of a trusted folder, and a prompt of a server as the task', async () => {
  const place = await placeWithServers('.mcp.json')
  await mkdir(join(place.home, '.harnext'))
  await writeFile(join(place.home, '.harnext/trusted.json'), JSON.stringify([place.cwd]))
  const { url, requests } = await fixtureServer([says('Sunny.')])
  const run = await harnext(['-p', '/mcp__every__args-prompt Paris'], { place, url })
  expect([run.code, run.stdout]).toEqual([0, 'Sunny.\n'])
  const [request] = requests
  expect(request && userText(request)).toContain("What's weather in Paris?")
})

const scenarioServer = fileURLToPath(
  new URL('../../../../packages/mcp/test/support/scenario-server.mjs', import.meta.url),
)

/** A server whose tool wants to know a name. */
async function placeThatAsks(): Promise<Place> {
  const place = await makePlace()
  const requestedSchema = {
    type: 'object',
    properties: { name: { type: 'string', title: 'Your name' } },
    required: ['name'],
  }
  const scenario = {
    tools: [{ name: 'elicit', does: 'elicit' }],
    elicit: { mode: 'form', message: 'Who is there?', requestedSchema },
  }
  const args = [scenarioServer, JSON.stringify(scenario)]
  const mcpServers = { form: { command: process.execPath, args } }
  await writeFile(join(place.cwd, 'servers.json'), JSON.stringify({ mcpServers }))
  return place
}

const elicit = { id: 'toolu_1', name: 'mcp__form__elicit', input: {} }
const asking = ['--mcp-config', 'servers.json', '--allow', 'mcp__form', 'go']

test.skipIf(!hasTmux)('what a server wants to know is asked at the terminal', async () => {
  const place = await placeThatAsks()
  const { url, requests } = await fixtureServer([says('Asking.', elicit), says('Done.')])
  const terminal = await openTerminal(asking, { place, url })
  await terminal.shows(
    /\? The MCP server form asks: Who is there\?\n\? 1\. answer\n\? 2\. decline\n/,
  )
  terminal.press('1', 'Enter')
  await terminal.shows(/\? Your name\nYour answer:$/)
  terminal.press('Ada', 'Enter')
  await terminal.shows('exit 0')
  expect(outcomeIn(requests[1]!, 'toolu_1')?.text).toBe(
    '{"action":"accept","content":{"name":"Ada"}}',
  )
})

test('where nobody is asked, a server that asks is declined, and the run says so', async () => {
  const place = await placeThatAsks()
  const { url, requests } = await fixtureServer([says('Asking.', elicit), says('Done.')])
  const run = await harnext(['-p', ...asking], { place, url })
  expect([run.code, run.stdout]).toEqual([0, 'Asking.\nDone.\n'])
  expect(run.stderr).toContain(
    'The MCP server form wanted to know from the person: "Who is there?". It was declined: nobody is asked here.',
  )
  expect(outcomeIn(requests[1]!, 'toolu_1')?.text).toBe('{"action":"decline"}')
})

test('a prompt that is none begins nothing: the session before it is still the newest', async () => {
  const place = await placeWithServers('servers.json')
  const { url } = await fixtureServer([says('First.'), says('Second.')])
  const run = (...args: string[]) =>
    harnext(['-p', '--mcp-config', 'servers.json', ...args], { place, url })
  await run('go')
  const unknown = await run('/mcp__every__args-promt Paris')
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('Did you mean')])
  const lacking = await run('/mcp__every__args-prompt')
  expect([lacking.code, lacking.stderr]).toEqual([2, expect.stringContaining('city is missing')])
  expect(await run('-c', 'more')).toMatchObject({ code: 0, stdout: 'Second.\n' })
  const list = await look(['sessions', 'list', '--output-format', 'json'], place)
  const titles = (JSON.parse(list.stdout) as { title: string }[]).map(({ title }) => title)
  expect(titles.filter((title) => title !== '')).toEqual(['go'])
  const [newest = ''] = titles
  expect(newest).toBe('go')
})

test('harnext that is killed leaves no server', async () => {
  const place = await placeWithServers('servers.json')
  const { url } = await fixtureServer([
    says('Working.', {
      ...echo,
      name: 'mcp__every__trigger-long-running-operation',
      input: { duration: 60, steps: 60 },
    }),
  ])
  const args = ['-p', '--mcp-config', 'servers.json', '--allow', 'mcp__every', 'go']
  const started = startHarnext(args, { place, url })
  await started.says('trigger-long-running-operation')
  expect(processesWith(place.cwd).length).toBeGreaterThan(0)
  started.child.kill('SIGKILL')
  await started.ended
  await until(() => processesWith(place.cwd).length === 0, 'no server is left')
})

test('harnext mcp list and harnext mcp tools', async () => {
  const { cwd, home } = await placeWithServers('servers.json')
  const command = async (...args: string[]) => {
    const io = fakeIo({ args: ['mcp', ...args], cwd, home, env: { PATH: process.env['PATH'] } })
    return { code: await cli(io), ...io.written }
  }
  expect(await command('list')).toMatchObject({
    code: 0,
    stdout: 'There are no MCP servers here.\n',
  })
  const list = await command('list', '--mcp-config', 'servers.json')
  expect(list.code).toBe(0)
  expect(list.stdout).toMatch(/^every {2}\d+ tools, stdio, Everything Reference Server/)
  const tools = await command('tools', 'every', '--mcp-config', 'servers.json')
  expect(tools.stdout).toMatch(/^mcp:every\.echo +Echoes/m)
  const json = await command(
    'tools',
    'every',
    '--mcp-config',
    'servers.json',
    '--output-format',
    'json',
  )
  expect(JSON.parse(json.stdout)).toContainEqual(
    expect.objectContaining({ name: 'mcp:every.echo', parameters: expect.anything() }),
  )
  expect((await command('tools', 'evry', '--mcp-config', 'servers.json')).stderr).toContain(
    'Did you mean every?',
  )
  expect(await command('tools')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('the server is missing. harnext mcp list shows them'),
  })
  await writeFile(join(cwd, 'broken.json'), '{"mcpServers":{"b":{"command":"no-such-program"}}}')
  const broken = await command('list', '--mcp-config', 'broken.json')
  expect([broken.code, broken.stdout]).toEqual([1, expect.stringContaining('no-such-program')])
  expect(await command('list', '--mcp-config', 'none.json')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('none.json cannot be read'),
  })
})

test('.mcp.json of a folder that is not trusted: said, unless --mcp-config names it', async () => {
  const place = await makePlace()
  const servers = { far: { url: 'http://127.0.0.1:1/mcp' } }
  await writeFile(join(place.cwd, '.mcp.json'), JSON.stringify({ mcpServers: servers }))
  const mcp = async (...args: string[]) => {
    const io = fakeIo({ args: ['mcp', ...args], cwd: place.cwd, home: place.home, env: {} })
    return { code: await cli(io), stderr: io.written.stderr }
  }
  const trusted = join(place.home, '.harnext/trusted.json')
  const said = `the folder is not trusted. To trust it, name it in the list of ${trusted}.`
  for (const args of [
    ['tools', 'far'],
    ['login', 'far'],
    ['logout', 'far'],
  ]) {
    const { code, stderr } = await mcp(...args)
    expect([code, stderr]).toEqual([2, expect.stringContaining(said)])
    expect(stderr).toContain('There is no MCP server "far": none is configured. Name it as')
  }
  for (const file of ['.mcp.json', join(place.cwd, '.mcp.json')])
    expect((await mcp('logout', 'far', '--mcp-config', file)).stderr).toBe('')

  const { url } = await fixtureServer([says('Fine.')])
  const run = await harnext(['-p', '--mcp-config', '.mcp.json', 'go'], { place, url })
  expect(run.code).toBe(0)
  expect(run.stderr).not.toContain('not trusted')
})
