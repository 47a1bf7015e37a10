/**
 * The files and processes that tools may touch. Node's own is `localWorkspace` in `@harnext/core/node`; a sandbox or a remote
 * machine wraps or replaces it. Relative paths are relative to the first root. Failures are thrown with the `code` of Node's file
 * system (`ENOENT`, `EACCES`, `EISDIR` …).
 */
export interface Workspace {
  /** Absolute real paths; the first is the working directory. */
  readonly roots: readonly string[]
  /** The person's home folder, where there is one. */
  readonly home?: string
  /** Whether an operating-system sandbox holds the processes. @default false */
  readonly sandboxed?: boolean
  /** `linux`, `darwin` …: for the model's information. */
  readonly platform: string
  /** The real path, symbolic links resolved, also of what does not exist yet; `inside`: whether a root holds it. */
  resolve(path: string): Promise<ResolvedPath>
  /** `start`, `end`: byte offsets (`end` exclusive) for a part of a large file; default all of it. */
  readFile(path: string, options?: ReadFileOptions): Promise<Uint8Array>
  /** Atomic: the file has the old content or the new one. Makes missing folders. Keeps the mode of a file that is there. */
  writeFile(path: string, data: Uint8Array, options?: WriteFileOptions): Promise<void>
  /** `null` where nothing is. Follows symbolic links. */
  stat(path: string): Promise<FileInfo | null>
  /** Sorted by name. Does not follow symbolic links: an entry that is one has the kind `symlink`. */
  readDirectory(path: string): Promise<readonly FileInfo[]>
  /** Removes a file, a symbolic link, or an empty folder. */
  remove(path: string): Promise<void>
  /** `spawn` says what a command changed, so nobody else has to look. */
  readonly tellsChanges?: true
  /** Runs a command as the leader of a process group, and resolves when it ended and its output was handed over. */
  spawn(command: Command, options: SpawnOptions): Promise<Exit>
  /**
   * Ends the process group of an earlier run, if it is still the same one: a process that merely has the same id is left alone.
   * Resolves to whether something was ended.
   */
  endProcess(process: ProcessIdentity): Promise<boolean>
}

export interface ResolvedPath {
  readonly path: string
  readonly inside: boolean
}
export interface ReadFileOptions {
  readonly start?: number
  readonly end?: number
  readonly signal?: AbortSignal
}
export interface WriteFileOptions {
  /** Permission bits of a new file; default 0o666 less the umask. */
  readonly mode?: number
  /** Fail with `EEXIST` when the file is there. */
  readonly exclusive?: boolean
}
export interface FileInfo {
  /** Base name. */
  readonly name: string
  readonly kind: 'file' | 'directory' | 'symlink' | 'other'
  /** Bytes. */
  readonly size: number
  /** Milliseconds since 1970. */
  readonly modified: number
  readonly mode: number
}

export interface Command {
  readonly program: string
  readonly args: readonly string[]
  /** Default: the first root. */
  readonly cwd?: string
  /** The whole environment of the child. Default: that of this process without what holds a provider's key. */
  readonly env?: { readonly [name: string]: string }
  /** What it reads on standard input; default nothing. */
  readonly input?: string
  /** Whoever runs it knows that it changes no file, as a search. */
  readonly changesNothing?: true
}
export interface SpawnOptions {
  /** Aborting ends the whole group: SIGTERM, then SIGKILL after a grace period. */
  readonly signal: AbortSignal
  onOutput(chunk: Uint8Array, stream: 'stdout' | 'stderr'): void
  /**
   * Called with the identity of the process *before* the command runs in it: the command starts when this has resolved, so that
   * a process is on record before it does anything. When it rejects, the command does not run.
   */
  onStart?(process: ProcessIdentity): Promise<void>
  /** The group also ends when the process that started it dies, however it dies. @default false: a resumed run ends what is on record */
  readonly tied?: boolean
}
/** `startedAt` is opaque: with `pid` it tells one process from every other that ever has the same id. */
export interface ProcessIdentity {
  readonly pid: number
  readonly startedAt: string
}
/** `code` is `null` when a signal ended it. `leftovers`: processes that it had left behind in its group were ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: string | null
  readonly leftovers?: true
  /** Paths of files in the roots that changed while it ran, absolute, sorted. Absent: that is not known. */
  readonly changes?: readonly string[]
}
