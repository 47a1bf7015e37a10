/** A part of a long string keeps all of that string alive. This is one that keeps only itself. */
export function ownCopy(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le')
}
