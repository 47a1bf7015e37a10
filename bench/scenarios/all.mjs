import { decisions } from './decisions.mjs'
import { loops } from './loops.mjs'
import { sessions } from './sessions.mjs'
import { importClient, importCore, onePrompt, version } from './starts.mjs'

/** In the order of the table. @type {readonly import('./scenario.ts').Scenario[]} */
export const scenarios = [
  ...loops,
  ...sessions,
  importCore,
  importClient,
  version,
  onePrompt,
  decisions,
]
