import { providers } from '@harnext/sdk/settings'
import type { Command } from '../arguments.ts'
import type { Io } from '../io.ts'
import { toJson } from '../render/json.ts'
import { providerLines, type ProviderReport } from '../render/providers.ts'
import { styleFor } from '../render/style.ts'
import type { Screen } from '../screen.ts'
import { homeOf } from '../sessions.ts'

type ProvidersCommand = Extract<Command, { readonly name: 'providers' }>

/** Every provider that can be named: whether its key was found, and what is known of its models. Asks no server. */
export function listProviders({ format }: ProvidersCommand, io: Io, screen: Screen): number {
  const reports: readonly ProviderReport[] = providers.list(io.env, homeOf(io)).map((status) => ({
    ...status,
    defaultModel: providers.default(status.id),
    models: providers.models(status.id),
  }))
  const text =
    format === 'json'
      ? toJson(reports)
      : providerLines(reports, styleFor(io.stdout, io.env)).join('\n')
  screen.write([{ to: 'stdout', text: `${text}\n` }])
  return 0
}
