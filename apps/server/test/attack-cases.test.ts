import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { call } from '@harnext/core/testing'
import { describe, expect, test } from 'vitest'
import { harnextServer } from './program.ts'
import { raw } from './raw.ts'
import { running, type Api } from './running.ts'

// The published attacks on local servers. The case about slow headers is in server.test.ts, with a shorter limit.

const shared =
  process.env['HARNEXT_SHARED'] ?? fileURLToPath(new URL('../../../../shared', import.meta.url))
const file = path.join(shared, 'attacks', 'cases.jsonl')

interface AttackCase {
  readonly id: string
  readonly title: string
  readonly api: string
  readonly request: {
    readonly method?: string
    readonly path?: string
    readonly headers?: { readonly [name: string]: string }
    readonly body?: unknown
    readonly bodyRaw?: string
    readonly raw?: string
    readonly startArgs?: readonly string[]
    readonly slowloris?: object
  }
  readonly expect: {
    readonly status?: readonly number[]
    readonly absentHeader?: string
    readonly headerNot?: { readonly [name: string]: string }
    readonly bodyNot?: readonly string[]
    readonly exitNonZero?: true
    readonly noPollution?: true
  }
}

const cases = existsSync(file)
  ? readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line): AttackCase => JSON.parse(line))
      .filter(({ api, request }) => api === 'http' && !request.slowloris)
  : []
if (cases.length === 0)
  console.warn(`There are no attack cases in ${file}: set HARNEXT_SHARED. Their tests are skipped.`)

describe.skipIf(cases.length === 0)('published attacks', () => {
  test.each(cases)('$id $title', async (attack) => {
    const { request, expect: expected } = attack
    if (request.startArgs) {
      const { code } = await harnextServer(request.startArgs).ended
      expect(code).not.toBe(0)
      return
    }
    const write = (id: string) => call(id, 'write', { path: id, content: '' })
    const api = await running([[write('used')], 'done', [write('open')]], {
      settings: { permissionMode: 'manual' },
    })
    const names = await prepare(api, request.path ?? '')
    const answer = await raw(api.url, textOf(api, attack, names))
    if (expected.status) expect(expected.status).toContain(answer.status)
    else expect(answer.status).toBeGreaterThan(0)
    const headers = answer.head.toLowerCase()
    if (expected.absentHeader) expect(headers).not.toContain(expected.absentHeader)
    for (const [name, value] of Object.entries(expected.headerNot ?? {}))
      expect(headers).not.toContain(`${name}: ${value}`)
    for (const text of expected.bodyNot ?? []) expect(answer.body).not.toContain(text)
    if (expected.noPollution) expect(Object.hasOwn(Object.prototype, 'mode')).toBe(false)
  })
})

/** For the cases with two sessions: one has an answered request, another an open one. */
async function prepare(api: Api, where: string): Promise<{ readonly [name: string]: string }> {
  if (!where.includes('{')) return {}
  const [a, b] = [await api.session(), await api.session()]
  const reader = await api.events(a)
  await api.call('POST', `/v1/sessions/${a}/messages`, { text: 'go' })
  await reader.next('permission_request')
  await api.call('POST', `/v1/sessions/${a}/approvals/used`, { decision: 'allow' })
  await reader.next('run_end')
  const other = await api.events(b)
  await api.call('POST', `/v1/sessions/${b}/messages`, { text: 'go' })
  await other.next('permission_request')
  return { '/A/': `/${a}/`, '{APPROVAL_OF_B}': 'open', '{USED}': 'used' }
}

/** The request byte by byte as the case has it, where a client library would tidy it up. */
function textOf(
  api: Api,
  { request }: AttackCase,
  names: { readonly [name: string]: string },
): string {
  const { host } = new URL(api.url)
  const { method = 'GET', path: where = '/', headers = {}, body, bodyRaw } = request
  const content = bodyRaw ?? (body === undefined ? undefined : JSON.stringify(body))
  const fields = {
    host,
    ...(content !== undefined && {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(content)),
    }),
    ...headers,
    connection: [headers['connection'], 'close'].filter(Boolean).join(', '),
  }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  let text = `${method} ${where} HTTP/1.1\r\n${lines.join('')}\r\n${content ?? ''}`
  if (request.raw !== undefined)
    text = request.raw.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')
  for (const [name, value] of Object.entries({ ...names, '{TOKEN}': api.token }))
    text = text.replaceAll(name, value)
  return text
}
