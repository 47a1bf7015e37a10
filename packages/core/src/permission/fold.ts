/**
 * A name with what some file systems do not tell apart made equal: case, composed and compatible letters, characters without a width,
 * dots and spaces at the end. For rules that forbid; a rule that allows is compared letter by letter.
 */
export function foldName(name: string): string {
  const folded = foldLetters(name)
  return folded.replace(/[. ]+$/, '') || folded
}

/** The same for a segment of a glob, where a dot after a wildcard means a dot. */
export function foldPattern(segment: string): string {
  const folded = foldLetters(segment)
  return /[*?\]][. ]+$/.test(folded) ? folded : folded.replace(/[. ]+$/, '') || folded
}

function foldLetters(text: string): string {
  // Most names are plain.
  if (/^[\x21-\x40\x5b-\x7e]*$/.test(text)) return text
  return text
    .normalize('NFKC')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .toLowerCase()
}

/** The names on the way from `/` to the path. */
export function segmentsOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '')
}
