// The built-in tools. Anything added here becomes public API. Named exports only.

import type { Tool } from '@harnext/core'
import { bash } from './bash.ts'
import { edit } from './edit.ts'
import { glob } from './glob.ts'
import { grep } from './grep.ts'
import { ls } from './ls.ts'
import { read } from './read.ts'
import { todo } from './todo.ts'
import { webFetch } from './web-fetch.ts'
import { write } from './write.ts'

export { applyPatch } from './apply-patch.ts'
export { askUserTool, type AskUserOptions, type UserQuestion } from './ask-user.ts'
export { memoryTool } from './memory.ts'
export { shellTools } from './shell-tools.ts'
export { webFetchTool, type WebFetchOptions } from './web-fetch.ts'
export { webSearchTool, type WebSearchOptions } from './web-search.ts'
export { bash, edit, glob, grep, ls, read, todo, webFetch, write }

/** Those that need nothing but a workspace, in the order in which a model gets them. */
export const builtinTools: readonly Tool[] = [
  read,
  write,
  edit,
  bash,
  glob,
  grep,
  ls,
  webFetch,
  todo,
]
