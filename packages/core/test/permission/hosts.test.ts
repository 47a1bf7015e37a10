import { expect, test } from 'vitest'
import { hostProblem, isLocalHost, matchHost } from '../../src/permission/hosts.ts'

test.each([
  ['ok.test', 'ok.test'],
  ['ok.test', 'docs.ok.test'],
  ['OK.test', 'ok.TEST.'],
  ['*.ok.test', 'docs.ok.test'],
  ['*', 'anything.test'],
  ['127.0.0.1', '127.0.0.1'],
  ['::1', '::1'],
])('%s is for %s', (pattern, host) => {
  expect(matchHost(pattern, host, true)).toBe(true)
})

test.each([
  ['ok.test', 'notok.test'],
  ['ok.test', 'ok.test.evil.test'],
  ['docs.ok.test', 'ok.test'],
  ['ok.test', 'evil.test\0.ok.test'],
  ['ok.test', 'evil.test/.ok.test'],
  ['*', 'evil test'],
  ['0.0.1', '127.0.0.1'],
  ['1', '127.0.0.1'],
  ['10.0.0.1', 'x.10.0.0.1'],
  ['*.ok.test', 'ok.test'],
  ['ok.test', 'оk.test'],
])('%s does not allow %j', (pattern, host) => {
  expect(matchHost(pattern, host, true)).toBe(false)
})

test('a rule that forbids also matches what is no proper host', () => {
  expect(matchHost('bad.test', 'x y.bad.test', false)).toBe(true)
})

test.each(['https://ok.test', 'ok.test/x', 'ok.test:80', 'a b', '', '..'])(
  '%j is no host',
  (host) => {
    expect(hostProblem(host)).toContain('a host is')
  },
)
test.each(['ok.test', '*.ok.test', '*', '[::1]', '::1', '10.0.0.1'])('%s is a host', (host) => {
  expect(hostProblem(host)).toBeNull()
})

test.each([
  'localhost',
  'LOCALHOST.',
  'a.localhost',
  'printer',
  'nas.local',
  'metadata.google.internal',
  'host.docker.internal',
  '127.0.0.1',
  '127.1.2.3',
  '10.0.0.1',
  '100.64.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  '999.1.1.1',
  '2130706433',
  '0x7f.1',
  '127.1',
  '::1',
  '[::1]',
  '::',
  '[::ffff:7f00:1]',
  'fd00::1',
  'fe80::1',
  '2002:7f00:1::',
  '64:ff9b::7f00:1',
  '2001:0:7f00:1::',
])('%s is local', (host) => {
  expect(isLocalHost(host)).toBe(true)
  expect(matchHost('*', host, true)).toBe(false)
  expect(matchHost('*', host, false)).toBe(true)
  expect(matchHost(host, host, true)).toBe(true)
})
test.each([
  'ok.test',
  'localhost.example.com',
  '93.184.216.34',
  '100.63.0.1',
  '172.15.0.1',
  '172.32.0.1',
  '192.169.0.1',
  '198.17.0.1',
  '2606:4700::1111',
  '[2001:4860:4860::8888]',
])('%s is public', (host) => {
  expect(isLocalHost(host)).toBe(false)
  expect(matchHost('*', host, true)).toBe(true)
})
