import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { paths } from '../environment.mjs'
import { exportProblems, surfaceFile } from '../packed/sdk-exports.mjs'
import { contentProblems } from '../packed/tarballs.mjs'

const everyError = ['HarnextError', 'ToolError']
const released = [
  'CancelToken',
  'Harness',
  'Harnext',
  'Runner',
  'Session',
  'ToolResult',
  'providers',
  'skill',
  'tool',
  'version',
  ...everyError,
]

test('the promised exports are right', () => {
  expect(exportProblems({ sdk: released, errors: everyError, everyError })).toEqual([])
})

test('an export too few or too many is named', () => {
  const sdk = [...released.filter((name) => name !== 'tool' && name !== 'ToolError'), 'internal']
  const errors = ['HarnextError', 'messageOf']
  expect(exportProblems({ sdk, errors, everyError })).toEqual([
    '@harnext/sdk does not export tool',
    '@harnext/sdk does not export ToolError',
    '@harnext/sdk exports internal, which nobody promised',
    '@harnext/sdk/errors does not export ToolError',
    '@harnext/sdk/errors exports messageOf, which nobody promised',
  ])
})

test('the declarations are compared with what is there at run time', () => {
  const { code } = surfaceFile({ sdk: ['A', 'B'], errors: ['C'], everyError: [] })
  expect(code).toContain("Same<keyof typeof sdk, 'A' | 'B'>")
  expect(code).toContain("Same<keyof typeof errors, 'C'>")
})

test('a tarball that holds what nobody should get is named', () => {
  const content = mkdtempSync(path.join(tmpdir(), 'harnext-packed-test-'))
  onTestFinished(() => rmSync(content, { recursive: true, force: true }))
  mkdirSync(path.join(content, 'dist/testing'), { recursive: true })
  const files = {
    'dist/testing/scripted.js': 'https://example.com/registry',
    'dist/loop.test.js': '',
    'dist/root.js': `file://${paths.root}packages/core`,
    'dist/home.js': `at ${path.join(homedir(), 'secrets')}`,
    'dist/host.js': 'https://mirror.internal/left-pad',
  }
  for (const [file, text] of Object.entries(files)) writeFileSync(path.join(content, file), text)
  const manifest = {
    name: '@harnext/core',
    version: '1.0.0',
    dependencies: { zod: 'catalog:' },
    peerDependencies: { '@harnext/models': 'workspace:^' },
  }
  expect(contentProblems({ content, manifest }, 'mirror.internal').toSorted()).toEqual(
    [
      '@harnext/core: depends on @harnext/models',
      '@harnext/core: depends on zod',
      '@harnext/core: dist/home.js says ' + JSON.stringify(path.join(homedir(), 'secrets')),
      '@harnext/core: dist/host.js says "mirror.internal"',
      '@harnext/core: dist/loop.test.js is a test file',
      '@harnext/core: dist/root.js says ' + JSON.stringify(`${paths.root}packages/core`),
      '@harnext/core: package.json says "@harnext/models":"workspace:^"',
      '@harnext/core: package.json says "zod":"catalog:"',
    ].toSorted(),
  )
})
