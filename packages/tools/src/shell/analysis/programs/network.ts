import { execute, unknown, type Call, type Finding, type Model } from '../finding.ts'
import { literal, plainWord, type ShellWord } from '../syntax.ts'
import { cutStart, optionSpec, readOptions, type ReadOptions } from './options.ts'
import { valuePaths } from './readers.ts'

const curlOptions = optionSpec(
  '-s -S -f -L -i -I -v -k -g -G -J -O -R -n -N -q -4 -6 -0 -# -X: -H: -d: -F: -A: -e: -m: -o> -u: -w: -b: -c> -T< -r: -z: --silent --show-error --fail --fail-with-body --location --include --head --verbose --insecure --get --remote-name --compressed --http1.1 --http2 --tlsv1.2 --no-progress-meter --progress-bar --request: --header: --data: --data-raw: --data-binary: --data-urlencode: --json: --form: --user-agent: --referer: --max-time: --connect-timeout: --output> --user: --write-out: --retry: --retry-delay: --retry-max-time: --cookie: --cookie-jar> --upload-file< --range: --url: --cacert< --create-dirs --no-buffer --max-redirs: --max-filesize: --limit-rate:',
)
const wgetOptions = optionSpec(
  '-q -v -nv -c -N -S -O> -P> -t: -T: -U: --quiet --continue --timestamping --server-response --spider --no-verbose --output-document> --directory-prefix> --tries: --timeout: --user-agent: --header: --method: --body-data: --no-check-certificate --show-progress --content-disposition --max-redirect: --post-data:',
)
const plain = optionSpec('-4 -6 -v -q -p: -l: -c: -w: -n')
const withFiles = new Set([
  '-d',
  '--data',
  '--data-binary',
  '--data-urlencode',
  '--json',
  '-F',
  '--form',
  '-H',
  '--header',
  '-b',
  '--cookie',
  '-w',
  '--write-out',
])

export const networkPrograms: ReadonlyMap<string, Model> = new Map<string, Model>([
  ['curl', (call) => fetches(call, readOptions(call.args, curlOptions))],
  ['wget', (call) => [...fetches(call, readOptions(call.args, wgetOptions)), here(call)]],
  ...[
    'ssh',
    'scp',
    'sftp',
    'rsync',
    'ftp',
    'telnet',
    'ping',
    'dig',
    'nslookup',
    'host',
    'traceroute',
    'mosh',
    'whois',
    'nmap',
  ].map((name): [string, Model] => [name, connects]),
  ...[
    'nc',
    'ncat',
    'netcat',
    'socat',
    'openssl',
    'aria2c',
    'lftp',
    'http',
    'https',
    'xh',
    'websocat',
  ].map((name): [string, Model] => [
    name,
    (call) => [execute(call), unknown(call, 'it connects to other machines')],
  ]),
])

/** What is fetched without a name goes into the working directory. */
function here(call: Call): Finding {
  return { kind: 'write', path: plainWord('./download'), part: call.part }
}

function fetches(call: Call, options: ReadOptions): Finding[] {
  const urls = [
    ...options.operands,
    ...options.values.filter(({ name }) => name === '--url').map(({ word }) => word),
  ]
  const findings: Finding[] = [
    execute(call),
    ...valuePaths(call, options),
    ...sentFiles(call, options),
    ...urls.map((word) => address(call, word)),
  ]
  if (['-O', '--remote-name', '-J'].some((flag) => options.flags.has(flag)))
    findings.push(here(call))
  if (options.problem !== null) findings.push(unknown(call, options.problem))
  return findings
}

/** `-d @file`, `-F name=@file`; a cookie without `=` is a file of them. */
function sentFiles(call: Call, { values }: ReadOptions): Finding[] {
  return values.flatMap(({ name, word }): Finding[] => {
    if (!withFiles.has(name)) return []
    const at = word.text.indexOf('@')
    const isFile = at >= 0 && (name !== '-H' || at === 0)
    const text = literal(word)
    if (isFile) {
      const start = text?.indexOf('@') ?? -1
      if (start < 0) return [unknown(call, 'which file it sends can only be known when it runs')]
      const path = literal(cutStart(word, start + 1))?.replace(/;.*$/, '') ?? ''
      return path === '-' ? [] : [{ kind: 'read', path: plainWord(path), part: call.part }]
    }
    const isJar = (name === '-b' || name === '--cookie') && !text?.includes('=')
    return isJar ? [{ kind: 'read', path: word, part: call.part }] : []
  })
}

function address(call: Call, word: ShellWord): Finding {
  const text = literal(word)
  const hostOnly = 'where it connects to can only be known when it runs'
  if (text === null || /[{}[\]\\\s]/.test(text)) return unknown(call, hostOnly)
  if (text.startsWith('file:'))
    return { kind: 'read', path: plainWord(text.replace(/^file:(?:\/\/)?/, '')), part: call.part }
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`
  if (!/^(?:https?|ftps?):/i.test(url) || !URL.canParse(url)) return unknown(call, hostOnly)
  return { kind: 'network', host: new URL(url).hostname, part: call.part }
}

/** `user@host:path`, `host`. */
function connects(call: Call): readonly Finding[] {
  const { operands, problem } = readOptions(call.args, plain)
  const words = call.name === 'ssh' ? operands.slice(0, 1) : operands
  const hosts = words.flatMap((word) => {
    const text = literal(word) ?? ''
    const isCopy = call.name === 'scp' || call.name === 'rsync'
    const match = /^(?:[\w.-]+@)?([A-Za-z0-9](?:[\w.-]*))(:.*)?$/s.exec(text)
    if (!match || (isCopy && match[2] === undefined)) return []
    return match[1] ?? []
  })
  const findings: Finding[] = [execute(call)]
  for (const host of hosts) findings.push({ kind: 'network', host, part: call.part })
  for (const path of call.args)
    findings.push({ kind: 'read', path, part: call.part, perhaps: true })
  if (problem !== null || !hosts.length)
    findings.push(unknown(call, problem ?? 'where it connects to is not known'))
  return findings
}
