import { ConfigError } from '@harnext/core'
import { expect, test } from 'vitest'
import { expanded } from '../src/expand.ts'
import { McpServers, parseMcpFile } from '../src/index.ts'
import { serverIds, toolNames } from '../src/names.ts'

test('a .mcp.json of another program is read as it is', () => {
  const file = {
    inputs: [],
    mcpServers: {
      docs: { command: 'npx', args: ['-y', 'docs'], env: { A: 'b' }, autoApprove: ['x'] },
      web: { type: 'http', url: 'https://a.test/mcp', headers: { Authorization: 'Bearer ${KEY}' } },
      old: { type: 'sse', url: 'https://a.test/sse' },
    },
  }
  expect(parseMcpFile(file, 'f')).toEqual(file.mcpServers)
})

test.each([
  [{}, 'f must hold an object with the key mcpServers.'],
  [{ mcpServers: { s: 1 } }, 'the MCP server "s" must be an object; got 1.'],
  [{ mcpServers: { s: {} } }, 'must have a command or a url, one of them.'],
  [{ mcpServers: { s: { command: 'a', url: 'b' } } }, 'must have a command or a url, one of them.'],
  [{ mcpServers: { s: { command: 'a', args: [1] } } }, 'a list of texts as its args; got [1].'],
  [{ mcpServers: { s: { command: 'a', type: 'http' } } }, 'so its type must be stdio; got "http".'],
  [{ mcpServers: { s: { url: 'a', type: 'stdio' } } }, 'its type cannot be stdio.'],
  [
    { mcpServers: { s: { url: 'a', oauth: { clientSecret: 'hush', callbackPort: 70_000 } } } },
    'must have { clientId, clientSecret, callbackPort } as its oauth.',
  ],
  [{ mcpServers: { s: { command: 'a', mode: 'x' } } }, 'direct, proxy or deferred as its mode'],
  [{ mcpServers: { s: { command: 'a', timeout: 0 } } }, 'milliseconds above 0 as its timeout'],
])('%j is refused', (file, message) => {
  expect(() => parseMcpFile(file, 'f')).toThrow(ConfigError)
  expect(() => parseMcpFile(file, 'f')).toThrow(message)
})

test('variables come from the environment, or are what stands behind :-', () => {
  const env = { KEY: 'k', EMPTY: '' }
  expect(
    expanded(
      { command: '${X:-node}', args: ['${KEY}-${KEY}', '$KEY'], env: { A: '${EMPTY:-b}' } },
      env,
    ),
  ).toEqual({ command: 'node', args: ['k-k', '$KEY'], env: { A: 'b' } })
  const oauth = { clientId: '${KEY}', clientSecret: '${KEY}', callbackPort: 3000 }
  expect(expanded({ url: 'https://a', oauth }, env)).toMatchObject({
    oauth: { clientId: 'k', clientSecret: 'k', callbackPort: 3000 },
  })
  expect(expanded({ url: 'https://a/${KEY}', headers: { H: '${KEY}' } }, env)).toEqual({
    url: 'https://a/k',
    headers: { H: 'k' },
  })
  expect(() => expanded({ command: '${NO}' }, env)).toThrow('the variable NO is not set')
})

test('names of servers in names of tools', () => {
  expect([...serverIds(['my server', 'a__b_', 'git-hub']).values()]).toEqual([
    'my_server',
    'a_b',
    'git-hub',
  ])
  const [long = ''] = serverIds(['x'.repeat(50)]).values()
  expect(long).toMatch(/^x{15}_[0-9a-f]{8}$/)
  for (const names of [
    ['git.hub', 'git/hub'],
    ['GitHub', 'github'],
  ])
    expect(() => serverIds(names)).toThrow('have the same name')
  expect(() => serverIds(['…'])).toThrow('needs a name with letters or digits')
})

test('names of tools are ones that every vendor takes, and no two are one', () => {
  const given = ['a.b', 'a/b', 'A_b', 'ok', 'y'.repeat(100), 'y'.repeat(101)]
  const names = [...toolNames('s', given).values()]
  const wire = names.map((name) => name.replace('mcp:s.', 'mcp__s__').toLowerCase())
  expect(new Set(wire).size).toBe(given.length)
  for (const name of wire) expect(name).toMatch(/^[a-z0-9_-]{1,64}$/)
  expect(toolNames('s', ['ok']).get('ok')).toBe('mcp:s.ok')
  // The order in which a server lists them changes nothing.
  expect(toolNames('s', given.toReversed())).toEqual(toolNames('s', given))
})

test('where no server is configured, that is what is said', async () => {
  const mcp = new McpServers({ servers: {}, roots: [] })
  await expect(mcp.tools('s')).rejects.toThrow('There is no MCP server "s": none is configured.')
})
