import { execFile } from 'node:child_process'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { userMessage, type Message } from '@harnext/core'
import { expect, onTestFinished, test } from 'vitest'
import { nextLine } from '../../src/demo/demo-model.ts'

const cli = path.join(import.meta.dirname, '../../src/main.ts')
const limit = { timeout: 120_000 }

interface Shown {
  readonly screen: string
  readonly code: number
  readonly home: string
}

/** The real program, in a temporary folder of its own, with the flags that its children inherit. */
async function demo(...flags: readonly string[]): Promise<Shown> {
  const home = await mkdtemp(path.join(tmpdir(), 'harnext-demo-test-'))
  onTestFinished(() => rm(home, { recursive: true }))
  const args = [
    '--conditions=@harnext/source',
    '--disable-warning=ExperimentalWarning',
    ...flags,
    cli,
    'demo',
  ]
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    TMPDIR: home,
    HARNEXT_HOME: path.join(home, '.harnext'),
  }
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { env, cwd: home }, (error, screen) =>
      resolve({
        screen,
        home,
        code: typeof error?.code === 'number' ? error.code : error ? -1 : 0,
      }),
    )
    child.stdin?.end()
  })
}

test('the demo does what it says, with a kill in the middle', limit, async () => {
  const { screen, code, home } = await demo()
  expect({ code, screen }).toMatchObject({ code: 0 })
  expect(screen).toContain('Only the model is scripted')
  expect(screen).toContain('a write to .git/hooks/pre-commit was denied')
  expect(screen).toContain('SIGKILL')
  expect(screen).toContain('outcome is unknown')
  expect(screen).not.toContain('✗')
  const folders = (await readdir(home)).filter((name) => name.startsWith('harnext-demo-'))
  expect(folders).toHaveLength(2)
  for (const folder of folders) {
    expect(await readFile(path.join(home, folder, 'sum.mjs'), 'utf8')).toContain('let index = 0')
    expect(await readdir(path.join(home, folder, '.git/hooks'))).toEqual([])
  }
  const session = /sessions show (\S+)/.exec(screen)?.[1]
  const shown = await new Promise<string>((resolve) =>
    execFile(
      process.execPath,
      [
        '--conditions=@harnext/source',
        '--disable-warning=ExperimentalWarning',
        cli,
        'sessions',
        'show',
        session ?? '',
      ],
      { env: { HARNEXT_HOME: path.join(home, '.harnext') } },
      (_error, stdout) => resolve(stdout),
    ),
  )
  expect(shown).toContain('Done: sum() now starts at the first number')
})

test(
  'an edit tool that reports success and writes nothing: the demo says at which step it fails',
  limit,
  async () => {
    const { screen, code } = await demo(
      '--import',
      path.join(import.meta.dirname, 'broken-edit.mjs'),
    )
    expect(code).toBe(1)
    expect(screen).toContain('✓ the test failed first')
    expect(screen).toContain('✗ the test passes after the edit')
  },
)

const result = (
  id: string,
  tool: string,
  status: 'ok' | 'error' | 'denied',
  text: string,
): Message => ({
  role: 'tool',
  id,
  tool,
  status,
  content: [{ type: 'text', text }],
})
const said = (messages: readonly Message[]): string =>
  nextLine([userMessage('go'), ...messages])
    .map((part) =>
      part.type === 'text' ? part.text : part.type === 'tool_call' ? `[${part.tool}]` : '',
    )
    .join(' ')

test('the script reads what the tools return', () => {
  const read = [result('read_1', 'read', 'ok', 'x'), result('look_1', 'glob', 'ok', 'x')]
  expect(said([])).toContain('[read] [glob]')
  expect(said(read)).toContain('[bash]')
  expect(said([...read, result('test_1', 'bash', 'ok', 'Exit code 0.')])).toContain(
    'could not see the test fail',
  )
  const failing = [...read, result('test_1', 'bash', 'error', 'Exit code 1.')]
  expect(said(failing)).toContain('[edit] [write]')
  expect(said([...failing, result('edit_1', 'edit', 'error', 'no match')])).toContain(
    'could not edit the source',
  )
  const edited = [...failing, result('edit_1', 'edit', 'ok', 'x')]
  expect(said([...edited, result('hook_1', 'write', 'ok', 'x')])).toContain('could not be denied')
  const denied = [...edited, result('hook_1', 'write', 'denied', 'x')]
  expect(said(denied)).toContain('[bash]')
  expect(
    said([...denied, result('test_2', 'bash', 'error', 'The outcome is unknown: …')]),
  ).toContain('interrupted')
  expect(said([...denied, result('test_2', 'bash', 'error', 'Exit code 1.')])).toContain(
    'could not see the test pass',
  )
  expect(said([...denied, result('test_2', 'bash', 'ok', 'Exit code 0.')])).toContain('Done')
})
