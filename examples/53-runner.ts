// A runner of GitHub Actions on a machine of your own, on which the stages of a pipeline run.
import { deepStrictEqual, strictEqual } from 'node:assert'
import { join } from 'node:path'
import { Runner } from '@harnext/sdk'
import { standInGitHub } from './support/stand-in-github.ts'

// In place of a clone, of gh and of systemd. On your own machine put: new Runner({ repo: '.' })
const github = await standInGitHub()
const { repo, processes } = github
const box = { home: repo, harnextHome: join(repo, '.harnext'), hostname: 'box' }
const machine = { ...box, platform: 'linux', architecture: 'x64' }

const runner = new Runner({ repo, processes, machine }) // uses the repository of the remote "origin"

const { changed } = await runner.install({
  service: 'systemd', // or 'launchd' on macOS
  labels: ['gpu'], // beside the one that pins it to the repository
})
deepStrictEqual(changed, ['files', 'service'])
// It does what is missing, so it may be called again.
deepStrictEqual((await runner.install({ labels: ['gpu'] })).changed, [])

const { active, registered, online, labels, jobs24h } = await runner.status()
console.log({ active, registered, online, labels, jobs24h })
deepStrictEqual([active, registered, online], [true, true, true])
deepStrictEqual(jobs24h, { pickedUp: 1, ok: 1, failed: 0 })
strictEqual(labels.at(-1), 'gpu')

for await (const line of runner.logs({ follow: true })) console.log(line)

const { removed } = await runner.uninstall()
deepStrictEqual(removed, ['service', 'registration', 'files'])

await github.remove()
