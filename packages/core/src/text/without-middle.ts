/** The text with at most so many characters, half from its beginning and half from its end. */
export function withoutMiddle(text: string, most: number): string {
  if (text.length <= most) return text
  const half = Math.floor(most / 2)
  // A pair that is cut in two would be refused by some vendors.
  const start = text.slice(0, half).toWellFormed()
  const end = text.slice(text.length - half).toWellFormed()
  return `${start}\n[… ${text.length - 2 * half} characters left out …]\n${end}`
}
