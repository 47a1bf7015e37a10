/** A change of one file, as a patch says it. */
export type FileChange =
  | { readonly kind: 'add'; readonly path: string; readonly text: string }
  | { readonly kind: 'delete'; readonly path: string }
  | {
      readonly kind: 'update'
      readonly path: string
      readonly moveTo?: string
      readonly hunks: readonly Hunk[]
    }

/** Lines that stand one after the other, and what takes their place. */
export interface Hunk {
  /** Lines that stand somewhere before it, in this order: functions, classes. */
  readonly anchors: readonly string[]
  readonly before: readonly string[]
  readonly after: readonly string[]
  /** It is the end of the file. */
  readonly atEnd: boolean
}

const begin = '*** Begin Patch'
const end = '*** End Patch'
const header = /^\*\*\* (Add|Update|Delete) File: (.+)$/

/** Reads a patch. Throws a `SyntaxError` that names the line. */
export function parsePatch(patch: string): readonly FileChange[] {
  const lines = patchLines(patch)
  const changes: FileChange[] = []
  for (let at = 0; at < lines.length;) {
    const [, kind, path = ''] = header.exec(lines[at] ?? '') ?? []
    if (kind === undefined)
      throw wrong(
        at,
        'expected "*** Add File: path", "*** Update File: path" or "*** Delete File: path"',
        lines[at],
      )
    const next = lines.findIndex((line, index) => index > at && header.test(line))
    const body = lines.slice(at + 1, next < 0 ? lines.length : next)
    changes.push(changeOf(kind, path.trim(), body, at + 1))
    at += 1 + body.length
  }
  if (changes.length === 0) throw new SyntaxError('The patch changes no file.')
  return changes
}

function patchLines(patch: string): readonly string[] {
  const lines = patch.replaceAll('\r\n', '\n').trim().split('\n')
  // Some put it in a here-document, or leave the frame out.
  const first = lines.findIndex((line) => line.trim() === begin)
  const last = lines.findLastIndex((line) => line.trim() === end)
  return lines.slice(first + 1, last < 0 ? lines.length : last)
}

function changeOf(kind: string, path: string, body: readonly string[], at: number): FileChange {
  if (kind === 'Delete') {
    const extra = body.findIndex((line) => line.trim() !== '')
    if (extra >= 0) throw wrong(at + extra, 'expected nothing below "*** Delete File"', body[extra])
    return { kind: 'delete', path }
  }
  if (kind === 'Add') return { kind: 'add', path, text: addedText(body, at) }
  const moveTo = /^\*\*\* Move to: (.+)$/.exec(body[0] ?? '')?.[1]?.trim()
  const hunks = hunksOf(
    moveTo === undefined ? body : body.slice(1),
    at + (moveTo === undefined ? 0 : 1),
  )
  if (hunks.length === 0 && moveTo === undefined)
    throw new SyntaxError(`Line ${at}: the update of ${path} says no change.`)
  return { kind: 'update', path, hunks, ...(moveTo !== undefined && { moveTo }) }
}

function addedText(body: readonly string[], at: number): string {
  const lines = body.map((line, index) => {
    if (line.startsWith('+')) return line.slice(1)
    if (line.trim() === '') return ''
    throw wrong(at + index, 'each line of an added file begins with +', line)
  })
  return lines.length ? `${lines.join('\n')}\n` : ''
}

function hunksOf(body: readonly string[], at: number): readonly Hunk[] {
  const hunks: Hunk[] = []
  let anchors: string[] = []
  let before: string[] = []
  let after: string[] = []
  const close = (atEnd: boolean): void => {
    if (before.length || after.length) hunks.push({ anchors, before, after, atEnd })
    else if (!atEnd) return
    anchors = []
    before = []
    after = []
  }
  for (const [index, line] of body.entries()) {
    const sign = line[0]
    const text = line.slice(1)
    if (line.startsWith('@@')) {
      close(false)
      const anchor = line.replace(/^@@ ?/, '').replace(/ ?@@$/, '')
      if (anchor !== '' && !/^-\d+(,\d+)? \+\d+/.test(anchor)) anchors.push(anchor)
    } else if (line === '*** End of File') close(true)
    else if (sign === '+') after.push(text)
    else if (sign === '-') before.push(text)
    else if (sign === ' ' || line === '') {
      before.push(text)
      after.push(text)
    } else throw wrong(at + index, 'a line of a change begins with a space, + or -', line)
  }
  close(false)
  return hunks
}

function wrong(index: number, expected: string, line = ''): SyntaxError {
  return new SyntaxError(
    `Line ${index + 1} of the patch: ${expected}; got ${JSON.stringify(line.slice(0, 100))}.`,
  )
}
