import type { ProgramCall } from '../processes.ts'

export type ServiceName = 'systemd' | 'launchd'

/** What a service manager is to keep running. */
export interface ServiceDefinition {
  readonly name: string
  readonly description: string
  readonly folder: string
  /** The program, by its path. */
  readonly program: string
  /** The variable PATH of the program. */
  readonly path: string
  /** Of the program's output, where the manager keeps none itself. */
  readonly logFile: string
}

/** How a service manager is told what to do. The services are the person's own: none runs as root. */
export interface ServiceManager {
  /** The file that defines the service, and what stands in it. */
  readonly file: string
  readonly contents: string
  /** Ends with 0 where the service runs. */
  readonly isActive: ProgramCall
  /** Makes the manager read the file, and starts the service now and with the machine. */
  readonly start: readonly ProgramCall[]
  /** Stops it, and forgets it. What is not there is no error for the caller. */
  readonly stop: readonly ProgramCall[]
  /** Behind the removal of the file. */
  readonly forget: readonly ProgramCall[]
  logs(options: { readonly lines: number; readonly follow: boolean }): ProgramCall
}
