import type { Io } from './io.ts'

/** Whoever waits this long for input may have forgotten that there is none. */
const patienceMs = 3000

/**
 * What the person wants done: the argument, and behind it what is piped in. Absent when nobody said anything, blank when what was
 * said is blank.
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
    for await (const chunk of stdin) {
      clearTimeout(timer)
      text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
    }
    return text + decoder.decode()
  } finally {
    clearTimeout(timer)
  }
}
