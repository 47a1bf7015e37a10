// Commands of yours run before and after tools, prompts and ends. This one lets nobody write outside of src, and asks for the tests.
import { deepStrictEqual, match } from 'node:assert'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { call, scripted } from '@harnext/core/testing'
import { Harnext } from '@harnext/sdk'

const folder = await mkdtemp(join(tmpdir(), 'harnext-example-'))
// A hook reads what happens as JSON. Exit code 2 says no, and standard error says why.
const guard = `grep -q '"path":"src/' || { echo Only src may be written. >&2; exit 2; }`
const tested = `grep -q '"stop_hook_active":true' || { echo Run the tests first. >&2; exit 2; }`
const hook = (command: string) => ({ hooks: [{ type: 'command', command, timeout: 10 }] })
await writeFile(
  join(folder, 'harnext.config.json'),
  JSON.stringify({
    hooks: {
      PreToolUse: [{ matcher: 'write|edit', ...hook(guard) }],
      PostToolUse: [hook('cat >> tools.log')],
      Stop: [hook(tested)],
    },
  }),
)

// Answers from a script, so that this runs without a key. With one, put: const provider = 'anthropic'
const provider = scripted(
  [
    [call('1', 'write', { path: 'README.md', content: 'x' })],
    [call('2', 'write', { path: 'src/main.js', content: 'x' })],
    'Done.',
    [call('3', 'bash', { command: 'echo All tests pass.' })],
    'Done, and tested.',
  ],
  { id: 'anthropic' },
)
// A project's hooks count only where somebody trusts its folder: they are programs.
const agent = new Harnext({ provider, cwd: folder, home: join(folder, '.harnext'), trusted: true })
const { steps, text } = await agent.run('Write the program.')
for (const { tool, status, output } of steps) console.log(`- ${tool} ${status}: ${output}`)
console.log(text)
const log = (await readFile(join(folder, 'tools.log'), 'utf8')).trim().split('\n')
await rm(folder, { recursive: true })

deepStrictEqual(
  steps.map(({ tool, status }) => [tool, status]),
  [
    ['write', 'denied'],
    ['write', 'ok'],
    ['bash', 'ok'],
  ],
)
match(steps[0]?.output ?? '', /Only src may be written/)
match(text, /tested/)
deepStrictEqual(
  log.map((line) => (JSON.parse(line) as { readonly tool_name: string }).tool_name),
  ['Write', 'Bash'],
)
