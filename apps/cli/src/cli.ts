import { HarnextError, messageOf } from '@harnext/core'
import { readArguments } from './arguments.ts'
import type { Command } from './command.ts'
import { failedExit, isUsage, usageExit } from './exit-code.ts'
import type { Io } from './io.ts'
import { useProxy } from './proxy.ts'
import { styleFor } from './render/style.ts'
import { createScreen, type Screen } from './screen.ts'
import { UsageError } from './usage-error.ts'

/** The whole program. Resolves to the exit code when everything is written; never rejects. */
export async function cli(io: Io): Promise<number> {
  const screen = createScreen(io)
  let code: number
  try {
    useProxy(io.env)
    code = await runCommand(readArguments(io.args), io, screen)
  } catch (error) {
    code = report(error, io, screen)
  }
  await screen.flush()
  const failure = screen.failure()
  if (!failure) return code
  complain(`standard output cannot be written: ${failure.message}`, io, screen)
  await screen.flush()
  return failedExit
}

/** A command loads when it is called. */
async function runCommand(command: Command, io: Io, screen: Screen): Promise<number> {
  switch (command.name) {
    case 'run': {
      const { runCommand: run } = await import('./commands/run.ts')
      return run(command.settings, io, screen)
    }
    case 'sessions list':
    case 'sessions show': {
      const { listSessions, showSession } = await import('./commands/sessions.ts')
      if (command.name === 'sessions list') return listSessions(command, io, screen)
      return showSession(command, io, screen)
    }
    case 'audit verify':
      return (await import('./commands/audit.ts')).verify(command, io, screen)
    case 'providers':
      return (await import('./commands/providers.ts')).listProviders(command, io, screen)
    case 'skills list':
      return (await import('./commands/skills.ts')).listSkills(command, io, screen)
    case 'setup':
      return (await import('./commands/setup.ts')).setUpPipeline(command.settings, io, screen)
    case 'runner status':
    case 'runner logs':
    case 'runner install':
    case 'runner uninstall': {
      const { manageRunner } = await import('./commands/runner.ts')
      return manageRunner(command, io, screen)
    }
    case 'doctor':
      return (await import('./commands/doctor.ts')).examine(command, io, screen)
    case 'mcp list':
    case 'mcp tools': {
      const { listServers, listTools } = await import('./commands/mcp.ts')
      if (command.name === 'mcp list') return listServers(command, io, screen)
      return listTools(command, io, screen)
    }
    case 'mcp login':
      return (await import('./commands/mcp-login.ts')).logIn(command, io, screen)
    case 'mcp logout':
      return (await import('./commands/mcp-login.ts')).logOut(command, io, screen)
    case 'undo':
      return (await import('./commands/undo.ts')).undoCommand(command, io, screen)
    case 'policy explain':
    case 'policy simulate':
      return (await import('./commands/policy.ts')).explainPolicy(command, io, screen)
    case 'demo':
      return (await import('./demo/demo.ts')).runDemo(io)
    case 'help':
    case 'version': {
      screen.write([{ to: 'stdout', text: await textOf(command) }])
      return 0
    }
  }
}

async function textOf(
  command: Extract<Command, { readonly name: 'help' | 'version' }>,
): Promise<string> {
  if (command.name === 'version') {
    const { version } = await import('./version.ts')
    return `${version()}\n`
  }
  const { topic } = command
  if (topic === 'setup' || topic === 'runner') {
    const { pipelineHelpText } = await import('./pipeline-help.ts')
    return pipelineHelpText(topic)
  }
  if (topic === 'policy') {
    const { policyHelpText } = await import('./policy-help.ts')
    return policyHelpText()
  }
  const { helpText } = await import('./help.ts')
  return helpText(topic)
}

function report(error: unknown, io: Io, screen: Screen): number {
  const isWrongUse = error instanceof UsageError || (HarnextError.is(error) && isUsage(error))
  // What nobody foresaw is a mistake of the program: where it happened helps to find it.
  const isForeseen = isWrongUse || HarnextError.is(error)
  const text =
    !isForeseen && error instanceof Error ? (error.stack ?? error.message) : messageOf(error)
  complain(text, io, screen)
  return isWrongUse ? usageExit : failedExit
}

function complain(text: string, io: Io, screen: Screen): void {
  const style = styleFor(io.stderr, io.env)
  screen.write([{ to: 'stderr', text: `${style.red(`harnext: ${text}`)}\n` }])
}
