import type { Run, RunResult, UserPart } from '@harnext/core'
import type { RunSettings } from '../arguments.ts'
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
    const leave = (reason: string): void => {
      isLeaving = true
      run?.cancel(reason)
      driver.dismiss()
    }
    const signals = watchSignals(io, { cancel: leave, onCancel: () => {} })
    screen.onLeft(() => leave('The reader of the output left.'))
    let result: RunResult | undefined
    let input = openingOf(settings) ?? (await driver.next())
    while (input) {
      run = plan.begin(input, run?.sessionId)
      driver.drives(run)
      for await (const event of run) {
        signals.see(event)
        screen.write(presenter.show(event))
      }
      driver.drives(undefined)
      result = await run.result
      input = await driver.next()
    }
    if (isLeaving) return cancelledExit
    if (!result) throw new UsageError('There is no task: standard input held no user message.')
    return exitCodeOf(result)
  } finally {
    driver.dismiss()
    await plan?.close()
  }
}

function openingOf({ prompt }: RunSettings): readonly UserPart[] | undefined {
  return prompt === undefined ? undefined : [{ type: 'text', text: prompt }]
}
