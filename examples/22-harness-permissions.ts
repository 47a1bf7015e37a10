// What may be done: rules with patterns of arguments decide first, then the mode, then you.
import { deepStrictEqual } from 'node:assert'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PermissionConfig, isToolResult, run } from '@harnext/compat/harness'
import { call, scripted } from '@harnext/core/testing'

const cwd = await mkdtemp(join(tmpdir(), 'harnext-example-'))
const home = await mkdtemp(join(tmpdir(), 'harnext-example-'))

// Answers from a script, so that this runs without a key. With one, put: const provider = 'anthropic'
const provider = scripted(
  [
    [
      call('1', 'bash', { command: 'touch allowed-by-a-rule' }),
      call('2', 'bash', { command: 'cd . && rm -rf allowed-by-a-rule' }),
      call('3', 'write', { path: 'secrets.env', content: 'KEY=1\n' }),
      call('4', 'write', { path: 'allowed-by-you.md', content: '# Notes\n' }),
    ],
    'I did what I was allowed to.',
  ],
  { id: 'anthropic' },
)

const permissionRules = new PermissionConfig()
  .addAllow('Bash', { command: 'touch*' })
  // Also when it stands behind another command.
  .addDeny('Bash', { command: 'rm -rf*' })
  .addDeny('Write', { file_path: '*.env*' })

const asked: string[] = []
const denied: string[] = []
for await (const message of run('Tidy up.', {
  provider,
  cwd,
  home,
  permissionMode: 'default',
  permissionRules,
  approvalCallback(tool, args, description) {
    asked.push(tool)
    console.log(`${tool} ${JSON.stringify(args)}: ${description}`)
    return true
  },
}))
  if (isToolResult(message) && message.isError) denied.push(message.toolUseId)

const files = await readdir(cwd)
await Promise.all([cwd, home].map((folder) => rm(folder, { recursive: true })))

deepStrictEqual(files.toSorted(), ['allowed-by-a-rule', 'allowed-by-you.md'])
deepStrictEqual([asked, denied.toSorted()], [['Write'], ['2', '3']])
