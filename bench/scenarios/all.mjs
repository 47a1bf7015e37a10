import { decisions } from './decisions.mjs'
import { loops } from './loops.mjs'
import { sessions } from './sessions.mjs'
import { importClient, importCore, onePrompt, version } from './starts.mjs'
import { turnAges } from './turn-age.mjs'

/** In the order of the table. @type {readonly import('./scenario.ts').Scenario[]} */
export const scenarios = [
  ...loops,
  ...turnAges,
  ...sessions,
  importCore,
  importClient,
  version,
  onePrompt,
  decisions,
]
