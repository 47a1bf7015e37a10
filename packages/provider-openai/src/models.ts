import type { Capabilities } from '@harnext/core/provider'
import type { EffortLevel } from './effort.ts'

interface Family {
  readonly ids: RegExp
  /** Empty: it does not think. */
  readonly efforts: readonly EffortLevel[]
}

/** The first that fits counts. A model that is not known here is taken for a new one. */
const families: readonly Family[] = [
  { ids: /^(gpt-3|gpt-4|chatgpt-4|gpt-5(\.\d)?-chat)/, efforts: [] },
  { ids: /^o\d/, efforts: ['low', 'medium', 'high'] },
  { ids: /^gpt-5-pro/, efforts: ['high'] },
  { ids: /^gpt-5\.\d-pro/, efforts: ['medium', 'high', 'xhigh'] },
  { ids: /^gpt-5-codex/, efforts: ['low', 'medium', 'high'] },
  { ids: /^gpt-5($|-)/, efforts: ['minimal', 'low', 'medium', 'high'] },
  { ids: /^gpt-5\.1/, efforts: ['none', 'low', 'medium', 'high'] },
  { ids: /^gpt-5\.3-codex-spark/, efforts: ['low', 'medium', 'high', 'xhigh'] },
  { ids: /^gpt-5\.[2-5]/, efforts: ['none', 'low', 'medium', 'high', 'xhigh'] },
  { ids: /^gpt-6(-astra|\.1-sol)/, efforts: ['low', 'medium', 'high', 'xhigh', 'max'] },
  { ids: /(?:)/, efforts: ['none', 'low', 'medium', 'high', 'xhigh', 'max'] },
]

/** Of a model of OpenAI, also of a tuned one (`ft:gpt-4o:…`). */
export function effortsOf(model: string): readonly EffortLevel[] {
  const id = model.replace(/^ft:/, '')
  return families.find(({ ids }) => ids.test(id))?.efforts ?? []
}

/** Models that think refuse a temperature, the others an effort. */
export function capabilitiesOf(model: string): Partial<Capabilities> {
  if (!/^(ft:)?(gpt-|o\d|chatgpt-)/.test(model)) return {}
  const effort = effortsOf(model).length > 0
  return { effort, temperature: !effort }
}
