#!/usr/bin/env node
import { homedir } from 'node:os'
import path from 'node:path'
import { HarnextError, messageOf, normaliseMode } from '@harnext/core'
import { jsonlStore } from '@harnext/core/node'
import { Harnext, version } from '@harnext/sdk'
import { help, readArguments } from './arguments.ts'
import { startServer } from './server.ts'

try {
  await main()
} catch (error) {
  const isConfig = HarnextError.is(error) && error.code === 'config'
  process.stderr.write(`harnext-server: ${messageOf(error)}\n`)
  process.exitCode = isConfig ? 2 : 1
}

async function main(): Promise<void> {
  const { host, port, cwd, ...rest } = readArguments(process.argv.slice(2))
  if (rest.help) return void process.stdout.write(help)
  if (rest.version) return void process.stdout.write(`${version}\n`)
  const { HARNEXT_SERVER_TOKEN: token, HARNEXT_HOME } = process.env
  // What the agent starts must not be able to answer its questions.
  delete process.env['HARNEXT_SERVER_TOKEN']
  const { provider, model, permissionMode } = rest
  const server = await startServer({
    client: new Harnext({
      cwd,
      ...(provider !== undefined && { provider }),
      ...(model !== undefined && { model }),
      ...(permissionMode !== undefined && { permissionMode: normaliseMode(permissionMode) }),
    }),
    store: jsonlStore({ home: HARNEXT_HOME ?? path.join(homedir(), '.harnext') }),
    cwd,
    port,
    ...(host !== undefined && { host }),
    ...(token !== undefined && { token }),
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      // A second one leaves at once.
      void server.close()
    })
  process.stdout.write(`harnext-server: ${server.url}\n`)
  if (token === undefined) process.stdout.write(`token: ${server.token}\n`)
}
