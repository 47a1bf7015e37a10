import { encodingName, type Encoding } from '../file/encoding.ts'
import { editExcerpt } from './excerpt.ts'
import { findAll, lineAt, plainText, replaceAt, type Place } from './find-text.ts'
import { nearestLines } from './nearest-lines.ts'
import { findTolerant } from './tolerant.ts'

export interface Replacement {
  readonly old_string: string
  readonly new_string: string
  readonly replace_all?: boolean
}

export interface Replaced {
  /** The whole text, with the line ends of the file. */
  readonly text: string
  readonly places: number
  /** What changed, for the model. */
  readonly excerpt: string
  /** How what was found differs from what was given. */
  readonly difference?: string
}

interface What {
  /** The file, as the model knows it. */
  readonly shown: string
  readonly encoding: Encoding
}

/** One replacement in a text, or why it cannot be made. */
export function replaceText(
  original: string,
  { old_string, new_string, replace_all }: Replacement,
  what: What,
): Replaced | { readonly problem: string } {
  const refusal = checkTexts(old_string, new_string)
  if (refusal) return { problem: refusal }
  const plain = plainText(original)
  const wanted = toPlain(old_string)
  const replacement = toPlain(new_string)
  const places = findAll(plain.text, wanted)
  if (places.length > 1 && !replace_all)
    return { problem: ambiguous(plain.text, places, what.shown) }
  const tolerant = places.length ? null : findTolerant(plain.text, wanted, replacement)
  const found = tolerant ? [tolerant.place] : places
  if (found.length === 0) return { problem: notFound(plain.text, wanted, what) }
  const put = tolerant?.replacement ?? replacement
  return {
    text: replaceAt(plain, found, put),
    places: found.length,
    excerpt: editExcerpt(plain.text, found, put),
    ...(tolerant && { difference: tolerant.difference }),
  }
}

export function toPlain(text: string): string {
  return text.replaceAll('\r\n', '\n')
}

function checkTexts(old_string: string, new_string: string): string | null {
  if (old_string === '')
    return 'old_string is empty, so nothing says where new_string belongs. Give the text to replace, or use write to set the whole content of a file.'
  if (old_string === new_string)
    return 'old_string and new_string are the same: there is nothing to change.'
  return null
}

function ambiguous(text: string, places: readonly Place[], shown: string): string {
  const lines = places.slice(0, 20).map(({ start }) => lineAt(text, start))
  const more = places.length > lines.length ? ', …' : ''
  return `old_string is in ${shown} ${places.length} times, at lines ${lines.join(', ')}${more}. Take more of the text around the one you mean, or set replace_all.`
}

function notFound(text: string, wanted: string, { shown, encoding }: What): string {
  const near = nearestLines(text, wanted)
  const stored = encodingName(encoding) ? ` The file is ${encodingName(encoding)}.` : ''
  if (near.length === 0)
    return `old_string is not in ${shown}, and nothing like it is.${stored} Read the file, and copy the text from there.`
  const found = near.map(({ first, lines, difference }) => {
    const numbered = lines
      .slice(0, 20)
      .map(
        (line, index) =>
          `${String(first + index).padStart(6)}\t${line.slice(0, 300).toWellFormed()}`,
      )
    return `Near, but with different ${difference}:\n${numbered.join('\n')}`
  })
  return `old_string is not in ${shown}.${stored}\n${found.join('\n')}`
}
