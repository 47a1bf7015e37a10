import { ConfigError, type JsonObject } from '@harnext/core/provider'
import { bodyOf, answerOf, errorAnswer } from '../provider/subject.ts'
import { startFixtureServer } from '../server/fixture-server.ts'
import { listIn } from '../wire/answer.ts'
import { formatOf } from '../wire/formats.ts'
import { createVault, type Vault } from '../wire/vault.ts'
import { taskTurn, type TaskCall } from './task.ts'

/** A vendor that plays the task to programs, and finds fault with what the real one would not take. */
export interface TaskServer {
  readonly url: string
  readonly vault: Vault
  /** What was wrong with the requests so far. */
  readonly complaints: readonly string[]
  close(): Promise<void>
}

/**
 * Speaks the Messages API. `callOf`: how a call of the task is made with the tools of the program; each has to append its id and a line feed
 * to the file of effects.
 */
export async function startTaskServer(
  callOf: (call: TaskCall) => { readonly tool: string; readonly args: JsonObject },
): Promise<TaskServer> {
  const format = formatOf('anthropic.messages')
  if (!format) throw new ConfigError('The kit has lost the format anthropic.messages.')
  const vault = createVault(format.id)
  const complaints: string[] = []
  const server = await startFixtureServer((request) => {
    if (!format.isCall(request.path)) return { status: 404, body: '{}' }
    const body = bodyOf(request)
    const complaint = format.check(body, vault)
    if (complaint !== null) {
      complaints.push(complaint)
      return errorAnswer(400, {
        type: 'error',
        error: { type: 'invalid_request_error', message: complaint },
      })
    }
    const { text, calls } = taskTurn(asked(body))
    const script = {
      thinking: `Thinking before: ${text}`,
      text,
      calls: calls.map((call) => ({ id: call.id, ...callOf(call) })),
    }
    return answerOf({ format }, format.write(script, vault))
  })
  return { url: server.url, vault, complaints, close: () => server.close() }
}

/** How many answers with calls there are in a request. */
function asked({ messages }: JsonObject): number {
  return listIn(messages).filter(({ content }) =>
    listIn(content).some(({ type }) => type === 'tool_use'),
  ).length
}
