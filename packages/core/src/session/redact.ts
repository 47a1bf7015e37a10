import { isJsonObject, type Json } from '../json.ts'

/** Puts `[redacted]` in the place of every secret of a text. */
export type Redact = (text: string) => string

const MARK = '[redacted]'
/** A shorter value stands in too many texts by chance. */
const LEAST_LENGTH = 8

/**
 * Finds secrets by their shape (keys of known vendors, private keys, `Authorization` headers, passwords in addresses and in assignments as
 * a `.env` file has them) and the given ones by their value; of these, those with less than 8 characters are left alone. What a person
 * writes in place of a secret, as `${TOKEN}` or `<password>`, stays.
 */
export function createRedactor(secrets: readonly string[] = []): Redact {
  const known = knownSecrets(secrets)
  return (text) => {
    let safe = text
    for (const secret of known) if (safe.includes(secret)) safe = safe.replaceAll(secret, MARK)
    for (const [pattern, replacement] of shapes) safe = safe.replace(pattern, replacement)
    return safe
  }
}

function knownSecrets(secrets: readonly string[]): readonly string[] {
  return (
    [...new Set(secrets)]
      .filter(({ length }) => length >= LEAST_LENGTH)
      // A secret may begin with another one.
      .toSorted((a, b) => b.length - a.length)
  )
}

/** The same value with all its texts redacted; the same object where there was nothing to redact. */
export function redactJson<Value extends Json>(value: Value, redact: Redact): Value
export function redactJson(value: Json, redact: Redact): Json {
  if (typeof value === 'string') return redact(value)
  if (Array.isArray(value)) {
    const items = value.map((item: Json) => redactJson(item, redact))
    return items.some((item, index) => item !== value[index]) ? items : value
  }
  if (!isJsonObject(value)) return value
  const entries = Object.entries(value).map(
    ([key, item]) => [key, redactJson(item, redact)] as const,
  )
  return entries.some(([key, item]) => item !== value[key]) ? Object.fromEntries(entries) : value
}

/** The beginning of a given secret is taken for one from this many characters on: a shorter one ends too many texts by chance. */
const LEAST_BEGINNING = 4
/** How far from the end of a text one that is not over yet may begin, unless it was given. */
const LONGEST_BEGINNING = 4096

/** As `createRedactor`, for a text that goes on: its end is left out while it may be the beginning of a secret. */
export function createPartRedactor(secrets: readonly string[] = []): Redact {
  const redact = createRedactor(secrets)
  const known = knownSecrets(secrets)
  return (text) => {
    const safe = redact(text)
    const beginnings = known.map((secret) => beginningOf(secret, safe))
    const from = Math.max(0, safe.length - LONGEST_BEGINNING)
    const end = safe.slice(from)
    for (const pattern of unfinished) {
      const found = pattern.exec(end)
      if (found) beginnings.push(from + found.index + (found[1] ?? '').length)
    }
    return safe.slice(0, Math.min(safe.length, ...beginnings))
  }
}

/** Where the beginning of the secret begins that the text ends with; `Infinity` where it does not. */
function beginningOf(secret: string, text: string): number {
  const head = secret.slice(0, LEAST_BEGINNING)
  let at = text.indexOf(head, Math.max(0, text.length - secret.length + 1))
  while (at !== -1 && !secret.startsWith(text.slice(at))) at = text.indexOf(head, at + 1)
  return at === -1 ? Infinity : at
}

/** In the names of vendors: Anthropic, OpenAI, OpenRouter; GitHub; GitLab; Slack; Amazon; Google; Stripe; npm; PyPI; Hugging Face; Groq;
 * xAI; SendGrid. */
const keys = [
  'sk-(?:ant-[a-z0-9]+|proj|svcacct|admin|or-v1)-[\\w-]{20,}',
  'sk-(?=[A-Za-z]*\\d)[A-Za-z0-9]{32,}',
  'gh[pousr]_[A-Za-z0-9]{30,}',
  'github_pat_\\w{22,}',
  'glpat-[\\w-]{20,}',
  'xox[a-z]-[\\w-]{10,}',
  'xapp-[\\w-]{20,}',
  '(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])',
  'AIza[\\w-]{35}',
  'ya29\\.[\\w-]{20,}',
  '[sr]k_(?:live|test)_[A-Za-z0-9]{16,}',
  'npm_[A-Za-z0-9]{36}',
  'pypi-[\\w-]{50,}',
  'hf_[A-Za-z0-9]{30,}',
  'gsk_[A-Za-z0-9]{40,}',
  'xai-[A-Za-z0-9]{60,}',
  'SG\\.[\\w-]{20,}\\.[\\w-]{30,}',
  // A JSON Web Token.
  'eyJ[\\w-]{10,}\\.eyJ[\\w-]{10,}\\.[\\w-]{10,}',
].join('|')

/** What they begin with. */
const heads = String.raw`sk-|gh[pousr]_|github_pat_|glpat-|xox[a-z]-|xapp-|AKIA|ASIA|AIza|ya29\.|[sr]k_(?:live|test)_|npm_|pypi-|hf_|gsk_|xai-|SG\.|eyJ`

/** What stands for a value, or computes it, is none. */
const value = String.raw`(?!\[redacted\]|["']?(?:[$<{*%=]|x{3}|your|change|example|process\.))`

// Each reads on as far as one secret goes and no further, so that a long text takes no longer than its length.
const shapes: readonly (readonly [RegExp, string])[] = [
  [new RegExp(`\\b(?:${keys})`, 'g'), MARK],
  [
    /-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----(?:(?:[^-]|-(?!----)){0,20000}(?:-----END [A-Z0-9 ]{1,40}-----)?)/g,
    MARK,
  ],
  [
    new RegExp(
      String.raw`(\b(?:authorization|x-api-key|api-key)["']?\s{0,3}[:=]\s{0,3}["']?(?:(?:bearer|basic|token)\s{1,3})?)${value}[^\s"',;]{8,}`,
      'gi',
    ),
    `$1${MARK}`,
  ],
  [/(\bbearer\s{1,3})(?!\[redacted\])[\w.~+/-]{20,}=*/gi, `$1${MARK}`],
  [
    new RegExp(String.raw`(://[^\s:@/"'<>]{0,100}:)${value}[^\s@/"'<>]{1,200}(?=@)`, 'g'),
    `$1${MARK}`,
  ],
  [
    new RegExp(
      String.raw`((?:SECRET|TOKEN|PASSWORD|PASSWD|API_KEY|ACCESS_KEY|PRIVATE_KEY|CREDENTIALS)=["']?)${value}[^\s"'#()]{6,}`,
      'g',
    ),
    `$1${MARK}`,
  ],
]

/** The shapes again, as far as they have come at the end of a text; what the first group holds may be shown. */
const unfinished: readonly RegExp[] = [
  new RegExp(String.raw`\b(?:${heads})[\w.-]*$`),
  new RegExp(
    String.raw`(\b(?:authorization|x-api-key|api-key)["']?\s{0,3}[:=]\s{0,3}["']?(?:(?:bearer|basic|token)\s{1,3})?)${value}[^\s"',;]{1,7}$`,
    'i',
  ),
  /(\bbearer\s{1,3})(?!\[redacted\])[\w.~+/-]{1,19}$/i,
  new RegExp(String.raw`(://[^\s:@/"'<>]{0,100}:)${value}[^\s@/"'<>]{1,200}$`),
  new RegExp(
    String.raw`((?:SECRET|TOKEN|PASSWORD|PASSWD|API_KEY|ACCESS_KEY|PRIVATE_KEY|CREDENTIALS)=["']?)${value}[^\s"'#()]{1,5}$`,
  ),
]
