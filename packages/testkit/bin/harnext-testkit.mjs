#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { registerHooks } from 'node:module'

// In a clone the sources run as they are, built or not; only there are they beside a tsconfig.json.
const isClone = existsSync(new URL('../tsconfig.json', import.meta.url))
if (isClone)
  registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, { ...context, conditions: ['@harnext/source', ...context.conditions] }),
  })
const { main } = await import(isClone ? '../src/command/main.ts' : '../dist/command/main.js')
process.exitCode = await main(process.argv.slice(2))
