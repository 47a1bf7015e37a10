import { createHash } from 'node:crypto'
import type { SessionRecord } from '../session/store.ts'

// Lines of which each one holds the hash of the one before it: what is changed, removed, added or moved later shows.

export interface ChainEnd {
  /** Lines so far. */
  readonly count: number
  /** Of the last line. */
  readonly hash: string
}

const emptyChain: ChainEnd = { count: 0, hash: '0'.repeat(64) }

/** The first line at which a chain is broken, counted from 1. */
export interface ChainProblem {
  readonly line: number
  readonly message: string
}

/** A line of the chain, without its line break. */
export function toLine(
  entry: object,
  { count, hash: prev }: ChainEnd,
): { line: string; end: ChainEnd } {
  const body = JSON.stringify({ n: count + 1, ...entry, prev })
  const hash = hashOf(body)
  return { line: `${body.slice(0, -1)},"hash":"${hash}"}`, end: { count: count + 1, hash } }
}

/** Reads lines. The end is that of the part in front of a problem. */
export function readChain(text: string): {
  readonly entries: readonly { readonly [field: string]: unknown }[]
  readonly end: ChainEnd
  readonly problem?: ChainProblem
  /** What an interrupted write left behind the last line break. */
  readonly torn: string
} {
  const lines = text.split('\n')
  const torn = lines.pop() ?? ''
  const entries: { readonly [field: string]: unknown }[] = []
  let end = emptyChain
  for (const line of lines) {
    const read = readLine(line, end)
    if ('message' in read) {
      const problem = { line: end.count + 1, message: read.message }
      return { entries, end, problem, torn }
    }
    entries.push(read.entry)
    end = { count: end.count + 1, hash: read.hash }
  }
  return { entries, end, torn }
}

const TAIL = /,"hash":"([0-9a-f]{64})"\}$/

function readLine(
  line: string,
  before: ChainEnd,
): { entry: { readonly [field: string]: unknown }; hash: string } | { message: string } {
  const match = TAIL.exec(line)
  const [, hash = ''] = match ?? []
  if (!match) return { message: 'this is no line of an audit' }
  const body = `${line.slice(0, match.index)}}`
  if (hashOf(body) !== hash) return { message: 'this line was changed' }
  const entry = JSON.parse(body) as { readonly [field: string]: unknown }
  if (entry['prev'] !== before.hash || entry['n'] !== before.count + 1)
    return { message: 'a line in front of this one was removed, added, moved or replaced' }
  return { entry, hash }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** What an audit keeps of a record; `null` for one that decides nothing. Arguments are kept as their hash: they may hold secrets. */
export function auditEntry(session: string, record: SessionRecord): object | null {
  const fields = keptFields[record.type]
  if (!fields) return null
  const kept = fields.flatMap((name) => (record[name] === undefined ? [] : [[name, record[name]]]))
  return {
    session,
    record: record.seq,
    time: record.time,
    type: record.type,
    ...(Object.fromEntries(kept) as object),
    ...('args' in record && { argsHash: hashOf(JSON.stringify(record['args'])) }),
    ...(record.type === 'subagent_end' && endOf(record['result'])),
    ...(record.type === 'run_end' && errorOf(record['error'])),
  }
}

const keptFields: { readonly [type: string]: readonly string[] | undefined } = {
  run_start: ['runId', 'provider', 'model'],
  run_resumed: ['runId', 'provider', 'model'],
  permission_request: ['agentPath', 'id', 'tool', 'effects', 'reason'],
  permission_decision: 'agentPath id decision tier rule by message remember'.split(' '),
  tool_start: ['agentPath', 'id', 'tool', 'effects', 'idempotencyKey'],
  tool_result: ['agentPath', 'id', 'tool', 'status', 'reason', 'changes'],
  subagent_start: ['agentPath', 'agent', 'id', 'call'],
  subagent_end: ['agentPath', 'id'],
  verification: ['round', 'verification'],
  budget_exceeded: ['agentPath', 'kind', 'used', 'limit'],
  run_end: ['stopReason', 'verification'],
}

function endOf(result: unknown): object {
  return typeof result === 'object' && result !== null && 'stopReason' in result
    ? { stopReason: result.stopReason }
    : {}
}

function errorOf(error: unknown): object {
  return typeof error === 'object' && error !== null && 'code' in error ? { error: error.code } : {}
}
