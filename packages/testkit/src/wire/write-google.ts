import type { JsonObject } from '@harnext/core/provider'
import { piecesOf, scriptedTokens, sseEvent, type ScriptedCall, type WireScript } from './script.ts'
import type { Vault } from './vault.ts'

/** An answer of the generateContent API, one event an entry. The first call is signed; a text has its signature in an empty part. */
export function writeGoogle(script: WireScript, vault: Vault): string[] {
  const { thinking = '', text = '', calls = [], stop = 'stop', stopWord } = script
  const isSigned = thinking !== ''
  const parts = [
    ...piecesOf(thinking).map((piece) => ({ text: piece, thought: true })),
    ...piecesOf(text).map((piece) => ({ text: piece })),
    ...calls.map((call, at) => callPart(call, isSigned && at === 0 ? vault : undefined)),
    ...(isSigned && calls.length === 0 ? [{ text: '', thoughtSignature: vault.sign(text) }] : []),
  ]
  const finish = { finishReason: stopWord ?? words[stop], index: 0 }
  return [
    ...parts.map((part) =>
      chunk({ candidates: [{ content: { role: 'model', parts: [part] }, index: 0 }] }),
    ),
    chunk({ candidates: [finish], usageMetadata }),
  ]
}

function callPart({ tool, args }: ScriptedCall, vault: Vault | undefined): JsonObject {
  const functionCall = { name: tool, args }
  if (!vault) return { functionCall }
  const key = callKey(tool, args)
  const thoughtSignature = vault.sign(key)
  vault.bind(key, thoughtSignature)
  return { functionCall, thoughtSignature }
}

/** This API has no ids: a call is known again by what it says. */
export function callKey(tool: unknown, args: unknown): string {
  return JSON.stringify([tool, args])
}

/** The API ends its lines in CR and LF. */
function chunk(fields: JsonObject): string {
  return sseEvent({ ...fields, modelVersion: 'testkit', responseId: 'r1' }).replaceAll('\n', '\r\n')
}

const { input, cached, output, reasoning } = scriptedTokens
const usageMetadata = {
  promptTokenCount: input + cached,
  cachedContentTokenCount: cached,
  candidatesTokenCount: output - reasoning,
  thoughtsTokenCount: reasoning,
  totalTokenCount: input + cached + output,
}

const words = { stop: 'STOP', length: 'MAX_TOKENS', refused: 'SAFETY' } as const
