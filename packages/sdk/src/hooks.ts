// Shell commands as hooks, for whoever makes an agent of core's parts. Settings' files need none of it.

export { shellHooks, type ShellHookOptions } from './hook/shell-hooks.ts'
export {
  hookEvents,
  parseHooks,
  type HookCommand,
  type HookEventName,
  type HookGroup,
  type HookSettings,
} from './hook/hook-settings.ts'
