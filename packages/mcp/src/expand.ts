import { ConfigError } from '@harnext/core'
import { isStdio, type McpOAuth, type McpServerConfig } from './server-config.ts'

export type Environment = { readonly [name: string]: string | undefined }

/**
 * The configuration with `${NAME}` and `${NAME:-default}` replaced from the environment, in the command, its arguments and environment,
 * the address, the headers and the client of a login. Throws when a variable without a default is not set.
 */
export function expanded(config: McpServerConfig, env: Environment): McpServerConfig {
  const text = (value: string): string => expandText(value, env)
  const map = (values: { readonly [name: string]: string }): { readonly [name: string]: string } =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, text(value)]))
  if (isStdio(config))
    return {
      ...config,
      command: text(config.command),
      ...(config.args && { args: config.args.map(text) }),
      ...(config.env && { env: map(config.env) }),
      ...(config.cwd !== undefined && { cwd: text(config.cwd) }),
    }
  return {
    ...config,
    url: text(config.url),
    ...(config.headers && { headers: map(config.headers) }),
    ...(config.oauth && { oauth: expandOAuth(config.oauth, text) }),
  }
}

function expandOAuth(
  { clientId, clientSecret, ...rest }: McpOAuth,
  text: (value: string) => string,
): McpOAuth {
  return {
    ...rest,
    ...(clientId !== undefined && { clientId: text(clientId) }),
    ...(clientSecret !== undefined && { clientSecret: text(clientSecret) }),
  }
}

function expandText(text: string, env: Environment): string {
  return text.replace(
    /\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g,
    (_whole, name: string, fallback: string | undefined) => {
      const value = env[name] || fallback
      if (value !== undefined) return value
      throw new ConfigError(`the variable ${name} is not set`)
    },
  )
}
