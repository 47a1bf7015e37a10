// What a pipeline would write, without writing: to look at, or to check in CI that nobody changed a workflow by hand.
import { ok, strictEqual } from 'node:assert'
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Harness } from '@harnext/sdk'
import { standInGitHub } from './support/stand-in-github.ts'

// In place of a clone. In your own put: new Harness({ repo: '.' })
const github = await standInGitHub()
const harness = new Harness({ repo: github.repo })

const files = harness.render() // the contents by their path
for (const path of Object.keys(files)) console.log(path)
ok(harness.diff().startsWith('--- /dev/null\n+++ b/.github/workflows/stage-implement.yml\n'))

await harness.write({ labels: false })
strictEqual(harness.diff(), '')

await appendFile(join(github.repo, '.github/workflows/stage-plan.yml'), '# changed by hand\n')
console.log(harness.diff()) // against what is on disk
ok(harness.diff().includes('\n-# changed by hand\n'))

await github.remove()
