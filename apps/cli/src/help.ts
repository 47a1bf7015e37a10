import { commandsOf, options, type Option, type OptionName } from './options.ts'

export const shortHelp = `harnext works on a task in this folder.

  harnext "fix the failing test"
  harnext -p "summarise the changes" < changes.diff

harnext --help says more.
`

/** What `--help` prints. */
export function helpText(topic: 'harnext' | 'sessions' | 'mcp' | 'undo'): string {
  if (topic === 'mcp') return mcpHelp()
  if (topic === 'undo') return undoHelp()
  return topic === 'sessions' ? sessionsHelp() : harnextHelp()
}

function harnextHelp(): string {
  return `Usage: harnext [options] [task]
       harnext sessions list | show <id>
       harnext undo [run] [--list] [--dry-run]
       harnext audit verify <session|file>
       harnext providers
       harnext doctor [--online]
       harnext skills list
       harnext policy explain "<call>" | simulate
       harnext mcp list | tools <server> | login <server> | logout <server>
       harnext setup
       harnext runner status | logs | install | uninstall
       harnext demo

Works on a task in this folder: it reads, edits and runs what the permission
mode and the rules allow. What is piped in comes after the task. On a terminal
and without -p it asks before it does what needs an answer.

  harnext "fix the failing test"
  git diff | harnext -p "review this"
  harnext -c "now add a test for it"
  harnext "/review the last commit"

Options:
${optionLines((name) => commandsOf(name).includes('run'))}

Environment:
  ANTHROPIC_API_KEY, OPENAI_API_KEY, GEMINI_API_KEY …   the key; harnext providers lists all
  ANTHROPIC_BASE_URL …  another server that speaks the same API; OLLAMA_HOST
  HARNEXT_HOME          where sessions are kept; default ~/.harnext
  NO_COLOR, FORCE_COLOR

Exit codes: 0 success, 1 failed, 2 usage or configuration, 7 a call was denied,
8 turn limit, 9 budget, 130 cancelled.
`
}

function sessionsHelp(): string {
  return `Usage: harnext sessions list [--all] [--cwd folder]
       harnext sessions show <id> [--all]

list shows the sessions of this folder, the newest first; show prints one:
what was said, what was done, and whether its run is over. Of a long one it
prints the end; with --all, and as JSON, it prints all.

Options:
${optionLines((name) => commandsOf(name).some((command) => command.startsWith('sessions')))}
`
}

function mcpHelp(): string {
  return `Usage: harnext mcp list
       harnext mcp tools <server>
       harnext mcp login <server> [--client-id id] [--no-browser]
       harnext mcp logout <server>

list starts every MCP server of this folder and says what became of it; tools
shows what one gives. login opens the browser at the page of the server where
you agree, and keeps what comes of it for runs, in a file that is yours alone;
logout forgets it. A server that registers no clients by itself needs one that
is registered: --client-id, or oauth.clientId of its configuration.

Options:
${optionLines((name) => commandsOf(name).some((command) => command.startsWith('mcp')))}
`
}

function undoHelp(): string {
  return `Usage: harnext undo [options] [run]

Takes back what a run changed in files: the last one of the newest session of
this folder, or the one that is named. Nothing is done when a file was changed
since. An undo can be undone: it says by which name.

Not kept, and so not undone: what a shell command did to files above 1 MB, to
ignored files, in .git and node_modules, outside of the folder, to other
processes or over the network; what MCP servers and hooks did.

What is kept lies in undo/ of harnext's home: 256 MB of each session, and of
all sessions the newest gigabyte of the last 30 days.

Options:
${optionLines((name) => commandsOf(name).includes('undo'))}
`
}

function optionLines(isShown: (name: OptionName) => boolean): string {
  const names = (Object.keys(options) as OptionName[]).filter(isShown)
  return names.map((name) => optionLine(name, options[name])).join('\n')
}

export function optionLine(name: string, { short, value, help }: Option): string {
  const usage = `${short ? `-${short}, ` : ''}--${name}${value ? ` <${value}>` : ''}`
  return usage.length > 24 ? `  ${usage}\n${' '.repeat(28)}${help}` : `  ${usage.padEnd(26)}${help}`
}
