import { describe, expect, it } from 'vitest'
import { paths } from '../environment.mjs'
import { closure, workspacePackages, workspacePatterns } from '../workspace.mjs'

describe('workspacePatterns', () => {
  it('reads the list and nothing behind it', () => {
    const yaml = "packages:\n  - packages/*\n  - 'bench'\n\ncatalog:\n  zod: ^4\n"
    expect(workspacePatterns(yaml)).toEqual(['packages/*', 'bench'])
    expect(workspacePatterns('catalog: {}\n')).toEqual([])
  })
})

describe('workspacePackages', () => {
  it('finds the packages of this repository', () => {
    const found = workspacePackages(paths.root)
    expect(found.find(({ name }) => name === '@harnext/core')).toEqual({
      name: '@harnext/core',
      folder: 'packages/core',
      hasBuild: true,
      hasDependencies: true,
      needs: [],
    })
    expect(found.map(({ folder }) => folder)).toContain('bench')
  })
})

describe('closure', () => {
  const named = (name: string, ...needs: string[]) => ({
    name,
    folder: name,
    hasBuild: true,
    hasDependencies: true,
    needs,
  })

  it('follows what packages need, once, also in a circle', () => {
    const all = [
      named('cli', 'tools', 'core'),
      named('tools', 'core'),
      named('core', 'cli'),
      named('docs'),
    ]
    expect(closure(all, 'cli').map(({ name }) => name)).toEqual(['cli', 'tools', 'core'])
  })
})
