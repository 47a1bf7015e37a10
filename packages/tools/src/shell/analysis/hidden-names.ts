import { dirname } from 'node:path'
import { isBelow, type Workspace } from '@harnext/core'

/** Endings of hidden names that a search shows nonetheless, in small letters. An empty one is that of all. */
export type ShownEndings = readonly string[]

export const allShown: ShownEndings = ['']

/** Files by which ripgrep leaves others out, or, where a line begins with `!`, shows them. */
const ignoreFiles = ['.gitignore', '.ignore', '.rgignore', '.git/info/exclude']
const mostBytes = 1024 * 1024

export function isShown(name: string, endings: ShownEndings): boolean {
  const lower = name.toLowerCase()
  return !name.startsWith('.') || endings.some((ending) => lower.endsWith(ending))
}

/** Hidden names that a pattern, as in ignore files and behind `--glob`, asks for. */
export function endingsOf(pattern: string): ShownEndings {
  const last = pattern.trim().replace(/\/$/, '').split('/').at(-1)?.toLowerCase() ?? ''
  if (/^[\w.-]+$/.test(last)) return [last]
  const [, list] = /^\*\.(\w+|\{[\w,]+\})$/.exec(last) ?? []
  if (list === undefined) return allShown
  return list
    .replace(/[{}]/g, '')
    .split(',')
    .map((ending) => `.${ending}`)
}

/** Hidden names that the ignore files of a folder ask for. */
export async function shownIn(folder: string, workspace: Workspace): Promise<ShownEndings> {
  const endings: string[] = []
  for (const name of ignoreFiles) {
    const path = `${folder}/${name}`
    const info = await workspace.stat(path)
    if (info?.kind !== 'file') continue
    if (info.size > mostBytes) return allShown
    const lines = new TextDecoder().decode(await workspace.readFile(path)).split('\n')
    for (const line of lines.map((each) => each.trim()))
      if (line.startsWith('!')) endings.push(...endingsOf(line.slice(1)))
  }
  return endings
}

/** Those of the folders above count, too, as far as they are of the project. */
export async function shownAbove(folder: string, workspace: Workspace): Promise<ShownEndings> {
  const endings: string[] = []
  for (
    let above = dirname(folder);
    workspace.roots.some((root) => above === root || isBelow(above, root));
    above = dirname(above)
  )
    endings.push(...(await shownIn(above, workspace)))
  return endings
}
