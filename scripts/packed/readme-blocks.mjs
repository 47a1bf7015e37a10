import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { paths } from '../environment.mjs'
import { publicFolders } from './tarballs.mjs'

/** @typedef {{ name: string, code: string }} SourceFile */

/**
 * The TypeScript blocks of the READMEs that readers see, each as the file that one would paste it
 * into.
 * @returns {SourceFile[]}
 */
export function readmeBlocks() {
  return ['.', ...publicFolders()].flatMap((folder) => {
    const readme = path.join(paths.root, folder, 'README.md')
    const text = existsSync(readme) ? readFileSync(readme, 'utf8') : ''
    const title = folder === '.' ? 'root' : folder.replaceAll('/', '-')
    return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ''], index) => {
      return { name: `${title}-${index + 1}.ts`, code }
    })
  })
}
