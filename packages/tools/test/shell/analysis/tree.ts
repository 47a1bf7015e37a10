import {
  mkdtemp,
  mkdir,
  readFile,
  readdir,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A small project, a home and what lies beside them. */
export interface Tree {
  readonly base: string
  readonly root: string
  readonly home: string
  remove(): Promise<void>
}

export async function makeTree(): Promise<Tree> {
  const base = await realpath(await mkdtemp(join(tmpdir(), 'harnext-lines-')))
  const [root, home, outside] = ['project', 'home', 'outside'].map((name) => join(base, name))
  if (root === undefined || home === undefined || outside === undefined) throw new Error('no tree')
  for (const folder of [join(root, 'src'), join(root, 'x'), home, outside])
    await mkdir(folder, { recursive: true })
  const files = { a: 'a\nb\n', 'b.txt': 'b\n', 'src/a.ts': 'x\n', '.env': 'K=1\n', 'c d': '1\n' }
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, name), text)
  await writeFile(join(home, '.bashrc'), '')
  await symlink(outside, join(root, 'link'))
  return { base, root, home, remove: () => rm(base, { recursive: true, force: true }) }
}

/** Of all files, by path. */
export async function contentsOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const contents = new Map<string, string>()
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name)
    contents.set(
      path,
      entry.isFile() ? await readFile(path, 'latin1') : entry.isDirectory() ? '/' : '@',
    )
  }
  return contents
}
