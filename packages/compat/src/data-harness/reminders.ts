import type { Awaitable, Hook } from '@harnext/core'

/** Called before each turn, counted from 1. A text is said to the model, behind all that was said before, and stays there. */
export type Reminder = (turn: number, maxTurns: number) => Awaitable<string | null | undefined>

/** The texts of one turn are one message. Reads the list anew each time. */
export function reminderHook(reminders: readonly Reminder[]): Hook {
  return async ({ turn, maxTurns }) => {
    const texts: string[] = []
    for (const reminder of [...reminders, finalTurnReminder]) {
      const text = await reminder(turn, maxTurns)
      if (text) texts.push(text)
    }
    if (!texts.length) return []
    const content = texts.map((text) => ({ type: 'text', text }) as const)
    return [{ type: 'message', message: { role: 'user', origin: 'reminder', content } }]
  }
}

/** Comes in the turn that really is the last one. */
const finalTurnReminder: Reminder = (turn, maxTurns) =>
  turn === maxTurns
    ? 'This is the final turn: no tool can be called after it. Answer now with what you have.'
    : null
