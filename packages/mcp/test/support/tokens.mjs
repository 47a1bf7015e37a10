// The tokens of authorization-server.mjs. As it is, it gives the same ones to everybody. With `rotates`, each is another one, a refresh token
// is good for one renewal, and one that comes again ends the login. `waitsFor`: no renewal is answered before so many requests were
// refused, and then `lateMs` later. `client`: the one client that it knows, `{ id, secret? }`.

export function tokens({ rotates = false, waitsFor = 0, lateMs = 0, client }) {
  let count = 0
  let current = rotates ? null : { access: 'token', refresh: 'again' }
  let expired = false
  const used = new Set()
  const waiting = []
  let refused = 0

  function next() {
    if (rotates) current = { access: `access-${++count}`, refresh: `refresh-${count}` }
    expired = false
    return {
      access_token: current.access,
      token_type: 'Bearer',
      refresh_token: current.refresh,
    }
  }

  function renewed(refresh) {
    if (used.has(refresh)) {
      console.log('/reused')
      current = null
    }
    if (current?.refresh !== refresh) return [400, { error: 'invalid_grant' }]
    if (rotates) used.add(refresh)
    console.log('/renewed')
    return [200, next()]
  }

  return {
    /** Whether it takes clients that it does not know. */
    registers: !client,
    answer(text, headers, send) {
      const asked = new URLSearchParams(text)
      if (client && !isClient(client, asked, headers)) return send(401, { error: 'invalid_client' })
      if (asked.get('grant_type') !== 'refresh_token') return send(200, next())
      const late = () => send(...renewed(asked.get('refresh_token')))
      const answer = () => setTimeout(late, lateMs)
      if (refused >= waitsFor) return answer()
      waiting.push(answer)
    },
    /** What was given out is good no more, but for renewals. */
    expire() {
      expired = true
      refused = 0
      return {}
    },
    accepts(authorization) {
      if (current && !expired && authorization === `Bearer ${current.access}`) return true
      refused += 1
      if (refused >= waitsFor) for (const answer of waiting.splice(0)) answer()
      return false
    },
  }
}

function isClient({ id, secret }, asked, { authorization = '' }) {
  const [, basic = ''] = /^Basic (.+)$/.exec(authorization) ?? []
  const [name, password] = Buffer.from(basic, 'base64').toString().split(':')
  const given =
    basic === '' ? [asked.get('client_id'), asked.get('client_secret')] : [name, password]
  return given[0] === id && (secret === undefined || given[1] === secret)
}
