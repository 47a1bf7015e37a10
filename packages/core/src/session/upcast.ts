import type { JsonObject } from '../json.ts'
import { upcastMetadataLog } from './upcast-metadata-log.ts'
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

/** Of forms that have neither version nor check sums: to version 1, by the type of their first line. */
const plainForms: { readonly [type: string]: Upcaster } = {
  'session-meta': upcastVersion0,
  metadata: upcastMetadataLog,
}

/** The upcaster of the form that a log with this first line has; `null`: each of its lines has a check sum. */
export function plainFormOf({ type }: JsonObject): Upcaster | null {
  return typeof type === 'string' && Object.hasOwn(plainForms, type)
    ? (plainForms[type] ?? null)
    : null
}

/** A header of whatever form, as one of this version. What nobody knows is left to the check of the header. */
export function upcastHeader(line: JsonObject): JsonObject {
  return plainFormOf(line)?.header(line) ?? line
}

/** The records of a line of that form; `seq` of the first of them. */
export function upcastRecords(
  line: JsonObject,
  form: Upcaster,
  seq: number,
): readonly JsonObject[] {
  return form.records(line).map((record, index) => ({ ...record, seq: seq + index }))
}
