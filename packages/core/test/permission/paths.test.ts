import { describe, expect, test } from 'vitest'
import {
  coversProtected,
  coversVital,
  isProtectedPath,
} from '../../src/permission/protected-paths.ts'
import { coversSensitive, isSensitivePath } from '../../src/permission/sensitive-paths.ts'

const anchors = { roots: ['/home/u/ws'], home: '/home/u' }

describe('protected paths', () => {
  test.each([
    '/home/u/ws/.git/hooks/pre-commit',
    '/home/u/ws/.git/config',
    '/home/u/ws/.git',
    '/home/u/ws/vendor/lib/.git/config',
    '/home/u/ws/.GIT/config',
    '/home/u/ws/.git\u200c/config',
    '/home/u/ws/.git./config',
    '/home/u/ws/GIT~1/config',
    '/home/u/ws/.husky/pre-push',
    '/home/u/ws/.vscode/tasks.json',
    '/home/u/ws/.idea/workspace.xml',
    '/home/u/ws/.mcp.json',
    '/home/u/ws/.harnext/hooks.json',
    '/home/u/ws/harnext.config.json',
    '/home/u/ws/.claude/settings.json',
    '/home/u/ws/.cursor/mcp.json',
    '/home/u/ws/.npmrc',
    '/home/u/ws/packages/a/.npmrc',
    '/home/u/ws/.yarnrc.yml',
    '/home/u/ws/.envrc',
    '/home/u/ws/.ripgreprc',
    '/home/u/ws/.bashrc',
    '/home/u/.zshenv',
    '/home/u/.ssh/authorized_keys',
    '/home/u/.gitconfig',
    '/home/u/.local/bin/ls',
    '/home/u/.config/fish/config.fish',
    '/home/u/Library/LaunchAgents/x.plist',
    '/etc/cron.d/x',
    '/etc/profile.d/x.sh',
    '/etc/sudoers',
    '/etc/ld.so.preload',
    '/dev/sda',
    '/proc/self/mem',
  ])('%s', (path) => {
    expect(isProtectedPath(path, anchors)).toBe(true)
  })
  test.each([
    '/home/u/ws/src/a.ts',
    '/home/u/ws/.gitignore',
    '/home/u/ws/.github/workflows/ci.yml',
    '/home/u/ws/git/config',
    '/home/u/ws/package.json',
    '/home/u/ws/.env',
    '/home/u/ws/bin/run',
    '/home/u/ws/npmrc',
    '/home/u/notes.md',
    '/home/u/.config/app/x',
    '/etc/hosts',
    '/dev/null',
    '/dev/tty',
    '/bootleg/x',
    '/processing/x',
  ])('not %s', (path) => {
    expect(isProtectedPath(path, anchors)).toBe(false)
  })
  test('without a home there is nothing below it', () => {
    expect(isProtectedPath('/home/u/.local/bin/ls', { roots: [] })).toBe(false)
  })
  test('a tree', () => {
    for (const path of ['/home/u/ws', '/home/u', '/home', '/', '/home/u/ws/.git'])
      expect(coversProtected(path, anchors)).toBe(true)
    for (const path of ['/home/u/.local', '/home/u/.config', '/etc', '/home/u/.cargo'])
      expect(coversProtected(path, anchors)).toBe(true)
    for (const path of ['/home/u/ws/src', '/home/u/docs', '/opt', '/home/u/.local/lib'])
      expect(coversProtected(path, anchors)).toBe(false)
    expect(coversVital('/home/u/ws/.git', anchors)).toBe(false)
    expect(coversVital('/home/u/w', anchors)).toBe(false)
    expect(coversVital('/HOME/u/ws', anchors)).toBe(true)
  })
})

describe('sensitive paths', () => {
  test.each([
    '/ws/.env',
    '/ws/.ENV',
    '/ws/.env.',
    '/ws/.env.production',
    '/ws/.env.local',
    '/ws/prod.env',
    '/ws/.npmrc',
    '/ws/certs/server.key',
    '/ws/certs/server.pem',
    '/ws/service-account.json',
    '/home/u/.ssh/id_rsa',
    '/home/u/.ssh/config',
    '/backup/id_ed25519',
    '/home/u/.aws/credentials',
    '/home/u/.config/gcloud/credentials.db',
    '/home/u/.docker/config.json',
    '/home/u/.kube/config',
    '/home/u/.git-credentials',
    '/home/u/.bash_history',
    '/etc/shadow',
    '/proc/self/environ',
    '/proc/1/environ',
    '/run/secrets/db',
  ])('%s', (path) => {
    expect(isSensitivePath(path, '/home/u')).toBe(true)
  })
  test.each([
    '/ws/.env.example',
    '/ws/.env.sample',
    '/ws/.env.template',
    '/ws/example.env',
    '/ws/env.ts',
    '/ws/src/environment.ts',
    '/ws/keys.ts',
    '/ws/secrets/k',
    '/home/u/.docker/daemon.json',
    '/home/u/ssh/id',
    '/etc/hosts',
    '/proc/cpuinfo',
  ])('not %s', (path) => {
    expect(isSensitivePath(path, '/home/u')).toBe(false)
  })
  test('a tree', () => {
    expect(coversSensitive('/home/u/.ssh', '/home/u')).toBe(true)
    expect(coversSensitive('/home', '/home/u')).toBe(true)
    expect(coversSensitive('/', '/home/u')).toBe(true)
    expect(coversSensitive('/home/u/.config', '/home/u')).toBe(true)
    expect(coversSensitive('/home/u/.config/app', '/home/u')).toBe(false)
    expect(coversSensitive('/etc')).toBe(true)
    expect(coversSensitive('/home/u')).toBe(false)
    expect(coversSensitive('/home/u/ws', '/home/u')).toBe(false)
  })
})
