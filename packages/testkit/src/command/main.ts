import { ConfigError, messageOf } from '@harnext/core/provider'
import { compactionCommand } from './compaction-command.ts'
import { corpusCommand } from './corpus-command.ts'
import { fuzzCommand } from './fuzz-command.ts'
import type { Output } from './output.ts'
import { providerCommand } from './provider-command.ts'

const usage = `harnext-testkit: whether adapters do what harnext expects of them.

  harnext-testkit provider <module> [--export <name>] [--format <id>] [--model <id>]
                           [--streams <count>] [--scorecard <file>]
      Tests the nine laws on every adapter that the module makes, against a server of
      its own, and prints what failed.

  harnext-testkit fuzz <module> [--export <name>] [--format <id>] [--count <count>]
                       [--seed <seed>] [--corpus <folder>]
      Serves answers that are nearly right; what comes of each is an answer that holds
      together, or an error of the right class.

  harnext-testkit corpus <folder> [--adapter <vendor>=<module>]...
      Serves the recorded answers of a folder to the adapters of their vendors.
      Without the option an adapter is looked for in @harnext/provider-<name>.

  harnext-testkit compaction [--count <count>] [--seed <seed>]
      Goes on with long random histories whose summariser loses half of what it reads:
      the task, the constraints and the open todos survive, and every request fits.
`

/** Runs the command line and gives its exit code: 0 all passed, 1 something failed, 2 it was not understood. */
export async function main(
  args: readonly string[],
  output: Output = { write: (text) => process.stdout.write(text) },
): Promise<number> {
  const [command, ...rest] = args
  try {
    if (command === 'corpus') return await corpusCommand(rest, process.cwd(), output)
    if (command === 'compaction') return await compactionCommand(rest, output)
    if (command === 'provider') return await providerCommand(rest, process.cwd(), output)
    if (command === 'fuzz') return await fuzzCommand(rest, process.cwd(), output)
    if (command === undefined || command === '--help' || command === '-h') {
      output.write(usage)
      return command === undefined ? 2 : 0
    }
    throw new ConfigError(`There is no command ${JSON.stringify(command)}.`)
  } catch (error) {
    if (!(error instanceof ConfigError || isArgumentError(error))) throw error
    output.write(`${messageOf(error)}\n`)
    return 2
  }
}

/** Of `parseArgs`. */
function isArgumentError(error: unknown): boolean {
  return error instanceof TypeError && 'code' in error
}
