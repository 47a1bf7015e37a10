import { readFileSync } from 'node:fs'

/** Of the package: its manifest lies one folder above, for the sources and for the bundle. */
export function version(): string {
  const manifest: { readonly version: string } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  )
  return manifest.version
}
