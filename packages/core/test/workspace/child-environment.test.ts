import { expect, test } from 'vitest'
import { childEnvironment } from '../../src/workspace/child-environment.ts'

const secret = [
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_API_KEY_2',
  'OPENAI_APIKEY',
  'anthropic_api_key',
  'API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'CLAUDE_CODE_OAUTH_TOKEN',
  'AWS_BEARER_TOKEN_BEDROCK',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'GITHUB_TOKEN',
  'GITHUB_PAT',
  'NPM_TOKEN',
  'npm_config_//registry.example/:_authToken',
  'CLIENT_SECRET',
  'STRIPE_SECRET_KEY',
]
const harmless = {
  PATH: '/bin',
  HOME: '/home/a',
  MAX_TOKENS: '100',
  SSH_AUTH_SOCK: '/tmp/agent',
  TOKENIZERS_PARALLELISM: 'false',
  KEYBOARD: 'de',
  COMPAT: '1',
  DATABASE_PASSWORD: 'postgres',
}

test('leaves out what names a key', () => {
  const keys = Object.fromEntries(secret.map((name) => [name, 'hidden']))
  expect(childEnvironment({ ...keys, ...harmless, UNSET: undefined })).toEqual(harmless)
})

test('keeps what it is told to keep, and nothing that only looks like it', () => {
  const environment = { GITHUB_TOKEN: 'a', NPM_TOKEN: 'b' }
  expect(childEnvironment(environment, ['GITHUB_TOKEN'])).toEqual({ GITHUB_TOKEN: 'a' })
})
