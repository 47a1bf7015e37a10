import type { Exit, ProcessIdentity, Workspace } from '@harnext/core'
import { PrintableDecoder } from './printable.ts'

/** The shell's own errors and the command's two outputs go one way, so that they come in the order in which they were written. */
const shell =
  'exec 2>&1; if command -v bash >/dev/null; then exec bash -c "$1" bash; else exec sh -c "$1" sh; fi'

export interface RunCommandOptions {
  readonly workspace: Workspace
  readonly signal: AbortSignal
  readonly changesNothing?: true
  /** Readable text, in the order in which it was written. */
  onText(text: string): void
  onStart(process: ProcessIdentity): Promise<void>
}

/** Runs a command line in a fresh shell without input. Resolves when it ended and all its output was handed over. */
export async function runCommand(command: string, options: RunCommandOptions): Promise<Exit> {
  const { workspace, signal, changesNothing, onText, onStart } = options
  const decoders = { stdout: new PrintableDecoder(), stderr: new PrintableDecoder() }
  const exit = await workspace.spawn(
    {
      program: 'sh',
      args: ['-c', shell, 'sh', command],
      ...(changesNothing && { changesNothing }),
    },
    { signal, onOutput: (chunk, stream) => onText(decoders[stream].add(chunk)), onStart },
  )
  for (const decoder of [decoders.stdout, decoders.stderr]) onText(decoder.finish())
  return exit
}

/** A command that is over, in a few words. */
export function exitText({ code, signal }: Exit): string {
  return signal === null ? `exit code ${code}` : `signal ${signal}`
}
