import { registerHooks } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConfigError, messageOf } from '@harnext/core/provider'

/**
 * Imports a module as one in the folder would: a package by its name, a file by its path. Throws `ConfigError` when it cannot be
 * loaded.
 */
export async function loadModule(
  specifier: string,
  folder: string,
): Promise<Readonly<Record<string, unknown>>> {
  const parentURL = pathToFileURL(path.join(folder, 'noop.js')).href
  const isPath = /^\.{0,2}\//.test(specifier)
  const wanted = isPath ? pathToFileURL(path.resolve(folder, specifier)).href : specifier
  const hooks = registerHooks({
    resolve: (given, context, next) =>
      next(given, given === wanted ? { ...context, parentURL } : context),
  })
  try {
    return (await import(wanted)) as Readonly<Record<string, unknown>>
  } catch (error) {
    throw new ConfigError(
      `The module ${specifier} cannot be loaded from ${folder}: ${messageOf(error)}`,
      {
        cause: error,
      },
    )
  } finally {
    hooks.deregister()
  }
}
