import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { textOf, type LoadedSession, type ToolMessage } from '@harnext/core'
import { stoppedPrefix } from './demo-model.ts'
import { mendedLine, sourceFile } from './demo-project.ts'

export interface Check {
  readonly ok: boolean
  readonly text: string
}

/** What a run of the script must have done, in its order, read from its log and from the disk. */
export async function endOfStep(
  { state }: LoadedSession,
  folder: string,
  code: number | null,
): Promise<readonly Check[]> {
  const results = state.messages.filter(
    (message): message is ToolMessage => message.role === 'tool',
  )
  const of = (kind: string): readonly ToolMessage[] =>
    results.filter(({ id }) => id.startsWith(kind))
  const edited = results.findIndex(({ id, status }) => id.startsWith('edit') && status === 'ok')
  const tests = of('test')
  const before = tests.filter((test) => edited === -1 || results.indexOf(test) < edited)
  const after = tests.filter((test) => edited !== -1 && results.indexOf(test) > edited)
  const hook = of('hook').at(-1)
  const source = await readFile(join(folder, sourceFile), 'utf8')
  const { costUsd, inputTokens, outputTokens } = state.run.usage
  const cost = costUsd === null ? 'unknown' : `${costUsd.toFixed(4)} USD`
  return [
    { ok: before.some(isFailure), text: `the test failed first${found(before, 'it did not')}` },
    { ok: edited !== -1, text: `the source was edited${found(of('edit'), 'it was not')}` },
    {
      ok: hook?.status === 'denied',
      text: `a write to .git/hooks/pre-commit was denied${hook ? `: ${textOf(hook.content)}` : ''}`,
    },
    {
      ok: source.includes(mendedLine) && after.at(-1)?.status === 'ok',
      text: `the test passes after the edit${found(after, 'it does not')}`,
    },
    {
      ok: code === 0 || code === 7,
      text: `the run ended with exit code ${code}${code === 7 ? ': done, and a call was denied' : stopText(state.messages)}`,
    },
    {
      ok: true,
      text: `about ${inputTokens} tokens in and ${outputTokens} out; with a real model ${cost}`,
    },
  ]
}

function isFailure({ status, content }: ToolMessage): boolean {
  return status === 'error' && textOf(content).includes('Exit code 1')
}

/** What to add when there was no such call at all. */
function found(results: readonly ToolMessage[], otherwise: string): string {
  return results.length ? '' : ` (${otherwise}: there was no such call)`
}

function stopText(messages: LoadedSession['state']['messages']): string {
  const last = messages.at(-1)
  const text = last?.role === 'assistant' ? textOf(last.content) : ''
  return text.startsWith(stoppedPrefix) ? `: ${text}` : ''
}
