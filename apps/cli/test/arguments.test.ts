import { describe, expect, test } from 'vitest'
import { readArguments } from '../src/arguments.ts'
import type { RunSettings } from '../src/command.ts'
import { helpText } from '../src/help.ts'
import { options } from '../src/options.ts'
import { pipelineHelpText } from '../src/pipeline-help.ts'
import { pipelineOptions } from '../src/pipeline-options.ts'
import { UsageError } from '../src/usage-error.ts'

function settings(...args: string[]): RunSettings {
  const command = readArguments(args)
  if (command.name !== 'run') throw new Error(`expected run, got ${command.name}`)
  return command.settings
}

const defaults = {
  print: false,
  allow: [],
  deny: [],
  addDirs: [],
  audit: false,
  checks: [],
  mcpConfigs: [],
  session: { kind: 'new' },
  format: 'text',
  isPartial: false,
  isDriven: false,
}

describe('a task', () => {
  test('is the words that are no options', () => {
    expect(settings('fix', 'it')).toEqual({ ...defaults, prompt: 'fix it' })
  })
  test('stands behind -p, which takes no value', () => {
    expect(settings('-p', 'fix it')).toEqual({ ...defaults, prompt: 'fix it', print: true })
  })
  test('may be absent, and may be blank', () => {
    expect(settings('-c')).toEqual({ ...defaults, session: { kind: 'newest' } })
    expect(settings('').prompt).toBe('')
  })
  test('may look like an option behind --', () => {
    expect(settings('-p', '--', '--help', '-x')).toMatchObject({ prompt: '--help -x', print: true })
  })
  test('may be a word that is a command', () => {
    expect(settings('-p', 'demo').prompt).toBe('demo')
    expect(settings('--', 'sessions', 'list').prompt).toBe('sessions list')
    expect(settings('sessions are lost').prompt).toBe('sessions are lost')
  })
})

test('every option of a run', () => {
  const flags = {
    '-m': 'anthropic/claude-opus-5-5',
    '--allow': 'read',
    '--deny': 'read(./.env)',
    '--max-turns': '3',
    '--max-cost': '0.5',
    '--max-tokens': '9000',
    '--max-duration': '1.5',
    '--check': 'npm test',
    '--cwd': '/tmp',
    '-r': 'sess_1',
    '--system-prompt': 'a',
    '--output-format': 'json',
    '--mcp-config': 'servers.json',
    '--sandbox': 'required',
    '--allow-domain': 'registry.npmjs.org',
    '--add-dir': '../other',
  }
  const joined = ['--permission-mode=plan', '--append-system-prompt=-b', '--allow=bash(npm test:*)']
  expect(settings(...Object.entries(flags).flat(), ...joined, 'go')).toEqual({
    prompt: 'go',
    print: false,
    model: 'anthropic/claude-opus-5-5',
    permissionMode: 'plan',
    allow: ['read', 'bash(npm test:*)'],
    deny: ['read(./.env)'],
    maxTurns: 3,
    maxCostUsd: 0.5,
    maxTokens: 9000,
    maxDurationMs: 1500,
    checks: ['npm test'],
    audit: false,
    cwd: '/tmp',
    session: { kind: 'id', id: 'sess_1' },
    systemPrompt: 'a',
    appendSystemPrompt: '-b',
    mcpConfigs: ['servers.json'],
    sandbox: { mode: 'required', network: { allow: ['registry.npmjs.org'] } },
    addDirs: ['../other'],
    format: 'json',
    isPartial: false,
    isDriven: false,
  })
  const lines = ['--output-format=stream-json', '--include-partial-messages']
  expect(settings(...lines, '--input-format', 'stream-json', '--output-schema', '{}')).toEqual({
    ...defaults,
    format: 'stream-json',
    isPartial: true,
    isDriven: true,
    outputSchema: '{}',
  })
})

test('of an option that is repeated the last one counts', () => {
  expect(settings('-m', 'a/b', '-m', 'c/d', 'go').model).toBe('c/d')
})

test('the other commands', () => {
  expect(readArguments(['sessions', 'list'])).toEqual({
    name: 'sessions list',
    format: 'text',
    all: false,
  })
  expect(
    readArguments(['--output-format', 'json', 'sessions', 'list', '--all', '--cwd', 'x']),
  ).toEqual({ name: 'sessions list', format: 'json', all: true, cwd: 'x' })
  expect(readArguments(['sessions', 'show', 'sess_1'])).toEqual({
    name: 'sessions show',
    format: 'text',
    id: 'sess_1',
    all: false,
  })
  expect(readArguments(['sessions', 'show', 'sess_1', '--all'])).toMatchObject({ all: true })
  expect(readArguments(['providers'])).toEqual({ name: 'providers', format: 'text' })
  expect(readArguments(['providers', '--output-format=json'])).toMatchObject({ format: 'json' })
  expect(readArguments(['skills', 'list', '--cwd', 'x'])).toEqual({
    name: 'skills list',
    format: 'text',
    cwd: 'x',
  })
  expect(readArguments(['demo'])).toEqual({ name: 'demo' })
  expect(readArguments(['-v'])).toEqual({ name: 'version' })
  expect(readArguments(['do', 'it', '--help'])).toEqual({ name: 'help', topic: 'harnext' })
  expect(readArguments(['sessions', '-h'])).toEqual({ name: 'help', topic: 'sessions' })
  expect(readArguments(['mcp', 'login', '-h'])).toEqual({ name: 'help', topic: 'mcp' })
  expect(readArguments(['sessions', 'show', '-h'])).toEqual({ name: 'help', topic: 'sessions' })
})

test.each([
  [
    ['--permision-mode', 'plan'],
    'There is no option --permision-mode. Did you mean --permission-mode?',
  ],
  [['--max-turn=3'], 'There is no option --max-turn. Did you mean --max-turns?'],
  [['--MAX_COST', '1'], 'There is no option --MAX_COST. Did you mean --max-cost?'],
  [['--zzz'], 'There is no option --zzz. See harnext --help.'],
  [['-P', 'go'], 'There is no option -P. Did you mean --print?'],
  [['-x'], 'There is no option -x. See harnext --help.'],
  [['-px', 'go'], 'There is no option -x. See harnext --help.'],
  [['-m'], '-m needs a value.'],
  [
    ['-m', '-p', 'go'],
    '-m needs a value; "-p" looks like an option. To mean it, write --model=-p.',
  ],
  [['--print=1', 'go'], '--print takes no value; got "1".'],
  [['--sandbox', 'on', 'go'], '--sandbox must be off, auto or required; got "on".'],
  [
    ['--allow-domain', 'a.org', 'go'],
    '--allow-domain needs --sandbox auto or --sandbox required: without a sandbox commands reach all of the network.',
  ],
  [['--max-turns', '0', 'go'], '--max-turns must be a whole number of at least 1; got "0".'],
  [['--max-turns', '1.5', 'go'], '--max-turns must be a whole number of at least 1; got "1.5".'],
  [['--max-turns=', 'go'], '--max-turns must be a whole number of at least 1; got "".'],
  [['--max-cost', 'x', 'go'], '--max-cost must be an amount of US dollars above 0; got "x".'],
  [['--max-tokens', '1.5', 'go'], '--max-tokens must be a whole number of at least 1; got "1.5".'],
  [['--max-duration', '0', 'go'], '--max-duration must be a number of seconds above 0; got "0".'],
  [['--max-cost=-1', 'go'], '--max-cost must be an amount of US dollars above 0; got "-1".'],
  [
    ['--output-format', 'xml', 'go'],
    '--output-format must be text, json or stream-json; got "xml".',
  ],
  [
    ['sessions', 'list', '--output-format', 'stream-json'],
    '--output-format must be text or json; got "stream-json".',
  ],
  [['--input-format=json', 'go'], '--input-format must be text or stream-json; got "json".'],
  [
    ['--input-format', 'stream-json'],
    '--input-format stream-json needs --output-format stream-json.',
  ],
  [
    ['--include-partial-messages', 'go'],
    '--include-partial-messages needs --output-format stream-json.',
  ],
  [
    ['--summary', 'a', '--input-format', 'stream-json', '--output-format', 'stream-json'],
    '--summary is for one run; --input-format stream-json may have many.',
  ],
  [['-c', '-r', 'sess_1'], '--continue and --resume name a session both; give one of them.'],
  [['--all', 'go'], '--all is not an option of harnext run.'],
  [['sessions', 'list', '-c'], '--continue is not an option of harnext sessions list.'],
  [['sessions', 'list', 'x'], 'harnext sessions list takes nothing more; got "x".'],
  [
    ['sessions', 'show'],
    'harnext sessions show <id>: the id is missing. harnext sessions list shows them.',
  ],
  [['providers', 'x'], 'harnext providers takes nothing more; got "x".'],
  [['providers', '-m', 'x'], '--model is not an option of harnext providers.'],
  [['demo', 'x'], 'harnext demo takes nothing more; got "x".'],
  [['skills', 'list', '--all'], '--all is not an option of harnext skills list.'],
  [
    ['skills', 'ist'],
    'harnext skills needs list; got "ist". Did you mean list? For a task that begins with this word, put the task in quotes.',
  ],
  [
    ['sessions'],
    'harnext sessions needs list or show. For a task that begins with this word, put the task in quotes.',
  ],
  [
    ['sessions', 'lst'],
    'harnext sessions needs list or show; got "lst". Did you mean list? For a task that begins with this word, put the task in quotes.',
  ],
])('%j is refused with a sentence', (args, message) => {
  expect(() => readArguments(args)).toThrow(new UsageError(message))
})

test('undo is a command alone, or with the name of a run; else it is the beginning of a task', () => {
  const plain = { name: 'undo', format: 'text', isList: false, isDryRun: false, skipEdited: false }
  expect(readArguments(['undo'])).toEqual(plain)
  expect(readArguments(['undo', 'run_1', '--dry-run', '--session', 's'])).toEqual({
    ...plain,
    run: 'run_1',
    session: 's',
    isDryRun: true,
  })
  expect(readArguments(['undo', '--list', '--skip-edited', '--cwd', 'x'])).toEqual({
    ...plain,
    cwd: 'x',
    isList: true,
    skipEdited: true,
  })
  expect(settings('undo', 'the last commit').prompt).toBe('undo the last commit')
  expect(() => readArguments(['undo', 'run_1', 'run_2'])).toThrow('takes nothing more')
})

test('help names every option once, and fits a terminal of 100 columns', () => {
  const topics = ['harnext', 'sessions', 'mcp', 'undo'] as const
  const text = topics.map(helpText).join('')
  for (const name of Object.keys(options)) expect(text).toContain(`--${name}`)
  expect(text.split('\n').filter((line) => line.length > 100)).toEqual([])
})

describe('a pipeline and its runner', () => {
  test('every option', () => {
    expect(
      readArguments([
        'setup',
        '--stages=plan,implement',
        '--runner',
        'self-hosted',
        '--default-branch',
        'develop',
        '--merge',
        'manual',
        '--intake',
        'everyone',
        '--label-prefix',
        'x:',
        '--sandbox=auto',
        '--allow-domain=a.org',
        '--allow-domain=b.org',
        '--provider',
        'openai',
        '-m',
        'gpt-6',
        '--dry-run',
        '--no-labels',
        '--cwd',
        '/tmp',
      ]),
    ).toEqual({
      name: 'setup',
      settings: {
        stages: ['plan', 'implement'],
        runner: 'self-hosted',
        defaultBranch: 'develop',
        merge: 'manual',
        intake: 'everyone',
        labelPrefix: 'x:',
        sandbox: { mode: 'auto', network: { allow: ['a.org', 'b.org'] } },
        provider: 'openai',
        model: 'gpt-6',
        isDryRun: true,
        hasLabels: false,
        cwd: '/tmp',
      },
    })
    expect(readArguments(['runner', 'logs', '-f', '-n', '5'])).toEqual({
      name: 'runner logs',
      follow: true,
      lines: 5,
    })
    expect(
      readArguments(['runner', 'install', '--label', 'a', '--label', 'b', '--service', 'launchd']),
    ).toEqual({
      name: 'runner install',
      labels: ['a', 'b'],
      service: 'launchd',
      allowPublic: false,
    })
    expect(readArguments(['runner', '--help'])).toEqual({ name: 'help', topic: 'runner' })
  })
  test.each([
    [['runner'], 'harnext runner needs status, logs, install or uninstall.'],
    [['runner', 'stats'], 'got "stats". Did you mean status?'],
    [['runner', 'status', '--follow'], '--follow is not an option of harnext runner status.'],
    [['runner', 'logs', '-n', '0'], '--lines must be a whole number of at least 1; got "0".'],
    [['setup', '--sandbox=off', '--allow-domain=a.org'], '--allow-domain needs a sandbox'],
    [['setup', 'the', 'project'], 'put the task in quotes.'],
    [['setup', '--merge', 'ours'], '--merge must be squash, merge, rebase or manual; got "ours".'],
    [['setup', '--stage', 'plan'], 'There is no option --stage. Did you mean --stages?'],
  ])('%j is refused with a sentence', (args, message) => {
    expect(() => readArguments(args)).toThrow(message)
  })
  test('a task may begin with these words', () => {
    expect(settings('setup the project').prompt).toBe('setup the project')
    expect(settings('-p', 'runner').prompt).toBe('runner')
  })
  test('help names every option, and fits a terminal of 100 columns', () => {
    const text = pipelineHelpText('setup') + pipelineHelpText('runner')
    for (const name of Object.keys(pipelineOptions)) expect(text).toContain(`--${name}`)
    expect(text.split('\n').filter((line) => line.length > 100)).toEqual([])
  })
})
