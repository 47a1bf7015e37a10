/** An id of at most `length` characters that every vendor takes; the same one for the same id, and another one for another. */
export function toWireId(id: string, length: number): string {
  if (/^[A-Za-z0-9_-]+$/.test(id) && id.length <= length) return id
  const readable = id.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, length - 12)
  return `${readable}_${hash(id)}`
}

/** Vendors that count their calls use the same ids in every turn. */
export function uniqueId(id: string, taken: Set<string>, length: number): string {
  let unique = id
  for (let count = 2; taken.has(unique); count++) unique = `${id.slice(0, length - 8)}_${count}`
  taken.add(unique)
  return unique
}

/** FNV-1a. */
function hash(text: string): string {
  let value = 0x811c9dc5
  for (let at = 0; at < text.length; at++)
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193) >>> 0
  return value.toString(36)
}
