import { describe, expect, test } from 'vitest'
import { parseRules, ruleText } from '../../src/permission/rules.ts'

describe('strings', () => {
  test.each([
    ['read', { effect: 'read' }],
    ['READ(./src/**)', { effect: 'read', pattern: './src/**' }],
    ['Edit(./a)', { effect: 'write', pattern: './a' }],
    ['Write', { effect: 'write' }],
    ['network(ok.test)', { effect: 'network', pattern: 'ok.test' }],
    ['network', { effect: 'network' }],
    ['WebFetch(domain:ok.test)', { effect: 'network', pattern: 'ok.test' }],
    ['WebFetch', { tool: 'web_fetch' }],
    ['WebFetch(*)', { tool: 'web_fetch' }],
    ['Bash(npm test)', { tool: 'bash', effect: 'execute', pattern: 'npm test' }],
    ['bash(npm test:*)', { tool: 'bash', effect: 'execute', pattern: 'npm test:*' }],
    ['bash(echo (a) b)', { tool: 'bash', effect: 'execute', pattern: 'echo (a) b' }],
    ['Bash', { tool: 'bash', effect: 'execute' }],
    ['Bash(*)', { tool: 'bash', effect: 'execute' }],
    ['Glob(./src/**)', { tool: 'glob', effect: 'read', pattern: './src/**' }],
    ['Grep', { tool: 'grep' }],
    ['Task(explore)', { tool: 'task', effect: 'spawn', pattern: 'explore' }],
    ['mcp__git', { tool: 'mcp__git' }],
    ['mcp__git__log', { tool: 'mcp__git__log' }],
    ['mcp:git.log', { tool: 'mcp__git__log' }],
    ['git__log', { tool: 'git__log' }],
    ['MyTool', { tool: 'MyTool' }],
    ['  read ( a b )  ', { effect: 'read', pattern: ' a b ' }],
  ])('%s', (text, rule) => {
    expect(parseRules([text], 'allow')).toEqual({
      rules: [{ ...rule, decision: 'allow' }],
      errors: [],
    })
  })

  test('deny bash is about the tool, whatever it does', () => {
    expect(parseRules(['Bash', 'bash(*)'], 'deny').rules).toEqual([
      { tool: 'bash', decision: 'deny' },
      { tool: 'bash', decision: 'deny' },
    ])
  })

  test('a string can bring its decision', () => {
    expect(parseRules(['deny bash(rm:*)', 'Ask network', 'allow read'])).toEqual({
      rules: [
        { tool: 'bash', effect: 'execute', pattern: 'rm:*', decision: 'deny' },
        { effect: 'network', decision: 'ask' },
        { effect: 'read', decision: 'allow' },
      ],
      errors: [],
    })
    expect(parseRules(['deny read'], 'allow').rules).toEqual([{ effect: 'read', decision: 'deny' }])
  })

  test.each([
    ['', 'expected name or name(pattern)'],
    ['Bash(curl', 'its parenthesis is not closed'],
    ['Bash)curl(', 'expected name or name(pattern)'],
    ['rm -rf', 'expected name or name(pattern)'],
    ['read()', 'the pattern is empty'],
    ['bash( )', 'the pattern is empty'],
    ['bash(a\0b)', 'a pattern has no NUL'],
    ['read(~root/x)', 'after ~ comes a slash'],
    ['network(https://ok.test)', 'a host is a name or an address'],
    ['WebFetch(ok.test)', 'expected WebFetch(domain:host)'],
    ['mcp__git__log(x)', 'takes no pattern'],
    ['naïve', 'is not the name of a tool'],
  ])('%j is an error', (text, message) => {
    const { rules, errors } = parseRules([text], 'deny')
    expect(rules).toEqual([])
    expect(errors).toHaveLength(1)
    expect(errors[0]).toContain(message)
  })

  test('without a decision anywhere', () => {
    expect(parseRules(['read', 'read']).errors).toEqual([
      'Rule 1, "read": expected allow, ask or deny before it.',
      'Rule 2, "read": expected allow, ask or deny before it.',
    ])
  })
})

describe('objects', () => {
  test('are taken as they are', () => {
    const rule = { tool: 'bash', effect: 'execute', pattern: 'ls', exact: true, decision: 'deny' }
    expect(parseRules([rule, { decision: 'ask' }]).rules).toEqual([rule, { decision: 'ask' }])
    expect(parseRules([{ tool: 'x', description: 'why' }], 'ask').rules).toEqual([
      { tool: 'x', description: 'why', decision: 'ask' },
    ])
  })
  test.each([
    [{ toString: 'Bash' }, 'unknown property "toString"'],
    [JSON.parse('{"__proto__":{"tool":"bash"}}'), 'unknown property "__proto__"'],
    [{ tol: 'x' }, 'did you mean tool?'],
    [{ tool: 5 }, 'tool must be a text, got 5'],
    [{ tool: '' }, 'tool must be a text'],
    [{ tool: 'x', decision: 'alow' }, 'decision must be allow, ask or deny, got "alow"'],
    [{ effect: 'delete' }, 'effect must be one of read, write'],
    [{ effect: 'read', pattern: '{a,b}'.repeat(9) }, 'alternatives'],
    [{ effect: 'read', exact: true }, 'exact needs a pattern'],
    [{ effect: 'read', pattern: 'x', exact: false }, 'exact must be true'],
    [null, 'expected a string or an object'],
    [5, 'expected a string or an object'],
    [['read'], 'expected a string or an object'],
  ])('%j is an error', (item, message) => {
    const { rules, errors } = parseRules([item], 'allow')
    expect(rules).toEqual([])
    expect(errors[0]).toContain(message)
  })
  test('errors do not hide the good rules', () => {
    const { rules, errors } = parseRules(['read', 'Bash(', 'edit'], 'allow')
    expect(rules).toHaveLength(2)
    expect(errors).toEqual(['Rule 2, "Bash(": its parenthesis is not closed.'])
  })
})

test('the text of a rule reads back as the rule', () => {
  const texts = ['read', 'read(./a b/**)', 'edit(~/x)', 'network(a.test)', 'bash', 'bash(a *)']
  texts.push('grep(./a)', 'web_fetch', 'task(explore)', 'mcp__git', 'mcp__git__log', 'MyTool')
  for (const decision of ['allow', 'deny', 'ask'] as const) {
    const { rules } = parseRules(texts, decision)
    expect(rules.map(ruleText)).toEqual(texts)
  }
})
