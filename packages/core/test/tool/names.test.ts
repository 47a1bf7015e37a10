import { describe, expect, test } from 'vitest'
import {
  canonicalToolName,
  findToolName,
  matchesTool,
  toDisplayName,
  toWireName,
} from '../../src/tool/names.ts'

test('an MCP tool has one name on the wire and one on the screen', () => {
  expect(toWireName('mcp:github.create_issue')).toBe('mcp__github__create_issue')
  expect(toDisplayName('mcp__github__create_issue')).toBe('mcp:github.create_issue')
  expect(toWireName('mcp:github')).toBe('mcp__github')
  expect(toDisplayName('mcp__my_server__a__b')).toBe('mcp:my_server.a__b')
  expect(toWireName('mcp:my_server.a__b')).toBe('mcp__my_server__a__b')
  for (const plain of ['read', 'a__b', 'mcp', 'mcp__x']) {
    expect(toWireName(plain)).toBe(plain)
    expect(toDisplayName(plain)).toBe(plain)
  }
})

test.each([
  ['Read', 'read'],
  ['readFile', 'read'],
  ['Write', 'write'],
  ['writeFile', 'write'],
  ['Edit', 'edit'],
  ['editFile', 'edit'],
  ['Bash', 'bash'],
  ['BASH', 'bash'],
  ['bash ', 'bash'],
  ['Glob', 'glob'],
  ['Grep', 'grep'],
  ['LS', 'ls'],
  ['listFiles', 'ls'],
  ['WebFetch', 'web_fetch'],
  ['web-fetch', 'web_fetch'],
  ['WebSearch', 'web_search'],
  ['Task', 'task'],
  ['TodoWrite', 'todo'],
  ['ExitPlanMode', 'exit_plan'],
  ['AskUser', 'ask_user'],
  ['ToolSearch', 'load_tools'],
  ['mcp:a.b', 'mcp__a__b'],
  ['MyTool', 'MyTool'],
  ['constructor', 'constructor'],
])('%s is %s', (name, canonical) => {
  expect(canonicalToolName(name)).toBe(canonical)
})

test('a call finds the registered tool that it means, its own name first', () => {
  const registered = ['read', 'Read', 'mcp__git__log', 'planner__add', 'Deploy']
  expect(findToolName('Read', registered)).toBe('Read')
  expect(findToolName('readFile', registered)).toBe('read')
  expect(findToolName('mcp:git.log', registered)).toBe('mcp__git__log')
  expect(findToolName('git__log', registered)).toBe('mcp__git__log')
  expect(findToolName('planner__add', registered)).toBe('planner__add')
  expect(findToolName('deploy', registered)).toBe('Deploy')
  expect(findToolName('git', registered)).toBeUndefined()
})

describe('matchesTool', () => {
  test.each([
    ['bash', 'Bash'],
    ['WebFetch', 'web_fetch'],
    ['mcp__git', 'mcp__git__log'],
    ['mcp__git', 'mcp:git.log'],
    ['mcp:git', 'mcp__git__log'],
    ['mcp__git__*', 'mcp__git__log'],
    ['mcp__*', 'mcp__git__log'],
    ['mcp__git__log', 'mcp:git.log'],
    ['mcp:git.log', 'mcp__git__log'],
    ['git__log', 'mcp__git__log'],
    ['MCP__Git__Log', 'mcp__git__log'],
    ['get_*', 'get_user'],
    ['*', 'anything'],
  ])('%s means %s', (pattern, name) => {
    expect(matchesTool(pattern, name)).toBe(true)
  })
  test.each([
    ['mcp__git', 'mcp__github__log'],
    ['mcp__git', 'git__log'],
    ['mcp__git__log', 'mcp__git__log2'],
    ['mcp__git__lo', 'mcp__git__log'],
    ['git', 'mcp__git__log'],
    ['bash', 'bash_output'],
    ['get_*', 'forget_user'],
    ['read', 'write'],
  ])('%s does not mean %s', (pattern, name) => {
    expect(matchesTool(pattern, name)).toBe(false)
  })
})
