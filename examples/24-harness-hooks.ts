// Shell commands around the calls: one keeps a journal, one says no.
import { deepStrictEqual } from 'node:assert'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isToolResult, run, type Hook } from '@harnext/compat/harness'
import { call, scripted } from '@harnext/core/testing'

const cwd = await mkdtemp(join(tmpdir(), 'harnext-example-'))
const home = await mkdtemp(join(tmpdir(), 'harnext-example-'))

// Answers from a script, so that this runs without a key. With one, put: const provider = 'anthropic'
const provider = scripted(
  [
    [
      call('1', 'write', { path: 'main.ts', content: 'export {}\n' }),
      call('2', 'write', { path: 'package-lock.json', content: '{}\n' }),
    ],
    'The lock file is not mine to write.',
  ],
  { id: 'anthropic' },
)

// What stands in braces is quoted for the shell. The command gets all that is known as JSON on its standard input too.
const hooks: readonly Hook[] = [
  {
    event: 'pre_tool_use',
    matcher: 'Write',
    // Ending with 2 denies the call; what is written on standard error is told to the model.
    command: 'case {file_path} in *lock*) echo Lock files are generated. >&2; exit 2;; esac',
  },
  { event: 'post_tool_use', command: `echo {tool_name} {file_path} >> ${join(home, 'journal')}` },
  { event: 'agent_stop', command: `echo {result} >> ${join(home, 'journal')}` },
]

const denials: string[] = []
for await (const message of run('Begin a project.', {
  provider,
  cwd,
  home,
  permissionMode: 'accept_edits',
  hooks,
}))
  if (isToolResult(message) && message.isError) denials.push(message.content)
console.log(denials.join('\n'))

const journal = await readFile(join(home, 'journal'), 'utf8')
const files = await readdir(cwd)
await Promise.all([cwd, home].map((folder) => rm(folder, { recursive: true })))

deepStrictEqual(files, ['main.ts'])
deepStrictEqual(journal, 'Write main.ts\nThe lock file is not mine to write.\n')
deepStrictEqual(
  denials.map((text) => text.includes('Lock files are generated.')),
  [true],
)
