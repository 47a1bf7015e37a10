import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { ConfigError, isJsonObject } from '@harnext/core'
import { GitHub, type Repository } from '../git-hub.ts'
import type { Processes } from '../processes.ts'
import { readIfThere, ensureFile } from './install-files.ts'

/** The only setting under which a person looks at each pull request of a stranger before it runs. */
const neededPolicy = 'all_external_contributors'

/** Throws `ConfigError` where a stranger's pull request could run on the machine. */
export async function checkPublic(gitHub: GitHub, { owner, name }: Repository): Promise<void> {
  const repository = await gitHub.api('GET', '')
  if (isJsonObject(repository) && repository['private'] === true) return
  const answer = await gitHub.api('GET', 'actions/permissions/fork-pr-contributor-approval')
  const policy = isJsonObject(answer) ? answer['approval_policy'] : undefined
  if (policy === neededPolicy) return
  throw new ConfigError(
    `${owner}/${name} is public, and pull requests from forks may run without approval: its setting is ${JSON.stringify(policy)}, expected ${JSON.stringify(neededPolicy)}. Choose "Require approval for all external contributors" under Settings, Actions, General. allowPublic installs it nevertheless: then strangers may run programs on this machine.`,
  )
}

/** Whether a service, which has none of the person's variables, can call GitHub too. */
export async function hasOwnLogin(repository: Repository, processes: Processes): Promise<boolean> {
  const withoutToken: Processes = {
    ...processes,
    run: (call) => processes.run({ ...call, env: { ...call.env, GH_TOKEN: '', GITHUB_TOKEN: '' } }),
  }
  const { code } = await new GitHub(repository, withoutToken).tryApi('GET', 'actions/runners')
  return code === 0
}

export interface Registration {
  readonly name: string
  readonly labels: readonly string[]
}

/** Registers a runner that stays. True where it was not registered like this. Throws `ConfigError`. */
export async function register(
  folder: string,
  { name, labels }: Registration,
  { host, owner, name: repository }: Repository,
  gitHub: GitHub,
  processes: Processes,
): Promise<boolean> {
  const file = path.join(folder, 'harnext-registration.json')
  const wanted = `${JSON.stringify({ name, labels })}\n`
  const isThere = existsSync(path.join(folder, '.runner'))
  if (isThere && (await readIfThere(file)) === wanted) return false
  for (const old of ['.runner', '.credentials', '.credentials_rsaparams'])
    await rm(path.join(folder, old), { force: true })
  const answer = await gitHub.api('POST', 'actions/runners/registration-token')
  const token = isJsonObject(answer) ? answer['token'] : undefined
  if (typeof token !== 'string') throw new ConfigError('GitHub gave no token for a new runner.')
  const { code, stdout, stderr } = await processes.run({
    program: path.join(folder, 'config.sh'),
    args: registrationArguments(`https://${host}/${owner}/${repository}`, name, labels),
    cwd: folder,
    env: { ACTIONS_RUNNER_INPUT_TOKEN: token },
  })
  if (code !== 0) {
    const said = (stderr.trim() || stdout.trim()).replaceAll(token, '…')
    throw new ConfigError(`The runner could not be registered: ${said}`)
  }
  await ensureFile(file, wanted, 0o600)
  return true
}

function registrationArguments(
  url: string,
  name: string,
  labels: readonly string[],
): readonly string[] {
  const options = { '--url': url, '--name': name, '--labels': labels.join(',') }
  return ['--unattended', '--replace', ...Object.entries(options).flat()]
}
