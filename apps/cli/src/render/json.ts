/* oxlint-disable no-control-regex -- control characters are what this file is about */

/**
 * One line of JSON. What JSON would leave as it is and a terminal would obey is escaped, and so is what some readers take for the end
 * of a line; errors are their records.
 */
export function toJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\x7F-\x9F\u2028-\u202E\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
