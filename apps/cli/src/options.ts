import type { ParseArgsOptionDescriptor } from 'node:util'

export interface Option extends ParseArgsOptionDescriptor {
  /** How help names its value. */
  readonly value?: string
  readonly help: string
  /** The commands that take it; absent: it is for running a task. */
  readonly commands?: readonly CommandName[]
}

export type CommandName =
  | 'run'
  | 'sessions list'
  | 'sessions show'
  | 'audit verify'
  | 'providers'
  | 'doctor'
  | 'skills list'
  | 'undo'
  | 'mcp list'
  | 'mcp tools'
  | 'mcp login'
  | 'mcp logout'
  | 'demo'

export type OptionName =
  | 'print'
  | 'model'
  | 'permission-mode'
  | 'allow'
  | 'deny'
  | 'max-turns'
  | 'max-cost'
  | 'max-tokens'
  | 'max-duration'
  | 'check'
  | 'audit'
  | 'sandbox'
  | 'allow-domain'
  | 'add-dir'
  | 'cwd'
  | 'continue'
  | 'resume'
  | 'system-prompt'
  | 'append-system-prompt'
  | 'output-format'
  | 'include-partial-messages'
  | 'input-format'
  | 'output-schema'
  | 'mcp-config'
  | 'client-id'
  | 'no-browser'
  | 'record'
  | 'replay'
  | 'summary'
  | 'all'
  | 'online'
  | 'session'
  | 'list'
  | 'dry-run'
  | 'skip-edited'
  | 'version'
  | 'help'

const mcpCommands = ['mcp list', 'mcp tools', 'mcp login', 'mcp logout'] as const

/** Every option of every command, in the order in which help lists them. */
export const options: { readonly [name in OptionName]: Option } = {
  print: {
    type: 'boolean',
    short: 'p',
    help: 'ask nobody: what needs an answer is denied',
  },
  model: {
    type: 'string',
    short: 'm',
    value: 'provider/model',
    help: 'default: that of the first provider with a key, or of the session',
  },
  'permission-mode': {
    type: 'string',
    value: 'mode',
    help: 'plan, manual (default on a terminal), accept_edits, auto, bypass',
  },
  allow: {
    type: 'string',
    multiple: true,
    value: 'rule',
    help: 'permit what the rule matches: "bash(npm test:*)"; may be repeated',
  },
  deny: {
    type: 'string',
    multiple: true,
    value: 'rule',
    help: 'forbid what the rule matches: "read(./.env)"; may be repeated',
  },
  'max-turns': {
    type: 'string',
    value: 'number',
    help: 'stop after so many answers of the model; default 100',
  },
  sandbox: {
    type: 'string',
    value: 'mode',
    help: 'off (default), auto, required: commands change the folder alone',
  },
  'allow-domain': {
    type: 'string',
    multiple: true,
    value: 'domain',
    help: 'which commands in the sandbox reach; * for all; may be repeated',
  },
  'add-dir': {
    type: 'string',
    multiple: true,
    value: 'folder',
    help: 'work in this folder, too; may be repeated',
  },
  'max-cost': {
    type: 'string',
    value: 'dollars',
    help: 'never spend more than so many US dollars',
  },
  'max-tokens': {
    type: 'string',
    value: 'number',
    help: 'never use more tokens than this, of input and output together',
  },
  'max-duration': {
    type: 'string',
    value: 'seconds',
    help: 'stop after so many seconds',
  },
  check: {
    type: 'string',
    multiple: true,
    value: 'command',
    help: 'must succeed when the model is done, or it goes on; may be repeated',
  },
  audit: {
    type: 'boolean',
    help: 'keep a chain of what was decided and done, for harnext audit verify',
  },
  cwd: {
    type: 'string',
    value: 'folder',
    help: 'default: this folder, or that of the session',
    commands: ['run', 'sessions list', 'skills list', ...mcpCommands, 'undo'],
  },
  continue: {
    type: 'boolean',
    short: 'c',
    help: 'go on with the newest session of the folder',
  },
  resume: {
    type: 'string',
    short: 'r',
    value: 'id',
    help: 'go on with this session',
  },
  'system-prompt': {
    type: 'string',
    value: 'text',
    help: 'take the place of the built-in system prompt',
  },
  'append-system-prompt': {
    type: 'string',
    value: 'text',
    help: 'come after the system prompt',
  },
  'output-format': {
    type: 'string',
    value: 'format',
    help: 'text, json (one object) or, of a run, stream-json (a line a message)',
    commands: [
      'run',
      'sessions list',
      'sessions show',
      'audit verify',
      'providers',
      'doctor',
      'skills list',
      'mcp list',
      'mcp tools',
      'undo',
    ],
  },
  'include-partial-messages': {
    type: 'boolean',
    help: 'of stream-json: answers while they stream, too',
  },
  'input-format': {
    type: 'string',
    value: 'format',
    help: 'text, or stream-json: messages and answers on standard input, one a line',
  },
  'output-schema': {
    type: 'string',
    value: 'file|json',
    help: 'a JSON Schema: the answer is JSON that matches it, and nothing else',
  },
  summary: {
    type: 'string',
    value: 'file',
    help: 'add what came of the run to this file, as Markdown: $GITHUB_STEP_SUMMARY',
  },
  'mcp-config': {
    type: 'string',
    multiple: true,
    value: 'file',
    help: 'start the MCP servers of this file, too; may be repeated',
    commands: ['run', ...mcpCommands],
  },
  'client-id': {
    type: 'string',
    value: 'id',
    help: 'log in with this client, which is registered at the server already',
    commands: ['mcp login'],
  },
  'no-browser': {
    type: 'boolean',
    help: 'show the address to open, and open nothing',
    commands: ['mcp login'],
  },
  record: {
    type: 'string',
    value: 'file',
    help: 'write what the model is asked and answers, without secrets',
  },
  replay: {
    type: 'string',
    value: 'file',
    help: 'answer from such a file instead of a model; what differs fails',
  },
  all: {
    type: 'boolean',
    help: 'list: the sessions of every folder; show: the whole of a long one',
    commands: ['sessions list', 'sessions show'],
  },
  online: {
    type: 'boolean',
    help: 'ask the providers whose key was found, too',
    commands: ['doctor'],
  },
  session: {
    type: 'string',
    value: 'id',
    help: 'of this session; default: the newest of the folder that changed files',
    commands: ['undo'],
  },
  list: {
    type: 'boolean',
    help: 'show what can be undone, and do nothing',
    commands: ['undo'],
  },
  'dry-run': {
    type: 'boolean',
    help: 'say what would be done, and do nothing',
    commands: ['undo'],
  },
  'skip-edited': {
    type: 'boolean',
    help: 'leave alone what was changed since, in the place of refusing',
    commands: ['undo'],
  },
  version: { type: 'boolean', short: 'v', help: 'print the version' },
  help: {
    type: 'boolean',
    short: 'h',
    help: 'print this',
    commands: [
      'run',
      'sessions list',
      'sessions show',
      'audit verify',
      'providers',
      'doctor',
      'skills list',
      ...mcpCommands,
      'demo',
      'undo',
    ],
  },
}

export function commandsOf(name: OptionName): readonly CommandName[] {
  return options[name].commands ?? ['run']
}
