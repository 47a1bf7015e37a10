import { ConfigError, type Message, type UserPart } from '@harnext/core'
import type { Client } from '@modelcontextprotocol/client'
import { toParts } from './result.ts'

/** A text that a server has ready to begin a conversation with. */
export interface McpPrompt {
  /** `mcp__server__prompt`: as a person calls it, with a `/` before it. */
  readonly command: string
  readonly server: string
  readonly name: string
  readonly description: string
  readonly arguments: readonly {
    readonly name: string
    readonly description: string
    readonly required: boolean
  }[]
}

/** The prompt as messages. What the server puts into the model's mouth is shown as a quotation: the model did not say it. */
export async function promptMessages(
  client: Client,
  prompt: McpPrompt,
  text: string,
  options: { readonly signal: AbortSignal; readonly timeout: number },
): Promise<readonly Message[]> {
  const args = promptArguments(prompt, text)
  const { messages } = await client.getPrompt({ name: prompt.name, arguments: args }, options)
  const content = messages.flatMap(({ role, content: block }): readonly UserPart[] => {
    const parts = toParts([block])
    return role === 'user' ? parts : [{ type: 'text', text: 'An earlier answer:' }, ...parts]
  })
  return [{ role: 'user', content }]
}

/** `name=value` pairs where every word is one, else the values in order. Throws `ConfigError` when one that is required is missing. */
function promptArguments(prompt: McpPrompt, text: string): { [name: string]: string } {
  const words = text.trim() === '' ? [] : text.trim().split(/\s+/)
  const names = prompt.arguments.map(({ name }) => name)
  const pairs = words.map((word) => /^([^=]+)=(.*)$/s.exec(word))
  const isNamed = words.length > 0 && pairs.every((pair) => pair && names.includes(pair[1] ?? ''))
  const values = isNamed
    ? pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? ''] as const)
    : inOrder(names, words)
  const args: { [name: string]: string } = Object.fromEntries(values)
  const missing = prompt.arguments.find(({ name, required }) => required && !args[name])
  if (missing)
    throw new ConfigError(
      `/${prompt.command} needs ${names.map((name) => `<${name}>`).join(' ')}; ${missing.name} is missing.`,
    )
  return args
}

function inOrder(
  names: readonly string[],
  words: readonly string[],
): readonly (readonly [string, string])[] {
  return names.slice(0, words.length).map((name, index) => {
    const isLast = index === names.length - 1
    return [name, isLast ? words.slice(index).join(' ') : (words[index] ?? '')] as const
  })
}
