import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

let archive: Buffer | undefined

/** An archive in the layout of GitHub's runner, with scripts that say what they were given. */
export function archiveOf(): Buffer {
  archive ??= make()
  return archive
}

function make(): Buffer {
  const folder = mkdtempSync(path.join(tmpdir(), 'harnext-archive-'))
  const scripts = {
    'run.sh': 'echo "run $# ${ACTIONS_RUNNER_INPUT_JITCONFIG:-none}" >> calls.txt',
    'config.sh': 'echo "config $* ${ACTIONS_RUNNER_INPUT_TOKEN:-none}" >> calls.txt; touch .runner',
  }
  for (const [name, body] of Object.entries(scripts))
    writeFileSync(path.join(folder, name), `#!/bin/bash\n${body}\n`, { mode: 0o755 })
  execFileSync('tar', ['-czf', 'runner.tar.gz', ...Object.keys(scripts)], { cwd: folder })
  const bytes = readFileSync(path.join(folder, 'runner.tar.gz'))
  rmSync(folder, { recursive: true })
  return bytes
}
