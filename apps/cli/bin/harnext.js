#!/usr/bin/env node
import module from 'node:module'

const [option, ...rest] = process.argv.slice(2)
if (rest.length === 0 && (option === '--version' || option === '-v')) {
  // Whoever asks for the version waits for nothing to load.
  const { version } = module.createRequire(import.meta.url)('../package.json')
  process.stdout.write(`${version}\n`)
} else {
  module.enableCompileCache?.()
  await import('../dist/harnext.js')
}
