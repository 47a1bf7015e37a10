import { collectSkills, isTrusted } from '@harnext/sdk/settings'
import type { Command } from '../command.ts'
import type { Io } from '../io.ts'
import { toJson } from '../render/json.ts'
import { skillLines } from '../render/skills.ts'
import { styleFor } from '../render/style.ts'
import type { Screen } from '../screen.ts'
import { folderAt, homeOf } from '../sessions.ts'

type SkillsCommand = Extract<Command, { readonly name: 'skills list' }>

/** Every skill that there is for the folder; what looks like one and is none is told on standard error. */
export function listSkills({ format, cwd = '.' }: SkillsCommand, io: Io, screen: Screen): number {
  const folder = folderAt(cwd, io)
  const harnextHome = homeOf(io)
  const { skills, problems } = collectSkills({
    cwd: folder,
    home: io.home,
    harnextHome,
    trusted: isTrusted(harnextHome, folder),
  })
  const style = styleFor(io.stderr, io.env)
  for (const problem of problems)
    screen.write([{ to: 'stderr', text: `${style.yellow(problem)}\n` }])
  const reports = skills.map(({ instructions: _instructions, ...skill }) => skill)
  const text =
    format === 'json' ? toJson(reports) : skillLines(skills, styleFor(io.stdout, io.env)).join('\n')
  screen.write([{ to: 'stdout', text: `${text}\n` }])
  return 0
}
