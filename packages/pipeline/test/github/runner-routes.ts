import { createHash } from 'node:crypto'
import { archiveOf } from './runner-archive.ts'
import type { Answer, Request } from './server.ts'
import type { State } from './state.ts'

/** The part of the API that is about runners; nothing for any other path. It asks for the token of an owner. */
export function answerRunners(state: State, request: Request, token: string): Answer | undefined {
  const { method, path, body, url } = request
  // The archive is public.
  if (path === '/runner.tar.gz') return [200, archiveOf()]
  const isOwner = state.tokens.get(token)?.['all'] === 'write'
  const isOwners =
    path === '' || path.startsWith('actions/runners') || path.startsWith('actions/permissions')
  if (!isOwners) return undefined
  if (!isOwner) return [401, { message: 'Bad credentials', status: '401' }]
  if (path === '') {
    const visibility = state.isPrivate ? 'private' : 'public'
    return [200, { full_name: 'acme/app', private: state.isPrivate, visibility }]
  }
  switch (`${method} ${path}`) {
    case 'GET actions/permissions/fork-pr-contributor-approval':
      return [200, { approval_policy: state.approvalPolicy }]
    case 'GET actions/runners':
      return [200, { total_count: state.runners.length, runners: state.runners.map(shown) }]
    case 'GET actions/runners/downloads':
      return [200, downloads(url, state.checksum)]
    case 'POST actions/runners/registration-token':
      return [201, { token: 'registration-token', expires_at: '2026-11-21T06:00:00Z' }]
    case 'POST actions/runners/generate-jitconfig': {
      const labels = body['labels'] as readonly string[]
      const runner = { id: state.runners.length + 1, name: String(body['name']), labels }
      state.runners.push({ ...runner, status: 'offline' })
      return [201, { runner, encoded_jit_config: 'jit-secret' }]
    }
    default:
      return remove(state, request)
  }
}

function remove(state: State, { method, path }: Request): Answer {
  const at = state.runners.findIndex(({ id }) => path === `actions/runners/${id}`)
  if (method !== 'DELETE' || at === -1) return [404, { message: 'Not Found', status: '404' }]
  state.runners.splice(at, 1)
  return [204]
}

function shown({ id, name, status, labels }: State['runners'][number]): object {
  return {
    id,
    name,
    os: 'linux',
    status,
    busy: false,
    labels: labels.map((label) => ({ name: label })),
  }
}

function downloads(url: string, checksum: string | undefined): readonly object[] {
  const sha256 = checksum ?? createHash('sha256').update(archiveOf()).digest('hex')
  return ['linux', 'osx'].flatMap((os) =>
    ['x64', 'arm64'].map((architecture) => ({
      os,
      architecture,
      download_url: `${url}/runner.tar.gz`,
      filename: `actions-runner-${os}-${architecture}-2.330.0.tar.gz`,
      sha256_checksum: sha256,
    })),
  )
}
