import { isJsonObject, type Json, type JsonObject } from '../json.ts'

// What stands in logs that this code did not write, each as the nearest thing that makes sense.

/** A text is one part. */
export function partsOf(content: Json | undefined): readonly JsonObject[] {
  if (typeof content === 'string') return content ? [{ type: 'text', text: content }] : []
  return Array.isArray(content) ? content.filter(isJsonObject) : []
}

/** Milliseconds since 1970, of a number or a date; 0 for what is neither. */
export function timeOf(value: Json | undefined): number {
  const time = typeof value === 'string' ? Date.parse(value) : value
  return typeof time === 'number' && Math.abs(time) <= 8.64e15 ? time : 0
}

export function countOf(value: Json | undefined): number {
  return typeof value === 'number' ? value : 0
}

export function textOf(value: Json | undefined, otherwise: string = ''): string {
  return typeof value === 'string' ? value : otherwise
}
