import { realpathSync } from 'node:fs'
import { ChangeRecorder, type RecorderOptions } from './recorder.ts'
import { UndoStore } from './undo-store.ts'

export function openRecorder({
  folder,
  home,
  ...options
}: Omit<RecorderOptions, 'store'> & { readonly folder: string }): ChangeRecorder {
  return new ChangeRecorder({ ...options, home: realOf(home), store: new UndoStore(folder) })
}

/** As the paths below it are met. */
export function realOf(folder: string): string {
  try {
    return realpathSync(folder)
  } catch {
    // It is not there yet, so nothing lies below it.
    return folder
  }
}
