import { anthropic } from '@harnext/provider-anthropic'
import { google } from '@harnext/provider-google'
import { ollama } from '@harnext/provider-ollama'
import { openai, openaiChat } from '@harnext/provider-openai'
import { cutSessions } from '@harnext/testkit'
import { expect, it } from 'vitest'

// The tests of a package take a few cuts of a few sessions; `HARNEXT_COUNT` asks for more, with all cuts of each.
const { HARNEXT_COUNT, HARNEXT_SEED = '1' } = process.env
const sample =
  HARNEXT_COUNT === undefined ? { count: 4, cuts: 20 } : { count: Number(HARNEXT_COUNT) }

it('whatever record a log is cut after, every vendor takes what is left', async () => {
  const { problems, cutAfter, ...counts } = await cutSessions({
    adapters: [anthropic, openai, openaiChat, google, ollama],
    seed: Number(HARNEXT_SEED),
    ...sample,
  })
  expect(problems).toEqual([])
  expect(counts.requests).toBeGreaterThan(counts.cuts * 5)
  const seen = Object.keys(cutAfter)
  expect(seen).toEqual(expect.arrayContaining(['tool_start', 'tool_result', 'subagent_start']))
}, 3_600_000)
