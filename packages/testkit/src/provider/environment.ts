import type { Subject } from './subject.ts'

/** The names of the variables that are looked at while `run` runs. Nothing else of the process should run meanwhile. */
export async function namesReadBy(run: () => Promise<void>): Promise<ReadonlySet<string>> {
  const real = process.env
  const names = new Set<string>()
  const note = (name: string | symbol): void => {
    if (typeof name === 'string') names.add(name)
  }
  process.env = new Proxy(real, {
    get(target, name) {
      note(name)
      return Reflect.get(target, name) as string | undefined
    },
    has(target, name) {
      note(name)
      return Reflect.has(target, name)
    },
  })
  try {
    await run()
  } finally {
    process.env = real
  }
  return names
}

/** Runs with those variables, and those that vendors commonly use, set to what would be seen in a request. */
export async function hostileEnvironment<T>(
  { format }: Subject,
  names: ReadonlySet<string>,
  run: () => Promise<T>,
): Promise<T> {
  const vendor = format.id.split('.')[0]?.toUpperCase() ?? ''
  const usual = [
    'API_KEY',
    'AUTH_TOKEN',
    'BASE_URL',
    'HOST',
    'ORGANIZATION',
    'ORG_ID',
    'PROJECT_ID',
  ]
  const all = [...names, ...usual.map((name) => `${vendor}_${name}`)]
  const changed = all.filter((name) => !isPlatforms.test(name))
  const before = changed.map((name) => [name, process.env[name]] as const)
  for (const name of changed) process.env[name] = valueOf(name)
  try {
    return await run()
  } finally {
    for (const [name, value] of before)
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
  }
}

function valueOf(name: string): string {
  if (/URL|HOST|ENDPOINT/.test(name)) return 'http://127.0.0.1:9/hostile'
  return `hostile-${name.toLowerCase()}`
}

/** What belongs to the runtime, the shell and the network of the machine, and not to a vendor. */
const isPlatforms =
  /^(NODE_|npm_|VITEST|TEST$|DEV$|PROD$|MODE$|SSR$|CI$|PATH$|HOME$|PWD$|SHELL$|TERM|TZ$|LANG|LC_|USER$|TMP|TEMP|NO_COLOR|FORCE_COLOR|COLORTERM|(https?|all|no)_proxy$)|_PROXY$/i
