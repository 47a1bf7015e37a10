/** What the ids of calls may look like at a vendor. */
export interface IdRule {
  fits(id: string): boolean
  /** The same for the same id and count, and different for different ones. */
  make(id: string, count: number): string
}

/** What every other vendor takes. */
export function plainIds(length: number): IdRule {
  return {
    fits: (id) => /^[A-Za-z0-9_-]+$/.test(id) && id.length <= length,
    make(id, count) {
      const readable = id.replaceAll(/[^A-Za-z0-9_-]/g, '_')
      if (count > 1) return `${readable.slice(0, length - 8)}_${count}`
      return `${readable.slice(0, length - 12)}_${hash(id)}`
    },
  }
}

/** Nine letters and digits. */
export const shortIds: IdRule = {
  fits: (id) => /^[A-Za-z0-9]{9}$/.test(id),
  make: (id, count) => hash(`${count}:${id}`).padStart(9, '0'),
}

/** An id that the vendor takes and that no other call has: vendors that count their calls use the same ones in every turn. */
export function uniqueId(id: string, rule: IdRule, taken: Set<string>): string {
  let unique = rule.fits(id) ? id : rule.make(id, 1)
  for (let count = 2; taken.has(unique); count++) unique = rule.make(id, count)
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
