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
  const known = [...new Set(secrets)]
    .filter(({ length }) => length >= LEAST_LENGTH)
    // A secret may begin with another one.
    .toSorted((a, b) => b.length - a.length)
  return (text) => {
    let safe = text
    for (const secret of known) if (safe.includes(secret)) safe = safe.replaceAll(secret, MARK)
    for (const [pattern, replacement] of shapes) safe = safe.replace(pattern, replacement)
    return safe
  }
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
