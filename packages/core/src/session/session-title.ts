import { isJsonObject, type JsonObject } from '../json.ts'

const maxCharacters = 200

/** The first words of the person if that is what the record is, on one line; otherwise `null`. */
export function titleOf(record: JsonObject): string | null {
  if (record['type'] !== 'message' || 'agentPath' in record) return null
  const message = record['message']
  if (!isJsonObject(message) || message['role'] !== 'user') return null
  if ((message['origin'] ?? 'user') !== 'user' || !Array.isArray(message['content'])) return null
  for (const part of message['content'] as readonly unknown[])
    if (isJsonObject(part) && typeof part['text'] === 'string' && part['text'].trim() !== '')
      return firstWords(part['text'])
  return null
}

function firstWords(text: string): string {
  // A paste may be megabytes; only its beginning is looked at.
  const line = text
    .trimStart()
    .slice(0, 4 * maxCharacters)
    .replace(/\s+/g, ' ')
    .trim()
  return Array.from(line).slice(0, maxCharacters).join('')
}
