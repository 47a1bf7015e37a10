import { SessionNotFound, type SessionStore } from '@harnext/core'

export interface Sessions {
  readonly store: SessionStore
  /** The real path of the one folder that is worked in. Sessions of other folders are not there. */
  readonly cwd: string
}

/** Throws `SessionNotFound`, or `ConfigError` for what is no id. */
export async function checkSession({ store, cwd }: Sessions, id: string): Promise<void> {
  const { header } = await store.read(id, { afterSeq: Number.MAX_SAFE_INTEGER })
  if (header.cwd !== cwd) throw new SessionNotFound(id, cwd)
}
