import { resolve } from 'node:path'
import { bundledSkills } from './bundled.ts'
import { readSkills, skillFolders, type FoundSkills } from './discover.ts'
import type { Skill, SkillSource } from './skill.ts'

export interface CollectSkillsOptions {
  /** Folder of the project. */
  readonly cwd: string
  /** The person's home folder; absent: what they have for other systems is not looked for. */
  readonly home?: string
  /** harnext's own home. */
  readonly harnextHome: string
  /** Whether the project's own skills count. A folder that nobody trusts must not put instructions behind a name. */
  readonly trusted: boolean
  /** Skills, folders of skills, folders that are one, and names of skills that are there anyway; the later counts. */
  readonly given?: readonly (string | Skill)[]
}

/**
 * All skills, sorted by name. Of two with one name the later counts: bundled, the person's, the project's, those that were given.
 * A given folder in which there is no skill is a problem; another folder need not be there.
 */
export function collectSkills(options: CollectSkillsOptions): FoundSkills {
  const { trusted, given = [] } = options
  const { user, project } = skillFolders(options)
  const problems: string[] = []
  const byName = new Map(bundledSkills.map((skill) => [skill.name, skill]))
  const add = (folder: string, source: SkillSource): number => {
    const found = readSkills(folder, source)
    problems.push(...found.problems)
    for (const skill of found.skills) byName.set(skill.name, skill)
    return found.skills.length + found.problems.length
  }
  for (const folder of user) add(folder, 'user')
  if (trusted) for (const folder of project) add(folder, 'project')
  else if (project.some((folder) => readSkills(folder, 'project').skills.length > 0))
    problems.push('The skills of the project were ignored, because the folder is not trusted.')
  for (const item of given) {
    if (typeof item !== 'string') byName.set(item.name, item)
    else if (!byName.has(item) && add(resolve(options.cwd, item), 'given') === 0)
      problems.push(`There is no skill in ${item}: a skill is a folder with the file SKILL.md.`)
  }
  const skills = [...byName.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return { skills, problems }
}
