import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { messageOf } from '@harnext/core'
import { readSettingsFile } from '@harnext/core/node'
import { codeOf } from '../file/failure.ts'
import { parseSkill } from './parse-skill.ts'
import type { Skill, SkillSource } from './skill.ts'

/** About 25,000 tokens. */
const mostBytes = 100_000

/** The names that a skill's file may have, the usual one first. */
const fileNames: readonly string[] = ['SKILL.md', 'skill.md']

export interface FoundSkills {
  readonly skills: readonly Skill[]
  /** A sentence for each file that is not a skill although it looks like one. */
  readonly problems: readonly string[]
}

/**
 * The skills of a folder: it is one itself, or holds folders that are. Sorted by name; none where the folder is not there.
 * Files that break the rules are left out, with a sentence.
 */
export function readSkills(folder: string, source: SkillSource): FoundSkills {
  const own = fileOf(folder)
  const files =
    own === undefined ? listFolders(folder).flatMap((inner) => fileOf(inner) ?? []) : [own]
  const skills: Skill[] = []
  const problems: string[] = []
  for (const file of files) {
    const read = readSkill(file, source)
    if (typeof read === 'string') problems.push(read)
    else skills.push(read)
  }
  return { skills, problems }
}

/** The folders that skills are in, those that count more behind those that count less. */
export function skillFolders(where: {
  /** Of the project. */
  readonly cwd: string
  /** The person's home folder; absent: their skills for other systems are not looked for. */
  readonly home?: string
  /** harnext's own home. */
  readonly harnextHome: string
}): { readonly user: readonly string[]; readonly project: readonly string[] } {
  const { cwd, home, harnextHome } = where
  const others = ['.claude', '.agents']
  return {
    user: [
      ...(home === undefined ? [] : others.map((name) => join(home, name, 'skills'))),
      join(harnextHome, 'skills'),
    ],
    project: fromRepository(cwd).flatMap((folder) =>
      [...others, '.harness', '.harnext'].map((name) => join(folder, name, 'skills')),
    ),
  }
}

/** From the repository's root down to the folder; only the folder outside of one. */
function fromRepository(cwd: string): readonly string[] {
  const folders: string[] = []
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    folders.unshift(folder)
    if (existsSync(join(folder, '.git'))) return folders
    if (dirname(folder) === folder) return [resolve(cwd)]
  }
}

function readSkill(file: string, source: SkillSource): Skill | string {
  const folder = basename(dirname(file))
  try {
    const parsed = parseSkill(readSettingsFile(file, mostBytes), folder)
    if ('name' in parsed) return fromFile(parsed, file, source)
    return `The skill ${file} was left out: ${parsed.join('; ')}.`
  } catch (error) {
    const why =
      codeOf(error) === 'EFBIG'
        ? 'it is larger than 100 KB, which is more than a model should get at once: put the rest into files beside it.'
        : `it cannot be read: ${messageOf(error)}`
    return `The skill ${file} was left out: ${why}`
  }
}

/** Its text is read again when it is used: it may have been changed, and most are never used. */
function fromFile(parsed: ReturnType<typeof parseSkill>, file: string, source: SkillSource): Skill {
  const { instructions: _, ...head } = parsed as Exclude<typeof parsed, readonly string[]>
  return {
    ...head,
    source,
    location: file,
    get instructions() {
      const now = parseSkill(readSettingsFile(file, mostBytes), head.name)
      if ('name' in now) return now.instructions
      throw new SyntaxError(`${file} is not a skill any more: ${now.join('; ')}.`)
    },
  }
}

function fileOf(folder: string): string | undefined {
  return fileNames.map((name) => join(folder, name)).find((path) => existsSync(path))
}

function listFolders(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .toSorted()
      .map((name) => join(folder, name))
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(codeOf(error))) return []
    throw error
  }
}
