import { spawn } from 'node:child_process'
import type { Io } from './io.ts'

/**
 * Shows an address in the person's browser. Resolves to what went wrong, or to nothing when the program that shows it has ended well or
 * is still there when the signal aborts.
 */
export async function openBrowser(
  url: string,
  { platform, env }: Pick<Io, 'platform' | 'env'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const program = browserProgram(platform, env)
  if (program === undefined) return undefined
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const child = spawn(program, [url], { env, stdio: 'ignore', detached: true })
  // It may be the browser itself, which stays.
  child.unref()
  child.once('error', ({ message }) => resolve(message))
  child.once('exit', (code) => resolve(code ? `${program} ended with ${code}` : undefined))
  signal.addEventListener('abort', () => resolve(undefined), { once: true })
  return promise
}

/** `undefined` where no window can be shown: what xdg-open starts then takes the terminal. */
function browserProgram(platform: NodeJS.Platform, env: Io['env']): string | undefined {
  if (platform === 'darwin') return 'open'
  const screens = [env['DISPLAY'], env['WAYLAND_DISPLAY'], env['WSL_DISTRO_NAME']]
  return screens.some((screen) => screen) ? 'xdg-open' : undefined
}
