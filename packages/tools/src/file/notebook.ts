import { isJsonObject, type Json, type ToolPart } from '@harnext/core'

const maxText = 100_000
const maxOutput = 2000
const maxImages = 5

/** The cells of a Jupyter notebook, numbered, with what they gave; `null` for what is none, which is read as the text that it is. */
export function notebookContent(text: string): readonly ToolPart[] | null {
  const cells = cellsOf(text)
  if (!cells) return null
  const parts: ToolPart[] = []
  let images = 0
  let shown = ''
  for (const [index, cell] of cells.entries()) {
    const kind = cell['cell_type'] === 'code' ? 'code' : words(cell['cell_type'])
    shown += `[cell ${index + 1}, ${kind}]\n${words(cell['source'])}\n`
    for (const output of objectsOf(cell['outputs'])) {
      const said = outputText(output)
      if (said)
        shown += `[output]\n${said.length > maxOutput ? `${said.slice(0, maxOutput)}…` : said}\n`
      const image = imageOf(output)
      if (image && images++ < maxImages) parts.push(image)
    }
    shown += '\n'
  }
  const cut =
    shown.length > maxText
      ? `${shown.slice(0, maxText)}… (cut; look at the rest with bash and jq)`
      : shown
  return [
    { type: 'text', text: cut.trimEnd().toWellFormed() || 'The notebook has no cells.' },
    ...parts,
  ]
}

function cellsOf(text: string): readonly { readonly [key: string]: Json }[] | null {
  try {
    const value: unknown = JSON.parse(text)
    if (!isJsonObject(value) || !Array.isArray(value['cells'])) return null
    return objectsOf(value['cells'])
  } catch {
    // Not JSON: a text like any other.
    return null
  }
}

function outputText(output: { readonly [key: string]: Json }): string {
  const { text, data, ename, evalue } = output
  if (ename !== undefined) return `${words(ename)}: ${words(evalue)}`
  const plain = isJsonObject(data) ? data['text/plain'] : undefined
  return words(text ?? plain).trimEnd()
}

function imageOf({ data }: { readonly [key: string]: Json }): ToolPart | null {
  if (!isJsonObject(data)) return null
  for (const mediaType of ['image/png', 'image/jpeg'])
    if (data[mediaType] !== undefined)
      return { type: 'image', mediaType, data: words(data[mediaType]).replaceAll(/\s/g, '') }
  return null
}

/** A text, or a list of its lines. */
function words(value: Json | undefined): string {
  if (Array.isArray(value)) return value.filter((line) => typeof line === 'string').join('')
  return typeof value === 'string' ? value : ''
}

function objectsOf(value: Json | undefined): readonly { readonly [key: string]: Json }[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}
