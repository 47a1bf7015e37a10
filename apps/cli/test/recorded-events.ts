import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Place } from './harnext-process.ts'

/** Differs from run to run, or from vendor to vendor, and is no part of what happened. */
const left = new Set([
  'seq',
  'time',
  'crc',
  'sessionId',
  'runId',
  'createdAt',
  'durationMs',
  'pid',
  'startedAt',
  'idempotencyKey',
  'provider',
  'api',
  'model',
  'opaque',
  'rawStopReason',
  'systemHash',
  'hash',
  'costUsd',
  'reservedUsd',
])

/** The records of a place's only session without the chance in them: ids are numbered, the place has no name. */
export async function recordedEvents(place: Place): Promise<readonly unknown[]> {
  const folder = join(place.home, '.harnext', 'sessions')
  const files = await readdir(folder, { recursive: true })
  const logs = files.filter((file) => file.endsWith('.jsonl'))
  const [log] = logs
  if (log === undefined || logs.length !== 1)
    throw new Error(`Expected one log, got ${logs.length}`)
  const text = await readFile(join(folder, log), 'utf8')
  const lines = text.replaceAll(place.cwd, '<cwd>').trimEnd().split('\n')
  const ids = new Map<string, string>()
  return lines.map((line) => withoutChance(JSON.parse(line), ids))
}

function withoutChance(value: unknown, ids: Map<string, string>): unknown {
  if (Array.isArray(value)) return value.map((element) => withoutChance(element, ids))
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([key]) => !left.has(key))
  return Object.fromEntries(
    kept.map(([key, inner]) => {
      if (key !== 'id' || typeof inner !== 'string') return [key, withoutChance(inner, ids)]
      if (!ids.has(inner)) ids.set(inner, `id ${ids.size}`)
      return [key, ids.get(inner)]
    }),
  )
}
