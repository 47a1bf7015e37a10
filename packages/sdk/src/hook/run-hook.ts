import { messageOf, type Workspace } from '@harnext/core'
import type { HookEnd } from './hook-outcome.ts'
import type { HookCommand } from './hook-settings.ts'

const DEFAULT_HOOK_TIMEOUT_S = 60
/** Characters of each stream; more than that is no answer. */
const longestOutput = 1024 * 1024

export interface HookRun {
  readonly workspace: Workspace
  readonly env: { readonly [name: string]: string }
  /** What it reads: one line of JSON. */
  readonly input: string
  readonly signal: AbortSignal
}

/**
 * Runs the command line to its end, with all that it started: by its time limit, by the signal, and also when this process dies. Throws
 * the signal's reason; everything else is in what it returns.
 */
export async function runHook(
  { command, timeout = DEFAULT_HOOK_TIMEOUT_S }: HookCommand,
  { workspace, env, input, signal }: HookRun,
): Promise<HookEnd> {
  signal.throwIfAborted()
  const late = AbortSignal.timeout(timeout * 1000)
  const output = { stdout: '', stderr: '' }
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() }
  let isLong = false
  try {
    const exit = await workspace.spawn(
      { program: '/bin/sh', args: ['-c', command], env, input },
      {
        signal: AbortSignal.any([signal, late]),
        tied: true,
        onOutput(chunk, stream) {
          if (output[stream].length < longestOutput)
            output[stream] += decoders[stream].decode(chunk, { stream: true })
          else isLong = true
        },
      },
    )
    signal.throwIfAborted()
    if (late.aborted) return { ...output, problem: `took longer than ${timeout} s` }
    if (isLong) return { ...output, problem: 'wrote more than 1 MB' }
    return { ...output, exit }
  } catch (error) {
    signal.throwIfAborted()
    return { ...output, problem: `could not be started: ${messageOf(error)}` }
  }
}
