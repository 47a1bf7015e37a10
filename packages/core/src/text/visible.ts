/* oxlint-disable no-control-regex, no-misleading-character-class -- characters that are not seen are what this file is about */

/**
 * What moves a cursor, changes a colour, turns the direction of writing, or is not seen at all, but for line ends and tabs. A joiner
 * inside of an emoji, or between letters of a script that has joined forms, is how they are written.
 */
const hidden =
  /[\0-\x08\x0B-\x1F\x7F-\x9F\xAD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\u3164\uFEFF\uFFA0\uFFF9-\uFFFB]|[\u{E0000}-\u{E0FFF}]|(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Malayalam}\p{Script=Sinhala}\p{M}])[\u200C\u200D]/gu
const lineEnds = /\r\n/g

/**
 * A text of a model, a tool, a file or a server, so that nothing in it can drive a terminal or be read by a model and not by a person:
 * control characters are shown as their pictures, the others by their number (`<U+200B>`). Line ends become `\n`; they and tabs stay.
 */
export function visible(text: string): string {
  return text.replace(lineEnds, '\n').replace(hidden, picture)
}

/** One character as a picture or a number. */
export function picture(char: string): string {
  const code = char.codePointAt(0) ?? 0
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  if (code === 0x7f) return '\u2421'
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`
}
