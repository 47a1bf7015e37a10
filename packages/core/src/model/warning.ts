import type { ModelDelta } from './adapter.ts'

export type Warning = Extract<ModelDelta, { type: 'warning' }>

export function warning(code: string, message: string): Warning {
  return { type: 'warning', code, message }
}
