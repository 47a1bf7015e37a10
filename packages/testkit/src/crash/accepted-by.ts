import { messageOf, userMessage, type Message } from '@harnext/core/provider'
import { collect } from '../provider/collect.ts'
import type { AdapterFactory } from '../provider/factory.ts'
import { strictVendor } from '../provider/strict-vendor.ts'
import { requestOf, subjectOf, withAdapter } from '../provider/subject.ts'
import { createVault, type Vault } from '../wire/vault.ts'

/** What the vendor of an adapter finds wrong with a history that goes on; `null` when it takes it. `ownVault`: of who wrote the history. */
export async function acceptedBy(
  factory: AdapterFactory,
  history: readonly Message[],
  ownVault: Vault,
): Promise<string | null> {
  const subject = subjectOf(factory)
  const isOwn = history.some((one) => one.role === 'assistant' && one.api === subject.format.id)
  const vault = isOwn ? ownVault : createVault(subject.format.id)
  const messages = [...history, userMessage('Thank you.')]
  return withAdapter(
    subject,
    strictVendor(subject, vault, [{ text: 'Good.' }]),
    async (adapter) => {
      const { error } = await collect(adapter, requestOf(subject, { messages }))
      return error === undefined ? null : `${adapter.api} refuses the history: ${messageOf(error)}`
    },
  )
}
