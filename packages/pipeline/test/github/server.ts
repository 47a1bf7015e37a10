import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { answerRunners } from './runner-routes.ts'
import { newState, type Issue, type State } from './state.ts'

/** GitHub's REST API for one repository, in the shapes that GitHub documents, on a free port of this machine. */
export interface GitHubServer {
  readonly url: string
  readonly state: State
  /** `METHOD path` of every request, with the token that came with it. */
  readonly requests: readonly { readonly line: string; readonly token: string }[]
}

export interface Request {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: Body
  readonly url: string
}
export type Body = { readonly [name: string]: unknown }
export type Answer = readonly [status: number, body?: unknown]

export interface ServerOptions {
  readonly repository: string
  /** Brings the branch into the base, as GitHub would. */
  readonly merge?: (head: string, base: string, sha: string) => Promise<boolean>
}

export async function githubServer({ repository, merge }: ServerOptions): Promise<GitHubServer> {
  const state = newState()
  const requests: { line: string; token: string }[] = []
  const server = createServer((incoming, response) => {
    void (async () => {
      const target = new URL(incoming.url ?? '', 'http://loopback')
      const method = incoming.method ?? ''
      const path = decodeURIComponent(target.pathname).slice(1)
      const token = (incoming.headers.authorization ?? '').replace('Bearer ', '')
      requests.push({ line: `${method} ${path}`, token })
      const prefix = `repos/${repository}`
      const request: Request = {
        method,
        path: path.startsWith(prefix) ? path.slice(prefix.length).replace(/^\//, '') : `/${path}`,
        query: target.searchParams,
        body: await bodyOf(incoming),
        url: `http://${incoming.headers.host}`,
      }
      const [status, body] = await answer(state, request, token, merge)
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(
        body instanceof Uint8Array ? body : body === undefined ? '' : JSON.stringify(body),
      )
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, state, requests }
}

async function bodyOf(incoming: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  return text === '' ? {} : (JSON.parse(text) as Body)
}

const refused: Answer = [403, { message: 'Resource not accessible by integration', status: '403' }]
const missing: Answer = [404, { message: 'Not Found', status: '404' }]

async function answer(
  state: State,
  request: Request,
  token: string,
  merge: ServerOptions['merge'],
): Promise<Answer> {
  const runner = answerRunners(state, request, token)
  if (runner) return runner
  const permissions = state.tokens.get(token)
  if (!permissions) return [401, { message: 'Bad credentials', status: '401' }]
  const may = (scope: string, level: 'read' | 'write'): boolean =>
    permissions['all'] === 'write' || permissions[scope] === 'write' || permissions[scope] === level
  const { method, path, query, body } = request
  if (path === 'labels' && method === 'GET') {
    const [page, size] = [Number(query.get('page') ?? 1), Number(query.get('per_page') ?? 30)]
    return [200, state.labels.slice((page - 1) * size, page * size)]
  }
  if (path === 'labels' && method === 'POST') {
    if (!may('issues', 'write')) return refused
    if (state.labels.some(({ name }) => name === body['name']))
      return [422, { message: 'Validation Failed', errors: [{ code: 'already_exists' }] }]
    state.labels.push(body as (typeof state.labels)[number])
    return [201, body]
  }
  const dispatch = /^actions\/workflows\/([\w.-]+)\/dispatches$/.exec(path)?.[1]
  if (dispatch !== undefined) {
    if (!may('actions', 'write')) return refused
    const inputs = body['inputs'] as { readonly issue: string }
    state.dispatches.push({ workflow: dispatch, issue: inputs.issue })
    return [204]
  }
  if (path.startsWith('issues/')) {
    if (!may('issues', method === 'GET' ? 'read' : 'write')) return refused
    return answerIssue(state, request)
  }
  if (path.startsWith('pulls')) {
    // A token that may do nothing with pull requests still reads those of a public repository; here none does.
    if (!may('pull-requests', method === 'GET' ? 'read' : 'write')) return refused
    return answerPull(state, request, may('contents', 'write'), merge)
  }
  return missing
}

function answerIssue(state: State, { method, path, body }: Request): Answer {
  const [, number, part, name] = path.split('/')
  const issue = state.issues.find((one) => one.number === Number(number))
  if (!issue) return missing
  if (part === undefined) return [200, shown(issue)]
  if (part === 'labels' && method === 'POST') {
    for (const label of body['labels'] as readonly string[])
      if (!issue.labels.includes(label)) issue.labels.push(label)
    return [200, shown(issue).labels]
  }
  if (part === 'labels' && method === 'DELETE') {
    const at = issue.labels.indexOf(name ?? '')
    if (at === -1) return [404, { message: 'Label does not exist' }]
    issue.labels.splice(at, 1)
    return [200, shown(issue).labels]
  }
  if (part === 'comments' && method === 'POST') {
    issue.comments.push({
      author: 'github-actions',
      association: 'NONE',
      body: String(body['body']),
    })
    return [201, {}]
  }
  return [
    200,
    issue.comments.map((comment) => ({
      user: { login: comment.author },
      author_association: comment.association,
      body: comment.body,
      created_at: '2026-11-21T00:00:00Z',
    })),
  ]
}

function shown({ number, title, body, author, association, state, labels }: Issue): {
  readonly labels: readonly { readonly name: string }[]
} & Body {
  return {
    number,
    title,
    body,
    user: { login: author },
    author_association: association,
    state,
    labels: labels.map((name) => ({ name })),
  }
}

async function answerPull(
  state: State,
  { method, path, query, body }: Request,
  mayWrite: boolean,
  merge: ServerOptions['merge'],
): Promise<Answer> {
  const [, number, part] = path.split('/')
  if (number === undefined && method === 'GET') {
    const head = query.get('head')?.split(':')[1]
    return [200, state.pulls.filter((pull) => pull.state === 'open' && pull.head === head)]
  }
  if (number === undefined) {
    const pull = body as { head: string; base: string; title: string; body: string; draft: boolean }
    const made = {
      ...pull,
      number: 100 + state.pulls.length,
      state: 'open',
      merged: false,
    } as const
    state.pulls.push({ ...made })
    return [201, made]
  }
  const pull = state.pulls.find((one) => one.number === Number(number))
  if (!pull) return missing
  if (part === 'ready') {
    pull.draft = false
    return [200, pull]
  }
  if (!mayWrite) return refused
  if (pull.draft) return [405, { message: 'Pull Request is still a draft' }]
  if (!(await merge?.(pull.head, pull.base, String(body['sha']))))
    return [409, { message: 'Head branch was modified. Review and try the merge again.' }]
  Object.assign(pull, { state: 'closed', merged: true })
  const closes = /Closes #(\d+)/.exec(pull.body)?.[1]
  const issue = state.issues.find((one) => one.number === Number(closes))
  if (issue) issue.state = 'closed'
  return [200, { merged: true }]
}
