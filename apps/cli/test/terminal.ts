import { execFileSync, spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { environmentOf, ownProgram, type StartOptions } from './harnext-process.ts'
import { until } from './processes.ts'

/** Whether this machine has a terminal for tests to sit at. */
export const hasTmux: boolean = spawnSync('tmux', ['-V']).status === 0
if (!hasTmux) console.log('There is no tmux: what needs a terminal is not tested.')

export interface Terminal {
  /** What is on the screen, without the white space at its ends. */
  screen(): string
  /** Presses keys: a text, or the name of a key as tmux calls it. */
  press(...keys: readonly string[]): void
  /** Resolves to the screen when it shows the text. */
  shows(text: string | RegExp): Promise<string>
}

let opened = 0

/** Runs the program in a terminal of 160 columns. Behind it the screen shows `exit` and its code. */
export async function openTerminal(
  args: readonly string[],
  options: StartOptions,
): Promise<Terminal> {
  const socket = join(options.place.home, `tmux-${(opened += 1)}`)
  const tmux = (...command: readonly string[]): string =>
    execFileSync('tmux', ['-S', socket, '-f', '/dev/null', ...command]).toString()
  const script = join(options.place.home, 'run.sh')
  const env = Object.entries(environmentOf(options)).map(
    ([name, value]) => `${name}=${quote(value)}`,
  )
  const command = [...ownProgram, ...args].map(quote).join(' ')
  await writeFile(
    script,
    `trap : INT\ncd ${quote(options.place.cwd)}\nenv -i TERM=screen ${env.join(' ')} ${command}\necho "exit $?"\nexec cat\n`,
  )
  tmux('new-session', '-d', '-x', '160', '-y', '50', `sh ${quote(script)}`)
  onTestFinished(() => void spawnSync('tmux', ['-S', socket, 'kill-server']))
  const screen = (): string => tmux('capture-pane', '-p', '-J').trim().replace(/ +$/gm, '')
  return {
    screen,
    press: (...keys) => void tmux('send-keys', ...keys),
    async shows(text) {
      const isThere = (): boolean =>
        typeof text === 'string' ? screen().includes(text) : text.test(screen())
      await until(isThere, `the screen shows ${text}`).catch((error: Error) => {
        throw new Error(`${error.message}\n${screen()}`)
      })
      return screen()
    },
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
