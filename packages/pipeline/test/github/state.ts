/** What the GitHub of the tests knows of its one repository. */
export interface State {
  isPrivate: boolean
  approvalPolicy: string
  readonly labels: { name: string; color: string; description: string }[]
  readonly issues: Issue[]
  readonly pulls: Pull[]
  /** Workflows that were asked for and have not been run. */
  readonly dispatches: { readonly workflow: string; readonly issue: string }[]
  /** Of the runner's archive, where it is to be wrong. */
  checksum?: string
  readonly runners: Runner[]
  /** Every token that may be used, and what it permits. */
  readonly tokens: Map<string, Permissions>
}

export type Permissions = { readonly [scope: string]: string }

export interface Issue {
  readonly number: number
  title: string
  body: string
  author: string
  association: string
  state: 'open' | 'closed'
  readonly labels: string[]
  readonly comments: { author: string; association: string; body: string }[]
}

export interface Pull {
  readonly number: number
  readonly head: string
  readonly base: string
  readonly title: string
  readonly body: string
  draft: boolean
  state: 'open' | 'closed'
  merged: boolean
}

export interface Runner {
  readonly id: number
  readonly name: string
  status: 'online' | 'offline'
  readonly labels: readonly string[]
}

export function newState(): State {
  return {
    isPrivate: true,
    approvalPolicy: 'first_time_contributors',
    labels: [],
    issues: [],
    pulls: [],
    dispatches: [],
    runners: [],
    tokens: new Map([['owner-token', { all: 'write' }]]),
  }
}
