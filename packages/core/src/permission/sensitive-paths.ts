import { foldName, segmentsOf } from './fold.ts'
import { foldPath, holdsInHome, isInHome } from './folded-paths.ts'

/** File names that hold keys, tokens or passwords. */
const sensitiveFiles: ReadonlySet<string> = new Set([
  '.env',
  '.envrc',
  '.netrc',
  '_netrc',
  '.npmrc',
  '.pypirc',
  '.pgpass',
  '.my.cnf',
  '.git-credentials',
  '.dockercfg',
  '.htpasswd',
  '.s3cfg',
  '.boto',
  '.vault-token',
  '.terraformrc',
  'credentials.tfrc.json',
  'id_rsa',
  'id_dsa',
  'id_ecdsa',
  'id_ed25519',
  'id_ecdsa_sk',
  'id_ed25519_sk',
])
const sensitiveEndings =
  /\.(?:pem|key|p12|pfx|jks|keystore|kdbx|ppk|env)$|^service[-_]?account.*\.json$/
/** `.env.production` holds secrets, `.env.example` shows which ones there are. */
const environmentFile = /^\.env[.-]/
const example = /(?:^|[.-])(?:example|sample|template|dist|defaults?|schema)(?:\.env)?$/

/** Folders, anywhere, of which all is secret; more than one name is a path. */
const sensitiveFolders: readonly (readonly string[])[] = [
  ['.ssh'],
  ['.gnupg'],
  ['.aws'],
  ['.azure'],
  ['.kube'],
  ['.password-store'],
  ['.docker', 'config.json'],
  ['.config', 'gcloud'],
  ['.config', 'gh'],
  ['.config', 'doctl'],
  ['.cargo', 'credentials'],
  ['.cargo', 'credentials.toml'],
  ['.gem', 'credentials'],
  ['.m2', 'settings.xml'],
  ['.gradle', 'gradle.properties'],
  ['.harnext', 'auth.json'],
  ['mcp-logins'],
  ['.harnext', 'credentials'],
  ['.harnext', 'credentials.json'],
  ['.claude', '.credentials.json'],
  ['.codex', 'auth.json'],
  ['.local', 'share', 'keyrings'],
  ['library', 'keychains'],
]
/** In the home: what people typed, and settings with keys in them. */
const sensitiveInHome: readonly string[] = [
  '.bash_history',
  '.zsh_history',
  '.node_repl_history',
  '.psql_history',
  '.mysql_history',
  '.config/op',
  '.config/rclone',
  '.config/hub',
  '.config/harnext',
]
const sensitiveOnMachine =
  /^\/(?:etc\/(?:shadow|gshadow|sudoers|ssl\/private|ssh\/ssh_host_)|(?:var\/)?run\/secrets(?:\/|$)|proc\/[^/]+\/(?:environ|mem|root|fd|task)(?:\/|$)|dev\/mem$)/

/** Whether reading this absolute real path may give away keys, tokens or passwords: `.env`, private keys, credentials of clouds. */
export function isSensitivePath(path: string, home?: string): boolean {
  const names = segmentsOf(path).map(foldName)
  const last = names.at(-1) ?? ''
  if (sensitiveFiles.has(last)) return true
  if ((environmentFile.test(last) || sensitiveEndings.test(last)) && !example.test(last))
    return true
  const folded = `/${names.join('/')}`
  if (sensitiveOnMachine.test(folded)) return true
  if (sensitiveFolders.some((folder) => holdsSequence(names, folder))) return true
  return home !== undefined && isInHome(sensitiveInHome, folded, home)
}

/** Whether the tree below `path` is known to hold secrets: it is a secret folder, or one of those of the home lies in it. */
export function coversSensitive(path: string, home?: string): boolean {
  if (isSensitivePath(path, home)) return true
  const folded = foldPath(path)
  if (['/', '/etc', '/proc', '/run', '/var', '/dev'].includes(folded)) return true
  if (home === undefined) return false
  const entries = [...sensitiveFolders.map((names) => names.join('/')), ...sensitiveInHome]
  return holdsInHome(entries, folded, home)
}

function holdsSequence(names: readonly string[], sequence: readonly string[]): boolean {
  return names.some((_, start) => sequence.every((name, index) => names[start + index] === name))
}
