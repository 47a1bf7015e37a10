import { execFileSync } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'

/** Ids of the living processes that have `marker` among their arguments. */
export function processesWith(marker: string): readonly number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,stat=,args=']).toString().split('\n')
  return lines
    .filter((line) => line.includes(marker) && !/^\s*\d+ Z/.test(line))
    .map((line) => Number.parseInt(line, 10))
}

/** Asks again until it is so. The guard is ten times what any of it takes. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`In 20 s it did not come to this: ${what}`)
    await delay(20)
  }
}

/** A number of seconds to sleep that nobody else uses, to be found in the process table. */
export function uniqueSleep(): string {
  return `300.${Math.floor(Math.random() * 1e9) + 1e9}`
}
