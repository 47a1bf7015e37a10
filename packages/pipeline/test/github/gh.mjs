#!/usr/bin/env node
// Stands in for the program gh: the commands and flags that the pipeline uses, on GitHub's REST API at GH_LOOPBACK. What it does not
// know ends with 1, so that a flag that gh may not have is found.
import { existsSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { text as textOf } from 'node:stream/consumers'

const [command, ...args] = process.argv.slice(2)
const repository = process.env.GH_REPO ?? ''

/** That of the environment, or the login that is kept. */
function token() {
  const kept = `${process.env.HOME}/.gh-login`
  return process.env.GH_TOKEN || (existsSync(kept) ? readFileSync(kept, 'utf8') : '')
}

async function api(method, path, body) {
  // It starts many times, and `fetch` takes longer to load than all else here.
  const sent = request(`${process.env.GH_LOOPBACK}/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token()}`,
      'content-type': 'application/json',
    },
  })
  sent.end(body === undefined ? undefined : JSON.stringify(body))
  const response = await new Promise((resolve, reject) => {
    sent.on('response', resolve).on('error', reject)
  })
  const text = await textOf(response)
  if (response.statusCode >= 400) {
    process.stdout.write(text)
    fail(`gh: ${JSON.parse(text).message} (HTTP ${response.statusCode})`)
  }
  return text === '' ? undefined : JSON.parse(text)
}

function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}

/** Splits flags, all of which take a value but those named, from the other words. */
function read(words, booleans = []) {
  const flags = new Map()
  const rest = []
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at]
    if (!word.startsWith('-') || word === '-') rest.push(word)
    else if (booleans.includes(word)) flags.set(word, [true])
    else flags.set(word, [...(flags.get(word) ?? []), words[(at += 1)]])
  }
  return { flags, rest, one: (name) => flags.get(name)?.[0] }
}

function only({ flags }, ...known) {
  for (const name of flags.keys()) if (!known.includes(name)) fail(`unknown flag: ${name}`)
}

/** Of jq, what the scripts ask for. */
function jq(expression, value) {
  if (expression === undefined) return `${JSON.stringify(value)}\n`
  if (expression === 'length') return `${value.length}\n`
  if (expression === '.labels[].name') return value.labels.map(({ name }) => `${name}\n`).join('')
  const field = /^\.([a-z_]+)$/.exec(expression)?.[1]
  return field === undefined ? fail(`unknown jq: ${expression}`) : `${value[field]}\n`
}

const commands = {
  async api() {
    const call = read(args, ['--silent'])
    only(call, '--method', '--hostname', '--input', '-f', '-F', '--silent', '--jq')
    const [path = ''] = call.rest
    let body = call.one('--input') === '-' ? JSON.parse(readFileSync(0, 'utf8')) : undefined
    for (const [flag, isTyped] of [
      ['-f', false],
      ['-F', true],
    ])
      for (const field of call.flags.get(flag) ?? []) {
        const [, name, value] = /^([^=]*)=(.*)$/s.exec(field)
        body ??= {}
        if (name.endsWith('[]')) (body[name.slice(0, -2)] ??= []).push(value)
        else body[name] = isTyped ? typed(value) : value
      }
    const answer = await api(call.one('--method') ?? (body ? 'POST' : 'GET'), path, body)
    if (!call.one('--silent') && answer !== undefined)
      process.stdout.write(jq(call.one('--jq'), answer))
  },
  async 'issue view'() {
    const call = read(args.slice(1))
    only(call, '--json', '--jq')
    const path = `repos/${repository}/issues/${call.rest[0]}`
    const issue = await api('GET', path)
    const comments = await api('GET', `${path}/comments`)
    const all = {
      number: issue.number,
      title: issue.title,
      body: issue.body,
      author: { login: issue.user.login },
      state: issue.state.toUpperCase(),
      labels: issue.labels.map(({ name }) => ({ name })),
      comments: comments.map((comment) => ({
        author: { login: comment.user.login },
        authorAssociation: comment.author_association,
        body: comment.body,
        createdAt: comment.created_at,
        viewerDidAuthor: comment.user.login === 'github-actions',
      })),
    }
    const fields = call.one('--json').split(',')
    const unknown = fields.find((name) => !(name in all))
    if (unknown !== undefined) fail(`Unknown JSON field: ${unknown}`)
    const value = Object.fromEntries(fields.map((name) => [name, all[name]]))
    process.stdout.write(jq(call.one('--jq'), value))
  },
  async 'issue edit'() {
    const call = read(args.slice(1))
    only(call, '--add-label', '--remove-label')
    const path = `repos/${repository}/issues/${call.rest[0]}`
    const known = new Set(
      (await api('GET', `repos/${repository}/labels?per_page=100`)).map(({ name }) => name),
    )
    for (const name of [
      ...(call.flags.get('--add-label') ?? []),
      ...(call.flags.get('--remove-label') ?? []),
    ])
      if (!known.has(name)) fail(`'${name}' not found`)
    const present = (await api('GET', path)).labels.map(({ name }) => name)
    for (const name of call.flags.get('--remove-label') ?? [])
      if (present.includes(name)) await api('DELETE', `${path}/labels/${encodeURIComponent(name)}`)
    const added = call.flags.get('--add-label')
    if (added) await api('POST', `${path}/labels`, { labels: added })
    process.stdout.write(`https://github.com/${repository}/issues/${call.rest[0]}\n`)
  },
  async 'issue comment'() {
    const call = read(args.slice(1))
    only(call, '--body-file')
    const body = readFileSync(call.one('--body-file'), 'utf8')
    await api('POST', `repos/${repository}/issues/${call.rest[0]}/comments`, { body })
  },
  async 'pr list'() {
    const call = read(args.slice(1))
    only(call, '--head', '--state', '--json', '--jq')
    process.stdout.write(jq(call.one('--jq'), await pulls(call.one('--head'))))
  },
  async 'pr ready'() {
    const [pull] = await pulls(args[1])
    if (!pull) fail('no pull requests found')
    await api('POST', `repos/${repository}/pulls/${pull.number}/ready`)
  },
  async 'pr merge'() {
    const call = read(args.slice(1), ['--squash', '--merge', '--rebase', '--delete-branch'])
    only(call, '--squash', '--merge', '--rebase', '--delete-branch', '--match-head-commit')
    const [pull] = await pulls(call.rest[0])
    if (!pull) fail('no pull requests found')
    const method = ['squash', 'merge', 'rebase'].find((name) => call.one(`--${name}`))
    const sha = call.one('--match-head-commit')
    await api('PUT', `repos/${repository}/pulls/${pull.number}/merge`, {
      merge_method: method,
      sha,
    })
  },
  async 'workflow run'() {
    const call = read(args.slice(1))
    only(call, '--ref', '-f')
    const inputs = Object.fromEntries(call.flags.get('-f').map((field) => field.split('=')))
    const path = `repos/${repository}/actions/workflows/${call.rest[0]}/dispatches`
    await api('POST', path, { ref: call.one('--ref'), inputs })
  },
}

function pulls(branch) {
  const owner = repository.split('/')[0]
  return api(
    'GET',
    `repos/${repository}/pulls?state=open&head=${owner}:${encodeURIComponent(branch)}`,
  )
}

function typed(value) {
  if (value.startsWith('@')) return readFileSync(value.slice(1), 'utf8')
  if (value === 'true' || value === 'false') return value === 'true'
  return /^\d+$/.test(value) ? Number(value) : value
}

const run = commands[command] ?? commands[`${command} ${args[0]}`]
if (run) await run()
else fail(`unknown command "${command}" for "gh"`)
