/** The text with at most so many characters, half from its beginning and half from its end, and a line that says so. */
export function withoutMiddle(text: string, most: number): string {
  if (text.length <= most) return text
  const half = Math.floor(most / 2)
  return withoutBetween(text, half, text.length - half)
}

export function withoutBetween(text: string, start: number, end: number): string {
  // Half of a pair would be refused by some vendors.
  const before = text.slice(0, start).toWellFormed()
  const after = text.slice(end).toWellFormed()
  return `${before}\n[… ${end - start} characters left out …]\n${after}`
}
