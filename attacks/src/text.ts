import { visible } from '@harnext/core'
import type { Outcome, TextCase } from './case.ts'

// oxlint-disable-next-line no-control-regex -- they are what it looks for
const raw =
  /[\0-\x08\x0B-\x1F\x7F-\x9F\u200B-\u200F\u202A-\u202E\u2060-\u206F\uFEFF]|[\u{E0000}-\u{E007F}]/u

/** Text of a model, a tool or a server as it reaches a terminal. */
export function runRender({ input, expect }: TextCase): Outcome {
  const shown = visible(input.text)
  const left = raw.exec(shown)?.[0]
  if (left !== undefined) return `the character ${JSON.stringify(left)} is left as it is`
  if (expect.visibleEscapes && shown.length < input.text.length)
    return `characters are gone: ${JSON.stringify(shown)}`
  return null
}
