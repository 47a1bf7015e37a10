import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { AttackCase } from './case.ts'

export interface Place<Case> {
  /** The case, its placeholders replaced. */
  readonly attack: Case
  readonly workspace: string
  readonly home: string
  /** What harnext keeps: its user's settings. */
  readonly harnextHome: string
  readonly managed: string
  remove(): Promise<void>
}

/** Real folders for a case, with the files and links that it starts from. */
export async function makePlace<Case extends AttackCase>(template: Case): Promise<Place<Case>> {
  const base = await realpath(await mkdtemp(path.join(tmpdir(), 'harnext-attack-')))
  const places = {
    '{WS}': path.join(base, 'work', 'ws'),
    '{HOME}': path.join(base, 'home'),
    '{OUT}': path.join(base, 'out'),
  }
  for (const folder of Object.values(places)) await mkdir(folder, { recursive: true })
  const attack = replaced(template, places)
  for (const [name, content] of Object.entries(attack.setup?.files ?? {})) {
    await mkdir(path.dirname(name), { recursive: true })
    await writeFile(name, content)
  }
  for (const [link, target] of Object.entries(attack.setup?.symlinks ?? {})) {
    await mkdir(path.dirname(link), { recursive: true })
    await symlink(target, link)
  }
  return {
    attack,
    workspace: places['{WS}'],
    home: places['{HOME}'],
    harnextHome: path.join(base, 'harnext'),
    managed: path.join(base, 'managed.json'),
    remove: () => rm(base, { recursive: true, force: true }),
  }
}

function replaced<Case>(template: Case, places: { readonly [name: string]: string }): Case {
  const text = Object.entries(places).reduce(
    (json, [name, folder]) => json.replaceAll(name, folder),
    JSON.stringify(template),
  )
  return JSON.parse(text)
}
