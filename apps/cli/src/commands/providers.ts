import { providers } from '@harnext/sdk/settings'
import type { Command } from '../command.ts'
import type { Io } from '../io.ts'
import { toJson } from '../render/json.ts'
import { providerLines, type ProviderReport } from '../render/providers.ts'
import { styleFor } from '../render/style.ts'
import type { Screen } from '../screen.ts'
import { homeOf } from '../sessions.ts'

type ProvidersCommand = Extract<Command, { readonly name: 'providers' }>

/** Every provider that can be named: whether its key was found, what is known of its adapter and its models. Asks no server. */
export async function listProviders(
  { format }: ProvidersCommand,
  io: Io,
  screen: Screen,
): Promise<number> {
  const reports: readonly ProviderReport[] = await Promise.all(
    providers.list(io.env, homeOf(io)).map(async (status) => ({
      ...status,
      scorecard: await providers.scorecard(status.id),
      defaultModel: providers.default(status.id),
      models: providers.models(status.id),
    })),
  )
  const text =
    format === 'json'
      ? toJson(reports)
      : providerLines(reports, styleFor(io.stdout, io.env)).join('\n')
  screen.write([{ to: 'stdout', text: `${text}\n` }])
  return 0
}
