import type { Json } from '@harnext/core'

export type Verdict = 'allow' | 'ask' | 'deny'

export interface RuleLists {
  readonly allow?: readonly unknown[]
  readonly ask?: readonly unknown[]
  readonly deny?: readonly unknown[]
}

/** One line of a file of cases. `{WS}`, `{HOME}`, `{OUT}` and `{TOKEN}` in its strings stand for real places. */
export interface AttackCase {
  readonly id: string
  readonly class: string
  readonly title: string
  readonly api: string
  readonly max_ms?: number
  readonly setup?: Setup
}

export interface Setup {
  readonly files?: { readonly [path: string]: string }
  readonly symlinks?: { readonly [link: string]: string }
  readonly dns?: { readonly [host: string]: readonly (string | readonly string[])[] }
  readonly redirects?: { readonly [from: string]: string }
}

export interface DecideCase extends AttackCase {
  readonly api: 'decide'
  readonly input: {
    readonly mode: string
    readonly rules: RuleLists
    readonly tool: string
    readonly args: Json
    readonly cwd: string
    readonly settings?: { readonly [level: string]: Json }
  }
  readonly expect: readonly Verdict[]
}

export interface TextCase extends AttackCase {
  readonly api: 'render' | 'log'
  readonly input: { readonly text: string }
  readonly expect: {
    readonly noControl?: boolean
    readonly visibleEscapes?: boolean
    readonly notContains?: string
  }
}

/** `null`: it passed; a sentence: what was otherwise than expected. */
export type Outcome = string | null

/** Thrown for a case that cannot be run because the server lacks the route that it is about. */
export class Skipped extends Error {}

export interface HttpCase extends AttackCase {
  readonly api: 'http'
  readonly request: {
    readonly method?: string
    readonly path?: string
    readonly headers?: { readonly [name: string]: string }
    readonly body?: unknown
    readonly bodyRaw?: string
    readonly raw?: string
    readonly startArgs?: readonly string[]
    readonly slowloris?: { readonly headersEveryMs: number; readonly forMs: number }
  }
  readonly expect: {
    readonly status?: readonly number[]
    readonly absentHeader?: string
    readonly headerNot?: { readonly [name: string]: string }
    readonly bodyNot?: readonly string[]
    readonly exitNonZero?: true
    readonly noPollution?: true
    readonly closedWithinMs?: number
  }
}

export interface McpCase extends AttackCase {
  readonly api: 'mcp'
  readonly scenario: { readonly [name: string]: Json }
  /** Any of these. */
  readonly expect: readonly string[]
}
