#!/usr/bin/env node
// Stands in for npm: installs the harnext of this repository, from its sources.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const args = process.argv.slice(2)
const prefix = args[args.indexOf('--prefix') + 1]
const wanted = args.filter((arg) => arg.includes('@'))
const isKnown = /^harnext@\d[^ ]*( @anthropic-ai\/sandbox-runtime@\d[^ ]*)?$/.test(wanted.join(' '))
if (args[0] !== 'install' || !isKnown) throw new Error(`npm ${args.join(' ')}`)
const bin = path.join(prefix, 'node_modules/.bin')
mkdirSync(bin, { recursive: true })
const script = `#!/bin/bash
printf '%s\\n' "$@" >> "$HARNEXT_CALLS"
env >> "$HARNEXT_CALLS"
exec "${process.execPath}" --conditions=@harnext/source --disable-warning=ExperimentalWarning "$HARNEXT_MAIN" "$@"
`
writeFileSync(path.join(bin, 'harnext'), script)
chmodSync(path.join(bin, 'harnext'), 0o755)
