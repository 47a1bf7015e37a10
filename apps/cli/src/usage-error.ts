/** The command line, the environment or standard input does not make sense. The program says the message and exits 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
