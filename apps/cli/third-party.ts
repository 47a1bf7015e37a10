import { existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import type { Plugin } from 'rolldown'

/** Writes `THIRD-PARTY.txt` beside the bundle: the licence of every package that is in it and is not ours. */
export function thirdParty(): Plugin {
  return {
    name: 'third-party',
    generateBundle() {
      const folders = new Set([...this.getModuleIds()].flatMap(packageFolder))
      const notices = [...folders].map(notice).toSorted()
      this.emitFile({
        type: 'asset',
        fileName: 'THIRD-PARTY.txt',
        source: `${notices.join('\n\n')}\n`,
      })
    },
  }
}

/** The folder of the package in `node_modules` that a module belongs to; none for our own. */
function packageFolder(id: string): string[] {
  const inside = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1]
  return inside === undefined ? [] : [inside]
}

function notice(folder: string): string {
  const { name, version, license } = JSON.parse(
    readFileSync(path.join(folder, 'package.json'), 'utf8'),
  )
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  const text =
    file && existsSync(path.join(folder, file))
      ? readFileSync(path.join(folder, file), 'utf8').trim()
      : ''
  return [`${name} ${version} (${license})`, text].join('\n\n').trim()
}
