#!/usr/bin/env node
'use strict'

// CommonJS, because Node's loader of modules takes a third of the time in which the version can be told.
const [option, ...rest] = process.argv.slice(2)
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (rest.length === 0 && (option === '--version' || option === '-v')) {
  process.stdout.write(`${require('../package.json').version}\n`)
} else if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`harnext needs Node 22.18 or newer; this is ${process.versions.node}.\n`)
  process.exitCode = 2
} else {
  require('node:module').enableCompileCache?.()
  void import('../dist/harnext.js')
}
