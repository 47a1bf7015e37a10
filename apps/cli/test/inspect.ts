import { cli } from '../src/cli.ts'
import type { SessionReport } from '../src/render/session.ts'
import { fakeIo } from './fake-io.ts'
import {
  environmentOf,
  harnext,
  type Ended,
  type Place,
  type StartOptions,
} from './harnext-process.ts'

/** Runs a command that only looks, in this process. */
export async function look(args: readonly string[], place: Place): Promise<Ended> {
  const io = fakeIo({ args, env: environmentOf({ place }), cwd: place.cwd, home: place.home })
  io.stdin.end()
  return { code: await cli(io), ...io.written }
}

/** The one session of a place, as `sessions list` and `sessions show` tell it. */
export async function onlySession(
  place: Place,
): Promise<SessionReport & { readonly text: string }> {
  const list = await look(['sessions', 'list', '--output-format', 'json'], place)
  const sessions = JSON.parse(list.stdout) as { readonly id: string }[]
  const [only] = sessions
  if (!only || sessions.length !== 1) throw new Error(`Expected one session, got ${list.stdout}`)
  const shown = await look(['sessions', 'show', only.id, '--output-format', 'json'], place)
  const text = await look(['sessions', 'show', only.id], place)
  if (text.code !== 0) throw new Error(`sessions show: ${text.stderr}`)
  return { ...(JSON.parse(shown.stdout) as SessionReport), text: text.stdout }
}

/** Goes on with the newest session, as somebody does after something went wrong. */
export function goOn(options: StartOptions, ...args: readonly string[]): Promise<Ended> {
  return harnext(['-p', '--continue', ...args], options)
}
