// The built-in tools. Anything added here becomes public API. Named exports only.

import type { Tool } from '@harnext/core'
import { bash } from './bash.ts'
import { edit } from './edit.ts'
import { glob } from './glob.ts'
import { grep } from './grep.ts'
import { read } from './read.ts'
import { write } from './write.ts'

export { shellTools } from './shell-tools.ts'

export { bash, edit, glob, grep, read, write }

/** Those that need nothing but a workspace, in the order in which a model gets them. */
export const builtinTools: readonly Tool[] = [read, write, edit, bash, glob, grep]
