import type { ToolSource } from '@harnext/core'
import { bashOutputTool } from './bash-output.ts'
import { bashTool } from './bash.ts'
import { killShellTool } from './kill-shell.ts'
import { BackgroundShells } from './shell/background.ts'

/**
 * `bash` with commands that go on in the background, `bash_output` and `kill_shell`. What a run started ends with it. `names`: only these
 * of the three.
 *
 * @example
 * const agent = new Agent({ name: 'a', adapter, model, workspace, toolSources: [shellTools()] })
 */
export function shellTools(options: { readonly names?: readonly string[] } = {}): ToolSource {
  return {
    async open() {
      const shells = new BackgroundShells()
      const all = [bashTool({ shells }), bashOutputTool(shells), killShellTool(shells)]
      const { names } = options
      return {
        tools: names ? all.filter(({ name }) => names.includes(name)) : all,
        close: () => shells.close(),
      }
    },
  }
}
