import { lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/** All that lies in a folder, with kinds, permission bits, contents and targets. */
export function pictureOf(folder: string, under = ''): { readonly [path: string]: string } {
  const found: { [path: string]: string } = {}
  for (const name of readdirSync(join(folder, under)).toSorted()) {
    const path = under ? `${under}/${name}` : name
    const stats = lstatSync(join(folder, path))
    const mode = (stats.mode & 0o7777).toString(8)
    if (stats.isSymbolicLink()) found[path] = `link to ${readlinkSync(join(folder, path))}`
    else if (stats.isDirectory()) {
      found[path] = `folder ${mode}`
      Object.assign(found, pictureOf(folder, path))
    } else found[path] = `file ${mode} ${readFileSync(join(folder, path)).toString('base64')}`
  }
  return found
}
