import type { Skill } from '@harnext/sdk/settings'
import type { Style } from './style.ts'

const longest = 100

/** A line each: how it is called, where it comes from, and the beginning of what it says of itself. Pure. */
export function skillLines(skills: readonly Skill[], style: Style): readonly string[] {
  const names = skills.map(({ name, userInvocable }) => (userInvocable ? `/${name}` : name))
  const nameWidth = Math.max(0, ...names.map(({ length }) => length))
  const sourceWidth = Math.max(0, ...skills.map(({ source }) => source.length))
  return skills.map(({ source, description }, index) => {
    const name = (names[index] ?? '').padEnd(nameWidth)
    const room = Math.max(20, longest - nameWidth - sourceWidth - 4)
    const text = description.replaceAll(/\s+/g, ' ')
    const short = text.length > room ? `${text.slice(0, room - 1)}…` : text
    return `${style.bold(name)}  ${style.dim(source.padEnd(sourceWidth))}  ${style.plain(short)}`
  })
}
