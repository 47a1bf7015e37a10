// A parent for the tests to kill: it opens the gate for the script that it is given, and never without one.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { localWorkspace } from '../../src/workspace/local-workspace.ts'

const [root, script, tied] = process.argv.slice(2)
if (root === undefined) throw new Error('It needs a root.')
await localWorkspace({ roots: [root] }).spawn(
  { program: 'sh', args: ['-c', script ?? 'echo > ran'] },
  {
    signal: new AbortController().signal,
    onOutput: () => {},
    tied: tied !== undefined,
    async onStart(identity) {
      if (script === undefined) {
        console.log(identity.pid)
        return new Promise(() => {})
      }
      await writeFile(join(root, 'identity'), JSON.stringify(identity))
    },
  },
)
