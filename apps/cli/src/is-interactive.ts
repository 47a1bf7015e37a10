import type { Io } from './io.ts'

/** Whether somebody sits there who can read a question and answer it. */
export function isInteractive({ stdin, stderr, env }: Io): boolean {
  const { CI = '' } = env
  const isAutomated = CI !== '' && CI !== 'false' && CI !== '0'
  return stdin.isTTY === true && stderr.isTTY === true && !isAutomated
}
