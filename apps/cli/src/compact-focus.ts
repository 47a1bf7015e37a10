/** What `/compact` is to pay attention to, empty for nothing; `undefined` where the task is another one. */
export function compactFocus(prompt: string): string | undefined {
  return /^\/compact(?:\s+(.*))?$/s.exec(prompt.trim())?.slice(1).join('').trim()
}
