import type { RunSettings } from '../arguments.ts'
import type { Plan } from '../plan-run.ts'
import { toJson } from '../render/json.ts'
import type { Screen } from '../screen.ts'
import { UsageError } from '../usage-error.ts'

/** What `/compact` is to pay attention to, empty for nothing; `undefined` where the task is another one. */
export function compactFocus(prompt: string): string | undefined {
  return /^\/compact(?:\s+(.*))?$/s.exec(prompt.trim())?.slice(1).join('').trim()
}

/** Shortens the session of the plan. Resolves to the exit code. Throws `UsageError` where there is none. */
export async function compactSession(
  { session, compact }: Plan,
  focus: string,
  { format }: RunSettings,
  screen: Screen,
): Promise<number> {
  if (!session)
    throw new UsageError('/compact shortens a session: name one with --continue or --resume.')
  const done = await compact(session, focus)
  const said = done
    ? `Shortened session ${session.header.id} from about ${done.tokensBefore} to ${done.tokensAfter} tokens.`
    : `Nothing can be left out of session ${session.header.id}.`
  const text = format === 'text' ? said : toJson(done)
  screen.write([{ to: 'stdout', text: `${text}\n` }])
  return 0
}
