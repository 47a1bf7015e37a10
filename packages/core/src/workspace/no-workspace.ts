import { ConfigError } from '../errors.ts'
import type { Workspace } from '../tool/workspace.ts'

function refuse(): Promise<never> {
  return Promise.reject(
    new ConfigError('This agent has no workspace: give it one with the option `workspace`.'),
  )
}

/** What an agent has that was given none: no roots, and an error for whatever is asked of it. */
export const noWorkspace: Workspace = {
  roots: [],
  platform: '',
  resolve: refuse,
  readFile: refuse,
  writeFile: refuse,
  stat: refuse,
  readDirectory: refuse,
  remove: refuse,
  spawn: refuse,
  endProcess: () => Promise.resolve(false),
}
