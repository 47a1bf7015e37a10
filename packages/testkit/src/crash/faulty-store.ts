import type { SessionStore } from '@harnext/core'
import { die, failure, type Saboteur } from './fault.ts'

/** A store whose appends fail, or kill the process, as it was planned. */
export function faultyStore(store: SessionStore, saboteur: Saboteur): SessionStore {
  const code = saboteur.codeAtOpen
  return {
    ...store,
    async lease(id, owner) {
      if (code !== undefined) throw failure(code)
      return store.lease(id, owner)
    },
    async append(id, records, options) {
      const fault = saboteur.faultOf(records)
      if (fault?.error !== undefined) throw failure(fault.error)
      if (fault?.at === 'before' || fault?.at === 'torn') die()
      await store.append(id, records, options)
      saboteur.acknowledge(records)
      if (fault?.at === 'after') die()
      if (fault?.at === 'later') setTimeout(die, fault.delayMs ?? 0)
    },
  }
}
