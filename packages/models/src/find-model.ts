import type { Model, ModelPrice } from './model.ts'

export interface Match {
  readonly model: Model
  /** For the vendor: the model's own id, or the name as it was asked for where it says more, like a date. */
  readonly id: string
}

/** An id comes before an alias, and both before a form of an id. */
export function findModel(models: readonly Model[], provider: string, name: string): Match | null {
  const known = named(models, provider, name)
  if (known) return { model: known, id: known.id }
  for (const form of formsOf(provider, name)) {
    const model = named(models, provider, form.of)
    if (model) return { model, id: form.isSame ? model.id : name }
  }
  return null
}

const free: ModelPrice = Object.freeze({ input: 0, output: 0, cacheRead: 0, cacheWrite: 0 })

/** Ollama runs on the user's own machine; of all others, what is not listed is not known. */
export function priceOf(
  models: readonly Model[],
  provider: string,
  name: string,
): ModelPrice | null {
  const listed = findModel(models, provider, name)?.model.price
  return listed ?? (provider === 'ollama' ? free : null)
}

function named(models: readonly Model[], provider: string, name: string): Model | undefined {
  const own = models.filter((model) => model.provider === provider)
  return own.find(({ id }) => id === name) ?? own.find(({ aliases }) => aliases.includes(name))
}

interface Form {
  /** The name that it is a form of. */
  readonly of: string
  /** It means that model, and not a state or a size of it. */
  readonly isSame: boolean
}

/** What a name may be a form of, the longest first. */
function formsOf(provider: string, name: string): readonly Form[] {
  if (provider === 'ollama') return ollamaFormsOf(name)
  const suffix = /-(latest|\d{8}|\d{4}-\d{2}-\d{2})$/.exec(name)
  return suffix ? [{ of: name.slice(0, suffix.index), isSame: suffix[1] === 'latest' }] : []
}

/** Without the mark of Ollama's cloud, and without the tag. */
function ollamaFormsOf(name: string): readonly Form[] {
  const local = name.replace(/[-:]cloud$/, '')
  const untagged = local.replace(/:.*$/, '')
  const forms = [
    { of: local, isSame: false },
    { of: untagged, isSame: name === `${untagged}:latest` },
  ]
  return forms.filter(({ of }) => of !== name)
}
