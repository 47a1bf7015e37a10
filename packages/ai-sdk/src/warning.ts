import type { ModelDelta } from '@harnext/core/provider'

export type Warning = Extract<ModelDelta, { type: 'warning' }>

export function warning(code: string, message: string): Warning {
  return { type: 'warning', code, message }
}
