import type { ShownEndings } from './hidden-names.ts'
import type { ShellWord } from './syntax.ts'

/**
 * What a command would do, before its paths are looked up. `part` is the command that it belongs to, as rules are compared with it.
 */
export type Finding =
  | { readonly kind: 'execute'; readonly target: string; readonly part: string }
  /** Nothing that needs a permission, but rules that forbid see this text too. */
  | { readonly kind: 'named'; readonly part: string }
  | PathFinding
  | LookFinding
  | { readonly kind: 'network'; readonly host: string; readonly part: string }
  /** Without `part`, any command may be behind it. */
  | { readonly kind: 'unknown'; readonly part?: string; readonly why: string }

/** Git looks at its repository: a read, where that can name no program that git would run, else it is executed. */
export interface LookFinding {
  readonly kind: 'look'
  readonly part: string
  /** It shows what is in files: those that are named here, among other words, or all that are tracked. */
  readonly shows?: readonly ShellWord[]
}

export interface PathFinding {
  readonly kind: 'read' | 'write'
  readonly path: ShellWord
  readonly part: string
  /** Everything below it too. */
  readonly tree?: true
  /** Hidden names below it are left out, but for those with these endings. */
  readonly visible?: ShownEndings
  /** Symbolic links below it are followed. */
  readonly follows?: true
  /** Where the path is a folder, these names in it are meant. */
  readonly into?: readonly string[]
  /** It may be no path at all: it counts where something of this name exists. */
  readonly perhaps?: true
}

/** A simple command as the model of its program sees it. */
export interface Call {
  /** Without folder. */
  readonly name: string
  readonly args: readonly ShellWord[]
  /** The whole command, as rules are compared with it. */
  readonly part: string
  readonly hasInput: boolean
  /** What another command does that this one runs. */
  readonly inner: (words: readonly ShellWord[]) => readonly Finding[]
  /** What a text does that it gives to a shell. */
  readonly reparse: (text: string) => readonly Finding[]
}

export type Model = (call: Call) => readonly Finding[]

export function unknown(call: Call, why: string): Finding {
  return { kind: 'unknown', part: call.part, why }
}

/** What the words of the command do not say: leave for them would be leave for everything. */
export function anything(why: string): Finding {
  return { kind: 'unknown', why }
}

export function execute(call: Call): Finding {
  return { kind: 'execute', target: call.part, part: call.part }
}

export function named(call: Call): Finding {
  return { kind: 'named', part: call.part }
}

/** For those that forbid: a command that another one runs, without what it needs to be permitted. */
export function onlyNames(findings: readonly Finding[]): readonly Finding[] {
  return findings.flatMap((finding): Finding[] => {
    if (finding.kind === 'unknown' || finding.kind === 'network') return [finding]
    if (finding.kind === 'execute' || finding.kind === 'named' || finding.kind === 'look')
      return [{ kind: 'named', part: finding.part }]
    return [finding]
  })
}
