import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { LLMock } from '@copilotkit/aimock'
import { expect, onTestFinished, test } from 'vitest'

// A second opinion: somebody else's idea of the vendor's protocol, and a whole task over it.

const main = path.join(import.meta.dirname, '../src/main.ts')

test(
  'a task over an independent fake provider: read, edit, run, answer',
  { timeout: 60_000 },
  async () => {
    const mock = new LLMock({ port: 0 })
    await mock.start()
    onTestFinished(() => mock.stop())
    const call = (id: string, name: string, args: object) => ({
      id,
      name,
      arguments: JSON.stringify(args),
    })
    // The last fixture whose condition holds: what was answered last decides what comes next.
    mock.on({ toolCallId: 'toolu_3' }, { content: 'The greeting is mended.' })
    mock.on(
      { toolCallId: 'toolu_2' },
      { toolCalls: [call('toolu_3', 'bash', { command: 'node greet.mjs' })] },
    )
    mock.on(
      { toolCallId: 'toolu_1' },
      {
        toolCalls: [
          call('toolu_2', 'edit', { path: 'greet.mjs', old_string: 'Helo', new_string: 'Hello' }),
        ],
      },
    )
    mock.on(
      { hasToolResult: false },
      { toolCalls: [call('toolu_1', 'read', { path: 'greet.mjs' })] },
    )

    const folder = await mkdtemp(path.join(tmpdir(), 'harnext-aimock-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    await writeFile(path.join(folder, 'greet.mjs'), "console.log('Helo')\n")
    const { stdout, stderr, code } = await run(folder, mock.url)
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stdout).toContain('The greeting is mended.')
    expect(await readFile(path.join(folder, 'greet.mjs'), 'utf8')).toBe("console.log('Hello')\n")
    const bodies = mock.getRequests().map(({ body }) => JSON.stringify(body))
    expect(bodies).toHaveLength(4)
    expect(bodies.at(-1)).toContain('Exit code 0')
    expect(bodies.at(-1)).toContain('Hello')
  },
)

function run(
  folder: string,
  url: string,
): Promise<{ stdout: string; stderr: string; code: unknown }> {
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    HARNEXT_HOME: path.join(folder, '.home'),
    ANTHROPIC_API_KEY: 'mock',
    ANTHROPIC_BASE_URL: url,
  }
  const args = [
    '--conditions=@harnext/source',
    '--disable-warning=ExperimentalWarning',
    main,
    '-p',
    'Mend the greeting.',
  ]
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { cwd: folder, env }, (error, stdout, stderr) =>
      resolve({ stdout, stderr, code: error ? error.code : 0 }),
    )
    child.stdin?.end()
  })
}
