import type { Awaitable } from '../json.ts'
import { textOf, type Message } from '../messages.ts'
import type { Hook } from '../run/hooks.ts'

/** Called before each turn, counted from 1 in its run. A text is said to the model, behind all that was said before, and stays there. */
export type Reminder = (turn: number, maxTurns: number) => Awaitable<string | null | undefined>

/** Comes in the turn that really is the last one. */
export const finalTurnReminder: Reminder = (turn, maxTurns) =>
  turn === maxTurns
    ? 'This is the final turn: no tool can be called after it. Answer now with what you have.'
    : null

/**
 * Reminders as a hook: the texts of one turn are one message. The list is read anew each time. What is on record for the turn that is
 * about to begin is not said again.
 */
export function reminderHook(reminders: readonly Reminder[]): Hook {
  return async ({ turn, maxTurns, messages }) => {
    const texts: string[] = []
    for (const reminder of reminders) {
      const text = await reminder(turn, maxTurns)
      if (text && !wasSaid(messages, text)) texts.push(text)
    }
    if (!texts.length) return []
    const content = texts.map((text) => ({ type: 'text', text }) as const)
    return [{ type: 'message', message: { role: 'user', origin: 'reminder', content } }]
  }
}

/** Since the model's last answer. */
function wasSaid(messages: readonly Message[], text: string): boolean {
  for (let index = messages.length - 1; index >= 0; index--) {
    const message = messages[index]
    if (message?.role === 'assistant') return false
    if (message?.role === 'user' && message.origin === 'reminder')
      if (textOf(message.content).includes(text)) return true
  }
  return false
}
