import { foldName, segmentsOf } from './fold.ts'
import { foldPath, holdsInHome, isAtOrBelow, isInHome } from './folded-paths.ts'
import type { Anchors } from './glob.ts'

// The lists compare folded names, so that `.GIT` and `.git` with an invisible letter are the same.

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
