import { Runner, type InstallResult, type RunnerStatus } from '@harnext/pipeline'
import type { Command } from '../command.ts'
import { cancelledExit, failedExit } from '../exit-code.ts'
import type { Io } from '../io.ts'
import type { PipelineCommand } from '../pipeline-arguments.ts'
import { toJson } from '../render/json.ts'
import { styleFor } from '../render/style.ts'
import type { Screen } from '../screen.ts'
import { folderAt, homeOf } from '../sessions.ts'

type RunnerCommand = Exclude<PipelineCommand, { readonly name: 'setup' }>
type LogsCommand = Extract<Command, { readonly name: 'runner logs' }>

/** The runner of the clone's repository on this machine. Resolves to the exit code. Throws `UsageError` or `ConfigError`. */
export async function manageRunner(
  command: RunnerCommand,
  io: Io,
  screen: Screen,
): Promise<number> {
  const runner = new Runner({
    repo: folderAt(command.cwd ?? '.', io),
    machine: { home: io.home, harnextHome: homeOf(io), path: io.env['PATH'] ?? '' },
  })
  const say = (text: string): void => screen.write([{ to: 'stdout', text: `${text}\n` }])
  const warn = (problems: readonly string[]): void => {
    const style = styleFor(io.stderr, io.env)
    for (const problem of problems)
      screen.write([{ to: 'stderr', text: `${style.yellow(problem)}\n` }])
  }
  switch (command.name) {
    case 'runner status': {
      const status = await runner.status()
      say(command.format === 'json' ? toJson(status) : statusText(status))
      return 0
    }
    case 'runner logs':
      return printLogs(runner, command, io, screen)
    case 'runner install': {
      const { service, labels, allowPublic } = command
      const result = await runner.install({ ...(service && { service }), labels, allowPublic })
      say(installText(result))
      warn(result.problems)
      return 0
    }
    case 'runner uninstall': {
      const { removed, problems } = await runner.uninstall()
      say(removed.length > 0 ? `removed: ${removed.join(', ')}` : 'There was nothing to remove.')
      warn(problems)
      return problems.length > 0 ? failedExit : 0
    }
  }
}

async function printLogs(
  runner: Runner,
  { follow, lines }: LogsCommand,
  io: Io,
  screen: Screen,
): Promise<number> {
  const stop = new AbortController()
  const off = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) =>
    io.onSignal(signal, () => stop.abort()),
  )
  screen.onLeft(() => stop.abort())
  const { signal } = stop
  const style = styleFor(io.stdout, io.env)
  try {
    const options = { follow, signal, ...(lines !== undefined && { lines }) }
    for await (const line of runner.logs(options))
      screen.write([{ to: 'stdout', text: `${style.plain(line)}\n` }])
    return 0
  } catch (error) {
    if (signal.aborted) return cancelledExit
    throw error
  } finally {
    for (const stopListening of off) stopListening()
  }
}

function statusText({ active, registered, online, labels, jobs24h }: RunnerStatus): string {
  const { pickedUp, ok, failed } = jobs24h
  const yes = (value: boolean): string => (value ? 'yes' : 'no')
  return [
    `active:      ${yes(active)}`,
    `registered:  ${yes(registered)}`,
    `online:      ${yes(online)}`,
    `labels:      ${labels.join(', ') || 'none'}`,
    `last 24 h:   ${pickedUp} picked up, ${ok} ok, ${failed} failed`,
  ].join('\n')
}

function installText({ changed, labels, ephemeral }: InstallResult): string {
  const done = changed.length > 0 ? `installed: ${changed.join(', ')}` : 'All was there already.'
  const kind = ephemeral ? 'a new registration for each job' : 'one registration that stays'
  return `${done}\nlabels: ${labels.join(', ')}\n${kind}`
}
