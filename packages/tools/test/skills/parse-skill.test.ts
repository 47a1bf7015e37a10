import { describe, expect, test } from 'vitest'
import { bundledSkills, parseSkill, skill } from '../../src/skills.ts'
import { readFrontmatter } from '../../src/skills/frontmatter.ts'

function file(head: string, body = 'Do it.'): string {
  return `---\n${head}\n---\n\n${body}\n`
}

function problemsOf(text: string, folder: string): string {
  const parsed = parseSkill(text, folder)
  return 'name' in parsed ? '' : parsed.join('; ')
}

describe('frontmatter', () => {
  test('texts: plain, quoted, in blocks, over lines', () => {
    const { fields, body } = readFrontmatter(
      file(
        [
          'plain: Use when: asked to # no more',
          'double: "a \\"b\\" \\n c: d"',
          "single: 'it''s # here'",
          'folded: >-',
          '  one',
          '  two',
          '',
          '  three',
          'literal: |',
          '  one',
          '    two',
          'over: first',
          '  second',
          '# a comment',
          'empty:',
          'Upper-Case: x',
        ].join('\r\n'),
        'Body\n---\nmore',
      ),
    )
    expect(Object.fromEntries(fields)).toEqual({
      plain: 'Use when: asked to',
      double: 'a "b" \n c: d',
      single: "it's # here",
      folded: 'one two\n\nthree',
      literal: 'one\n  two',
      over: 'first second',
      empty: '',
      upper_case: 'x',
    })
    expect(body).toBe('Body\n---\nmore')
  })

  test('lists and keys', () => {
    const { fields } = readFrontmatter(
      file(
        'flow: [a, "b, c", Bash(git add:*, x)]\nlist:\n  - a\n  - \'b: c\'\nleft:\n- x\nkeys:\n  one: 1\n  two: "2"',
      ),
    )
    expect(Object.fromEntries(fields)).toEqual({
      flow: ['a', 'b, c', 'Bash(git add:*, x)'],
      list: ['a', 'b: c'],
      left: ['x'],
      keys: { one: '1', two: '2' },
    })
  })

  test('none, and what is none', () => {
    expect(readFrontmatter('Just text\n')).toEqual({ fields: new Map(), body: 'Just text' })
    expect(() => readFrontmatter('---\nname: x\n')).toThrow('has no end')
    expect(() => readFrontmatter('---\nname: x\n!!! y\n---\n')).toThrow(
      'line 3: expected "key: value"',
    )
  })
})

describe('a skill', () => {
  test('has the keys of every system', () => {
    const head = [
      'name: make-it',
      'description: Makes it.',
      'when_to_use: When asked.',
      'allowed-tools: Read, Bash(git add:*) grep',
      'args: [what, where]',
      'user-invocable: false',
      'disable-model-invocation: true',
      'license: MIT',
      'metadata:',
      '  author: me',
    ].join('\n')
    expect(parseSkill(file(head), 'make-it')).toEqual({
      name: 'make-it',
      description: 'Makes it.',
      instructions: 'Do it.',
      whenToUse: 'When asked.',
      allowedTools: ['Read', 'Bash(git add:*)', 'grep'],
      args: ['what', 'where'],
      userInvocable: false,
      modelInvocable: false,
    })
  })

  test.each([
    ['name: a', ['a']],
    ['args:\n  - name: pr\n    description: number of it', ['pr']],
    ['arguments: one two', ['one', 'two']],
    ['args:\n  one: first\n  two: second', ['one', 'two']],
  ])('its words: %j', (head, args) => {
    const parsed = parseSkill(file(`${head}\ndescription: d`), 'a')
    expect('args' in parsed ? parsed.args : ['a']).toEqual(args)
  })

  test.each([
    ['name: other\ndescription: d', 'its name other is not that of its folder, here'],
    ['name: Here\ndescription: d', 'a name is 1 to 64 of a-z'],
    ['name: here', 'it needs a description'],
    [`description: ${'x'.repeat(1025)}`, 'at most 1024 characters; this one has 1025'],
    [
      `description: d\ncompatibility: ${'x'.repeat(501)}`,
      'compatibility has at most 500 characters',
    ],
    ['oops', 'line 2: expected "key: value"'],
  ])('is refused: %j', (head, problem) => {
    expect(problemsOf(file(head), 'here')).toContain(problem)
  })

  test.each(['-a', 'a-', 'a--b', 'A', 'a_b', '', 'x'.repeat(65)])('has no name as %j', (name) => {
    expect(problemsOf(file(`name: "${name}"\ndescription: d`), name)).toContain('a name is 1 to 64')
  })

  test('needs instructions', () => {
    expect(parseSkill('---\ndescription: d\n---\n \n', 'here')).toEqual([
      'it has no instructions below the frontmatter',
    ])
  })
})

test('skill() checks what it is given', () => {
  expect(skill({ name: 'a-b', description: 'd', instructions: 'i' })).toMatchObject({
    userInvocable: true,
    modelInvocable: true,
    source: 'given',
  })
  expect(() => skill({ name: 'A', description: '', instructions: ' ' })).toThrow(
    /The skill "A": a name is .*; it needs a description; its instructions are empty/,
  )
})

test('the bundled skills follow the rules', () => {
  expect(bundledSkills.map(({ name }) => name)).toEqual(['commit', 'debug', 'init', 'review'])
  for (const { source: _, ...definition } of bundledSkills) skill(definition)
})
