import type { JsonObject } from '../json.ts'
import { upcastVersion0 } from './upcast-version-0.ts'

// Logs of earlier formats are read as if they were written today. Nothing on the disk is changed.

/** What this release writes, and the newest that it reads. */
export const logVersion = 1

/** From one version to the next. Pure: the same line gives the same records, whatever stands around it. */
export interface Upcaster {
  header(line: JsonObject): JsonObject
  /** Without `seq`, which is counted afterwards. One line may become several records. */
  records(line: JsonObject): readonly JsonObject[]
}

/** The upcaster of version n is at index n. */
const upcasters: readonly Upcaster[] = [upcastVersion0]

/** A header of whatever version, as one of this version. */
export function upcastHeader(line: JsonObject): JsonObject {
  return upcasters.slice(versionOf(line)).reduce((old, upcaster) => upcaster.header(old), line)
}

/** The records of a line of a log of that version; `seq` of the first of them. */
export function upcastRecords(
  line: JsonObject,
  version: number,
  seq: number,
): readonly JsonObject[] {
  let records: readonly JsonObject[] = [line]
  for (const upcaster of upcasters.slice(version))
    records = records.flatMap((old) => upcaster.records(old))
  return records.map((record, index) => ({ ...record, seq: seq + index }))
}

/** Version 0 names itself by another type. What nobody knows is left to the check of the header. */
function versionOf({ type, version }: JsonObject): number {
  if (type === 'session-meta') return 0
  return typeof version === 'number' && version >= 0 ? Math.floor(version) : logVersion
}
