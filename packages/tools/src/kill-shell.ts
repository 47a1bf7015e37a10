import { ToolResult, type Tool } from '@harnext/core'
import { builtinTool } from './argument-names.ts'
import { unknownShell } from './bash-output.ts'
import type { BackgroundShells } from './shell/background.ts'

interface KillShellArgs {
  readonly bash_id: string
}

/** Ends a command in the background, with all that it started: only what this run itself began. */
export function killShellTool(shells: BackgroundShells): Tool {
  return builtinTool<KillShellArgs>({
    name: 'kill_shell',
    description: 'Ends a background command, and all that it started.',
    parameters: {
      type: 'object',
      properties: {
        bash_id: { type: 'string', minLength: 1, description: 'As bash gave it: bash_1' },
      },
      required: ['bash_id'],
      additionalProperties: false,
    },
    effects: () => [],
    recovery: 'rerun',
    async execute({ bash_id }) {
      const shell = shells.get(bash_id.trim())
      if (!shell) return ToolResult.error(unknownShell(bash_id, shells))
      if (shell.ended !== undefined) return ToolResult.ok(`${shell.id} was over: ${shell.ended}.`)
      await shell.end()
      return ToolResult.ok(`${shell.id}: ${shell.ended ?? 'ended'}.`)
    },
  })
}
