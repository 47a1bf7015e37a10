import { isBelow } from '../tool/waves.ts'
import { foldName, segmentsOf } from './fold.ts'
import type { Anchors } from './glob.ts'

// Both lists compare folded names, so that `.GIT` and `.git` with an invisible letter are the same.

/** Folders, anywhere, whose content programs run or obey later. */
const protectedFolders: ReadonlySet<string> = new Set([
  '.git',
  'git~1',
  '.hg',
  '.jj',
  '.husky',
  '.harnext',
  '.claude',
  '.codex',
  '.gemini',
  '.cursor',
  '.windsurf',
  '.vscode',
  '.idea',
  '.fleet',
  '.zed',
  '.run',
  '.devcontainer',
  '.direnv',
  '.yarn',
  '.ssh',
  '.gnupg',
  '.oh-my-zsh',
  '.emacs.d',
  '.vim',
])

/** Files, anywhere, that programs run or obey when they start. */
const protectedFiles: ReadonlySet<string> = new Set([
  'harnext.config.json',
  'harnext.config.local.json',
  '.mcp.json',
  '.claude.json',
  '.npmrc',
  '.pnpmrc',
  '.pnpmfile.cjs',
  '.pnpmfile.mjs',
  '.yarnrc',
  '.yarnrc.yml',
  '.bunfig.toml',
  'bunfig.toml',
  '.envrc',
  '.ripgreprc',
  '.gitconfig',
  '.gitmodules',
  '.hgrc',
  '.profile',
  '.login',
  '.logout',
  '.bashrc',
  '.bash_profile',
  '.bash_login',
  '.bash_logout',
  '.bash_aliases',
  '.bash_completion',
  '.zshrc',
  '.zshenv',
  '.zprofile',
  '.zlogin',
  '.zlogout',
  '.kshrc',
  '.cshrc',
  '.tcshrc',
  '.inputrc',
  '.vimrc',
  '.gvimrc',
  '.exrc',
  '.nvimrc',
  '.nvim.lua',
  '.emacs',
  '.dir-locals.el',
  '.nanorc',
  '.curlrc',
  '.wgetrc',
  '.netrc',
  '.pypirc',
  '.pythonrc',
  '.pythonstartup',
  '.gemrc',
  '.irbrc',
  '.pryrc',
  '.rprofile',
  '.gdbinit',
  '.lldbinit',
  '.screenrc',
  '.tmux.conf',
  '.mailcap',
  '.lesskey',
  '.lessfilter',
  '.pam_environment',
  '.xinitrc',
  '.xprofile',
  '.xsession',
  '.xsessionrc',
  '.forward',
])

/** In the home: the files and folders that start programs, and those on the search path for programs. */
const protectedInHome: readonly string[] = [
  'bin',
  '.local/bin',
  '.local/share/applications',
  '.local/share/systemd',
  '.local/share/dbus-1',
  '.local/share/nautilus',
  '.config/autostart',
  '.config/systemd',
  '.config/environment.d',
  '.config/fish',
  '.config/nushell',
  '.config/zsh',
  '.config/git',
  '.config/nvim',
  '.config/code',
  '.config/cursor',
  '.config/vscodium',
  '.config/harnext',
  '.config/pip',
  '.config/sway',
  '.config/i3',
  '.config/hypr',
  '.pip',
  '.cargo/bin',
  '.cargo/config',
  '.cargo/config.toml',
  '.bun/bin',
  '.deno/bin',
  '.npm-global',
  '.nvm',
  '.pyenv',
  '.rbenv',
  '.gradle/init.d',
  '.gradle/init.gradle',
  '.m2',
  '.aws',
  '.kube',
  '.docker',
  'library/launchagents',
  'library/application support/code',
]

/** On the machine: what starts programs or says who may, and devices but for those that everybody writes to. */
const protectedOnMachine =
  /^\/(?:etc\/(?:cron|profile|bash|zsh|environment|init|rc|ld\.so|pam\.d|passwd|shadow|group|gshadow|ssh\/|sudoers|systemd|udev)|library\/launch|var\/spool\/cron|(?:boot|proc|sys)(?:\/|$)|dev\/(?!null$|zero$|full$|tty|pts\/|std(?:in|out|err)$|fd\/|shm\/))/

/** The folders that hold some of these. */
const protectedFoldersOnMachine = ['/etc', '/library', '/var', '/var/spool', '/dev']

/**
 * Whether writing this absolute real path can make something run later: `.git/` internals, start-up files of editors and shells,
 * `.mcp.json`, `.harnext/`, `~/.ssh` … No mode and no rule lets a tool write there without an answer.
 */
export function isProtectedPath(path: string, anchors: Anchors): boolean {
  const names = segmentsOf(path).map(foldName)
  const last = names.at(-1) ?? ''
  if (names.some((name) => protectedFolders.has(name)) || protectedFiles.has(last)) return true
  const folded = `/${names.join('/')}`
  if (protectedOnMachine.test(folded)) return true
  return anchors.home !== undefined && isInHome(protectedInHome, folded, anchors.home)
}

/** Whether everything below `path` takes in protected paths: `~/.local` does, as `~/.local/bin` is one. */
export function coversProtected(path: string, anchors: Anchors): boolean {
  if (isProtectedPath(path, anchors) || coversVital(path, anchors)) return true
  const folded = foldPath(path)
  const isAbove = protectedFoldersOnMachine.includes(folded)
  return (
    isAbove || (anchors.home !== undefined && holdsInHome(protectedInHome, folded, anchors.home))
  )
}

/** Whether `path` is `/`, the home or a root, or holds one of them. */
export function coversVital(path: string, anchors: Anchors): boolean {
  const folded = foldPath(path)
  const vital = ['/', ...anchors.roots, ...(anchors.home === undefined ? [] : [anchors.home])]
  return vital.some((folder) => isAtOrBelow(foldPath(folder), folded))
}

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

function isAtOrBelow(path: string, folder: string): boolean {
  return path === folder || isBelow(path, folder)
}

function foldPath(path: string): string {
  return `/${segmentsOf(path).map(foldName).join('/')}`
}

function isInHome(entries: readonly string[], folded: string, home: string): boolean {
  return inHome(entries, home).some((entry) => isAtOrBelow(folded, entry))
}

function holdsInHome(entries: readonly string[], folded: string, home: string): boolean {
  return inHome(entries, home).some((entry) => isAtOrBelow(entry, folded))
}

function inHome(entries: readonly string[], home: string): string[] {
  const base = home === '/' ? '' : foldPath(home)
  return entries.map((entry) => `${base}/${entry}`)
}
