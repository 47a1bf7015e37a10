import { ConfigError, messageOf } from '@harnext/core'

type Environment = { readonly [name: string]: string | undefined }

/**
 * Everything that the program fetches goes through the proxy that the environment names, as in other programs: by itself, Node looks
 * for one only where `NODE_USE_ENV_PROXY` is set. A Node that cannot be told so while it runs goes without.
 * Throws `ConfigError` for an address that is none.
 */
export function useProxy(env: Environment): void {
  const names = ['http_proxy', 'https_proxy']
  if (!names.some((name) => env[name] || env[name.toUpperCase()])) return
  // Loaded where there is a proxy alone.
  const http = process.getBuiltinModule('node:http') as {
    readonly setGlobalProxyFromEnv?: (env: Environment) => void
  }
  try {
    http.setGlobalProxyFromEnv?.(env)
  } catch (error) {
    const message = `The proxy that the environment names cannot be used: ${messageOf(error)}`
    throw new ConfigError(message, { cause: error })
  }
}
