import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const command = fileURLToPath(new URL('conformance/run.ts', import.meta.url))

test.each(['tools_call', 'auth/basic-cimd', 'http-custom-headers'])(
  'the protocol’s own suite: %s',
  async (scenario) => {
    const args = ['--conditions=@harnext/source', command, '--scenario', scenario]
    const { stdout } = await promisify(execFile)(process.execPath, args)
    expect(stdout).toMatch(/^\d+ checks passed, 0 failed, 0 fail with the bare SDK, too\n$/)
  },
  120_000,
)
