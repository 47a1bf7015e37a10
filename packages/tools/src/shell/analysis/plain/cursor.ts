/** A place in a line that is read once from its beginning to its end, and what was found on the way. */
export interface Cursor {
  readonly text: string
  at: number
  /** How many lists of commands lie in each other here. */
  depth: number
  /** Whether commands in backquotes are being read, or were. */
  backquotes: 'none' | 'open' | 'read'
  /** What was begun is not ended as it has to be: nothing more is read. */
  failed: boolean
  /** The words, assignments and targets of redirections, as they are written. */
  readonly found: string[]
}

/** Goes on behind the pattern, which is sticky, where it stands here. */
export function take(cursor: Cursor, pattern: RegExp): boolean {
  if (!isAt(cursor, pattern)) return false
  cursor.at = pattern.lastIndex
  return true
}

/** Whether the pattern, which is sticky, stands here. */
export function isAt(cursor: Cursor, pattern: RegExp): boolean {
  pattern.lastIndex = cursor.at
  return !cursor.failed && pattern.test(cursor.text)
}

/** What was begun before has to go on like this. */
export function must(cursor: Cursor, isRead: boolean): boolean {
  if (!isRead) cursor.failed = true
  return isRead
}

/** What was read since is found. */
export function find(cursor: Cursor, start: number): true {
  cursor.found.push(cursor.text.slice(start, cursor.at))
  return true
}
