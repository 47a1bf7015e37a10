import type { Io } from './io.ts'
import { UsageError } from './usage-error.ts'

/** Whoever waits this long for input may have forgotten that there is none. */
const patienceMs = 3000
/** Bytes; no model takes as much. */
const mostInput = 10_000_000

/**
 * What the person wants done: the argument, and behind it what is piped in. Absent when nobody said anything, blank when what was
 * said is blank. Throws `UsageError` for more than 10 MB.
 */
export async function readPrompt(given: string | undefined, io: Io): Promise<string | undefined> {
  const piped = io.stdin.isTTY ? '' : await readAll(io)
  const words = given?.trim() ?? ''
  if (piped.trim() === '') return given === undefined ? undefined : words
  return words === '' ? piped.trimEnd() : `${words}\n\n${piped.trimEnd()}`
}

async function readAll({ stdin, stderr }: Io): Promise<string> {
  const timer = setTimeout(
    () =>
      stderr.write(
        'Waiting for the end of standard input; where there is none, add: < /dev/null\n',
      ),
    patienceMs,
  )
  try {
    const decoder = new TextDecoder()
    let text = ''
    let size = 0
    for await (const chunk of stdin) {
      clearTimeout(timer)
      size += chunk.length
      if (size > mostInput)
        throw new UsageError(
          'Standard input holds more than 10 MB, which no model takes. Put it into a file, and name the file in the task.',
        )
      text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
    }
    return text + decoder.decode()
  } finally {
    clearTimeout(timer)
  }
}
