/**
 * Whether a sed script only changes the text that goes through it: no command that runs a program (`e`, the flag `e`) or names a file
 * (`r`, `w`, the flag `w`). What cannot be read is not harmless.
 */
export function isHarmlessSed(script: string): boolean {
  let rest = script
  while (rest !== '') {
    const next = afterCommand(rest.replace(/^[\s;{}]+/, ''))
    if (next === null) return false
    rest = next
  }
  return true
}

/** What follows the first command; `null` when that is not on the list. */
function afterCommand(text: string): string | null {
  if (text === '') return ''
  if (text.startsWith('#')) return text.replace(/^#[^\n]*/, '')
  const rest = afterAddress(text)
  if (rest === null) return null
  const command = rest[0] ?? ''
  if (command === '{') return rest.slice(1)
  if (command === 's') return afterSubstitution(rest)
  if (command === 'y')
    return (
      rest
        .replace(/^y([^\w\s\\])(?:\\.|(?!\1)[^\\])*\1(?:\\.|(?!\1)[^\\])*\1/s, '\0')
        .split('\0')[1] ?? null
    )
  if (/[aic]/.test(command)) return /\n/.test(rest) ? null : ''
  if (/[:bt]/.test(command)) return rest.replace(/^.[ \w.-]*/, '')
  const plain = /^[=dDgGhHnNpPxlqQz](?: ?\d+)?(?=\s*(?:$|[;}\n#]))/.exec(rest)
  return plain ? rest.slice(plain[0].length) : null
}

function afterAddress(text: string): string | null {
  const one = /^(?:\d+(?:~\d+)?|\$|\/(?:\\.|\[[^\]/]*\]|[^/\\[\n])*\/[IM]*|\+\d+|~\d+)\s*/
  let rest = text
  const first = one.exec(rest)
  if (first) {
    rest = rest.slice(first[0].length)
    if (rest.startsWith(',')) {
      const second = one.exec(rest.slice(1).trimStart())
      if (!second) return null
      rest = rest.slice(1).trimStart().slice(second[0].length)
    }
  }
  return rest.replace(/^!\s*/, '')
}

function afterSubstitution(text: string): string | null {
  const delimiter = text[1]
  if (delimiter === undefined || /[\w\s\\]/.test(delimiter)) return null
  let at = 2
  for (let part = 0; part < 2; at++) {
    const char = text[at]
    if (char === undefined) return null
    if (char === '\\') at++
    else if (char === delimiter) part++
  }
  // Whether a delimiter ends a set of characters is not the same everywhere.
  if (/\[[^\]]*$/.test(text.slice(2, text.indexOf(delimiter, 2)))) return null
  const flags = /^[gpiIm0-9]*(?=\s*(?:$|[;}\n#]))/.exec(text.slice(at))
  return flags ? text.slice(at + flags[0].length) : null
}
