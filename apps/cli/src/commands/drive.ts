import { HarnextError, textOf, type Run, type UserPart } from '@harnext/core'
import type { RunSettings } from '../command.ts'
import { compactFocus } from '../compact-focus.ts'
import { Driver } from '../driver.ts'
import { cancelledExit, exitCodeOf } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { planRun, type Plan } from '../plan-run.ts'
import { toJson } from '../render/json.ts'
import { createPresenter } from '../render/present.ts'
import { styleFor } from '../render/style.ts'
import type { Screen } from '../screen.ts'
import { watchSignals } from '../signals.ts'
import { UsageError } from '../usage-error.ts'
import { compactForClient } from './compact.ts'

/**
 * Works for a client that writes lines on standard input: one run after the other, in one session, until the input ends. Resolves to
 * the exit code of the last run. Throws as a run that nobody drives does.
 */
export async function driveRuns(settings: RunSettings, io: Io, screen: Screen): Promise<number> {
  const style = styleFor(io.stderr, io.env)
  const driver = new Driver({
    stdin: io.stdin,
    reply: (message) => screen.write([{ to: 'stdout', text: `${toJson(message)}\n` }]),
    complain: (text) => screen.write([{ to: 'stderr', text: `${style.yellow(text)}\n` }]),
  })
  let plan: Plan | undefined
  try {
    plan = await planRun(settings, io, {
      defaultMode: 'auto',
      onPermission: (request) => driver.ask(request),
      onElicitation: async () => ({
        action: 'decline',
        reason: 'a client on standard input cannot be asked for it',
      }),
    })
    const presenter = await createPresenter(settings, plan.presenterOptions)
    let run: Run | undefined
    let isLeaving = false
    const aborter = new AbortController()
    const leave = (reason: string): void => {
      isLeaving = true
      run?.cancel(reason)
      aborter.abort(new HarnextError(reason, { code: 'cancelled' }))
      driver.dismiss()
    }
    const signals = watchSignals(io, { cancel: leave, onCancel: () => {} })
    screen.onLeft(() => leave('The reader of the output left.'))
    let code: number | undefined
    let input = openingOf(settings) ?? (await driver.next())
    for (let count = 1; input; count += 1) {
      const sessionId = run?.sessionId ?? plan.session?.header.id
      const focus = compactFocus(textOf(input))
      if (focus === undefined) {
        run = plan.begin(input, sessionId)
        driver.drives(run)
        for await (const event of run) {
          signals.see(event)
          screen.write(presenter.show(event))
        }
        driver.drives(undefined)
        code = exitCodeOf(await run.result)
      } else {
        const { now } = io
        const about = { focus, sessionId, count, now, signal: aborter.signal }
        code = await compactForClient(plan, about, screen)
      }
      input = await driver.next()
    }
    if (isLeaving) return cancelledExit
    if (code === undefined)
      throw new UsageError('There is no task: standard input held no user message.')
    return code
  } finally {
    driver.dismiss()
    await plan?.close()
  }
}

function openingOf({ prompt }: RunSettings): readonly UserPart[] | undefined {
  return prompt === undefined ? undefined : [{ type: 'text', text: prompt }]
}
