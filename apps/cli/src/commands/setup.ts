import { Harness } from '@harnext/pipeline'
import { lineAsker, type LineAsker } from '../ask-line.ts'
import { cancelledExit } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { isInteractive } from '../is-interactive.ts'
import { readPipelineArguments, type SetupSettings } from '../pipeline-arguments.ts'
import { styleFor, type Style } from '../render/style.ts'
import type { Screen } from '../screen.ts'
import { folderAt } from '../sessions.ts'

/** Writes the pipeline of a repository. Resolves to the exit code. Throws `UsageError` or `ConfigError`. */
export async function setUpPipeline(
  settings: SetupSettings,
  io: Io,
  screen: Screen,
): Promise<number> {
  const asker = isInteractive(io) && !settings.isDryRun ? lineAsker(io) : undefined
  try {
    const wanted = asker ? await askForRest(settings, asker) : settings
    if (!wanted) return cancelledExit
    const harness = await makeHarness(wanted, io)
    return await change(harness, wanted, { io, screen, ...(asker && { asker }) })
  } finally {
    asker?.close()
  }
}

async function makeHarness(settings: SetupSettings, io: Io): Promise<Harness> {
  const { provider, model, labelPrefix, stages, runner, defaultBranch, merge, intake, sandbox } =
    settings
  const harness = new Harness({
    repo: folderAt(settings.cwd ?? '.', io),
    ...(provider !== undefined && { provider }),
    ...(model !== undefined && { model }),
    ...(labelPrefix !== undefined && { labelPrefix }),
  })
  await harness.setup({
    ...(stages && { stages }),
    ...(runner && { runner }),
    ...(defaultBranch !== undefined && { defaultBranch }),
    ...(merge && { merge }),
    ...(intake && { intake }),
    ...(sandbox && { sandbox }),
  })
  return harness
}

interface Surroundings {
  readonly io: Io
  readonly screen: Screen
  readonly asker?: LineAsker
}

async function change(
  harness: Harness,
  { isDryRun, hasLabels }: SetupSettings,
  { io, screen, asker }: Surroundings,
): Promise<number> {
  const diff = harness.diff()
  if (isDryRun) {
    const text = diff === '' ? '' : colored(diff, styleFor(io.stdout, io.env))
    screen.write([{ to: 'stdout', text }])
    if (diff === '') screen.write([{ to: 'stderr', text: 'No file would change.\n' }])
    return 0
  }
  if (asker && diff !== '') {
    screen.write([{ to: 'stderr', text: colored(diff, styleFor(io.stderr, io.env)) }])
    const answer = await asker.ask('Write these files? yes or no', 'no')
    if (!/^y(es)?$/i.test(answer ?? '')) {
      screen.write([{ to: 'stderr', text: 'Nothing was changed.\n' }])
      return answer === undefined ? cancelledExit : 0
    }
  }
  const { written, removed, labels } = await harness.write({ labels: hasLabels })
  const lines = [
    ...written.map((name) => `wrote ${name}`),
    ...removed.map((name) => `removed ${name}`),
    ...labels.map((name) => `made the label ${name}`),
  ]
  const text = lines.length > 0 ? lines.join('\n') : 'Nothing had to be changed.'
  screen.write([{ to: 'stdout', text: `${text}\n` }])
  return 0
}

/** What no option says; nothing where the person has left. The answers are read as the options are. */
async function askForRest(
  settings: SetupSettings,
  asker: LineAsker,
): Promise<SetupSettings | undefined> {
  const questions = [
    ['provider', 'Provider', 'anthropic'],
    ['stages', 'Stages, in their order', 'triage,plan,implement,review'],
    ['runner', 'Where they run: github or self-hosted', 'github'],
    ['defaultBranch', 'Default branch', 'main'],
    ['merge', 'How the pull request is merged: squash, merge, rebase or manual', 'squash'],
  ] as const
  const args = ['setup']
  for (const [name, question, otherwise] of questions) {
    if (settings[name] !== undefined) continue
    const answer = await asker.ask(question, otherwise)
    if (answer === undefined) return undefined
    args.push(`--${name === 'defaultBranch' ? 'default-branch' : name}=${answer}`)
  }
  const answered = readPipelineArguments(args)
  return answered.name === 'setup' ? { ...answered.settings, ...settings } : settings
}

function colored(diff: string, style: Style): string {
  const lines = diff.split('\n').map((line) => {
    if (line.startsWith('+')) return style.bold(line)
    if (line.startsWith('-')) return style.red(line)
    return line.startsWith('@@') ? style.dim(line) : style.plain(line)
  })
  return lines.join('\n')
}
