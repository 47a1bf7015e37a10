import type { FieldValue } from './frontmatter.ts'
import { readFrontmatter } from './frontmatter.ts'
import { checkDescription, checkName, type Skill } from './skill.ts'

/** What a `SKILL.md` says of itself, and its instructions. */
export type ParsedSkill = Omit<Skill, 'source' | 'location'>

/**
 * Reads the text of a `SKILL.md` by the Agent Skills rules, with the keys of other systems. `folder`: the name of the folder that it
 * lies in, which has to be its own. Gives what is wrong as ends of a sentence where it is not a skill.
 */
export function parseSkill(text: string, folder: string): ParsedSkill | readonly string[] {
  let parsed: ReturnType<typeof readFrontmatter>
  try {
    parsed = readFrontmatter(text)
  } catch (error) {
    if (error instanceof SyntaxError) return [error.message]
    throw error
  }
  const { fields, body } = parsed
  const name = textOf(fields.get('name')) ?? folder
  const description = textOf(fields.get('description')) ?? ''
  const compatibility = textOf(fields.get('compatibility')) ?? ''
  const problems = [
    ...checkName(name),
    ...(name === folder ? [] : [`its name ${name} is not that of its folder, ${folder}`]),
    ...checkDescription(description),
    ...(compatibility.length > 500 ? ['compatibility has at most 500 characters'] : []),
    ...(body === '' ? ['it has no instructions below the frontmatter'] : []),
  ]
  if (problems.length) return problems
  const whenToUse = textOf(fields.get('when_to_use'))
  const allowedTools = toolsOf(fields.get('allowed_tools'))
  const args = wordsOf(fields.get('args') ?? fields.get('arguments'))
  return {
    name,
    description,
    instructions: body,
    ...(whenToUse !== undefined && { whenToUse }),
    ...(allowedTools && { allowedTools }),
    ...(args?.length && { args }),
    userInvocable: isTrue(fields.get('user_invocable'), true),
    modelInvocable: !isTrue(fields.get('disable_model_invocation'), false),
  }
}

function textOf(value: FieldValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function isTrue(value: FieldValue | undefined, otherwise: boolean): boolean {
  if (typeof value !== 'string' || value === '') return otherwise
  return !['false', 'no', 'off', '0'].includes(value.toLowerCase())
}

/** An empty list is one: no tool may run. */
function toolsOf(value: FieldValue | undefined): readonly string[] | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'string') return value.match(/[^\s,(]+(?:\([^)]*\))?/g) ?? []
  return isList(value) ? value : Object.keys(value)
}

/** A list of names, one text with them, their names as keys, or a list of descriptions with a name each. */
function wordsOf(value: FieldValue | undefined): readonly string[] | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'string') return isList(value) ? value : Object.keys(value)
  const named = Array.from(value.matchAll(/(?:^|\s)name:\s*([\w-]+)/g), ([, name = '']) => name)
  return named.length ? named : (value.match(/[\w-]+/g) ?? [])
}

function isList(value: Exclude<FieldValue, string>): value is readonly string[] {
  return Array.isArray(value)
}
