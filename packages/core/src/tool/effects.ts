/**
 * What a tool call would do to the world. Permissions, waves and plan mode look at effects, never at the name of a tool.
 *
 * - `read`, `write`: `target` is the real absolute path; with `tree`, everything below it too.
 * - `execute`: `target` names a program, and covers whatever that program does; a command line for a shell.
 * - `network`: `target` is a host; `spawn`: the name of an agent.
 * - `unknown`: it could not even be named. `changed`: the tool is not the one that was permitted before, so no rule permits the call.
 *
 * `part` is the piece of a compound command that the effect belongs to; `detail` is for the person who is asked.
 */
export type Effect =
  | {
      readonly kind: 'read' | 'write'
      readonly target: string
      readonly tree?: true
      readonly part?: string
    }
  | {
      readonly kind: 'execute' | 'network' | 'spawn'
      readonly target: string
      readonly part?: string
      readonly detail?: string
    }
  | {
      readonly kind: 'unknown'
      readonly part?: string
      readonly detail?: string
      readonly changed?: true
    }

export type EffectKind = Effect['kind']

/** One line for a person: `write src/a.ts`, `execute npm test`. */
export function describeEffect(effect: Effect): string {
  if (effect.kind === 'unknown') return effect.detail ? `unknown (${effect.detail})` : 'unknown'
  return `${effect.kind} ${effect.target}`
}
