// Which providers there are, which of them have a key on this machine, what their models cost, and how well each adapter did.
import { ok, strictEqual } from 'node:assert'
import { providers } from '@harnext/sdk'

// Your own environment where none is given.
const env = { ANTHROPIC_API_KEY: 'a key' }

for (const { id, key, keys } of providers.list(env)) console.log(id, key, keys.join(' or '))
strictEqual(providers.list(env).find(({ id }) => id === 'anthropic')?.key, 'found')
strictEqual(providers.list(env).find(({ id }) => id === 'openai')?.key, 'missing')
strictEqual(providers.list(env).find(({ id }) => id === 'ollama')?.key, 'none')

const model = providers.default('anthropic')
const [first] = providers.models('anthropic')
console.log({ model, first: first?.id })
ok(providers.models('anthropic').some(({ id }) => id === model))

// The packages ship what the conformance kit found.
const card = await providers.scorecard('anthropic')
console.log(card)
ok(card !== null)
