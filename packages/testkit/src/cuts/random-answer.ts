import type { Random } from '../crash/random.ts'
import type { ScriptedCall, WireScript } from '../wire/script.ts'
import { toolNames } from './eventful-agent.ts'

/** Anything that a model may say: also nothing, blanks, half a character, and calls that cannot be made. `id` is in all of its ids. */
export function randomAnswer(random: Random, id: string): WireScript {
  if (random.oneIn(40)) return {}
  const thinking = random.oneIn(2) ? `I think about ${id}. 🤔` : undefined
  const text = random.oneIn(3) ? undefined : random.pick(texts)
  const count = random.oneIn(4) ? 0 : 1 + random.below(3)
  const calls = Array.from({ length: count }, (_, at) => randomCall(random, `${id}_${at}`))
  return {
    ...(thinking !== undefined && { thinking }),
    ...(text !== undefined && { text }),
    ...(calls.length > 0 && { calls }),
    ...(random.oneIn(15) && { stop: random.pick(['length', 'refused']) }),
  }
}

const texts = ['I look at it.', 'So it is.', 'Half a character: \ud83d', '\n', ' ', ''] as const

function randomCall(random: Random, id: string): ScriptedCall {
  const q = `words of ${id}`
  if (random.oneIn(5)) return { id, tool: 'task', args: taskArguments(random, q) }
  // Now and then the arguments are not the ones that the tool takes.
  const args = random.oneIn(12) ? { wrong: q } : { q }
  // Ids as some vendors make them: with characters that others refuse.
  return { id: random.oneIn(4) ? `${id}|fc.1` : id, tool: random.pick(toolNames), args }
}

function taskArguments(random: Random, prompt: string): ScriptedCall['args'] {
  return {
    agent: 'helper',
    prompt,
    ...(random.oneIn(3) && { background: true }),
    ...(random.oneIn(3) && { session: { mode: 'new' } }),
  }
}
