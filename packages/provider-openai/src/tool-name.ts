/** A name that the API takes: calls of another vendor's server tools may have one that it does not. */
export function toToolName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 64)
}
