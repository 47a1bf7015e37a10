import { isBelow } from '../tool/concurrency.ts'
import { foldName, segmentsOf } from './fold.ts'

export function isAtOrBelow(path: string, folder: string): boolean {
  return path === folder || isBelow(path, folder)
}

export function foldPath(path: string): string {
  return `/${segmentsOf(path).map(foldName).join('/')}`
}

/** Whether the folded path is, or lies below, one of these of the home. */
export function isInHome(entries: readonly string[], folded: string, home: string): boolean {
  return inHome(entries, home).some((entry) => isAtOrBelow(folded, entry))
}

/** Whether one of these of the home is the folded path, or lies below it. */
export function holdsInHome(entries: readonly string[], folded: string, home: string): boolean {
  return inHome(entries, home).some((entry) => isAtOrBelow(entry, folded))
}

function inHome(entries: readonly string[], home: string): string[] {
  const base = home === '/' ? '' : foldPath(home)
  return entries.map((entry) => `${base}/${entry}`)
}
