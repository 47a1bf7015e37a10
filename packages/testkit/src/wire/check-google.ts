import type { JsonObject } from '@harnext/core/provider'
import { listIn, objectIn, textIn, type Loose } from './answer.ts'
import { Complaints, at, hasBrokenText } from './check-parts.ts'
import type { Vault } from './vault.ts'
import { callKey } from './write-google.ts'

/** What the generateContent API of a model of the third generation would find wrong with a request. */
export function checkGoogle(request: JsonObject, vault: Vault): string | null {
  const complaints = new Complaints()
  const contents = listIn(request['contents'])
  complaints.unless(contents[0]?.['role'] !== 'model', 'contents[0] must be the user’s')
  complaints.unless(contents.length > 0, 'contents is not specified')
  complaints.unless(!hasBrokenText(request), 'the request is no valid UTF-8')
  let open: readonly Loose[] = []
  for (const [index, content] of contents.entries()) {
    const where = at('contents', index)
    const parts = listIn(content['parts'])
    complaints.unless(parts.length > 0, `${where} has no parts`)
    for (const part of parts) checkPart(part, where, complaints)
    const results = parts.filter(({ functionResponse }) => functionResponse)
    complaints.unless(
      results.length === open.length,
      `${where}: ${results.length} function responses for ${open.length} function calls`,
    )
    for (const [place, { functionResponse }] of results.entries())
      complaints.unless(
        objectIn(functionResponse)['name'] === open[place]?.['name'],
        `${where}: a function response without its call`,
      )
    open = content['role'] === 'model' ? checkAnswer(parts, where, vault, complaints) : []
  }
  complaints.unless(open.length === 0, 'function calls without a response at the end')
  return complaints.first
}

/** Gives the calls of the answer. The first of each has to be signed. */
function checkAnswer(
  parts: readonly Loose[],
  where: string,
  vault: Vault,
  complaints: Complaints,
): readonly Loose[] {
  const calls = parts.filter(({ functionCall }) => functionCall)
  const made = calls.map(({ functionCall }) => objectIn(functionCall))
  for (const [place, call] of made.entries()) {
    const signature = textIn(calls[place]?.['thoughtSignature'])
    const bound = vault.boundTo(callKey(call['name'], call['args']))
    const isFirst = place === 0
    complaints.unless(
      !isFirst || signature !== '',
      `${where}: Function call is missing a thought_signature`,
    )
    const isRight = bound === undefined ? signature === STAND_IN : signature === bound
    complaints.unless(
      (!isFirst && signature === '') || isRight,
      `${where}: Thought signature is not valid`,
    )
  }
  const text = parts.map((part) => (part['thought'] ? '' : textIn(part['text']))).join('')
  for (const part of parts)
    if (typeof part['text'] === 'string' && part['thoughtSignature'] !== undefined)
      complaints.unless(
        part['thoughtSignature'] === vault.sign(text),
        `${where}: Thought signature is not valid`,
      )
  return made
}

/** What the vendor takes for a call that another model made. */
const STAND_IN = 'skip_thought_signature_validator'

function checkPart(part: Loose, where: string, complaints: Complaints): void {
  const kinds = ['text', 'functionCall', 'functionResponse', 'inlineData', 'fileData']
  const present = kinds.filter((kind) => part[kind] !== undefined)
  complaints.unless(present.length <= 1, `${where}: a part is ${present.join(' and ')}`)
  complaints.unless(
    part['text'] !== '' || part['thoughtSignature'] !== undefined,
    `${where}: an empty text`,
  )
  if (part['inlineData'])
    complaints.unless(
      textIn(objectIn(part['inlineData'])['data']) !== '',
      `${where}: inlineData without data`,
    )
}
