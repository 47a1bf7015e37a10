/** Makes a loop with an empty history. A module of a contestant exports `load`, which imports what it needs and is not measured. */
export type MakeLoop = (task: Task) => Loop

export interface Task {
  readonly baseURL: string
  /** The tool. */
  execute(args: unknown): Promise<string>
  /** Told each piece of text. */
  onText?(text: string): void
}

export interface Loop {
  /** Resolves with the last answer. */
  run(prompt: string): Promise<string>
  close(): Promise<void>
}
