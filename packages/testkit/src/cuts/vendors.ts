import type { ProviderAdapter } from '@harnext/core/provider'
import { TEST_KEY, type AdapterFactory } from '../provider/factory.ts'
import { strictVendor } from '../provider/strict-vendor.ts'
import { subjectOf } from '../provider/subject.ts'
import { startFixtureServer, type ReceivedRequest } from '../server/fixture-server.ts'
import type { WireScript } from '../wire/script.ts'
import { createVault, type Vault } from '../wire/vault.ts'

export interface Vendor {
  readonly adapter: ProviderAdapter
  readonly model: string
}

/** The strict vendors of some adapters, each on a server of its own. Whoever starts them closes them. */
export interface Vendors {
  readonly all: readonly [Vendor, ...Vendor[]]
  /** How they answer from now on. */
  answerWith(answer: (request: ReceivedRequest) => WireScript): void
  /** They forget the signatures that they made. */
  forget(): void
  /** What they have refused since this was asked last. */
  takeComplaints(): readonly string[]
  /** How often a model was asked. */
  requests(): number
  close(): Promise<void>
}

export async function startVendors(
  factories: readonly [AdapterFactory, ...AdapterFactory[]],
): Promise<Vendors> {
  const complaints: string[] = []
  const vaults = new Map<string, Vault>()
  let requests = 0
  let answer: (request: ReceivedRequest) => WireScript = () => ({ text: 'Good.' })

  function vaultOf(api: string): Vault {
    const vault = vaults.get(api) ?? createVault(api)
    vaults.set(api, vault)
    return vault
  }

  async function start(factory: AdapterFactory): Promise<Vendor & { close(): Promise<void> }> {
    const subject = subjectOf(factory)
    const { api, format, model } = subject
    const server = await startFixtureServer((request) => {
      if (!format.isCall(request.path)) return { status: 404, body: '{}' }
      requests += 1
      const complain = (complaint: string): unknown => complaints.push(`${api}: ${complaint}`)
      return strictVendor(subject, vaultOf(api), answer, complain)(request)
    })
    const adapter = factory({ baseURL: server.url, apiKey: TEST_KEY })
    return { adapter, model, close: () => server.close() }
  }

  const [first, ...others] = factories
  const all = [await start(first), ...(await Promise.all(others.map(start)))] as const
  return {
    all,
    answerWith(next) {
      answer = next
    },
    forget: () => vaults.clear(),
    takeComplaints: () => complaints.splice(0),
    requests: () => requests,
    async close() {
      await Promise.all(all.map((vendor) => vendor.close()))
    },
  }
}
