// A pipeline of GitHub workflows: labels take an issue through its stages to a merged pull request.
import { deepStrictEqual, ok } from 'node:assert'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Harness } from '@harnext/sdk'
import { standInGitHub } from './support/stand-in-github.ts'

// In place of a clone and of gh. In your own clone put: new Harness({ repo: '.', provider: 'anthropic' })
const github = await standInGitHub()
const { repo, processes } = github

const harness = new Harness({ repo, processes, provider: 'anthropic' })

await harness.setup({
  stages: ['triage', 'plan', 'implement', 'review'],
  runner: 'self-hosted', // or 'github'
  defaultBranch: 'main',
})

const { written, labels } = await harness.write() // .github/workflows/*.yml and labels
console.log([...written, ...labels].join('\n'))

const implement = await readFile(join(repo, '.github/workflows/stage-implement.yml'), 'utf8')
ok(implement.includes("github.event.label.name == 'stage:implement'"))
ok(/- self-hosted\n {6}- harnext-[0-9a-f]{7}\n/.test(implement))
// Writing again changes nothing.
deepStrictEqual(await harness.write(), { written: [], removed: [], labels: [] })

await github.remove()
