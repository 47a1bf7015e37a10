import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { main } from '../src/command/main.ts'

const adapter = fileURLToPath(new URL('one-word.ts', import.meta.url))
let folder: string
let output: string

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'harnext-corpus-'))
  output = ''
})
afterEach(() => rmSync(folder, { recursive: true }))

const run = (...args: string[]): Promise<number> =>
  main(['corpus', folder, ...args], { write: (text) => (output += text) })

function record(name: string, recorded: object): void {
  writeFileSync(path.join(folder, name), JSON.stringify(recorded))
}

const recorded = (body: string, status = 200): object => ({
  provider: 'ollama',
  vendor: 'ollama',
  api: 'chat',
  model: 'm',
  request: null,
  response: { status, headers: { 'content-type': 'application/x-ndjson' }, body },
})

const done = '{"done":true,"done_reason":"stop","prompt_eval_count":1,"eval_count":2}\n'
const saying = (text: string): string => `{"message":{"content":"${text}"}}\n${done}`

describe('harnext-testkit corpus', () => {
  it('counts what passed, failed and was skipped', async () => {
    record('good.json', recorded(saying('word')))
    record('other.json', recorded(saying('another word')))
    record('models.json', { ...recorded('{}'), api: 'tags' })
    record('index.json', { counts: {} })
    expect(await run('--adapter', `ollama=${adapter}`)).toBe(1)
    expect(output).toContain('skipped: models.json: no answer of a model')
    expect(output).toContain('failed: other.json: whole: text: expected "another word", got "word"')
    expect(output.trimEnd().split('\n').at(-1)).toBe('1 passed, 1 failed, 1 skipped')
  })

  it('wants the kind of an error', async () => {
    record('error.json', recorded('{"error":"x"}', 404))
    expect(await run('--adapter', `ollama=${adapter}`)).toBe(1)
    expect(output).toContain('expected a ProviderError of kind not_found, got an answer')
  })

  it('wants what is cut to be an error', async () => {
    record('cut.json', recorded(saying('word').slice(0, 30)))
    expect(await run('--adapter', `ollama=${adapter}`)).toBe(1)
    expect(output).toContain('failed: cut.json')
  })

  it('wants what the vendor signed to come back', async () => {
    const signature = 'c2lnbmVkIGJ5IHRoZSB2ZW5kb3I='
    const body = `{"message":{"content":"word","signature":"${signature}"}}\n${done}`
    const session = { id: 'one', steps: 2 }
    record('step-0.json', { ...recorded(body), session: { ...session, step: 0 } })
    const messages = [{ role: 'assistant', content: 'word', signature }]
    const request = { method: 'POST', path: '/api/chat', body: { messages } }
    record('step-1.json', { ...recorded(body), request, session: { ...session, step: 1 } })
    expect(await run('--adapter', `ollama=${adapter}`)).toBe(1)
    expect(output).toBe(
      `failed: step-0.json: what the vendor signed does not come back: ${signature}\n1 passed, 1 failed, 0 skipped\n`,
    )
  })

  it('passes when all passed', async () => {
    record('good.json', recorded(saying('word')))
    expect(await run('--adapter', `ollama=${adapter}`)).toBe(0)
    expect(output).toBe('1 passed, 0 failed, 0 skipped\n')
  })

  it.each([
    [['--adapter', 'ollama'], '--adapter takes <vendor>=<module>'],
    [['--adapter', 'ollama=./not-there.ts'], 'cannot be loaded'],
    [['--nope'], "Unknown option '--nope'"],
    [['more'], 'takes one folder'],
  ])('says what is wrong with %j', async (args, message) => {
    record('good.json', recorded(saying('word')))
    expect(await run(...args)).toBe(2)
    expect(output).toContain(message)
  })

  it('fails what no adapter is there for', async () => {
    record('good.json', recorded(saying('word')))
    record('other.json', { ...recorded('{}'), provider: 'anthropic', api: 'messages' })
    expect(await run('--adapter', `ollama=${adapter}`, '--adapter', `anthropic=${adapter}`)).toBe(1)
    expect(output).toContain('exports no function that makes an adapter of an API messages')
    expect(output).toContain('1 passed, 1 failed, 0 skipped')
  })

  it('says which file is none', async () => {
    record('bad.json', { response: {} })
    expect(await run('--adapter', `ollama=${adapter}`)).toBe(2)
    expect(output).toContain('bad.json is no recorded interaction')
  })
})
