import { named, type Call, type Finding, type Model } from '../finding.ts'
import { builtins } from './builtins.ts'
import { find } from './find.ts'
import { git } from './git.ts'
import { interpreter, isInterpreter } from './interpreters.ts'
import { networkPrograms } from './network.ts'
import { ps } from './processes.ts'
import { isTextLanguage, textLanguage } from './programs-in-text.ts'
import { readerModel } from './readers.ts'
import { program, runnerModel } from './runners.ts'
import { isShell, shell } from './shells.ts'
import { wrappers } from './wrappers.ts'
import { writers } from './writers.ts'

/** What a command does, by the model of its program. */
export function findingsOf(call: Call): readonly Finding[] {
  return asksVersion(call) ? [named(call)] : modelOf(call.name)(call)
}

/** They say their version without a look at the project, which could name another program. */
const plainVersions: ReadonlySet<string> = new Set(
  'bash clang cmake curl docker g++ gcc git java javac jq make node npm perl php psql python python3 rg ruby sqlite3 tar wget zsh'.split(
    ' ',
  ),
)

function asksVersion({ name, args: [first, ...rest] }: Call): boolean {
  if (!plainVersions.has(name) || rest.length > 0) return false
  return first?.text === '--version' || (first?.text === '-v' && /^(?:node|npm)$/.test(name))
}

function modelOf(name: string): Model {
  if (name === 'find') return find
  if (name === 'git') return git
  if (name === 'ps') return ps
  if (isShell(name)) return shell
  if (isInterpreter(name)) return interpreter
  if (isTextLanguage(name)) return textLanguage
  return (
    builtins.get(name) ??
    wrappers.get(name) ??
    readerModel(name) ??
    writers.get(name) ??
    networkPrograms.get(name) ??
    runnerModel(name) ??
    program
  )
}
